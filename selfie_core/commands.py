"""What each command does with its arguments: what it reads, writes and prints.

Heavy imports stay inside the commands, so that `selfie --help` answers at once.
"""

import argparse
import dataclasses
import json
import logging
import os
import sys
import typing
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selfie_core.errors import DataError


def _config(args: argparse.Namespace) -> Any:
    """Return the settings dataclass that the flags fill."""
    names = [item.name for item in dataclasses.fields(args.config)]
    return args.config(**{name: getattr(args, name) for name in names})


@contextmanager
def _bar(unit: str = "photo") -> typing.Iterator[Callable[..., None]]:
    """Yield a progress callback, (done, of) or (stage, done, of), that draws a bar on stderr."""
    from tqdm import tqdm

    bar = tqdm(unit=unit, file=sys.stderr, disable=None, leave=False)
    shown = ""

    def tell(*news: Any) -> None:
        nonlocal shown
        *stage, done, of = news
        if stage and stage[0] != shown:
            name = stage[0].partition(",")[0]  # of "epoch 2 of 6, loss 0.61"
            if name != shown.partition(",")[0]:
                bar.reset(of)
            shown = stage[0]
            bar.set_description(shown, refresh=False)
        bar.total = of
        bar.update(done - bar.n)

    try:
        yield tell
    finally:
        bar.close()


def _open(args: argparse.Namespace) -> tuple[Any, Any]:
    """Return scorer and gallery that go together."""
    from selfie_core import store
    from selfie_core.gallery import Gallery
    from selfie_core.score import load_scorer

    gallery = Gallery.open(args.gallery or store.demo_gallery())
    scorer = load_scorer(args.scorer or gallery.scorer_path)
    gallery.check_scorer(scorer)
    return scorer, gallery


def app(args: argparse.Namespace) -> None:
    """Open the app in the browser, on the demo gallery or on yours."""
    from selfie_core import store
    from selfie_core.gallery import Gallery

    if args.gallery:
        os.environ["SELFIE_GALLERY"] = str(Gallery.open(args.gallery).folder)
    if args.celebrities:
        os.environ["SELFIE_CELEBRITIES"] = str(Gallery.open(args.celebrities).folder)
    flags = [f"--server.headless={str(args.no_browser).lower()}"]
    if args.port:
        flags.append(f"--server.port={args.port}")
    # Streamlit reads its settings below the folder it is started in.
    os.chdir(store.site())
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *flags]
    os.execv(sys.executable, command)


def score(args: argparse.Namespace) -> None:
    """Score photos: file, score, percentile, faces, error; one row a file.

    A file that can't be read keeps its row, with the reason in `error`.  With --out a run that
    was stopped goes on where it was.
    """
    import shutil

    from selfie_core import images, store
    from selfie_core.gallery import percentiles
    from selfie_core.score import load_scorer, score_files

    paths = []
    for path in args.paths:
        paths.extend(images.find_photos(path) if path.is_dir() else [path])
    paths = _shard(paths, args.shard)
    work = args.out and args.out.with_name(f".{args.out.name}.work")
    if args.out:
        store.check_target(args.out, ".parquet", ".csv", ".json")
    own = args.scorer and not args.gallery  # nothing yet to compare its scores with
    scorer, gallery = (load_scorer(args.scorer), None) if own else _open(args)
    with _bar() as tell:
        table = score_files(paths, scorer, count_faces=not args.no_faces, work=work, progress=tell)
    found = table["score"].notna()
    table.insert(2, "percentile", float("nan"))
    if gallery:
        among = gallery.table["score"].to_numpy()
        table.loc[found, "percentile"] = percentiles(table.loc[found, "score"].to_numpy(), among)
    else:
        print("no percentile: name a gallery of this scorer by --gallery", file=sys.stderr)
    if args.out:
        store.write_table(args.out, table)
        shutil.rmtree(work, ignore_errors=True)
        print(
            f"scored {found.sum()} of {len(table)} photos on {scorer.device.upper()}; "
            f"wrote {args.out}",
            file=sys.stderr,
        )
        return
    shown = table.astype(object).where(table.notna(), "")
    shown["score"] = [f"{100 * s:.1f} %" if s != "" else "" for s in shown["score"]]
    shown["percentile"] = [f"{p:.0f}" if p != "" else "" for p in shown["percentile"]]
    print(shown.to_string(index=False))


def _shard(paths: list[Path], text: str) -> list[Path]:
    """Return the part of the files that "2/8" names."""
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise DataError(f'--shard is "{text}"; wanted K/N such as 2/8, K from 1 to N')
    chosen = paths[int(part) - 1 :: int(parts)]
    if not chosen:
        raise DataError(f"--shard {text} of {len(paths)} photos is empty; name fewer parts")
    return chosen


def crop(args: argparse.Namespace) -> None:
    """Suggest the best crops of a photo, found by search over place and size."""
    from selfie_core import images, store
    from selfie_core.crops import suggest_crops
    from selfie_core.faces import find_faces
    from selfie_core.score import load_scorer

    scorer = load_scorer(args.scorer) if args.scorer else _open(args)[0]
    aspect = _aspect(args.aspect)
    if args.count < 1:
        raise DataError(f"--count is {args.count}; wanted 1 or more")
    photo = images.open_named(args.photo)
    images.check_side(photo, images.CROP_SIDE, "crops")
    with _bar("crop") as tell:
        found = find_faces(photo)
        crops = suggest_crops(
            photo, scorer, count=args.count, aspect=aspect, faces=found,
            keep_face=not args.rude, mode=args.mode, progress=tell,
        )  # fmt: skip
    whole = float(scorer([photo])[0])
    if args.out:
        for place, crop in enumerate(crops, 1):
            target = args.out / f"{args.photo.stem}-crop-{place}.jpg"
            with store.replacing(target) as temporary:
                photo.crop(crop.box).save(temporary, "JPEG", quality=97, subsampling=0)
            print(f"wrote {target}", file=sys.stderr)
    if args.json:
        facts = [dataclasses.asdict(crop) for crop in crops]
        print(json.dumps({"file": str(args.photo), "score": whole, "crops": facts}, indent=2))
        return
    print(f"the whole photo: {100 * whole:.1f} %")
    for crop in crops:
        box = f"{crop.left},{crop.top} to {crop.right},{crop.bottom}"
        kept = "" if crop.keeps_face or not found else ", cuts the face"
        print(f"{100 * crop.score:.1f} % at {box}{kept}")


def advise(args: argparse.Namespace) -> None:
    """Try changes to a photo, from light to a border, and say which raise its score."""
    from selfie_core import images, store
    from selfie_core.advice import advise_photo, render
    from selfie_core.faces import find_faces
    from selfie_core.score import load_scorer

    scorer = load_scorer(args.scorer) if args.scorer else _open(args)[0]
    photo = images.open_named(args.photo)
    images.check_side(photo, images.SCORE_SIDE, "scores")
    with _bar("picture") as tell:
        advised = advise_photo(
            photo, scorer, faces=find_faces(photo), keep_face=not args.rude, progress=tell
        )
    named = [(advice.steps[0].name, advice) for advice in advised.singles]
    named += [("best", advised.best)] if advised.best else []
    if args.out:
        for name, advice in named:
            target = args.out / f"{args.photo.stem}-{name}.jpg"
            with store.replacing(target) as temporary:
                render(photo, advice.steps).save(temporary, "JPEG", quality=95, subsampling=0)
            print(f"wrote {target}", file=sys.stderr)
    if args.json:
        print(json.dumps({"file": str(args.photo), **dataclasses.asdict(advised)}, indent=2))
        return
    print(f"as it is: {100 * advised.score:.1f} %")
    for name, advice in named:
        label = f"best: {advice.title.lower()}" if name == "best" else advice.title
        print(f"{100 * advice.gain:+5.1f} points  {label}")


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


def simulate(args: argparse.Namespace) -> None:
    """Give photos a simulated audience: users, followers, likes, tags, dates."""
    from selfie_core import store
    from selfie_core.simulate import simulate_posts

    factors = store.read_table(args.factors)
    if "file" not in factors:
        found = ", ".join(map(str, factors.columns))
        raise DataError(f'{args.factors.name} lacks column "file"; found: {found}')
    absent = [file for file in factors["file"] if not (args.photos / str(file)).is_file()]
    if absent:
        raise DataError(
            f"{len(absent)} photos of {args.factors.name} are not in {args.photos}, the first is "
            f"{absent[0]!r}; give the folder that `file` starts from"
        )
    posts = simulate_posts(factors, config=_config(args))
    store.write_table(args.out, posts)
    users = posts["user"].nunique()
    print(f"{len(posts)} posts of {users} users; wrote {args.out}", file=sys.stderr)


def label(args: argparse.Namespace) -> None:
    """Call posts good or bad by their likes among posts with an audience of like size."""
    from selfie_core import store
    from selfie_core.labels import label_posts
    from selfie_core.posts import read_posts

    labels = label_posts(read_posts(args.posts), config=_config(args))
    store.write_table(args.out, labels)
    good, judged = int((labels["label"] == 1).sum()), int(labels["label"].notna().sum())
    print(
        f"{good} good and {judged - good} bad of {len(labels)} posts in "
        f"{labels['group'].nunique()} groups; wrote {args.out}",
        file=sys.stderr,
    )


def train(args: argparse.Namespace) -> None:
    """Teach a ConvNet good selfies from bad ones; goes on after a stop.

    Beside the scorer lie its metrics, one line an epoch (.jsonl), and their curves (.html).
    """
    from tqdm.contrib.logging import logging_redirect_tqdm

    from selfie_core import store
    from selfie_core.train import train_scorer

    store.check_target(args.out, ".safetensors")
    labels = store.read_table(args.labels)
    logging.getLogger("selfie_core").setLevel(logging.INFO)  # a line an epoch
    with _bar() as tell, logging_redirect_tqdm():
        made = train_scorer(args.photos, labels, args.out, config=_config(args), progress=tell)
    verdict, skipped = made.facts["validation"], sum(made.facts["unreadable"].values())
    measured = f"accuracy {verdict['accuracy']:.3f}, AUC {verdict['auc']:.3f}"
    left_out = f"; {skipped} unreadable photos left out" if skipped else ""
    print(f"on validation {measured}{left_out}; wrote {args.out}", file=sys.stderr)


def evaluate(args: argparse.Namespace) -> None:
    """Measure a scorer on photos it never saw, beside baselines that set the scale.

    Accuracy and AUC, calibration, stability, groups and effects, all with 95 % intervals.
    """
    from selfie_core import store
    from selfie_core.assess import assess_scorer
    from selfie_core.report import report_page
    from selfie_core.score import load_scorer

    for path, ending in ((args.out, ".json"), (args.report, ".html")):
        if path:
            store.check_target(path, ending)
    labels = store.read_table(args.labels)
    if args.posts:
        labels = _beside(labels, args.posts)
    factors = store.read_table(args.factors) if args.factors else None
    scorer = load_scorer(args.scorer)
    with _bar() as tell:
        facts = assess_scorer(
            scorer, args.photos, labels, split=args.split, factors=factors, progress=tell,
            groups=[name.strip() for name in args.groups.split(",") if name.strip()],
        )  # fmt: skip
    if args.out:
        store.write_json(args.out, facts)
    if args.report:
        store.write_text(args.report, report_page(facts))
        print(f"wrote {args.report}", file=sys.stderr)
    print(json.dumps(facts, indent=2))


def _beside(labels: Any, posts: Path) -> Any:
    """Return labels with the columns of the posts that they lack."""
    from selfie_core.posts import read_posts

    if "file" not in labels:
        raise DataError('the labels lack column "file"; make them by "selfie label"')
    given = read_posts(posts)
    new = [name for name in given if name == "file" or name not in labels]
    return labels.merge(given[new], on="file", how="left")


def import_commons(args: argparse.Namespace) -> None:
    """Fetch freely licensed photos by category, with author, licence and link."""
    from selfie_core.commons import TABLE, fetch_photos

    with _bar() as tell:
        made = fetch_photos(args.categories, args.out, config=_config(args), progress=tell)
    for reason, count in made.left_out.items():
        print(f"left out: {count} {reason}", file=sys.stderr)
    print(
        f"{len(made.table)} photos of {made.table['name'].nunique()} names, {made.new} new; "
        f"wrote {args.out / TABLE}; rank them by: selfie celebrities {args.out} --out STARS",
        file=sys.stderr,
    )


def import_ucf(args: argparse.Namespace) -> None:
    """Make photos, posts and labels of a public dataset that lies unpacked in a folder."""
    from selfie_core import store
    from selfie_core.labels import label_posts
    from selfie_core.ucf import read_ucf

    made = read_ucf(args.folder)
    posts, labels = args.out / "posts.csv", args.out / "labels.parquet"
    if (
        args.out.exists()
        and not posts.is_file()
        and (args.out.is_file() or any(args.out.iterdir()))
    ):
        raise DataError(f"{args.out} holds other files; choose another --out")
    table = label_posts(made.posts, config=_config(args))
    # Whoever goes on with these photos has none that was left out.
    store.link_files((made.photos / file for file in made.posts["file"]), args.out / "photos")
    store.write_table(posts, made.posts)
    store.write_table(labels, table)
    for reason, count in made.left_out.items():
        print(f"left out: {count} {reason}", file=sys.stderr)
    good = int(table["label"].sum())
    print(f"{good} good and {len(table) - good} bad photos", file=sys.stderr)
    print(
        "the dataset names no users, so no split can keep a person out of training: test results "
        "may flatter",
        file=sys.stderr,
    )
    print(f"wrote {args.out / 'photos'}, {posts} and {labels}", file=sys.stderr)


def build(args: argparse.Namespace) -> None:
    """Make a gallery of a folder: faces, scores, map, thumbnails; goes on after a stop."""
    from selfie_core.build import BuildConfig, build_gallery, given_posts
    from selfie_core.score import load_scorer

    given = given_posts(args.posts) if args.posts else None
    config = BuildConfig(name=args.name, layout=_config(args))
    with _bar() as tell:
        gallery = build_gallery(
            args.photos, args.out, scorer=load_scorer(args.scorer), given=given, config=config,
            progress=tell,
        )  # fmt: skip
    left_out = ", ".join(
        f"{count} {why}" for why, count in gallery.info["left_out"].items() if count
    )
    print(
        f"{len(gallery)} photos{f' ({left_out} left out)' if left_out else ''}; "
        f"open it by: selfie app {args.out}",
        file=sys.stderr,
    )


def grid(args: argparse.Namespace) -> None:
    """Paste the continuum, the best or the worst photos into one picture."""
    from selfie_core import store
    from selfie_core.gallery import Gallery
    from selfie_core.grids import paste_grid, pick_rows

    if args.rows < 1:
        raise DataError(f"--rows is {args.rows}; wanted 1 or more")
    gallery = Gallery.open(args.gallery)
    rows = pick_rows(gallery, args.kind, args.rows * args.columns)
    picture = paste_grid(gallery, rows, columns=args.columns, cell=args.cell)
    store.write_picture(args.out, picture)
    print(f"{len(rows)} photos; wrote {args.out}", file=sys.stderr)


def map_gallery(args: argparse.Namespace) -> None:
    """Draw the map of a gallery as one large picture, or complete the map of an older gallery."""
    from selfie_core import store
    from selfie_core.gallery import Gallery
    from selfie_core.grids import paste_map

    gallery = Gallery.open(args.gallery)
    if args.poster:
        if args.out is None:
            raise DataError("a poster wants a file; add --out MAP.jpg")
        store.check_target(args.out, ".jpg", ".jpeg", ".png", ".webp")
        store.write_picture(args.out, paste_map(gallery, side=args.size, layout=args.layout))
        print(f"wrote {args.out}", file=sys.stderr)
        return
    from selfie_core.mapping import complete_map

    with _bar("step") as tell:
        gallery = complete_map(gallery, progress=tell)
    facts = gallery.info["map"]
    names = ", ".join(mark.name for mark in gallery.landmarks) or "none found"
    print(f"landmarks: {names}; edit their names in {gallery.folder / 'landmarks.json'}")
    if "trustworthiness" in facts:
        print(
            f"trustworthiness {facts['trustworthiness']:.3f}; of the ten nearest in fc7 "
            f"{100 * facts['recall_at_10']:.0f} % are among the ten nearest on the map"
        )


def celebrities(args: argparse.Namespace) -> None:
    """Rank a folder of named photos and paste them into a sheet."""
    from selfie_core import store
    from selfie_core.celebrities import build_celebrities, celebrity_sheet, rank_celebrities
    from selfie_core.score import load_scorer

    with _bar() as tell:
        gallery = build_celebrities(
            args.folder, args.out, scorer=load_scorer(args.scorer), progress=tell
        )
    store.write_picture(args.out / "sheet.jpg", celebrity_sheet(gallery))
    ranking = rank_celebrities(gallery)
    for place, (name, score) in enumerate(ranking[["name", "score"]].to_numpy(), 1):
        print(f"{place:3}. {name}  {100 * score:.1f} %")
    print(f"wrote {args.out / 'sheet.jpg'}", file=sys.stderr)
