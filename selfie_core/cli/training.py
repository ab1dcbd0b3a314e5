"""simulate, label, train, taste, evaluate."""

import argparse
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfie_core.base.errors import DataError
from selfie_core.base.names import spelled_in
from selfie_core.base.settings import AudienceConfig, LabelConfig, TrainConfig
from selfie_core.base.words import counted
from selfie_core.cli.bar import bar, say
from selfie_core.cli.flags import ENGINE, command, config_of, flag, path

if TYPE_CHECKING:
    import pandas as pd


@command(
    "simulate",
    path("photos", "folder of the photos"),
    path("factors", "table of their factors, one row per file, or a gallery"),
    path("--out", required=True, metavar="POSTS.csv"),
    config=AudienceConfig,
)
def simulate(args: argparse.Namespace) -> None:
    """Give photos a simulated audience: users, followers, likes, tags, dates."""
    from selfie_core.base import store
    from selfie_core.posts import rendered
    from selfie_core.posts.simulate import simulate_posts
    from selfie_core.posts.table import need_columns, photo_paths

    _check_apart(args.out, args.factors)
    factors = _factors(args.factors)
    need_columns(factors, "file", name=args.factors.name)
    photo_paths(factors["file"], args.photos, name=f"photos of {args.factors.name}")
    posts = simulate_posts(rendered.with_factors(factors), config=config_of(args))
    store.write_table(args.out, posts)
    users = counted(posts["user"].nunique(), "user")
    say(f"{counted(len(posts), 'post')} of {users}; wrote {args.out}")


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
    from selfie_core.posts.table import read_posts, shows_face

    _check_apart(args.out, args.posts)
    posts = read_posts(args.posts)
    labels = label_posts(posts, config=config_of(args))
    store.write_table(args.out, labels)
    good, judged = int((labels["label"] == 1).sum()), int(labels["label"].notna().sum())
    faceless = len(posts) - shows_face(posts).sum()
    left_out = f", {faceless} of them without a face," if faceless else ""
    say(
        f"{good} good and {judged - good} bad of {counted(len(labels), 'post')}{left_out} in "
        f"{counted(labels['group'].nunique(), 'group')}; wrote {args.out}"
    )


@command(
    "train",
    path("photos"),
    path("labels"),
    path("--out", required=True, metavar="SCORER.safetensors"),
    *ENGINE,
    config=TrainConfig,
)
def train(args: argparse.Namespace) -> None:
    """Teach a ConvNet good selfies from bad ones; goes on after a stop.

    Beside the scorer lie its metrics, one line per epoch (.jsonl), and their curves (.html).
    """
    from tqdm.contrib.logging import logging_redirect_tqdm

    from selfie_core.base import store
    from selfie_core.base.engine import open_engine
    from selfie_core.base.light import torch_for

    with torch_for("training a net"):
        from selfie_core.training.train import train_scorer

    store.check_target(args.out, ".safetensors")
    labels = store.read_table(args.labels)
    logging.getLogger("selfie_core").setLevel(logging.INFO)  # a line per epoch
    with (
        open_engine(args.engine, args.address, say=say) as engine,
        bar() as tell,
        logging_redirect_tqdm(),
    ):
        made = train_scorer(
            args.photos, labels, args.out, config=config_of(args), engine=engine, progress=tell
        )
    verdict, skipped = made.facts["validation"], sum(made.facts["unreadable"].values())
    measured = f"accuracy {verdict['accuracy']:.3f}, AUC {verdict['auc']:.3f}"
    left_out = f"; {counted(skipped, 'unreadable photo')} left out" if skipped else ""
    say(f"on validation {measured}{left_out}; wrote {args.out}")


@command(
    "taste",
    path("--from-xmp", "photos whose stars stand in sidecars, or inside", required=True,
         metavar="PHOTOS"),
    path("--out", required=True, metavar="SCORER.safetensors"),
    path("--scorer", "to give a new last layer; that which ships by default"),
)  # fmt: skip
def taste(args: argparse.Namespace) -> None:
    """Learn from the stars that you gave your photos; says how well that foretells others."""
    from selfie_core.base import store
    from selfie_core.scorer.scorer import load_scorer
    from selfie_core.training.last_layer import scorer_file
    from selfie_core.training.stars import learn_stars

    store.check_target(args.out, ".safetensors")
    scorer = load_scorer(args.scorer)
    with bar() as tell:
        found = learn_stars(args.from_xmp, scorer, progress=tell)
    learned, held, net = found.taste, found.taste.held_out, found.taste.nets
    data = f"the stars of {counted(found.photos, 'photo')}"
    means = "of your giving it more stars than the middle photo"
    store.write_bytes(
        args.out, scorer_file(scorer, learned.head, learned.facts | {"data": data, "means": means})
    )
    copies = counted(found.near_copies, "near-copy", "near-copies")
    left_out = {copies: found.near_copies, f"{found.unreadable} unreadable": found.unreadable}
    said = ", ".join(what for what, count in left_out.items() if count)
    print(f"learned from {data}{f' ({said} left out)' if said else ''}")
    print(
        f"of {held.of} pairs with different stars it foretold {held.right} from the others "
        f"(98 % interval {100 * held.low:.0f} to {100 * held.high:.0f} %); the net's own taste "
        f"gets {net.right}, a coin about {held.of / 2:.0f}"
    )
    if not learned.beats_a_coin:
        print("that is no taste that this net can see; more photos with stars may tell")
    elif learned.leanings:
        print("more stars go to " + ", ".join(one.phrase for one in learned.leanings))
    say(f"wrote {args.out}")


@command(
    "evaluate",
    path("scorer"),
    path("photos"),
    path("labels"),
    path("--posts", "followers, likes, groups; appeal gives the perfect knower"),
    flag("--groups", default="", metavar="A,B", help="columns of labels or posts to compare over"),
    path("--factors", "measured style, a table or a gallery; measured here if not given"),
    flag("--split", default="test", choices=["train", "val", "test"]),
    path("--out", metavar="METRICS.json"),
    path("--report", "to read; offline too", metavar="REPORT.html"),
)
def evaluate(args: argparse.Namespace) -> None:
    """Measure a scorer on photos it never saw, beside baselines that set the scale.

    Accuracy and AUC, calibration, stability, groups and effects, all with 95 % intervals.
    """
    from selfie_core.base import store
    from selfie_core.base.delimited import split_names
    from selfie_core.scorer.scorer import load_scorer
    from selfie_core.training.evaluate import evaluate_scorer
    from selfie_core.training.report import report_page

    for target, ending in ((args.out, ".json"), (args.report, ".html")):
        if target:
            store.check_target(target, ending)
    labels = store.read_table(args.labels)
    if args.posts:
        labels = _beside(labels, args.posts)
    factors = _factors(args.factors) if args.factors else None
    groups = split_names(args.groups)
    scorer = load_scorer(args.scorer)
    with bar() as tell:
        facts = evaluate_scorer(
            scorer, args.photos, labels, split=args.split, factors=factors, groups=groups,
            progress=tell,
        )  # fmt: skip
    if args.out:
        store.write_json(args.out, facts)
    if args.report:
        store.write_text(args.report, report_page(facts))
        say(f"wrote {args.report}")
    print(json.dumps(facts, indent=2))


def _check_apart(out: Path, given: Path) -> None:
    """Refuse to write over the file that is read: it would be lost."""
    if out.exists() and given.exists() and out.samefile(given):
        raise DataError(f"--out {out} is the file that is read; name another")


def _beside(labels: Any, posts: Path) -> Any:
    """Return labels with the columns of the posts that they lack."""
    from selfie_core.posts.table import read_posts

    if "file" not in labels:
        raise DataError('the labels lack column "file"; make them by "selfie label"')
    given = read_posts(posts)
    spelled = spelled_in(set(given["file"]), map(str, labels["file"]))
    new = [name for name in given if name not in labels]
    beside = given.set_index("file")[new].reindex(spelled)
    return labels.assign(**{str(name): beside[name].array for name in new})


def _factors(path: Path) -> "pd.DataFrame":
    """Return what was measured of photos, of a table or a gallery."""
    from selfie_core.base import store
    from selfie_core.gallery.gallery import Gallery

    return Gallery.open(path).table if path.is_dir() else store.read_table(path)
