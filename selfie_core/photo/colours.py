"""Colours to sRGB: what the numbers of a file mean, by its profile, its codes or its gamma.

Whatever a file says of its colours is made an ICC profile, so that one engine, lcms, converts all.

Reference:
    ITU-T H.273 (codes of primaries and transfer); the PNG specification, third edition (which of
    its chunks wins); ITU-R BT.2100 (PQ, HLG); ITU-R BT.2408 (203 cd/m2 is white).
"""

import functools
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from pillow_heif import open_heif

from selfie_core.photo.mend import png_chunks, read_at

Floats = NDArray[np.float64]
Primaries = tuple[float, ...]  # x and y of white, red, green, blue

_D65 = 0.3127, 0.3290
_PRIMARIES: dict[int, Primaries] = {  # by their code in H.273
    1: (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06),  # sRGB
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_ADOBE: Primaries = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
_ADOBE_GAMMA = 563 / 256
_SRGB_TRANSFER, _LINEAR, _PQ, _HLG = 13, 8, 16, 18  # codes in H.273; 4 and 5 are gammas
_GAMMAS = {4: 2.2, 5: 2.8, _LINEAR: 1.0}

WHITE = 203.0  # cd/m2 of a white wall in HDR; what shines brighter is rolled off
KNEE = 0.8  # of white, in light: what is darker stays as it is
HLG_PEAK, HLG_GAMMA = 1000.0, 1.2  # cd/m2 and system gamma of the display HLG is meant for

SAME = 2  # levels of 255; a profile that changes no colour by more is sRGB by another name
MOST = 8_000_000  # bytes of a profile; the largest of printers take 3 MB
_BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError, LookupError,
           ArithmeticError, RuntimeError, struct.error, zlib.error)  # fmt: skip
_MODES = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}  # by what a profile's head says
_PNG_SAYS = (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM")

_CONES = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def profile_of(image: Image.Image, file: BinaryIO, exif: Image.Exif) -> bytes | None:
    """Return an ICC profile of what an opened picture's numbers mean; None for sRGB.

    Args:
        image: Loaded.
        file: It was opened from.
        exif: Its own.
    """
    with suppress(*_BROKEN):  # slightly wrong colours beat no photo
        if image.format == "PNG":
            return _png_profile(file)
        if profile := image.info.get("icc_profile"):
            return profile
        if image.format == "AVIF":  # Pillow doesn't tell; libheif reads what it can't decode
            file.seek(0)
            return _nclx_profile(open_heif(file).info.get("nclx_profile"))
        if image.format == "HEIF":
            return _nclx_profile(image.info.get("nclx_profile"))
        # A camera set to Adobe RGB writes no profile, says "uncalibrated" and names the rule R03.
        if exif.get_ifd(0x8769).get(0xA001) == 0xFFFF and exif.get_ifd(0xA005).get(1) == "R03":
            return _profile(_ADOBE, _gamma(_ADOBE_GAMMA))
    return None


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture of mode L, RGB or CMYK as RGB, in sRGB.

    A profile that is broken, or is for another mode, is passed over.
    """
    if profile:
        with suppress(*_BROKEN):
            mode, transform = _transform(profile)
            fits = image.mode == mode or (image.mode, mode) == ("L", "RGB")
            if fits and transform:
                return ImageCms.applyTransform(image.convert(mode), transform) or image
    return image if image.mode == "RGB" else image.convert("RGB")


@functools.lru_cache(maxsize=16)
def _transform(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform | None]:
    """Return the mode that a profile is for, and the way to sRGB; None if that changes nothing."""
    source = ImageCms.getOpenProfile(BytesIO(profile))
    mode = _MODES[profile[16:20]]
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    probe = Image.fromarray(colours).convert(mode)
    changed = ImageCms.applyTransform(probe, transform) or probe
    apart = np.asarray(changed, np.int16) - np.asarray(probe.convert("RGB"), np.int16)
    return mode, transform if np.abs(apart).max() > SAME else None


def _png_profile(file: BinaryIO) -> bytes | None:
    said = {}
    for name, place, length in png_chunks(file):
        if name == b"IDAT":
            break
        if name in _PNG_SAYS and length <= MOST:
            said[name] = read_at(file, place, length)[8:-4]
    if code := said.get(b"cICP"):
        return _coded_profile(code[0], code[1])
    if icc := said.get(b"iCCP"):
        return zlib.decompressobj().decompress(icc.partition(b"\0")[2][1:], MOST)
    if b"sRGB" in said or not said:
        return None
    gamma = struct.unpack(">I", said[b"gAMA"])[0] / 100_000 if b"gAMA" in said else 1 / 2.2
    # Within 5 % of 1 / 2.2 is what programs write for sRGB, whose curve is no power.
    curve = _curve(_SRGB_TRANSFER) if abs(gamma * 2.2 - 1) < 0.05 else _gamma(1 / gamma)
    if b"cHRM" not in said:
        return _profile(_PRIMARIES[1], curve)
    return _profile(tuple(n / 100_000 for n in struct.unpack(">8I", said[b"cHRM"])), curve)


def _nclx_profile(codes: dict[str, int] | None) -> bytes | None:
    if codes is None:
        return None
    return _coded_profile(codes["color_primaries"], codes["transfer_characteristics"])


@functools.lru_cache(maxsize=16)
def _coded_profile(primaries: int, transfer: int) -> bytes:
    """Return the profile of two codes of H.273; those that are unknown stand for sRGB's."""
    return _profile(_PRIMARIES.get(primaries, _PRIMARIES[1]), _curve(transfer))


def _curve(transfer: int) -> Floats:
    """Return the light of 256 levels by a code of H.273, shape (256,), 1 for white."""
    signal = np.linspace(0, 1, 256)
    if transfer in _GAMMAS:
        return _gamma(_GAMMAS[transfer])
    if transfer == _PQ:
        root = signal ** (32 / 2523)
        light = (root - 107 / 128).clip(0) / (2413 / 128 - 2392 / 128 * root)
        return _rolled_off(light ** (8192 / 1305) * 10_000 / WHITE)
    if transfer == _HLG:
        scene = np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892
        scene = np.where(signal <= 0.5, signal**2 / 3, scene / 12)
        # Each channel by itself: exact for greys, a little more saturated else.
        return _rolled_off(scene**HLG_GAMMA * HLG_PEAK / WHITE)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _gamma(power: float) -> Floats:
    return np.linspace(0, 1, 256) ** power


def _rolled_off(light: Floats) -> Floats:
    """Return light of any brightness within 0..1; up to the knee it stays as it is."""
    over = (light - KNEE).clip(0) / (1 - KNEE)
    return np.minimum(light, KNEE) + (1 - KNEE) * (1 - np.exp(-over))


def _profile(primaries: Primaries, curve: Floats) -> bytes:
    """Return an ICC profile (version 2, matrix and curve) of an RGB space.

    Args:
        primaries: x and y of white, red, green and blue.
        curve: Light of 256 levels, shape (256,), in [0, 1].
    """
    data = [b"XYZ \0\0\0\0" + _fixed(column) for column in _to_xyz(primaries).T]
    data.append(b"curv\0\0\0\0\0\0\1\0" + (curve * 65535).round().astype(">u2").tobytes())
    names, which = (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"), (0, 1, 2, 3, 3, 3)
    start = 128 + 4 + 12 * len(names)
    places = [(start + sum(map(len, data[:n])), len(data[n])) for n in which]
    table = b"".join(struct.pack(">4sII", n, *p) for n, p in zip(names, places, strict=True))
    size = start + sum(map(len, data))
    head = struct.pack(">I4xI4s4s4s12x4s28x", size, 0x0240_0000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head += _fixed(_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(names)) + table + b"".join(data)


def _fixed(numbers: Floats) -> bytes:
    return struct.pack(">3i", *(round(number * 65536) for number in numbers.tolist()))


def _to_xyz(primaries: Primaries) -> Floats:
    """Return the matrix from linear RGB to XYZ seen in D50, shape (3, 3)."""
    white, *corners = (
        np.array([x / y, 1.0, (1 - x - y) / y])
        for x, y in zip(primaries[::2], primaries[1::2], strict=True)
    )
    matrix = np.stack(corners, axis=1)
    matrix *= np.linalg.solve(matrix, white)  # LinAlgError is a ValueError
    adapted = np.diag(_CONES @ _D50 / (_CONES @ white))  # Bradford
    return np.linalg.inv(_CONES) @ adapted @ _CONES @ matrix
