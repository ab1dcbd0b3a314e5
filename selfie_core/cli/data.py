"""simulate, label, import."""

import argparse
import sys

from selfie_core.base.errors import DataError
from selfie_core.cli.bar import bar
from selfie_core.cli.flags import config_of


def simulate(args: argparse.Namespace) -> None:
    """Give photos a simulated audience: users, followers, likes, tags, dates."""
    from selfie_core.base import store
    from selfie_core.posts.simulate import simulate_posts

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
    posts = simulate_posts(factors, config=config_of(args))
    store.write_table(args.out, posts)
    users = posts["user"].nunique()
    print(f"{len(posts)} posts of {users} users; wrote {args.out}", file=sys.stderr)


def label(args: argparse.Namespace) -> None:
    """Call posts good or bad by their likes among posts with an audience of like size."""
    from selfie_core.base import store
    from selfie_core.posts.labels import label_posts
    from selfie_core.posts.table import read_posts

    labels = label_posts(read_posts(args.posts), config=config_of(args))
    store.write_table(args.out, labels)
    good, judged = int((labels["label"] == 1).sum()), int(labels["label"].notna().sum())
    print(
        f"{good} good and {judged - good} bad of {len(labels)} posts in "
        f"{labels['group'].nunique()} groups; wrote {args.out}",
        file=sys.stderr,
    )


def import_commons(args: argparse.Namespace) -> None:
    """Fetch freely licensed photos by category, with author, licence and link."""
    from selfie_core.posts.commons import TABLE, fetch_photos

    with bar() as tell:
        made = fetch_photos(args.categories, args.out, config=config_of(args), progress=tell)
    for reason, count in made.left_out.items():
        print(f"left out: {count} {reason}", file=sys.stderr)
    print(
        f"{len(made.table)} photos of {made.table['name'].nunique()} names, {made.new} new; "
        f"wrote {args.out / TABLE}; rank them by: selfie celebrities {args.out} --out STARS",
        file=sys.stderr,
    )


def import_ucf(args: argparse.Namespace) -> None:
    """Make photos, posts and labels of a public dataset that lies unpacked in a folder."""
    from selfie_core.base import store
    from selfie_core.posts.labels import label_posts
    from selfie_core.posts.ucf import read_ucf

    made = read_ucf(args.folder)
    posts, labels = args.out / "posts.csv", args.out / "labels.parquet"
    if (
        args.out.exists()
        and not posts.is_file()
        and (args.out.is_file() or any(args.out.iterdir()))
    ):
        raise DataError(f"{args.out} holds other files; choose another --out")
    table = label_posts(made.posts, config=config_of(args))
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
