"""Write assets/model-card.md, and the table in README.md, from the measured figures.

    python assets/make/model_card.py

Reads assets/metrics.json, ablations.json, faces.json, eyes.json and the header of assets/scorer.safetensors.
"""

import re
from pathlib import Path
from typing import Any

from selfie_core.base import store
from selfie_core.scorer.checkpoint import read_config

ASSETS = Path(__file__).resolve().parents[1]
README = ASSETS.parent / "README.md"
SETS = {
    "renders": "rendered selfies, users it never saw",
    "compositions of portraits": "compositions of portraits it never saw",
    "compositions of renders": "compositions of renders it never saw",
}
TWINS = {
    "light": "2.2 stops more light",
    "framing": "face a third of the frame instead of two",
    "place": "face high instead of low",
    "colour": "paler colours",
    "black and white": "black and white",
    "fade": "faded",
    "white border": "a white border",
}
RENDERED = {
    "tone": "light to dark skin",
    "female": "male to female body",
    "old": "young to old",
    "hair": "short to long hair",
    "lighting": "dark to bright scene",
    "framing": "face 22 % to 60 % of the frame",
}
COPIES = {
    "jpeg_60": "JPEG at quality 60",
    "half_size": "half the size",
    "mirror": "mirrored",
    "crop_2": "2 % cropped",
}


def table(heads: str, rows: list[str]) -> str:
    """Return a Markdown table; heads and rows have their cells parted by " | "."""
    line = "|---" * (heads.count(" | ") + 1) + "|"
    return "\n".join([f"| {heads} |", line, *(f"| {row} |" for row in rows)])


def _within(value: float, ends: list[float], digits: int = 3, sign: str = "") -> str:
    low, high = ends
    return f"{value:{sign}.{digits}f} ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"


def _share(row: dict[str, Any]) -> str:
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{100 * row['found']:.1f} % ({low:.1f} to {high:.1f})"


def results(metrics: dict[str, Any]) -> str:
    """Return how good it is on each set, beside its rivals."""
    rows = []
    for key, name in SETS.items():
        found = metrics[key]
        scorer = found["scorer"]
        rows.append(
            f"{name}: {found['photos']:,} | **{_within(scorer['auc'], scorer['auc_interval'])}** | "
            f"{_within(scorer['accuracy'], scorer['accuracy_interval'])} | "
            f"{found['brightness']['auc']:.3f} | {found['perfect_knower']['auc']:.3f} | "
            f"{found['rank_correlation_with_appeal']:.2f} | {found['calibration_error']:.3f}"
        )
    heads = "photos | AUC | accuracy | mean brightness, AUC | perfect knower, AUC"
    return table(heads + " | rank correlation with appeal | calibration error", rows)


def effects(found: dict[str, Any]) -> str:
    """Return the effect table beside the original's."""
    rows = [
        f"{row['factor'].replace('_', ' ')} | "
        f"{_within(row['rho'], [row['low'], row['high']], 2, '+')} | {row['original']:+.2f}"
        for row in found["table"]
    ]
    return table("factor | this scorer | the original", rows)


def changes(found: dict[str, Any], names: dict[str, str], share: str) -> str:
    """Return what one changed thing does to the score, and to the appeal where that is known."""
    heads = ["change", "mean change, standard deviations of the scores", "raised"]
    rows = [
        [name, _within(row["mean"], row["interval"], 2, "+"), f"{100 * row[share]:.1f} %"]
        + ([f"{row['knower']:+.2f}"] if "knower" in row else [])
        for key, name in names.items()
        if (row := found.get(key))
    ]
    if any(len(row) > len(heads) for row in rows):
        heads.append("the perfect knower's")
    return table(" | ".join(heads), [" | ".join(row) for row in rows])


def people(found: list[dict[str, Any]]) -> str:
    """Return the differences between groups of portraits."""
    rows = [
        f"{row['column']} | {row['group']} | {row['n']} | "
        f"{_within(row['difference'], [row['low'], row['high']], 2, '+')}"
        for row in found
    ]
    return table(
        "given as | group | portraits | difference from the rest, standard deviations", rows
    )


def faces(found: dict[str, Any]) -> str:
    """Return in which photos a face is found, as a section; see `face_recall.py`."""
    tables = [
        table(heads + " | found", [f"{' | '.join(row[k] for k in keys)} | {row['n']:,} | {_share(row)}" for row in found[part]])
        for part, heads, keys in (
            ("portraits", "portraits | n", ("condition",)),
            ("groups", "given as | group, over all of these | portraits", ("given", "group")),
            ("renders", "renders of one person by | value | n", ("what", "which")),
            ("faceless", "no head in it | n", ("what",)),
        )
    ]  # fmt: skip
    return "\n\n".join(tables)


def eyes(found: dict[str, Any]) -> str:
    """Return whether the scorer wants to see a face; see `hidden_eyes.py`."""

    def counted(row: dict[str, Any]) -> str:
        return f"{round(row['found'] * row['n'])} of {row['n']}"

    rows = [
        f"{name} | {row['score']:.2f} | {_share(row['below']) if 'below' in row else ''}"
        for name, row in found["edges"].items()
    ]
    heads = f"upper edge, {found['portraits']} portraits | mean score | below the first crop (wanted: 98 %)"
    crops = [
        f"best crops with the face kept that lose an eye | {counted(found['kind'])} | 0",
        f"best rude crops that lose an eye | {counted(found['rude'])} | at most 2 of 20",
        f"best of the gallery that show both eyes | {counted(found['best'])} | all",
    ]
    return table(heads, rows) + "\n\n" + table("what | found | wanted", crops)


def ablations(found: dict[str, Any]) -> str:
    """Return what each choice is worth."""
    rows = [
        f"{name} | {_within(row['portraits'][0], row['portraits'][1:], 3)} | "
        f"{_within(row['renders'][0], row['renders'][1:], 3)}"
        for name, row in found.items()
        if isinstance(row, dict)
    ]
    return table("run | on compositions of portraits | of renders", rows)


def card() -> str:
    """Return the model card."""
    metrics = store.read_json(ASSETS / "metrics.json")
    config = read_config(ASSETS / "scorer.safetensors")
    columns, knower = metrics["effects"]["columns"], metrics["effects"]["columns_of_appeal"]
    facts, ordinary, crops = config.facts, metrics["ordinary"], metrics["real_crops"]
    tried = store.read_json(ASSETS / "ablations.json")
    found = store.read_json(ASSETS / "faces.json")
    settings = facts["settings"]
    taught = min(facts["photos"]["train"], facts["epochs"] * settings["epoch_photos"])
    minutes = sum(epoch["seconds"] for epoch in facts["history"]) / 60
    size = (ASSETS / "scorer.safetensors").stat().st_size / 1e6
    stable = table(
        "change | mean change of the score | 95th percentile",
        [f"{name} | {metrics['stability'][key]['mean']:.3f} | {metrics['stability'][key]['p95']:.3f}"
         for key, name in COPIES.items()],
    )  # fmt: skip
    rendered = metrics.get("rendered_twins")
    scenes = f"""
The same rendered scene with one thing changed ({next(iter(rendered.values()))["pairs"]} pairs each):

{changes(rendered, RENDERED, "raised")}
""" if rendered else ""  # fmt: skip
    return f"""# Model card: the compact scorer

`scorer.safetensors` (id {metrics["scorer"]}): EfficientNet-Lite0, with maps of a photo's light and
colour beside it, fc7 of {config.fc7_width}, one logit; {config.image_size} px; {size:.1f} MB in
float16. It runs in ONNX Runtime on a CPU and in PyTorch on a GPU. This card is written by
`assets/make/model_card.py` from `metrics.json`, `ablations.json`,
`faces.json` and `eyes.json`.

## What the percent means
The calibrated chance that a photo would be in the upper half by likes among posts with an audience
of like size, with the simulated audience of `selfie_core/posts/simulate.py`, among the training
compositions. Likes are partly luck: somebody who knew each photo's appeal exactly would be right on
about 70 % of the labels.

## Data
{taught:,} compositions for training and {facts["photos"]["val"]:,} for validation,
drawn by `assets/make/compose.py` from people cut out of {metrics["sources"]["portraits"]} of 160 portraits (Stable Diffusion 3, CC0,
faker-js/assets-person-portrait; not shipped) and of {metrics["sources"]["renders"]} renders; none of these is in the demo
gallery. A composition places, relights, filters, frames, repeats, groups, cuts, hides behind a phone, a hand or
hair, writes on and spoils; see `assets/make/plan.py`. **No photo of a real person is in the data.**
Nobody is in two splits: people are parted before anything is composed.

The audience's taste (`TASTES` in `selfie_core/posts/simulate.py`) follows what the ConvNet of 2015 was
measured to like. Sex, age, skin and hair are not in it. All is planned without regard to the people,
their skin is made lighter or darker at random, and what is left of them in the light and colour of
their photos is taken out of the factors before labels are made.

What is learned is the average label of 100 simulated
audiences; and, from fc7, {settings["also"].count(",") + 1} factors of the photo, so that the
map knows more than the score. All layers learn, from ImageNet's weights on.
{facts["epochs"]} epochs of {settings["epoch_photos"]:,} compositions took {minutes:.0f} minutes on two
cores; epoch {facts["best_epoch"]} was best.

## Results
Judged by the labels of one audience; the perfect knower of the photo is the ceiling.

{results(metrics)}

An ordinary photo: of the {ordinary["photos"]} portraits as they are, half get {100 * ordinary["quantiles"][1]:.0f} to {100 * ordinary["quantiles"][3]:.0f} %, nine of
ten {100 * ordinary["quantiles"][0]:.0f} to {100 * ordinary["quantiles"][4]:.0f} %, the middle one {100 * ordinary["quantiles"][2]:.0f} %.

## What it follows
Rank correlation of each factor with the score, on {metrics["effects"]["photos"]:,} compositions it
never saw, beside the original's on its published continuum: {metrics["effects"]["same_sign"]} of
{metrics["effects"]["of"]} signs agree, the columns correlate at {_within(columns[0], columns[1:])}; at
{_within(knower[0], knower[1:])} for the perfect knower.

{effects(metrics["effects"])}

The same composition with one thing changed ({metrics["twins"]["pairs"]} pairs):

{changes(metrics["twins"], TWINS, "right")}

On real crops: cut to 65 % around the face, {crops["photos"]} portraits it never saw change by {crops["crops"]:+.3f}; the same
people standing alike in compositions by {crops["compositions"]:+.3f}; the ratio is {_within(crops["ratio"], crops["interval"], 2)}.

Whether it wants to see the eyes (`assets/make/hidden_eyes.py`), on portraits it never saw:

{eyes(store.read_json(ASSETS / "eyes.json"))}

## What it must not follow
After training, the last layer was fitted anew so that it cannot see who is in a photo
(`assets/make/level.py`), on people and twins that are not those below.

All portraits, each in the same places, light and finish. Groups come with the set; 95 % bootstrap
intervals.

{people(metrics["people"])}
{scenes}
## Which faces are found
A photo in which no face is found is no selfie: galleries and labels leave it out, as the post did.
By CenterFace, as `selfie_core/photo/faces.py` runs it (`assets/make/face_recall.py`); a photo
without a face takes {found["times as long"]:.0f} times as long as one with. These faces are generated and rendered: of real
ones fewer may be found.

{faces(found)}

## How steady it is
{stable}

## What each choice is worth
Short runs ({tried["epochs"]} epochs of {tried["photos"]:,} compositions of {tried["made"]}), rank correlation with appeal on
compositions of people never seen. Each differs in one thing from the first, and compares with these
alone:

{ablations(tried)}

## Limits
- It was trained on no real selfie, and no likes of real people.
- It follows the style of a photo as the audience of 2015 did; tastes change.
- Photos that are not square are squashed, as in 2015.
- It scores a photo, not a person, and must not be used to judge anyone.

## How to reproduce
`assets/make/demo.py`, then `ablations.py`, `face_recall.py`,
`hidden_eyes.py` and `model_card.py` (see [README](README.md)). Licence: MIT; the
start weights are Apache 2.0 ([LICENSES](LICENSES.md)).
"""


def readme_table() -> str:
    """Return the table of README.md."""
    found = store.read_json(ASSETS / "metrics.json")["compositions of portraits"]
    rows = []
    for key, name in (("scorer", "scorer"), ("brightness", "mean brightness"),
                      ("perfect_knower", "perfect knower of the photo")):  # fmt: skip
        auc = _within(found[key]["auc"], found[key]["auc_interval"])
        rows.append(f"{name} | {auc} | {found[key]['accuracy']:.3f}")
    return table(f"{found['photos']:,} photos | AUC | accuracy", rows)


def main() -> None:
    """Write both files."""
    for path, text in (
        (ASSETS / "model-card.md", card()),
        (README, re.sub(r"(?s)(<!-- figures -->\n).*?(\n<!-- end -->)",
                        lambda m: m[1] + readme_table() + m[2], README.read_text("utf-8"))),
    ):  # fmt: skip
        with store.replacing(path) as temporary:
            temporary.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
