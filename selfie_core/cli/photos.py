"""score, crop, advise."""

import argparse
import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfie_core.base.errors import DataError
from selfie_core.base.names import beside, plain_name, short_name
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import ENGINE, command, flag, path

if TYPE_CHECKING:
    from selfie_core.base.handed_out import Made

_SCORER = (
    path("--scorer", "the gallery's by default"),
    path("--gallery", "for the percentile; the demo by default"),
)


@command(
    "score",
    flag(
        "paths", nargs="+", metavar="PATH",
        help="photos, folders of photos, .tar, .parquet, folders of these, or s3://...",
    ),
    path("--out", ".parquet, .csv or .json; else printed"),
    flag("--no-faces", action="store_true", help="don't count faces: much faster"),
    *_SCORER,
    *ENGINE,
)  # fmt: skip
def score(args: argparse.Namespace) -> None:
    """Score photos: file, score, percentile, faces, error, note; one row per file.

    A file that can't be read keeps its row, with the reason in `error`; where no face is found,
    `note` says so.  With --out a run that was stopped goes on where it was.
    """
    import shutil

    from selfie_core.base import store
    from selfie_core.base.engine import open_engine, usual_engine
    from selfie_core.base.words import percent
    from selfie_core.gallery.gallery import percentiles
    from selfie_core.photo.sources import photos_of
    from selfie_core.scorer.files import score_files

    if args.out:
        store.check_target(args.out, ".parquet", ".csv", ".json")
    paths = [photo for given in args.paths for photo in photos_of(given)]
    work = args.out and beside(args.out, ".work")
    scorer, gallery = _open(args)
    with open_engine(args.engine, args.address, say=say) as engine, bar() as tell:
        engine = engine or usual_engine(scorer.device)
        faces = not args.no_faces
        table = score_files(
            paths, scorer, count_faces=faces, work=work, engine=engine, progress=tell
        )
    found = table["score"].notna()
    table.insert(2, "percentile", float("nan"))
    if gallery:
        among = gallery.table["score"].to_numpy()
        table.loc[found, "percentile"] = percentiles(table.loc[found, "score"].to_numpy(), among)
    else:
        say("no percentile: name a gallery of this scorer by --gallery")
    if args.out:
        store.write_table(args.out, table)
        shutil.rmtree(work, ignore_errors=True)
        where = f"on {scorer.device.upper()}; wrote {args.out}"
        say(f"scored {found.sum()} of {counted(len(table), 'photo')} {where}")
        return
    shown = table.astype(object).where(table.notna(), "")
    shown["score"] = [percent(s) if s != "" else "" for s in shown["score"]]
    shown["percentile"] = [f"{int(p)}" if p != "" else "" for p in shown["percentile"]]
    print(shown.to_string(index=False))


@command(
    "crop",
    path("photo"),
    flag("--count", type=int, default=3, help="how many crops (default 3)"),
    flag("--aspect", default="1:1", help='width:height, or "free" (default 1:1)'),
    flag("--rude", action="store_true", help="the face may be cut off"),
    flag("--mode", choices=["exact", "fast"], default="exact", help="fast: a tenth of the time"),
    flag("--json", action="store_true", help="print boxes and scores as JSON"),
    path("--out", "write the crops there, full size", metavar="DIR"),
    *_SCORER,
)
def crop(args: argparse.Namespace) -> None:
    """Suggest the best crops of a photo, found by search over place and size."""
    from selfie_core.answer.crops import suggest_crops
    from selfie_core.base.words import percent
    from selfie_core.photo import images
    from selfie_core.photo.faces import find_faces

    scorer, _ = _open(args)
    aspect = _aspect(args.aspect)
    if args.count < 1:
        raise DataError(f"--count is {args.count}; wanted 1 or more")
    photo, size = images.open_named(args.photo, at_least=scorer.copy_side)
    images.check_side(photo, images.CROP_SIDE, "crops")
    _check_out(args, "crop-1")
    with bar("crop") as tell:
        faces = find_faces(photo, size=size)
        crops = suggest_crops(
            photo, scorer, size=size, count=args.count, aspect=aspect, faces=faces,
            keep_face=not args.rude, mode=args.mode, progress=tell,
        )  # fmt: skip
    whole = float(scorer([photo])[0])
    if args.out:
        large, _ = images.open_named(args.photo)
        names = [f"crop-{place}" for place, _ in enumerate(crops, 1)]
        _write_beside(args, names, (large.crop(crop.box) for crop in crops), "crop", 97)
    if args.json:
        facts = [dataclasses.asdict(crop) for crop in crops]
        print(
            json.dumps({"file": plain_name(args.photo), "score": whole, "crops": facts}, indent=2)
        )
        return
    print(f"the whole photo: {percent(whole)}")
    for crop in crops:
        box = f"{crop.left},{crop.top} to {crop.right},{crop.bottom}"
        kept = "" if crop.keeps_face or not faces else ", cuts the face"
        print(f"{percent(crop.score)} at {box}{kept}")


@command(
    "advise",
    path("photo"),
    flag("--rude", action="store_true", help="a crop may cut the face off"),
    flag("--json", action="store_true", help="print changes and gains as JSON"),
    path("--out", "write the pictures, full size", metavar="DIR"),
    *_SCORER,
)
def advise(args: argparse.Namespace) -> None:
    """Try changes to a photo, from light to a border, and say which raise its score."""
    from selfie_core.answer.advice import advise_photo
    from selfie_core.answer.usual import usual_gains
    from selfie_core.base.words import percent
    from selfie_core.photo import images
    from selfie_core.photo.edits import render
    from selfie_core.photo.faces import find_faces

    scorer, gallery = _open(args)
    photo, size = images.open_named(args.photo, at_least=scorer.copy_side)
    images.check_side(photo, images.SCORE_SIDE, "scores")
    _check_out(args, "best")
    with bar("picture") as tell:
        advised = advise_photo(
            photo, scorer, size=size, faces=find_faces(photo, size=size), keep_face=not args.rude,
            usual=usual_gains(gallery) if gallery else None, progress=tell,
        )  # fmt: skip
    named = [(advice.steps[0].name, advice) for advice in advised.singles]
    both = ("suits", advised.own), ("best", advised.best)
    named += [(name, advice) for name, advice in both if advice]
    if args.out:
        large, _ = images.open_named(args.photo)
        changed = (render(large, advice.steps) for _, advice in named)
        _write_beside(args, [name for name, _ in named], changed, "edit", 95)
    if args.json:
        print(json.dumps({"file": plain_name(args.photo), **dataclasses.asdict(advised)}, indent=2))
        return
    print(f"as it is: {percent(advised.score)}")
    for name, advice in named:
        label = f"{name}: {advice.title.lower()}" if name in ("suits", "best") else advice.title
        if advice.usual is not None:
            label += f" (usually {100 * advice.usual:+.1f})"
            label += ", suits this photo" if advice.special else ""
        print(f"{100 * advice.gain:+5.1f} points  {label}")


def _open(args: argparse.Namespace) -> tuple[Any, Any]:
    """Return scorer and gallery that go together; a scorer named alone comes without a gallery."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery
    from selfie_core.scorer.scorer import load_scorer

    if args.scorer and not args.gallery:
        return load_scorer(args.scorer), None
    gallery = Gallery.open(args.gallery or store.demo_gallery())
    scorer = load_scorer(args.scorer or gallery.scorer_path)
    gallery.check_scorer(scorer)
    return scorer, gallery


def _check_out(args: argparse.Namespace, name: str) -> None:
    """Refuse, before the search, a folder --out that takes no picture."""
    from selfie_core.base import store

    if args.out:
        store.check_target(args.out / short_name(args.photo.stem, f"-{name}.jpg"))


def _write_beside(
    args: argparse.Namespace,
    names: Sequence[str],
    pictures: Iterable[Any],
    made: "Made",
    quality: int,
) -> None:
    """Write pictures made of a photo into the folder --out, named after it.

    Each carries the photo's id as its comment: another photo of the same name, from another folder
    or with another ending, gets a number instead of writing over them.
    """
    from selfie_core.base import store
    from selfie_core.base.handed_out import picture_file

    id = store.content_id(store.read_bytes(args.photo))
    for target, picture in zip(_free_targets(args, names, id), pictures, strict=True):
        store.write_bytes(
            target, picture_file(picture, made, quality=quality, subsampling=0, comment=id)
        )
        say(f"wrote {target}")


def _free_targets(args: argparse.Namespace, names: Sequence[str], id: str) -> list[Path]:
    """Return the first files of these names that are free, or of the photo of this id."""
    number = 1
    while True:
        ends = [f"-{number}-{name}.jpg" if number > 1 else f"-{name}.jpg" for name in names]
        targets = [args.out / short_name(args.photo.stem, end) for end in ends]
        if all(_made_of(target) in (None, id) for target in targets):
            return targets
        number += 1


def _made_of(target: Path) -> str | None:
    """Return the id of the photo that a picture was made of, "" if unknown; None if it is free."""
    from PIL import Image

    if not target.exists():
        return None
    try:
        with Image.open(target) as picture:
            comment = picture.info.get("comment")  # of a PNG it is a text
            return comment.decode("ascii", "replace") if isinstance(comment, bytes) else ""
    except OSError:
        return ""


def _aspect(text: str) -> float | None:
    """Return width / height of "4:5", or None for "free"."""
    if text == "free":
        return None
    try:
        width, height = (float(part) for part in text.split(":"))
        if 0.1 <= width / height <= 10:
            return width / height
    except (ValueError, ZeroDivisionError):
        pass
    raise DataError(f'--aspect is "{text}"; wanted width:height such as 4:5, or free')
