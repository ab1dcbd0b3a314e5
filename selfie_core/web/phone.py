"""The page that scores on the visitor's own device, as a folder of static files.

What never changes lies in a folder named after all of it, and may be kept for ever; three files
beside it name that folder.  So an update never mixes two versions.

Letters: N photos of the gallery that go along, D width of fc7.
"""

import functools
import gzip
import html
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save

from selfie_core.answer import advice, answer
from selfie_core.answer.usual import usual_gains
from selfie_core.base import folders, store, words
from selfie_core.base.handed_out import Made, picture_file, xmp_note
from selfie_core.base.progress import Stages
from selfie_core.gallery.gallery import Gallery
from selfie_core.gallery.grids import pick_rows
from selfie_core.gallery.map.tsne import Placer
from selfie_core.photo import copies, images
from selfie_core.photo.edits import CHANGES
from selfie_core.photo.faces import detector_net
from selfie_core.photo.folder import find_photos
from selfie_core.scorer.program import (
    SHIFT,
    Program,
    in_file,
    largest_shift,
    program_of,
    scorer_program,
)
from selfie_core.scorer.scorer import Scorer, load_scorer

HANDED_OUT: tuple[Made, ...] = ("crop", "edit", "card")
ENTRY = ("index.html", "sw.js", "app.webmanifest")  # they name the folder of the version
TRIED = 400  # photos on which weights of 8 bits are tried
MOST = 2000  # photos of a gallery that go along
CELL, ACROSS = 96, 8  # pixels of a thumbnail, photos across and down a sheet
STRIP = 12  # photos from worst to best
BURST = 200  # photos ranked at once, on one's own device
_ICONS = (192, 512)  # pixels
# The page asks no other host for anything, and sends nothing to its own but requests for files.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'"
)


def make_phone(
    gallery: Gallery, out: Path, *, server: str = "", progress: Stages | None = None
) -> dict[str, Any]:
    """Write the page and all that it needs into a folder; return its facts.

    An older version in the folder is replaced once the new one is whole.

    Args:
        gallery: With which photos are compared; its scorer goes along.
        out: The folder.
        server: Address of a page that scores what a browser can't; "" if there is none.
        progress: Called with (stage, done, of).

    Raises:
        ModelError: The scorer's net is none that browsers can run.
        DataError: The folder holds files of somebody else, or takes none.
    """
    tell = progress or (lambda stage, done, of: None)
    store.check_folder(out, own="app.webmanifest")
    store.check_target(out / ENTRY[0])
    scorer = load_scorer(gallery.scorer_path)
    gallery.check_scorer(scorer)
    rows = _rows(gallery)
    program = scorer_program(scorer)
    tell("weights", 0, 1)
    bits, shift = _fewest_bits(scorer, program, gallery)
    tell("photos", 0, 1)
    facts = _facts(gallery, rows, scorer.copy_side)
    facts |= {"bits": bits, "shift": shift}
    files = _page_files() | {
        "scorer.safetensors": in_file(program, bits=bits),
        "faces.safetensors": in_file(program_of(detector_net()), bits=16),
        "gallery.safetensors": _gallery_file(gallery, rows),
        **_thumbs(gallery, rows),
        **_icons(),
    }
    samples = find_photos(store.sample_photos()) if store.sample_photos().is_dir() else []
    files |= {f"samples/{path.name}": path.read_bytes() for path in samples}
    facts["samples"] = [f"samples/{path.name}" for path in samples]
    facts["bytes"] = {name: len(files[f"{name}.safetensors"]) for name in ("scorer", "faces")}
    files["facts.json"] = json.dumps(facts).encode()
    ids = [store.content_id(files[name]) for name in sorted(files)]
    version = store.content_id("".join([*ids, server]).encode())
    tell("files", 0, 1)
    _write(out, version, files, server=server)
    tell("files", 1, 1)
    return facts | {"version": version}


@functools.cache
def page_id() -> str:
    """Return a hash of the page's own files."""
    entry = [(store.site() / "pages" / "phone" / name).read_bytes() for name in ENTRY]
    return store.content_id(b"".join([*_page_files().values(), *entry]))


def _rows(gallery: Gallery) -> NDArray[np.intp]:
    """Return the photos that go along: all, or so many at even steps of rank."""
    steps = np.linspace(0, len(gallery) - 1, min(MOST, len(gallery))).round().astype(int)
    rows = np.sort(gallery.best_first[steps])
    placed = np.isfinite(gallery.xy[rows]).all(axis=1)
    return rows[placed] if gallery.has_map else rows


def _fewest_bits(scorer: Scorer, program: Program, gallery: Gallery) -> tuple[int, float]:
    """Return of how many bits weights may be, and by how much that shifts a score at most."""
    tried = pick_rows(gallery, "continuum", min(TRIED, len(gallery))).tolist()
    squares = [
        images.squash(
            images.open_photo(gallery.photo(row), at_least=scorer.copy_side),
            scorer.image_size,
        )
        for row in tried
    ]
    for bits in (8, 16):
        shift = largest_shift(scorer, program, np.stack(squares), bits=bits)
        if shift < SHIFT:
            return bits, shift
    return 32, 0.0


def _facts(gallery: Gallery, rows: NDArray[np.intp], copy_side: int) -> dict[str, Any]:
    """Return what the page says and goes by: the server's own words and limits."""
    best_first = gallery.best_first[np.isin(gallery.best_first, rows)]
    places = {int(row): place for place, row in enumerate(rows)}
    steps = np.linspace(len(best_first) - 1, 0, min(STRIP, len(best_first))).round().astype(int)
    count = words.counted(len(gallery), "photo")
    return {
        "photos": len(gallery),
        "along": len(rows),
        "gallery": gallery.name,
        "copy_side": copy_side,
        "most_pixels": images.MAX_PIXELS,
        "cell": CELL,
        "across": ACROSS,
        "strip": [places[int(row)] for row in best_first[steps]],
        "nearest": answer.NEAREST,
        "burst": {
            "most": BURST,
            "side": copies.SIDE,
            "same": copies.SAME,
            "alike": copies.ALIKE,
            "alike_fc7": copies.ALIKE_FC7,
        },
        "usual": usual_gains(gallery),
        "changes": [
            {"name": name, "title": c.title, "about": c.about, "amounts": c.amounts,
             "not_with": c.not_with}
            for name, c in CHANGES.items()
        ],
        "advice": {
            name.lower(): getattr(advice, name)
            for name in ("COPY_SIDE", "MOST", "FINALISTS", "NEXT_TO_NOTHING", "SPECIAL", "LEAST",
                         "DARK", "TILTS")
        },
        "notes": {made: xmp_note(made).decode() for made in HANDED_OUT},
        "words": {
            "places": answer.PLACES,
            "sentence": answer.SENTENCE.replace("{count}", count),
            "no_face": answer.NO_FACE,
            "means": words.SCORE_MEANS,
            "honest": words.HONEST,
            "advice": advice.WORDS,
        },
    }  # fmt: skip


def _gallery_file(gallery: Gallery, rows: NDArray[np.intp]) -> bytes:
    """Return scores, fc7 and map of the photos that go along, as a .safetensors file."""
    fc7 = np.asarray(gallery.fc7[rows], np.float32)
    scale = np.maximum(fc7.max(axis=0), 1e-6) / 255
    scores = gallery.table["score"].to_numpy(np.float32)
    parts: dict[str, NDArray[Any]] = {
        "ranked": np.sort(scores),
        "scores": scores[rows],
        "codes": np.rint(fc7 / scale).clip(0, 255).astype(np.uint8),
        "scale": scale,
    }
    facts: dict[str, Any] = {"width": fc7.shape[1]}
    if gallery.has_map:
        placer = Placer(fc7, gallery.xy[rows], config=gallery.layout)
        parts |= {
            "xy": np.ascontiguousarray(gallery.xy[rows], np.float32),
            "mean": placer.mean,
            "axes": np.ascontiguousarray(placer.axes),
            "components": placer.components,
        }
        facts |= {"units": placer.units, "perplexity": placer.perplexity}
    return save(parts, {"program": json.dumps(facts)})


def _thumbs(gallery: Gallery, rows: NDArray[np.intp]) -> dict[str, bytes]:
    """Return sheets of small photos by their file's name, in the order of the rows."""
    sheets = {}
    for number, start in enumerate(range(0, len(rows), ACROSS**2)):
        sheet = Image.new("RGB", (CELL * ACROSS, CELL * ACROSS))
        for place, row in enumerate(rows[start : start + ACROSS**2]):
            with Image.open(io.BytesIO(gallery.thumb(int(row)))) as thumb:
                small = thumb.resize((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(small, (place % ACROSS * CELL, place // ACROSS * CELL))
        sheets[f"thumbs/{number}.webp"] = picture_file(sheet, None, "WEBP", quality=70)
    return sheets


def _icons() -> dict[str, bytes]:
    """Return the app's icon in the sizes that a manifest wants."""
    with Image.open(store.site() / "assets" / "icon.png") as icon:
        whole = icon.convert("RGBA")
    sized = {side: whole.resize((side, side), Image.Resampling.LANCZOS) for side in _ICONS}
    return {
        f"icons/{side}.png": picture_file(one.quantize(64), None, "PNG", optimize=True)
        for side, one in sized.items()
    }


def _page_files() -> dict[str, bytes]:
    """Return the page's own files, and those that it shares with the app, by path."""
    pages = store.site() / "pages"
    own = [path for path in (pages / "phone").iterdir() if path.suffix in (".js", ".css", ".wasm")]
    shared = [pages / "shared" / "dom.js", pages / "score" / "score.css"]
    found = [path for path in (*own, *shared) if path.name not in ENTRY]
    return {path.relative_to(pages).as_posix(): path.read_bytes() for path in sorted(found)}


def _write(out: Path, version: str, files: dict[str, bytes], *, server: str = "") -> None:
    """Write the version's folder, then the files that name it, then drop older versions."""
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".phone-", dir=out))
    try:
        work.chmod(0o755)
        for name, data in files.items():
            _write_packed(work / name, data)
        folders.swap_folder(work, out / version)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    kept = json.dumps(["./", "app.webmanifest", *(f"{version}/{name}" for name in sorted(files))])
    for name in ENTRY:
        text = (store.site() / "pages" / "phone" / name).read_text("utf-8")
        text = text.replace("VERSION", version).replace("FILES", kept).replace("POLICY", POLICY)
        text = text.replace("SERVER", html.escape(server))
        _write_packed(out / name, text.encode())
    for old in out.iterdir():
        if old.is_dir() and old.name != version and (old / "facts.json").is_file():
            shutil.rmtree(old)


def _write_packed(path: Path, data: bytes) -> None:
    """Write a file, and beside it what brotli and gzip make of it where that is smaller."""
    brotli = pa.Codec("brotli", compression_level=9).compress(data, asbytes=True)
    packed = {".br": brotli, ".gz": gzip.compress(data, 9, mtime=0)}
    small = {end: text for end, text in packed.items() if len(text) < 0.97 * len(data)}
    for end, content in {"": data, **small}.items():
        with store.replacing(path.with_name(path.name + end)) as temporary:
            temporary.write_bytes(content)
