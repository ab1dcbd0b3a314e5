"""From light to the photo: a phone's lens, tone curve and grain, then filter and border."""

import io

import numpy as np
from factors import Selfie
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

Pixels = NDArray[np.float64]  # (H, W, 3), sRGB in [0, 1]
JPEG = 90  # quality that the phone saves at


def develop(light: NDArray[np.floating], selfie: Selfie) -> Image.Image:
    """Return the photo of linear light (S, S, 3): the phone's look, filter, grain, border."""
    rng = np.random.default_rng([selfie.seed, 4])
    pixels = apply_filter(_phone(np.asarray(light, float), rng), selfie.filter)
    pixels = pixels + selfie.noise * _grain(pixels, rng, grey=selfie.filter == "bw")
    photo = Image.fromarray((pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8))
    saved = io.BytesIO()
    photo.save(saved, "JPEG", quality=JPEG, subsampling=2)
    photo = Image.open(saved).convert("RGB")
    edge = round(selfie.border * photo.width)
    if not edge:
        return photo
    sheet = Image.new("RGB", photo.size, "white")
    inner = photo.width - 2 * edge
    sheet.paste(photo.resize((inner, inner), Image.Resampling.LANCZOS), (edge, edge))
    return sheet


def _blur(pixels: Pixels, sigma: float) -> Pixels:
    return gaussian_filter(pixels, (sigma, sigma, 0))


def _phone(light: Pixels, rng: np.random.Generator) -> Pixels:
    """Return what a phone makes of light: bloom, dark corners, tone curve, sharpening."""
    size = light.shape[0]
    bloom, corners = rng.uniform(0.03, 0.12), rng.uniform(0.05, 0.25)
    light = light * (1 - bloom) + _blur(light.clip(0, 8), size / 28) * bloom
    v, u = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    light = light * (1 - corners * (u * u + v * v) / 2)[..., None]
    pixels = _blur(tone_curve(light * rng.normal(1, [0.03, 0.005, 0.04])), size / 512 * 0.42)
    return pixels + 0.8 * (pixels - _blur(pixels, size / 512 * 1.1)).clip(-0.06, 0.06)


def tone_curve(light: Pixels) -> Pixels:
    """Return sRGB in [0, 1] of linear light, its highlights rolled off."""
    light = light.clip(0)
    a = light * 0.80
    film = (a * (2.51 * a + 0.03)) / (a * (2.43 * a + 0.59) + 0.14)
    y = (0.6 * film + 0.4 * (1 - np.exp(-1.25 * light))).clip(0, 1)
    grey = y.mean(axis=-1, keepdims=True)
    y = (grey + (y - grey) * 1.02).clip(0, 1)
    return np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)


def _grain(pixels: Pixels, rng: np.random.Generator, *, grey: bool) -> Pixels:
    """Return grain of about unit deviation, finer in light than in colour, more in the dark."""
    light = gaussian_filter(rng.normal(0, 1, pixels.shape[:2]), 0.55)[..., None] * 1.5
    if not grey:
        light = light * 0.8 + _blur(rng.normal(0, 1, pixels.shape), 1.6) * 1.2
    return light * (1.4 - pixels.mean(axis=-1, keepdims=True))


def apply_filter(pixels: Pixels, name: str) -> Pixels:
    """Return pixels under one of the filters of `factors.FILTERS`."""
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
            return grey + (pixels - grey) * (1.35 if name == "vivid" else 0.45)
        case "sepia":
            return pixels.mean(axis=2, keepdims=True) * np.array([1.1, 0.92, 0.72])
        case "cool":
            return pixels * np.array([0.88, 1, 1.12])
        case "vignette":
            height, width = pixels.shape[:2]
            v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
            return pixels * (1 - 0.45 * (u**2 + v**2 - 0.3).clip(0, 1))[..., None]
    raise AssertionError(name)
