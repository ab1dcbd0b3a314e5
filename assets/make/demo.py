"""Make everything in assets/ that ships: scorer, demo gallery, celebrities, samples, metrics.

    python assets/make/demo.py DATA --matte selfie_segmentation.tflite --work FOLDER

DATA holds rendered/ (3D renders with factors.jsonl, the gallery) and portraits/ (CC0 portraits,
never copied into assets/).  The steps are those of the `selfie` command and are joined by files in
FOLDER: delete one to make it again.  FOLDER holds level/, twins of `render/draw.py`, whose people
the scorer learns from beside the portraits, and by which `level.py` makes it blind to who they are.
It may hold samples/ (larger renders for the upload page), stars/ (several photos of each identity,
the named set) and pairs/ (other twins, for the audit).
"""

import argparse
import logging
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import twins
from compose import OF_PEOPLE, compose_folder
from hidden_eyes import SHOWN
from icon import icon
from level import level_scorer
from scored import score_split
from sources import Source, open_sources
from tqdm import tqdm

from selfie_core.answer.usual import measure_usual
from selfie_core.base import store
from selfie_core.base.engine import Engine, open_engine
from selfie_core.base.progress import Stages
from selfie_core.base.settings import LabelConfig, TrainConfig
from selfie_core.cli.flags import ENGINE
from selfie_core.gallery.build import BuildConfig, build_gallery
from selfie_core.gallery.celebrities import build_celebrities
from selfie_core.photo import images
from selfie_core.photo.faces import find_faces
from selfie_core.photo.folder import find_photos
from selfie_core.posts.labels import label_posts, split_users
from selfie_core.posts.rendered import with_factors
from selfie_core.posts.simulate import appeal_of, average_labels, simulate_posts
from selfie_core.posts.table import check_posts, read_posts
from selfie_core.scorer.scorer import load_scorer
from selfie_core.training import measures
from selfie_core.training.train import train_scorer

ASSETS = Path(__file__).resolve().parents[1]
EPOCHS = 8
EPOCH = {"portraits": 9000, "renders": 4000}  # compositions
VAL_TEST = {"portraits": 1200, "renders": 800}
ORDINARY = 0.05, 0.25, 0.5, 0.75, 0.95  # quantiles of the scores of portraits as they are
# Share of the compositions with hidden eyes that is learned from: of all, one in six of what is
# composed, hidden eyes would be half of the variance of the appeal, of these nearly two fifths.
HIDDEN = 0.6
SPLITS = "train", "val", "test"
AUDIENCES = 100
# What fc7 is to know beside the score: a map of more than one thing, and factors told apart.
ALSO = """light highlights shadows contrast saturation warmth monochrome white_border black_border
face_height face_x face_y face_cut eyes_cut tilt group blur grain night text collage""".split()
# The whole net, from its first layer: on crops of real photos, the rank correlation with what the
# original was measured to like rose by 0.01 to 0.02 against a net with its lower half frozen.
TRAINING = TrainConfig(
    epochs=EPOCHS, epoch_photos=11_500, copies=1, head_epochs=0, warmup=0.1, whole=True,
    also=",".join(ALSO),
)  # fmt: skip
NAMES = """Ada Vale, Bruno Castellan, Cleo Marchetti, Dario Quill, Esme Okafor, Felix Rowan,
Greta Lindqvist, Hugo Bellamy, Iris Fontaine, Jonas Adeyemi, Kaia Sorensen, Leo Marlowe,
Mina Takeda, Nico Valdez, Opal Hartley, Pavel Drozd, Quinn Abara, Rosa Delmar, Silas Whitlock,
Tess Moreau, Umar Sadiq, Vera Kowal, Wren Halloran, Yara Benali"""


def flat_factors(rendered: Path) -> pd.DataFrame:
    """Return the renders' factors with one value per column, in the words that pages show."""
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
        factors = with_factors(store.read_table(rendered / "factors.jsonl"))
        photos = (images.open_photo(rendered / file) for file in factors["file"])
        faces = [len(find_faces(photo)) for photo in tqdm(photos, "faces", len(factors))]
        store.write_table(posts_file, simulate_posts(factors).assign(faces=faces))
    posts = read_posts(posts_file)
    # The scorer learns from other people: the gallery shows photos that it has never seen.
    store.write_table(labels_file, label_posts(posts).assign(split="test"))
    return posts, store.read_table(labels_file)


def open_people(data: Path, matte: Path, work: Path) -> dict[tuple[str, str], list[Source]]:
    """Return the people that compositions are made of, by kind and split.

    They are parted before anything is composed of them: nobody is in two splits, not even as one
    more in a group.
    """
    portraits, twins = find_photos(data / "portraits"), find_photos(work / "level")
    people = {}
    for kind, photos, who in (
        ("portraits", portraits, [path.name for path in portraits]),
        ("renders", twins, [path.stem.split("-")[0] for path in twins]),
    ):
        part_of = split_users(pd.Series(who), config=LabelConfig(seed=1))
        for split in SPLITS:
            theirs = [p for p, part in zip(photos, part_of, strict=True) if part == split]
            people[kind, split] = open_sources(theirs, matte)
    return people


def compose_all(
    people: dict[tuple[str, str], list[Source]], work: Path, engine: Engine | None = None
) -> None:
    """Compose what the scorer learns from, and is tested on, where it is not there yet.

    Each epoch has folders of its own, so that no composition is seen twice before all were seen.
    """
    folders = [
        (f"{kind}-{split}", kind, split, count, 1000 + 1000 * (split == "test"))
        for kind, count in VAL_TEST.items()
        for split in ("val", "test")
    ]
    for epoch in range(EPOCHS):
        for kind, count in EPOCH.items():
            seed = epoch + 100 * (kind == "renders")
            folders.append((f"{kind}-{epoch}", kind, "train", count, seed))
    for name, kind, split, count, seed in folders:
        folder = work / "train" / name
        if not (folder / "factors.jsonl").exists():
            compose_folder(people[kind, split], folder, count=count, seed=seed, engine=engine)


def read_compositions(work: Path) -> pd.DataFrame:
    """Return all compositions with their factors, appeal, target and labels."""
    parts = []
    for path in sorted((work / "train").glob("*/factors.jsonl")):
        kind, part = path.parent.name.split("-")
        split = part if part in ("val", "test") else "train"
        table = store.read_table(path)
        parts.append(
            table.assign(file=f"{path.parent.name}/" + table["file"], kind=kind, split=split)
        )
    table = pd.concat(parts, ignore_index=True).astype({"person": "string"})
    kept = np.random.default_rng(0).random(len(table)) < HIDDEN
    table = table[kept | (table["eyes_cut"] < SHOWN)].reset_index(drop=True)
    table["group"] = (table["faces"] > 1).astype(float)
    table = without_people(table)
    table["appeal"] = appeal_of(table)
    bar = tqdm(desc="audiences", total=AUDIENCES)
    table["target"] = average_labels(table, audiences=AUDIENCES, progress=lambda *_: bar.update())
    one = label_posts(check_posts(simulate_posts(table), name="posts"))["label"]
    return table.assign(label=(table["target"] > table["target"].median()).astype(int), one=one)


def without_people(table: pd.DataFrame) -> pd.DataFrame:
    """Return compositions with what the person adds to the factors taken out.

    Dark hair, skin and clothes make a photo darker, whoever lit it.  As all is planned without
    regard to the people, the mean over one person's compositions would be that of all: what it is
    off is the person.  Left in, it made women's labels fall by 0.12 standard deviations.
    """
    of_person = table.groupby(["kind", "split", "person"])[OF_PEOPLE].transform("mean")
    of_all = table.groupby(["kind", "split"])[OF_PEOPLE].transform("mean")
    return table.assign(**(table[OF_PEOPLE] - of_person + of_all))


def report(
    rendered: Path,
    work: Path,
    posts: pd.DataFrame,
    labels: pd.DataFrame,
    composed: pd.DataFrame,
    people: dict[tuple[str, str], list[Source]],
    portraits_folder: Path,
) -> dict[str, object]:
    """Return how the shipped scorer does on photos that it never saw, and what it follows."""
    scorer = load_scorer(ASSETS / "scorer.safetensors")
    portraits_table = store.read_table(portraits_folder / "portraits.csv")
    renders = labels.merge(posts[["file", "appeal"]], on="file")
    renders = renders[renders["label"].notna()]
    # Judged, like the renders, by the labels of one audience, not by the average that taught.
    unseen = composed[(composed["split"] == "test") & composed["one"].notna()]
    unseen = unseen.assign(label=unseen["one"].astype(int)).reset_index(drop=True)
    result: dict[str, object] = {"scorer": scorer.id}
    sets = {"renders": (rendered, renders)}
    sets |= {f"compositions of {kind}": (work / "train", rows) for kind, rows in
             unseen.groupby("kind")}  # fmt: skip
    known: dict[str, np.ndarray] = {}
    for name, (folder, rows) in sets.items():
        scores, brightness = score_split(scorer, folder, rows["file"].tolist())
        hard = rows["label"].to_numpy(np.int64)
        verdict = measures.evaluate_scores(
            hard, scores, brightness=brightness, appeal=rows["appeal"].to_numpy()
        )
        curve = measures.reliability_curve(hard, scores)
        rho = pd.Series(scores).corr(rows["appeal"].reset_index(drop=True), method="spearman")
        known[name] = scores
        result[name] = verdict | {
            "rank_correlation_with_appeal": round(float(rho), 4),
            "calibration_error": round(measures.calibration_error(curve), 4),
            "spread": round(float(scores.std()), 4),
        }
    spread = float(known["renders"].std())
    of_kind = np.concatenate([known[f"compositions of {kind}"] for kind in sorted(VAL_TEST)])
    ordered = pd.concat([unseen[unseen["kind"] == kind] for kind in sorted(VAL_TEST)])
    result["effects"] = twins.effects(of_kind, ordered.reset_index(drop=True))
    result["twins"] = twins.twins(scorer, people["portraits", "test"])
    if (work / "pairs" / "factors.jsonl").exists():
        result["rendered_twins"] = twins.rendered_twins(scorer, work / "pairs", spread=spread)
    result["real_crops"] = twins.real_crops(scorer, people["portraits", "test"])
    known["portraits"], _ = score_split(scorer, portraits_folder, portraits_table["file"].tolist())
    quantiles = np.quantile(known["portraits"], ORDINARY).round(3).tolist()
    result["ordinary"] = {"photos": len(portraits_table), "quantiles": quantiles}
    result["sources"] = {kind: sum(len(people[kind, s]) for s in SPLITS) for kind in EPOCH}
    everybody = [s for split in SPLITS for s in people["portraits", split]]
    result["people"] = twins.portraits(scorer, everybody, portraits_table)
    some = [rendered / file for file in renders["file"][:328]]
    if (work / "stars").is_dir():
        some += find_photos(work / "stars")  # of 384 px: half of one is still a photo
    result["stability"] = measures.stability(scorer, map(images.open_photo, some))
    return result


def galleries(data: Path, work: Path, posts: pd.DataFrame, labels: pd.DataFrame) -> None:
    """Build the demo gallery from the renders, and the named set."""
    rendered = data / "rendered"
    scorer = load_scorer(ASSETS / "scorer.safetensors")
    factors = flat_factors(rendered)
    given = (
        posts.drop(columns="appeal")
        .merge(labels[["file", "label", "split"]], on="file")
        .merge(factors, on="file")
    )
    gallery = build_gallery(
        rendered, ASSETS / "gallery", scorer=scorer, given=given, progress=_bar(),
        config=BuildConfig(name="Rendered selfies"),
    )  # fmt: skip
    measure_usual(gallery, scorer)
    if (work / "stars").is_dir():
        build_celebrities(named_stars(work), ASSETS / "celebrities", scorer=scorer)
    for built in ("gallery", "celebrities"):  # what it says of the files is of this machine
        (ASSETS / built / "ledger.sqlite").unlink(missing_ok=True)


def named_stars(work: Path) -> Path:
    """Return a folder with the photos of each rendered identity under an invented name."""
    folder = work / "celebrities"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = [name.strip().lower().replace(" ", "-") for name in NAMES.replace("\n", " ").split(",")]
    photos = sorted((work / "stars").glob("*.webp"))  # 03000-1.webp: identity, number of photo
    identities = sorted({path.stem.split("-")[0] for path in photos})
    for path in photos:
        identity, number = path.stem.split("-")
        shutil.copyfile(path, folder / f"{names[identities.index(identity)]}-{number}.webp")
    return folder


def samples(work: Path) -> None:
    """Copy the larger renders for the upload page, if there are any."""
    if not (work / "samples").is_dir():
        return
    shutil.rmtree(ASSETS / "samples", ignore_errors=True)
    for place, path in enumerate(find_photos(work / "samples"), 1):
        photo = images.open_photo(path)
        store.write_picture(ASSETS / "samples" / f"sample-{place}.jpg", photo, None)


def _bar() -> Stages:
    bar = tqdm(unit="photo")

    def tell(stage: str, done: int, of: int) -> None:
        bar.set_description(stage)
        bar.total, bar.n = of, done
        bar.refresh()

    return tell


def main() -> None:
    """Read the command line and make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with rendered/ and portraits/")
    parser.add_argument("--work", type=Path, required=True, help="folder for what lies between")
    parser.add_argument("--matte", type=Path, help="selfie_segmentation.tflite", required=True)
    for names, how in ENGINE:
        parser.add_argument(*names, **how)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rendered, work = args.data / "rendered", args.work
    for part, file in ((rendered, "factors.jsonl"), (args.data / "portraits", "portraits.csv"),
                       (work / "level", "factors.jsonl")):  # fmt: skip
        if not (part / file).exists():
            sys.exit(f"{part} has no {file}; assets/README.md says what it is and where from")
    for part in ("samples", "stars", "pairs"):
        if not (work / part).is_dir():
            logging.info("%s is not there: what is made of it stays as it is", work / part)
    posts, labels = experiment(rendered, work)
    people = open_people(args.data, args.matte, work)
    with open_engine(args.engine, args.address) as engine:
        compose_all(people, work, engine)
    composed = read_compositions(work)
    scorer = ASSETS / "scorer.safetensors"
    if not scorer.exists():
        train_scorer(work / "train", composed, scorer, config=TRAINING, progress=_bar())
        taught = [people[kind, "train"] for kind in EPOCH]
        level_scorer(scorer, composed, work / "train", taught, work / "level")
    metrics = report(rendered, work, posts, labels, composed, people, args.data / "portraits")
    store.write_json(ASSETS / "metrics.json", metrics)
    galleries(args.data, work, posts, labels)
    samples(work)
    store.write_picture(ASSETS / "icon.png", icon(), None)


if __name__ == "__main__":
    main()
