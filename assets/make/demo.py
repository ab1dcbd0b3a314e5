"""Make everything in assets/ that ships: scorer, demo gallery, celebrities, samples, metrics.

    python assets/make/demo.py DATA --work FOLDER

DATA holds rendered/ (3D renders with factors.jsonl) and portraits/ (CC0 portraits, never copied
into assets/).  The steps are those of the `selfie` command and are joined by files in FOLDER:
delete one to make it again.  Larger renders in FOLDER/samples go to the upload page.
"""

import argparse
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import compose
import numpy as np
import pandas as pd
from PIL import Image, ImageColor, ImageDraw
from tqdm import tqdm

from selfie_core import images, store
from selfie_core.build import BuildConfig, build_gallery
from selfie_core.celebrities import build_celebrities
from selfie_core.evaluate import evaluate_scores, score_split
from selfie_core.labels import label_posts, split_users
from selfie_core.posts import read_posts
from selfie_core.score import load_scorer
from selfie_core.settings import LabelConfig, TrainConfig
from selfie_core.simulate import simulate_posts
from selfie_core.train import train_scorer

ASSETS = Path(__file__).resolve().parents[1]
# Most renders are kept from training: the gallery shows photos that the scorer has never seen.
RENDER_SPLIT = LabelConfig(test_share=0.62, val_share=0.06)
NAMES = """Ada Vale, Bruno Castellan, Cleo Marchetti, Dario Quill, Esme Okafor, Felix Rowan,
Greta Lindqvist, Hugo Bellamy, Iris Fontaine, Jonas Adeyemi, Kaia Sorensen, Leo Marlowe,
Mina Takeda, Nico Valdez, Opal Hartley, Pavel Drozd, Quinn Abara, Rosa Delmar, Silas Whitlock,
Tess Moreau, Umar Sadiq, Vera Kowal, Wren Halloran, Yara Benali"""


def flat_factors(rendered: Path) -> pd.DataFrame:
    """Return the renders' factors with one value a column, in the words that pages show."""
    table = store.read_table(rendered / "factors.jsonl")
    first = table["people"].map(lambda people: people[0])
    worn = ("hair", "haircol", "glasses", "hat", "expression")
    return pd.DataFrame(
        {
            "file": table["file"],
            "shot": table["kind"],
            "people": table["n"],
            "camera_distance": table["dist"],
            "lighting": table["lighting"],
            "background": table["background"],
            "filter": table["filter"],
            "border": table["border"].map({True: "white", False: "none"}),
            **{
                {"haircol": "hair_colour"}.get(k, k): first.map(lambda p, k=k: p[k] or "none")
                for k in worn
            },
            "hair_length": first.map(lambda p: p["hairlen"]),
            # Of the 3D model; for the audit, never for the audience or the scorer.
            "character_feminine": first.map(lambda p: p["female"]),
            "character_age": first.map(lambda p: p["old"]),
            "character_skin_tone": first.map(lambda p: p["tone"]),
        }
    )


def experiment(rendered: Path, work: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return posts and labels of all renders: the experiment that the demo tells."""
    posts_file, labels_file = work / "posts.csv", work / "labels.parquet"
    if not posts_file.exists():
        store.write_table(posts_file, simulate_posts(store.read_table(rendered / "factors.jsonl")))
    posts = read_posts(posts_file)
    store.write_table(labels_file, label_posts(posts, config=RENDER_SPLIT))
    return posts, store.read_table(labels_file)


def composed(sources: list[Path], work: Path, *, name: str, count: int, seed: int) -> pd.DataFrame:
    """Return labels, and appeal, of compositions of some sources, made if they are not there."""
    folder = work / "train" / name
    if not (folder / "factors.jsonl").exists():
        compose.compose_folder(sources, folder, count=count, seed=seed)
    if not (folder / "posts.csv").exists():
        factors = store.read_table(folder / "factors.jsonl")
        store.write_table(folder / "posts.csv", simulate_posts(factors))
    posts = read_posts(folder / "posts.csv")
    labels = label_posts(posts).drop(columns="split").merge(posts[["file", "appeal"]], on="file")
    return labels.assign(file=name + "/" + labels["file"])


def training_set(data: Path, work: Path, labels: pd.DataFrame, count: int) -> Path:
    """Write labels and photos of all that the scorer learns from; return the labels' file.

    Sources are parted before anything is composed of them: nobody is in two splits, not even as
    one more in a group.
    """
    rendered = data / "rendered"
    factors = store.read_table(rendered / "factors.jsonl").set_index("file")
    plain = labels[[factors["n"][f] == 1 and not factors["border"][f] for f in labels["file"]]]
    portraits = images.find_photos(data / "portraits")
    part_of = split_users(pd.Series([path.name for path in portraits]), config=LabelConfig(seed=1))
    shares = {"train": (0.8, 0.92), "val": (0.1, 0.08), "test": (0.1, 0.0)}
    parts = []
    for place, (split, (of_portraits, of_renders)) in enumerate(shares.items()):
        faces = [path for path, part in zip(portraits, part_of, strict=True) if part == split]
        renders = [rendered / file for file in plain.loc[plain["split"] == split, "file"]]
        for kind, sources, share in (
            ("portraits", faces, of_portraits * 0.7),
            ("composed", renders, of_renders * 0.3),
        ):
            if share:
                name, number = f"{kind}-{split}", round(share * count)
                made = composed(sources, work, name=name, count=number, seed=10 + place)
                parts.append(made.assign(split=split))
    seen = labels[labels["split"] != "test"]
    target = work / "train" / "rendered"
    target.mkdir(parents=True, exist_ok=True)
    for file in seen["file"]:
        if not (target / file).exists():
            shutil.copyfile(rendered / file, target / file)
    parts.append(seen.assign(file="rendered/" + seen["file"]))
    out = work / "train.parquet"
    store.write_table(out, pd.concat(parts, ignore_index=True))
    return out


def report(
    rendered: Path, work: Path, posts: pd.DataFrame, labels: pd.DataFrame, train: pd.DataFrame
) -> dict[str, object]:
    """Return how the shipped scorer does on renders and compositions that it never saw."""
    scorer = load_scorer(ASSETS / "scorer.safetensors")
    renders = labels.merge(posts[["file", "appeal"]], on="file")
    result: dict[str, object] = {"scorer": scorer.id}
    sets = {"renders": (rendered, renders), "portraits": (work / "train", train)}
    for name, (folder, rows) in sets.items():
        rows = rows[(rows["split"] == "test") & rows["label"].notna()]
        scores, brightness = score_split(scorer, folder, rows["file"].tolist())
        verdict = evaluate_scores(
            rows["label"].to_numpy(np.int64),
            scores,
            brightness=brightness,
            appeal=rows["appeal"].to_numpy(),
        )
        rho = pd.Series(scores).corr(rows["appeal"].reset_index(drop=True), method="spearman")
        result[name] = verdict | {"rank_correlation_with_appeal": round(float(rho), 4)}
    return result


def galleries(data: Path, work: Path, posts: pd.DataFrame, labels: pd.DataFrame) -> None:
    """Build the demo gallery and the named set from renders of the test split."""
    rendered = data / "rendered"
    scorer = load_scorer(ASSETS / "scorer.safetensors")
    factors = flat_factors(rendered)
    unseen = labels.loc[labels["split"] == "test", "file"].tolist()
    known = factors.set_index("file")
    single = [f for f in unseen if known["people"][f] == 1 and known["shot"][f] != "mirror"]
    names = [name.strip() for name in NAMES.replace("\n", " ").split(",")]
    stars = np.random.default_rng(7).choice(single, len(names), replace=False)
    for folder in ("gallery", "celebrities"):
        shutil.rmtree(work / folder, ignore_errors=True)
        (work / folder).mkdir(parents=True)
    for name, file in zip(names, stars, strict=True):
        target = work / "celebrities" / (name.lower().replace(" ", "-") + ".webp")
        shutil.copyfile(rendered / file, target)
    for file in set(unseen) - set(stars):
        shutil.copyfile(rendered / file, work / "gallery" / file)

    given = (
        posts.drop(columns="appeal")
        .merge(labels[["file", "label", "split"]], on="file")
        .merge(factors, on="file")
    )
    given = given[given["file"].isin(set(unseen) - set(stars))]
    build_gallery(
        work / "gallery", ASSETS / "gallery", scorer=scorer, given=given, progress=_bar(),
        config=BuildConfig(name="Rendered selfies"),
    )  # fmt: skip
    build_celebrities(work / "celebrities", ASSETS / "celebrities", scorer=scorer)


def samples(work: Path) -> None:
    """Copy the larger renders for the upload page, if there are any."""
    if not (work / "samples").is_dir():
        return
    shutil.rmtree(ASSETS / "samples", ignore_errors=True)
    for place, path in enumerate(images.find_photos(work / "samples"), 1):
        photo = images.open_photo(path)
        store.write_picture(ASSETS / "samples" / f"sample-{place}.jpg", photo)


def _bar() -> Callable[[str, int, int], None]:
    bar = tqdm(unit="photo")

    def tell(stage: str, done: int, of: int) -> None:
        bar.set_description(stage)
        bar.total, bar.n = of, done
        bar.refresh()

    return tell


def icon() -> Image.Image:
    """Return the app's icon: an eye of a camera in the colours of the score."""
    side = 256
    ramp = [ImageColor.getrgb(colour) for colour in ("#4f5bd5", "#c642b8", "#ee4f7e", "#ffb13d")]
    steps = np.linspace(0, len(ramp) - 1, 2 * side)
    channels = [np.interp(steps, range(len(ramp)), [c[k] for c in ramp]) for k in range(3)]
    across = np.add.outer(np.arange(side), np.arange(side))
    picture = Image.fromarray(np.stack(channels, axis=-1)[across].astype(np.uint8))
    shape = Image.new("L", (side, side))
    pen = ImageDraw.Draw(shape)
    pen.rounded_rectangle((8, 8, side - 9, side - 9), 72, 255)
    pen.ellipse((68, 68, side - 69, side - 69), 0)
    pen.ellipse((96, 96, side - 97, side - 97), 255)
    picture.putalpha(shape)
    return picture.resize((64, 64), Image.Resampling.LANCZOS)


def main() -> None:
    """Read the command line and make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with rendered/ and portraits/")
    parser.add_argument("--work", type=Path, required=True, help="folder for what lies between")
    parser.add_argument("--compositions", type=int, default=14_000)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rendered, work = args.data / "rendered", args.work
    posts, labels = experiment(rendered, work)
    train_file = training_set(args.data, work, labels, args.compositions)
    train = store.read_table(train_file)
    scorer = ASSETS / "scorer.safetensors"
    if not scorer.exists():
        train_scorer(work / "train", train, scorer, config=TrainConfig(), progress=_bar())
    store.write_json(ASSETS / "metrics.json", report(rendered, work, posts, labels, train))
    galleries(args.data, work, posts, labels)
    samples(work)
    store.write_picture(ASSETS / "icon.png", icon())


if __name__ == "__main__":
    main()
