"""People for the composer: photos of one person each, cut out from what is behind them.

The matte comes from MediaPipe's selfie segmentation (Apache 2.0), whose weights are in the npm
package @mediapipe/selfie_segmentation, run by the PyPI package ai-edge-litert.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy.ndimage import uniform_filter, zoom

from selfie_core.photo import images
from selfie_core.photo.faces import Face, find_faces

SIDE = 320  # pixels: a larger photo is reduced to this
PLATE = 48  # pixels: what is behind a person is kept this small
_MATTE_SIDE = 256  # of the segmentation net
_REACH = 1.0  # share of the height by which a body is drawn out below the photo
Matte = Callable[[Image.Image], Image.Image]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """One person, cut out; boxes and landmarks are pixels of `photo`."""

    name: str
    photo: Image.Image  # RGB; the lowest row is drawn out below, as a body goes on
    matte: Image.Image  # L: 255 where the person is
    skin: Image.Image  # L: 255 where skin is seen
    plate: Image.Image  # what is behind the person, small, the person filled in from around
    face: Face
    height: int  # of the photo before it was drawn out, pixels
    tone: float  # median linear luminance of the face's skin, 0..1


def load_matte(weights: Path) -> Matte:
    """Return a function that cuts a person out: RGB photo -> L picture of the same size."""
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(model_path=str(weights), num_threads=2)
    net.allocate_tensors()
    given, made = net.get_input_details()[0]["index"], net.get_output_details()[0]["index"]

    def cut_out(photo: Image.Image) -> Image.Image:
        small = photo.resize((_MATTE_SIDE, _MATTE_SIDE), Image.Resampling.BICUBIC)
        net.set_tensor(given, np.asarray(small, np.float32)[None] / 255)
        net.invoke()
        share = net.get_tensor(made)[0, ..., 0]  # (H, W)
        sharper = np.clip((share - 0.25) / 0.5, 0, 1)  # no veil of the old background
        return Image.fromarray((sharper * 255).astype(np.uint8)).resize(photo.size)

    return cut_out


def open_source(path: Path, cut_out: Matte) -> Source | None:
    """Return the person of a photo; None if there is not exactly one, wholly in the picture."""
    photo = images.open_photo(path)
    photo.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    found = find_faces(photo)
    if len(found) != 1:
        return None
    matte = cut_out(photo)
    share = np.asarray(matte, np.float32) / 255
    sides = max(share[: photo.height // 3, 0].mean(), share[: photo.height // 3, -1].mean())
    if share[0].mean() > 0.03 or sides > 0.1 or not 0.08 < share.mean() < 0.9:
        return None  # cut by the frame: it could not be shown with more air around
    pixels = np.asarray(photo, np.float32) / 255
    skin, tone = _find_skin(pixels, share, found[0])
    if tone == 0:
        return None
    return Source(
        name=path.stem,
        photo=_draw_out(photo),
        matte=_draw_out(matte),
        skin=_draw_out(Image.fromarray((skin * 255).astype(np.uint8))),
        plate=_plate(pixels, share),
        face=found[0],
        height=photo.height,
        tone=tone,
    )


def open_sources(paths: Sequence[Path], weights: Path) -> list[Source]:
    """Return the people of many photos; those that can't be cut out are left aside."""
    cut_out = load_matte(weights)
    return [source for path in paths if (source := open_source(path, cut_out))]


def luminance(linear: Floats) -> Floats:
    """Return the luminance of linear RGB, shape (H, W)."""
    return linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def _find_skin(pixels: Floats, matte: Floats, face: Face) -> tuple[Floats, float]:
    """Return where the person's skin is, shape (H, W) in [0, 1], and how light it is.

    Skin is what has the chromaticity of the cheeks and nose, whatever the light on it.
    """
    (ax, ay), (bx, by), _, (cx, cy), (dx, dy) = face.landmarks
    middle = pixels[
        max(0, int(min(ay, by))) : int(max(cy, dy)) + 1,
        max(0, int(min(ax, cx))) : int(max(bx, dx)) + 1,
    ].reshape(-1, 3)
    if len(middle) < 12:
        return matte * 0, 0.0
    chroma = _chromaticity(pixels)
    own = np.median(_chromaticity(middle), axis=0)
    far = np.sqrt(((chroma - own) ** 2).sum(axis=2)) / 0.2
    bright = pixels.mean(axis=2) / max(float(np.median(middle.mean(axis=1))), 1e-3)
    lips_and_eyes_out = np.clip((bright - 0.3) / 0.2, 0, 1)
    skin = np.exp(-(far**2)) * matte * lips_and_eyes_out
    soft = Image.fromarray((skin * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.5))
    tone = float(np.median(luminance((middle**2.2).astype(np.float32))))
    return np.asarray(soft, np.float32) / 255, tone


def _chromaticity(pixels: Floats) -> Floats:
    """Return colour without its strength: log RGB less its mean."""
    logs = np.log(pixels + 0.04)
    return logs - logs.mean(axis=-1, keepdims=True)


def _plate(pixels: Floats, matte: Floats) -> Image.Image:
    """Return what is behind a person, the person filled in by what is around."""
    behind = np.clip(1 - 1.6 * matte, 0, 1)[..., None]
    known = np.concatenate([pixels * behind, behind], axis=2)
    known = zoom(known, (PLATE / len(known), PLATE / known.shape[1], 1), order=1)
    filled = known
    for width in (3, 5, 9, 17, 33):  # coarser and coarser, where nothing finer is known
        coarse = uniform_filter(known, (width, width, 0))
        filled = np.where(filled[..., 3:] < 0.3, coarse, filled)
    plate = filled[..., :3] / np.maximum(filled[..., 3:], 1e-3)
    return Image.fromarray((plate.clip(0, 1) * 255).astype(np.uint8))


def _draw_out(picture: Image.Image) -> Image.Image:
    """Return a picture whose lowest rows go on below it."""
    pixels = np.asarray(picture)
    below = np.repeat(pixels[-1:], int(picture.height * _REACH), axis=0)
    return Image.fromarray(np.concatenate([pixels, below]))
