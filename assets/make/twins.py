"""What the shipped scorer follows, and what it must not: effects, twins, portraits, stability.

Run by demo.py.  Twins are photos that differ in one thing only: compositions whose `Plan` was
changed in one place, and renders whose scene was.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from compose import compose
from numpy.typing import NDArray
from plan import Frame, Person, Plan, draw_plan
from sources import Source

from selfie_core.base import store
from selfie_core.base.progress import chunks
from selfie_core.photo import images
from selfie_core.posts.simulate import appeal_of
from selfie_core.scorer.scorer import Scorer
from selfie_core.training import measures

# Rank correlations of the factors with the original's continuum of 240 selfies, as measured on its
# published figure; tilt (-0.03) has no sign worth the name.
ORIGINAL = {
    "light": 0.47, "highlights": 0.37, "shadows": 0.27, "contrast": 0.21, "saturation": -0.40,
    "monochrome": 0.22, "white_border": 0.29, "black_border": -0.22, "face_height": -0.41,
    "face_y": -0.44, "off_centre": -0.17, "face_cut": 0.10, "group": -0.22, "sharpness": 0.20,
    "tilt": -0.03,
}  # fmt: skip
DRAWS = 500  # of photos, for an interval
CONTINENTS = {
    "Africa": "Algeria, Angola, Benin, Botswana, Comoros, Cote d'Ivoire, Democratic Republic of "
    "the Congo, Djibouti, Egypt, Equatorial Guinea, Eritrea, Eswatini, Gabon, Gambia, Ghana, "
    "Malawi, Mauritania, Mayotte, Mozambique, Namibia, Rwanda, Saint Helena, Sao Tome and "
    "Principe, Senegal, Seychelles, Somalia, South Sudan, Tanzania, Zimbabwe",
    "Asia": "Brunei Darussalam, Cambodia, China, Democratic People's Republic of Korea, Hong Kong, "
    "India, Indonesia, Israel, Japan, Kuwait, Kyrgyz Republic, Lao People's Democratic Republic, "
    "Mongolia, Nepal, Oman, Pakistan, Palestine, Qatar, Republic of Korea, Saudi Arabia, "
    "Sri Lanka, Taiwan, Thailand, Turkmenistan, Uzbekistan, Yemen",
    "Europe": "Aland Islands, Bulgaria, Faroe Islands, Finland, France, Germany, Hungary, Iceland, "
    "Ireland, Isle of Man, Luxembourg, Malta, Moldova, Monaco, Montenegro, Netherlands, Norway, "
    "Poland, San Marino, Serbia, Slovakia, Sweden, United Kingdom",
    "the Americas": "Argentina, Bahamas, Bermuda, Bolivia, Canada, Colombia, Curacao, Dominica, "
    "Dominican Republic, Ecuador, Guyana, Haiti, Jamaica, Nicaragua, Panama, Paraguay, Peru, "
    "Puerto Rico, Saint Martin, Saint Pierre and Miquelon, Sint Maarten, Trinidad and Tobago, "
    "Turks and Caicos Islands, United States of America",
    "Oceania": "Australia, Fiji, French Polynesia, Guam, Kiribati, Marshall Islands, Nauru, New "
    "Zealand, Niue, Norfolk Island, Palau, Pitcairn Islands, Samoa, Solomon Islands, Tonga, "
    "Vanuatu, Wallis and Futuna",
}


def effects(scores: NDArray[np.floating], factors: pd.DataFrame) -> dict[str, object]:
    """Return the effect table beside the original's: rho of each factor with the score.

    Args:
        scores: Of compositions that the scorer never saw, shape (N,).
        factors: Their factors.
    """
    known = factors.assign(group=(factors["faces"] > 1).astype(float))
    table = measures.effect_table(np.asarray(scores, float), known[list(ORIGINAL)])
    table["original"] = table["factor"].map(ORIGINAL)
    judged = table[table["factor"] != "tilt"]
    return {
        "photos": len(factors),
        "table": table.round(3).to_dict("records"),
        "same_sign": int((judged["rho"] * judged["original"] > 0).sum()),
        "of": len(judged),
        "columns": _alike(known, np.asarray(scores, float)),
        "columns_of_appeal": _alike(known, factors["appeal"].to_numpy(float)),
    }


def _alike(known: pd.DataFrame, values: NDArray[np.floating]) -> list[float]:
    """Return the rank correlation of the table's two columns, with its interval.

    Args:
        known: Factors, one row per photo.
        values: Score or appeal of each photo, shape (N,); the appeal's table is the best there is.
    """
    ranks = known[list(ORIGINAL)].rank().assign(of=pd.Series(values).rank())

    def alike(rows: pd.DataFrame) -> float:
        column = rows.drop(columns="of").corrwith(rows["of"])
        return float(column.corr(pd.Series(ORIGINAL), method="spearman"))

    draws = [alike(ranks.sample(frac=1, replace=True, random_state=n)) for n in range(DRAWS)]
    return [round(v, 3) for v in (alike(ranks), *np.quantile(draws, [0.025, 0.975]))]


# One thing changed in a plan: its name, the lesser and the better photo.
Change = Callable[[Plan], Plan]


def with_person(plan: Plan, **changes: float | str) -> Plan:
    """Return a plan whose first person is changed."""
    frame = plan.frames[0]
    return replace(plan, frames=(replace(frame, people=(replace(frame.people[0], **changes),)),))  # type: ignore[arg-type]


CHANGES: dict[str, tuple[Change, Change]] = {
    "light": (
        lambda plan: replace(plan, stops=-2.2, behind_stops=-2.2),
        lambda plan: replace(plan, stops=0.0, behind_stops=0.0),
    ),
    "framing": (
        lambda plan: with_person(plan, tall=0.65, y=0.5),
        lambda plan: with_person(plan, tall=0.33, y=0.36),
    ),
    "place": (
        lambda plan: with_person(plan, tall=0.33, y=0.66),
        lambda plan: with_person(plan, tall=0.33, y=0.3),
    ),
    "colour": (lambda plan: replace(plan, colour=1.7), lambda plan: replace(plan, colour=0.5)),
    "black and white": (lambda plan: plan, lambda plan: replace(plan, colour=0.0)),
    "fade": (lambda plan: plan, lambda plan: replace(plan, fade=0.2)),
    "white border": (lambda plan: plan, lambda plan: replace(plan, rim_x=0.16, rim_y=0.16)),
}


def twins(
    scorer: Scorer, sources: Sequence[Source], *, count: int = 200, seed: int = 90
) -> dict[str, object]:
    """Return what a change for the better does to the score, and to the appeal.

    What it does to the appeal, `knower`, is what a scorer without fault would show.
    """
    plans = [plain(plan) for plan in single_plans(len(sources), count, seed)]
    ends = {(name, n): change for name, pair in CHANGES.items() for n, change in enumerate(pair)}
    scores, seen = [], []
    for change in (lambda plan: plan, *ends.values()):
        photos, factors = zip(*(compose(change(plan), sources) for plan in plans), strict=True)
        scores.append(_scores(scorer, photos))
        seen += factors
    appeal = appeal_of(pd.DataFrame(seen)).reshape(len(scores), count)
    of = dict(zip(ends, zip(scores[1:], appeal[1:], strict=True), strict=True))
    result: dict[str, object] = {"pairs": count}
    for name in CHANGES:
        (low, dull), (high, dear) = of[name, 0], of[name, 1]
        result[name] = _gain(high - low, float(np.std(scores[0]))) | {
            "right": round(float((high > low).mean()), 3),
            "knower": round(float((dear - dull).mean() / appeal[0].std()), 2),
        }
    return result


NEARER = 0.65  # side of the crop that is set against the whole photo


def real_crops(scorer: Scorer, sources: Sequence[Source], *, plans: int = 6) -> dict[str, object]:
    """Return what a nearer face does to the score in crops of photos, and in compositions.

    The crop has the face where the photo has it, only larger.  In compositions the same person
    stands alike, in other places.  The ratio of the two changes is 1 for a scorer that takes
    photos as it takes what it learned from.
    """
    settings = [plain(plan) for plan in single_plans(len(sources), plans, 93)]
    change = np.zeros((2, len(sources)))
    for number, source in enumerate(sources):
        face, size = source.face, np.array([source.photo.width, source.height])
        middle = np.array([face.left + face.right, face.top + face.bottom]) / 2
        corner = (1 - NEARER) * middle
        crop = source.photo.crop((*corner, *(corner + NEARER * size)))
        whole, near = _scores(scorer, [source.photo.crop((0, 0, *size)), crop])
        x, y = middle / size
        tall = face.height / source.height
        ends = [
            [compose(with_person(cast(plan, number), tall=t, x=x, y=y), sources)[0]
             for plan in settings]
            for t in (tall, tall / NEARER)
        ]  # fmt: skip
        far, close = (_scores(scorer, photos).mean() for photos in ends)
        change[:, number] = near - whole, close - far
    crops, compositions = change.mean(axis=1)
    rng = np.random.default_rng(0)
    draws = change[:, rng.integers(len(sources), size=(1000, len(sources)))].mean(axis=2)
    return {
        "photos": len(sources),
        "crops": round(float(crops), 4),
        "compositions": round(float(compositions), 4),
        "ratio": round(float(crops / compositions), 3),
        "interval": [round(float(v), 3) for v in np.quantile(draws[0] / draws[1], [0.025, 0.975])],
    }


def single_plans(people: int, count: int, seed: int) -> list[Plan]:
    """Return plans of one person each, whole in the frame and not too dark to be seen."""
    found: list[Plan] = []
    number = 0
    while len(found) < count:
        plan = draw_plan(np.random.default_rng([seed, number]), people)
        number += 1
        frame = plan.frames[0]
        if len(plan.frames) == plan.across == plan.down == len(frame.people) == 1:
            found.append(plan)
    return found


def plain(plan: Plan) -> Plan:
    """Return a plan without filter, border and words, in fair light, with nothing before the face.

    A hidden face is worth more than what the twins differ in, and would be most of the spread.
    """
    plan = replace(
        plan, stops=max(-0.8, min(0.3, plan.stops)), behind_stops=max(-0.8, min(0.3, plan.stops)),
        colour=max(0.8, min(1.2, plan.colour)), contrast=1.0, fade=0.0, dim=0.0, rim_x=0.0,
        rim_y=0.0, rim_colour=(255, 255, 255), words="", vignette=0.0, tint=(1.0, 1.0, 1.0),
        lamp=(1.0, 1.0, 1.0), blur=0.0, grain=0.0,
    )  # fmt: skip
    tall = plan.frames[0].people[0].tall
    return with_person(plan, tall=max(0.3, min(0.5, tall)), y=0.42, x=0.5, cover="")


def rendered_twins(scorer: Scorer, folder: Path, *, spread: float) -> dict[str, object]:
    """Return what one changed thing in a rendered scene does to the score.

    Args:
        scorer: The scorer.
        folder: Of `render/draw.py --vary`: factors.jsonl names base, factor and end.
        spread: Standard deviation of the scores of a gallery.
    """
    table = store.read_table(folder / "factors.jsonl")
    table["score"] = _scores(scorer, [images.open_named(folder / f)[0] for f in table["file"]])
    result: dict[str, object] = {}
    for factor, rows in table[table["factor"] != "none"].groupby("factor"):
        ends = rows.pivot_table(index="base", columns="end", values="score").dropna()
        change = (ends["high"] - ends["low"]).to_numpy()
        facts = {"pairs": len(ends), "raised": round(float((change > 0).mean()), 3)}
        result[str(factor)] = _gain(change, spread) | facts
    return result


def portraits(
    scorer: Scorer, sources: Sequence[Source], people: pd.DataFrame, *, plans: int = 12
) -> list[dict[str, object]]:
    """Return the difference between groups of people at equal crop, light and filter.

    Every person is composed into the same few plans: alike placed, lit and finished, their skin
    as it is.  Groups are the columns of the set's own table.

    Args:
        scorer: The scorer.
        sources: People of the portraits.
        people: Its portraits.csv: file, sex, age, country.
        plans: How many settings each is seen in.
    """
    settings = [plain(plan) for plan in single_plans(len(sources), plans, 91)]
    scores = np.zeros(len(sources))
    for number in range(len(sources)):
        seen = [cast(plan, number) for plan in settings]
        scores[number] = _scores(scorer, [compose(plan, sources)[0] for plan in seen]).mean()
    spread = float(np.std(_scores(scorer, [compose(p, sources)[0] for p in
                                          single_plans(len(sources), 300, 92)])))  # fmt: skip
    known = people.set_index(people["file"].map(lambda file: Path(file).stem))
    known = known.loc[[source.name for source in sources]]
    where = {c.strip(): name for name, places in CONTINENTS.items() for c in places.split(",")}
    groups = pd.DataFrame(
        {
            "sex": known["sex"].to_numpy(),
            "age": pd.qcut(known["age"], 3).cat.rename_categories(["young", "middle", "old"]),
            "continent": known["country"].map(where).to_numpy(),
        }
    ).astype("string").reset_index(drop=True)  # fmt: skip
    table = measures.group_table(scores, groups)
    scale = scores.std() / spread  # group_table counts in its own standard deviations
    for name in ("difference", "low", "high"):
        table[name] *= scale
    return table.round(4).to_dict("records")  # type: ignore[return-value]


def cast(plan: Plan, number: int) -> Plan:
    """Return a plan with another person, as they are, before what is drawn."""
    person = plan.frames[0].people[0]
    seen = Person(number, person.tall, person.x, person.y, 0.0, person.mirrored)
    return replace(plan, frames=(Frame((seen,), "drawn", plan.seed % 1000),))


def _scores(scorer: Scorer, photos: Sequence) -> NDArray[np.float64]:
    parts = [scorer(part) for part in chunks(photos, 64)]
    return np.concatenate(parts).astype(np.float64)


def _gain(change: NDArray[np.float64], spread: float) -> dict[str, object]:
    """Return the mean change in standard deviations, with its 95 % bootstrap interval."""
    rng = np.random.default_rng(0)
    draws = [rng.choice(change, len(change)).mean() for _ in range(1000)]
    low, high = np.quantile(draws, [0.025, 0.975]) / spread
    return {
        "mean": round(float(change.mean() / spread), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
    }
