"""The `selfie` command: arguments and exit codes; what the commands do is in commands.py."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from selfie_core import __version__
from selfie_core.base.errors import SelfieError
from selfie_core.base.settings import (
    AudienceConfig,
    CommonsConfig,
    LabelConfig,
    LayoutConfig,
    TrainConfig,
)
from selfie_core.cli import data, photos, training
from selfie_core.cli import galleries as commands
from selfie_core.cli.flags import config_flags

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
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (run.__doc__ or "").strip()
        made = subparsers.add_parser(name, help=text.splitlines()[0], description=text)
        made.set_defaults(run=run)
        return made

    app = command("app", commands.app)
    app.add_argument("gallery", nargs="?", type=Path, help="folder; the demo gallery by default")
    app.add_argument("--celebrities", type=Path, metavar="DIR", help="a named set to rank")
    app.add_argument("--port", type=int, help="8501 or the next free one by default")
    app.add_argument("--no-browser", action="store_true", help="only print the address")

    score = command("score", photos.score)
    score.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="photos or folders")
    score.add_argument("--out", type=Path, help=".parquet, .csv or .json; else printed")
    score.add_argument("--no-faces", action="store_true", help="don't count faces: much faster")
    score.add_argument("--shard", default="1/1", metavar="K/N", help="only the K-th of N parts")
    _scorer_flags(score)

    crop = command("crop", photos.crop)
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

    real = subparsers.add_parser("import", help="Bring in photos of others.")
    kinds = real.add_subparsers(metavar="SOURCE", required=True)
    ucf = kinds.add_parser("ucf", help="the UCF Selfie dataset", epilog=UCF_RECIPE)
    ucf.formatter_class = argparse.RawDescriptionHelpFormatter
    ucf.add_argument("folder", type=Path, help="where selfie_dataset.txt and images/ lie")
    ucf.add_argument("--out", type=Path, required=True, metavar="DIR")
    config_flags(ucf, LabelConfig)
    ucf.set_defaults(run=data.import_ucf)
    free = kinds.add_parser("commons", help="free photos of the famous", epilog=COMMONS_RECIPE)
    free.formatter_class = argparse.RawDescriptionHelpFormatter
    free.add_argument("categories", nargs="+", metavar="CATEGORY[=NAME]")
    free.add_argument("--out", type=Path, required=True, metavar="DIR")
    config_flags(free, CommonsConfig)
    free.set_defaults(run=data.import_commons)

    advise = command("advise", photos.advise)
    advise.add_argument("photo", type=Path)
    advise.add_argument("--rude", action="store_true", help="a crop may cut the face off")
    advise.add_argument("--json", action="store_true", help="print changes and gains as JSON")
    advise.add_argument("--out", type=Path, metavar="DIR", help="write the pictures, full size")
    _scorer_flags(advise)

    simulate = command("simulate", data.simulate)
    simulate.add_argument("photos", type=Path, help="folder of the photos")
    simulate.add_argument("factors", type=Path, help="table of their factors, one row a file")
    simulate.add_argument("--out", type=Path, required=True, metavar="POSTS.csv")
    config_flags(simulate, AudienceConfig)

    label = command("label", data.label)
    label.add_argument("posts", type=Path, metavar="POSTS")
    label.add_argument("--out", type=Path, required=True, metavar="LABELS.parquet")
    config_flags(label, LabelConfig)

    train = command("train", training.train)
    train.add_argument("photos", type=Path)
    train.add_argument("labels", type=Path)
    train.add_argument("--out", type=Path, required=True, metavar="SCORER.safetensors")
    config_flags(train, TrainConfig)

    evaluate = command("evaluate", training.evaluate)
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

    build = command("build", commands.build)
    build.add_argument("photos", type=Path)
    build.add_argument("--out", type=Path, required=True, metavar="GALLERY")
    build.add_argument("--posts", type=Path, help="followers, likes ... of the photos")
    build.add_argument("--scorer", type=Path)
    build.add_argument("--name", default="", help="title; the folder's name by default")
    config_flags(build, LayoutConfig)

    grid = command("grid", commands.grid)
    grid.add_argument("gallery", type=Path)
    grid.add_argument("--kind", choices=["continuum", "best", "worst"], default="continuum")
    grid.add_argument("--rows", type=int, default=12)
    grid.add_argument("--columns", type=int, default=20)
    grid.add_argument("--cell", type=int, default=96, help="pixels of one photo")
    grid.add_argument("--out", type=Path, required=True, metavar="GRID.jpg")

    picture = command("map", commands.map_gallery)
    picture.add_argument("gallery", type=Path)
    picture.add_argument("--poster", action="store_true", help="the whole map as one picture")
    picture.add_argument(
        "--layout", choices=["tsne", "grid"], default="tsne", help="places, or the filled grid"
    )
    picture.add_argument("--size", type=int, default=8000, help="side in pixels (default 8000)")
    picture.add_argument("--out", type=Path, metavar="MAP.jpg", help="of the poster")

    stars = command("celebrities", commands.celebrities)
    stars.add_argument("folder", type=Path, help="photos named like ada-vale.jpg, ada-vale-2.jpg")
    stars.add_argument("--out", type=Path, required=True, metavar="DIR")
    stars.add_argument("--scorer", type=Path)
    return parser


def _scorer_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scorer", type=Path, help="the gallery's by default")
    parser.add_argument("--gallery", type=Path, help="for the percentile; the demo by default")
