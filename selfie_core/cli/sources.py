"""import ucf, import takeout, import instagram, import commons."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from selfie_core.base.errors import DataError
from selfie_core.base.names import quoted
from selfie_core.base.settings import CommonsConfig, LabelConfig
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import command, config_of, flag, path

if TYPE_CHECKING:
    from selfie_core.posts.ucf import Imported


@command(
    "ucf",
    path("folder", "where selfie_dataset.txt and images/ lie"),
    path("--out", required=True, metavar="DIR"),
    config=LabelConfig,
    epilog="""from start to finish:
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
""",
)
def import_ucf(args: argparse.Namespace) -> None:
    """Make photos, posts and labels of the UCF Selfie dataset, unpacked in a folder."""
    from selfie_core.base import store
    from selfie_core.posts.labels import label_posts
    from selfie_core.posts.table import is_popularity
    from selfie_core.posts.ucf import read_ucf

    made = read_ucf(args.folder)
    photos, posts, labels = (args.out / n for n in ("photos", "posts.csv", "labels.parquet"))
    store.check_folder(args.out, own=posts.name)
    if posts.is_file() and not is_popularity(store.read_table(posts)):
        raise DataError(f"{posts} is of no UCF import; choose another --out")
    table = label_posts(made.posts, config=config_of(args))
    _write(made, args.out)
    store.write_table(labels, table)
    good = int(table["label"].sum())
    say(f"{good} good and {len(table) - good} bad photos")
    say(
        "the dataset names no users, so no split can keep a person out of training: test results "
        "may flatter"
    )
    say(f"wrote {photos}, {posts} and {labels}")


@command(
    "commons",
    flag("categories", nargs="+", metavar="CATEGORY[=NAME]"),
    path("--out", required=True, metavar="DIR"),
    config=CommonsConfig,
    epilog="""from start to finish:
  selfie import commons "Selfies of Ada Vale" "Vale family=Bruno Vale" --out famous \\
      --contact you@example.org
  selfie celebrities famous --out stars
  selfie app --celebrities stars

Only photos that anyone may use are taken.  Author, licence and links stay in famous/photos.csv
and are shown under every picture.  Stop it at any time: the same command goes on.
""",
)
def import_commons(args: argparse.Namespace) -> None:
    """Fetch freely licensed photos of the famous by category, with author, licence and link."""
    from selfie_core.posts.commons import TABLE, fetch_photos

    with bar() as tell:
        made = fetch_photos(args.categories, args.out, config=config_of(args), progress=tell)
    _say_left_out(made.left_out)
    say(
        f"{counted(len(made.table), 'photo')} of {counted(made.table['name'].nunique(), 'name')}, "
        f"{made.new} new; wrote {args.out / TABLE}; "
        f"rank them by: selfie celebrities {quoted(args.out)} --out STARS"
    )


@command(
    "takeout",
    path("folder", "the unpacked Takeout"),
    path("--out", required=True, metavar="DIR"),
    epilog="""from start to finish:
  unzip "takeout-*.zip"                 (from takeout.google.com, Google Photos alone)
  selfie import takeout Takeout --out mine
  selfie build mine/photos --posts mine/posts.csv --out gallery
  selfie app gallery

mine/photos holds each photo once, edited where you edited it.  Favourites, views and albums become
columns.  Google tells no likes: popularity puts your favourites first, then what was viewed most.
""",
)
def import_takeout(args: argparse.Namespace) -> None:
    """Make photos and posts of Google Photos, as Takeout exports them."""
    from selfie_core.posts.takeout import read_takeout

    made = _bring(read_takeout, args)
    say(
        f"{counted(len(made.posts), 'photo')}, "
        f"{counted(int(made.posts['favorite'].sum()), 'favourite')}; "
        f"wrote {args.out / 'photos'} and {args.out / 'posts.csv'}"
    )


@command(
    "instagram",
    path("folder", "the unpacked export"),
    path("--out", required=True, metavar="DIR"),
    epilog="""from start to finish:
  unzip instagram-*.zip -d export       (Accounts Center, "Download your information", as JSON)
  selfie import instagram export --out mine
  selfie build mine/photos --posts mine/posts.csv --out gallery
  selfie app gallery

Each post's first photo is taken, with its date, caption and tags.  Likes are in the exports of
professional accounts alone; without, fill in the column likes of mine/posts.csv, or build without
--posts.
""",
)
def import_instagram(args: argparse.Namespace) -> None:
    """Make photos and posts of your Instagram account, from its export."""
    from selfie_core.posts.instagram import read_instagram

    made = _bring(read_instagram, args)
    liked = int(made.posts["likes"].notna().sum())
    say(
        f"{counted(len(made.posts), 'photo')}, {liked} with likes; "
        f"wrote {args.out / 'photos'} and {args.out / 'posts.csv'}"
    )
    columns = {"likes": "likes", "followers": "followers", "dates": "posted_at"}
    if lack := [name for name, of in columns.items() if made.posts[of].isna().any()]:
        missing = f"fill in the {' and '.join(lack)} that are missing"
        say(f"{missing} before posts.csv is used, or build without --posts")


def _bring(read: "Callable[[Path], Imported]", args: argparse.Namespace) -> "Imported":
    """Return an export that is read and written."""
    from selfie_core.base import store

    store.check_folder(args.out, own="posts.csv")
    made = read(args.folder)
    _write(made, args.out)
    return made


def _write(made: "Imported", out: Path) -> None:
    """Write the posts, and the photos that they name and no others."""
    from selfie_core.base import store
    from selfie_core.base.folders import link_files

    # Whoever goes on with these photos has none that was left out.
    link_files({file: made.photos / file for file in made.posts["file"]}, out / "photos")
    store.write_table(out / "posts.csv", made.posts)
    _say_left_out(made.left_out)


def _say_left_out(left_out: Mapping[str, int]) -> None:
    for reason, count in left_out.items():
        say(f"left out: {count} {reason}")
