"""The app's icon."""

import numpy as np
from PIL import Image, ImageColor, ImageDraw


def icon() -> Image.Image:
    """Return the app's icon: an eye of a camera in the colours of the score."""
    side = 256
    ramp = [ImageColor.getrgb(colour) for colour in ("#4f5bd5", "#c642b8", "#ee4f7e", "#ffb13d")]
    steps = np.linspace(0, len(ramp) - 1, 2 * side)
    channels = [np.interp(steps, range(len(ramp)), [c[k] for c in ramp]) for k in range(3)]
    across = np.add.outer(np.arange(side), np.arange(side))
    picture = Image.fromarray(np.stack(channels, axis=-1)[across].astype(np.uint8))
    shape = Image.new("L", (side, side))
    pen = ImageDraw.Draw(shape)
    pen.rounded_rectangle((8, 8, side - 9, side - 9), 72, 255)
    pen.ellipse((68, 68, side - 69, side - 69), 0)
    pen.ellipse((96, 96, side - 97, side - 97), 255)
    picture.putalpha(shape)
    return picture.resize((64, 64), Image.Resampling.LANCZOS)
