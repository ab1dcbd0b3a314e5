"""The `selfie` command: arguments, bars and exit codes live here; the steps live in the library.

Heavy imports stay inside the commands, so that --help answers at once.
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

from selfie_core import __version__
from selfie_core.errors import DataError, SelfieError
from selfie_core.settings import (
    AudienceConfig,
    CommonsConfig,
    LabelConfig,
    LayoutConfig,
    TrainConfig,
)

UCF_RECIPE = """from start to finish:
  tar xf Selfie-dataset.tar.gz          (from www.crcv.ucf.edu/data/Selfie; research use only)
  selfie import ucf Selfie-dataset --out ucf
  selfie train ucf/photos ucf/labels.parquet --out ucf/scorer.safetensors
  selfie evaluate ucf/scorer.safetensors ucf/photos ucf/labels.parquet \\
      --posts ucf/posts.csv --groups is_female,youth --report ucf/report.html
  selfie build ucf/photos --posts ucf/posts.csv --scorer ucf/scorer.safetensors --out gallery

The published popularity score stands for likes per audience: the upper half is good.  The 36
attributes become columns, 1 yes, 0 no, empty undecided.  Photos of babies and children are never
taken, nor those that may show one; ucf/photos holds links to all others.  There are no users, so
the split is by photo.
"""

COMMONS_RECIPE = """from start to finish:
  selfie import commons "Selfies of Ada Vale" "Vale family=Bruno Vale" --out famous \\
      --contact you@example.org
  selfie celebrities famous --out stars
  selfie app --celebrities stars

Only photos that anyone may use are taken.  Author, licence and links stay in famous/photos.csv
and are shown under every picture.  Stop it at any time: the same command goes on.
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; return 0 done, 1 a person's mistake, 2 wrong usage."""
    args = parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="selfie: %(message)s")
    try:
        args.run(args)
    except SelfieError as error:
        print(f"selfie: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `selfie score ... | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a full disk, a folder that is in use
        print(f"selfie: {error.strerror or error}: {error.filename or 'a file'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("selfie: stopped", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="selfie", description="What a ConvNet thinks about your selfie."
    )
    parser.add_argument("--version", action="version", version=f"selfie {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        made = commands.add_parser(name, help=text.splitlines()[0], description=text)
        made.set_defaults(run=run)
        return made

    app = command("app", _app)
    app.add_argument("gallery", nargs="?", type=Path, help="folder; the demo gallery by default")
    app.add_argument("--celebrities", type=Path, metavar="DIR", help="a named set to rank")
    app.add_argument("--port", type=int, help="8501 or the next free one by default")
    app.add_argument("--no-browser", action="store_true", help="only print the address")

    score = command("score", _score)
    score.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="photos or folders")
    score.add_argument("--out", type=Path, help=".parquet, .csv or .json; else printed")
    score.add_argument("--no-faces", action="store_true", help="don't count faces: much faster")
    score.add_argument("--shard", default="1/1", metavar="K/N", help="only the K-th of N parts")
    _scorer_flags(score)

    crop = command("crop", _crop)
    crop.add_argument("photo", type=Path)
    crop.add_argument("--count", type=int, default=3, help="how many crops (default 3)")
    crop.add_argument("--aspect", default="1:1", help='width:height, or "free" (default 1:1)')
    crop.add_argument("--rude", action="store_true", help="the face may be cut off")
    crop.add_argument(
        "--mode", choices=["exact", "fast"], default="exact", help="fast: a tenth of the time"
    )
    crop.add_argument("--json", action="store_true", help="print boxes and scores as JSON")
    crop.add_argument("--out", type=Path, metavar="DIR", help="write the crops there, full size")
    _scorer_flags(crop)

    real = commands.add_parser("import", help="Bring in photos of others.")
    kinds = real.add_subparsers(metavar="SOURCE", required=True)
    ucf = kinds.add_parser("ucf", help="the UCF Selfie dataset", epilog=UCF_RECIPE)
    ucf.formatter_class = argparse.RawDescriptionHelpFormatter
    ucf.add_argument("folder", type=Path, help="where selfie_dataset.txt and images/ lie")
    ucf.add_argument("--out", type=Path, required=True, metavar="DIR")
    _config_flags(ucf, LabelConfig)
    ucf.set_defaults(run=_import_ucf)
    commons = kinds.add_parser("commons", help="free photos of the famous", epilog=COMMONS_RECIPE)
    commons.formatter_class = argparse.RawDescriptionHelpFormatter
    commons.add_argument("categories", nargs="+", metavar="CATEGORY[=NAME]")
    commons.add_argument("--out", type=Path, required=True, metavar="DIR")
    _config_flags(commons, CommonsConfig)
    commons.set_defaults(run=_import_commons)

    advise = command("advise", _advise)
    advise.add_argument("photo", type=Path)
    advise.add_argument("--rude", action="store_true", help="a crop may cut the face off")
    advise.add_argument("--json", action="store_true", help="print changes and gains as JSON")
    advise.add_argument("--out", type=Path, metavar="DIR", help="write the pictures, full size")
    _scorer_flags(advise)

    simulate = command("simulate", _simulate)
    simulate.add_argument("photos", type=Path, help="folder of the photos")
    simulate.add_argument("factors", type=Path, help="table of their factors, one row a file")
    simulate.add_argument("--out", type=Path, required=True, metavar="POSTS.csv")
    _config_flags(simulate, AudienceConfig)

    label = command("label", _label)
    label.add_argument("posts", type=Path, metavar="POSTS")
    label.add_argument("--out", type=Path, required=True, metavar="LABELS.parquet")
    _config_flags(label, LabelConfig)

    train = command("train", _train)
    train.add_argument("photos", type=Path)
    train.add_argument("labels", type=Path)
    train.add_argument("--out", type=Path, required=True, metavar="SCORER.safetensors")
    _config_flags(train, TrainConfig)

    evaluate = command("evaluate", _evaluate)
    evaluate.add_argument("scorer", type=Path)
    evaluate.add_argument("photos", type=Path)
    evaluate.add_argument("labels", type=Path)
    evaluate.add_argument(
        "--posts", type=Path, help="followers, likes, groups; appeal gives the perfect knower"
    )
    evaluate.add_argument(
        "--groups", default="", metavar="A,B", help="columns of labels or posts to compare over"
    )
    evaluate.add_argument(
        "--factors", type=Path, help="table of measured style; measured here if not given"
    )
    evaluate.add_argument("--split", default="test", choices=["train", "val", "test"])
    evaluate.add_argument("--out", type=Path, metavar="METRICS.json")
    evaluate.add_argument("--report", type=Path, metavar="REPORT.html", help="to read; offline too")

    build = command("build", _build)
    build.add_argument("photos", type=Path)
    build.add_argument("--out", type=Path, required=True, metavar="GALLERY")
    build.add_argument("--posts", type=Path, help="followers, likes ... of the photos")
    build.add_argument("--scorer", type=Path)
    build.add_argument("--name", default="", help="title; the folder's name by default")
    _config_flags(build, LayoutConfig)

    grid = command("grid", _grid)
    grid.add_argument("gallery", type=Path)
    grid.add_argument("--kind", choices=["continuum", "best", "worst"], default="continuum")
    grid.add_argument("--rows", type=int, default=12)
    grid.add_argument("--columns", type=int, default=20)
    grid.add_argument("--cell", type=int, default=96, help="pixels of one photo")
    grid.add_argument("--out", type=Path, required=True, metavar="GRID.jpg")

    picture = command("map", _map)
    picture.add_argument("gallery", type=Path)
    picture.add_argument("--poster", action="store_true", help="the whole map as one picture")
    picture.add_argument(
        "--layout", choices=["tsne", "grid"], default="tsne", help="places, or the filled grid"
    )
    picture.add_argument("--size", type=int, default=8000, help="side in pixels (default 8000)")
    picture.add_argument("--out", type=Path, metavar="MAP.jpg", help="of the poster")

    stars = command("celebrities", _celebrities)
    stars.add_argument("folder", type=Path, help="photos named like ada-vale.jpg, ada-vale-2.jpg")
    stars.add_argument("--out", type=Path, required=True, metavar="DIR")
    stars.add_argument("--scorer", type=Path)
    return parser


def _scorer_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scorer", type=Path, help="the gallery's by default")
    parser.add_argument("--gallery", type=Path, help="for the percentile; the demo by default")


def _config_flags(parser: argparse.ArgumentParser, config: type) -> None:
    """Add a flag for each field of a settings dataclass."""
    hints = typing.get_type_hints(config)
    for item in dataclasses.fields(config):
        flag, about = "--" + item.name.replace("_", "-"), item.metadata["about"]
        kind = next(t for t in (*typing.get_args(hints[item.name]), hints[item.name]) if t)
        if kind is bool:
            parser.add_argument(
                flag, action=argparse.BooleanOptionalAction, default=item.default, help=about
            )
            continue
        default = f" (default {item.default})" if item.default != "" else ""
        parser.add_argument(flag, type=kind, default=item.default, help=f"{about}{default}")
    parser.set_defaults(config=config)


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


def _app(args: argparse.Namespace) -> None:
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


def _score(args: argparse.Namespace) -> None:
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


def _crop(args: argparse.Namespace) -> None:
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


def _advise(args: argparse.Namespace) -> None:
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


def _simulate(args: argparse.Namespace) -> None:
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


def _label(args: argparse.Namespace) -> None:
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


def _train(args: argparse.Namespace) -> None:
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


def _evaluate(args: argparse.Namespace) -> None:
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


def _import_commons(args: argparse.Namespace) -> None:
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


def _import_ucf(args: argparse.Namespace) -> None:
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


def _build(args: argparse.Namespace) -> None:
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


def _grid(args: argparse.Namespace) -> None:
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


def _map(args: argparse.Namespace) -> None:
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


def _celebrities(args: argparse.Namespace) -> None:
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
