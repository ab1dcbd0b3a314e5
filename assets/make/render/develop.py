"""From the rendered picture to the photo: filter, grain and border."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sample import Selfie

Pixels = NDArray[np.float64]  # (H, W, 3), sRGB in [0, 1]


def develop(picture: Image.Image, selfie: Selfie) -> Image.Image:
    """Return the photo of a picture, with the selfie's filter, grain and white border."""
    rng = np.random.default_rng([selfie.seed, 4])
    pixels = apply_filter(np.asarray(picture.convert("RGB")) / 255.0, selfie.filter)
    grain = rng.normal(0, 1, pixels.shape)
    if selfie.filter == "bw":
        grain = grain[..., :1]
    photo = Image.fromarray(((pixels + selfie.noise * grain).clip(0, 1) * 255).astype(np.uint8))
    edge = round(selfie.border * photo.width)
    if not edge:
        return photo
    sheet = Image.new("RGB", photo.size, "white")
    inner = photo.width - 2 * edge
    sheet.paste(photo.resize((inner, inner), Image.Resampling.LANCZOS), (edge, edge))
    return sheet


def apply_filter(pixels: Pixels, name: str) -> Pixels:
    """Return pixels under one of the filters of `sample.FILTERS`."""
    match name:
        case "none":
            return pixels
        case "bw":
            grey = pixels @ np.array([0.3, 0.59, 0.11])
            return np.repeat(((grey - 0.5) * 1.15 + 0.52)[..., None], 3, axis=2)
        case "fade":
            return 0.16 + pixels * 0.76 + np.array([0.02, 0, 0.03])
        case "vivid" | "desat":
            grey = pixels.mean(axis=2, keepdims=True)
            return grey + (pixels - grey) * (1.5 if name == "vivid" else 0.45)
        case "sepia":
            return pixels.mean(axis=2, keepdims=True) * np.array([1.1, 0.92, 0.72])
        case "cool":
            return pixels * np.array([0.88, 1, 1.12])
        case "vignette":
            height, width = pixels.shape[:2]
            v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
            return pixels * (1 - 0.45 * (u**2 + v**2 - 0.3).clip(0, 1))[..., None]
    raise AssertionError(name)
