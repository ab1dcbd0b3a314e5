"""simulate, label."""

import argparse

from selfie_core.base.settings import AudienceConfig, LabelConfig
from selfie_core.cli.bar import say
from selfie_core.cli.flags import command, config_of, path


@command(
    "simulate",
    path("photos", "folder of the photos"),
    path("factors", "table of their factors, one row per file"),
    path("--out", required=True, metavar="POSTS.csv"),
    config=AudienceConfig,
)
def simulate(args: argparse.Namespace) -> None:
    """Give photos a simulated audience: users, followers, likes, tags, dates."""
    from selfie_core.base import store
    from selfie_core.posts import rendered
    from selfie_core.posts.simulate import simulate_posts
    from selfie_core.posts.table import need_columns, need_photos

    factors = store.read_table(args.factors)
    need_columns(factors, "file", name=args.factors.name)
    need_photos(factors["file"], args.photos, name=f"photos of {args.factors.name}")
    posts = simulate_posts(rendered.with_factors(factors), config=config_of(args))
    store.write_table(args.out, posts)
    say(f"{len(posts)} posts of {posts['user'].nunique()} users; wrote {args.out}")


@command(
    "label",
    path("posts", metavar="POSTS"),
    path("--out", required=True, metavar="LABELS.parquet"),
    config=LabelConfig,
)
def label(args: argparse.Namespace) -> None:
    """Call posts good or bad by their likes among posts with an audience of like size."""
    from selfie_core.base import store
    from selfie_core.posts.labels import label_posts
    from selfie_core.posts.table import read_posts

    labels = label_posts(read_posts(args.posts), config=config_of(args))
    store.write_table(args.out, labels)
    good, judged = int((labels["label"] == 1).sum()), int(labels["label"].notna().sum())
    say(
        f"{good} good and {judged - good} bad of {len(labels)} posts in "
        f"{labels['group'].nunique()} groups; wrote {args.out}"
    )
