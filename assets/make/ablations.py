"""What each choice of the training is worth: the same short run, with one thing changed.

    python assets/make/ablations.py --work FOLDER

Reads the compositions that demo.py left in FOLDER/train and writes assets/ablations.json; runs that
stand there already are left alone.
"""

import argparse
import logging
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from demo import ALSO, ASSETS, read_compositions
from scored import score_split

from selfie_core.base import store
from selfie_core.base.settings import TrainConfig
from selfie_core.posts.simulate import TASTES
from selfie_core.scorer.scorer import Scorer
from selfie_core.training.measures import rank_correlation
from selfie_core.training.train import train_scorer

PHOTOS, EPOCHS = 6500, 2
BASE = TrainConfig(epochs=EPOCHS, epoch_photos=PHOTOS, copies=1, also=",".join(ALSO))
RUNS = {
    "the lower half frozen": (BASE, "both"),
    "all frozen but the new layers": (replace(BASE, head_epochs=EPOCHS), "both"),
    "the whole net, as shipped": (replace(BASE, whole=True), "both"),
    "fc7 learns nothing but the label": (replace(BASE, also=""), "both"),
    "without portraits": (BASE, "renders"),
    "without renders": (BASE, "portraits"),
    "96 pixels": (replace(BASE, image_size=96), "both"),
    "160 pixels": (replace(BASE, image_size=160), "both"),
    "dropout 0.5": (replace(BASE, dropout=0.5), "both"),
}


def run(folder: Path, table: pd.DataFrame, config: TrainConfig, kind: str) -> dict[str, object]:
    """Return the rank correlation with appeal on the test compositions of each kind."""
    taught = table if kind == "both" else table[(table["kind"] == kind) | (table["split"] == "val")]
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "scorer.safetensors"
        train_scorer(folder, taught, out, config=config)
        scorer = Scorer(out)
        result: dict[str, object] = {}
        for name, rows in table[table["split"] == "test"].groupby("kind"):
            scores, _ = score_split(scorer, folder, rows["file"].tolist())
            found = rank_correlation(scores, rows["appeal"].to_numpy(np.float64))
            result[str(name)] = [round(value, 3) for value in found]
    return result


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="the folder of demo.py")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    table = read_compositions(args.work)
    file = ASSETS / "ablations.json"
    tastes = repr([taste[:4] for taste in TASTES]).encode()
    asked = {"photos": PHOTOS, "epochs": EPOCHS, "of": store.content_id(tastes)}
    found = store.read_json(file) if file.exists() else {}
    if not asked.items() <= found.items():  # other tastes, other labels
        found = asked
    for name, (config, kind) in RUNS.items():
        if name in found:
            continue
        found[name] = run(args.work / "train", table, config, kind)
        found["made"] = date.today().isoformat()
        logging.info("%s: %s", name, found[name])
        store.write_json(file, found)


if __name__ == "__main__":
    main()
