"""The renderer's sampler: what is drawn apart stays apart, pairs differ in one thing."""

import importlib
import json
import sys
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "assets" / "make" / "render"
COUNT = 5_000


def load(name: str) -> ModuleType:
    """Import a module of the renderer, which is a folder of scripts and no package."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


sample, pairs, camera, draw = (load(name) for name in ("sample", "pairs", "camera", "draw"))


@pytest.fixture(scope="module")
def selfies() -> list:
    return [sample.sample_selfie(seed) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def factors(selfies) -> pd.DataFrame:
    """One row per selfie: factors of the photo and of the first person on it."""
    rows = [sample.flat(selfie) for selfie in selfies]
    table = pd.DataFrame([row | row["people"][0] for row in rows]).drop(columns="people")
    return table.assign(full=table["kind"].isin(sample.FULL_LENGTH))


def columns(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """A factor as numbers: itself, or a column of 0 and 1 for each of its words."""
    factor = table[name]
    if pd.api.types.is_numeric_dtype(factor):
        return factor.astype(float).to_frame()
    words = pd.get_dummies(factor.fillna("none"), prefix=name).astype(float)
    return words.loc[:, words.mean() > 0.01]


def correlation(table: pd.DataFrame, one: str, other: str) -> float:
    """The largest absolute correlation between the columns of two factors."""
    a, b = columns(table, one), columns(table, other)
    a, b = (part.loc[:, part.std() > 0] for part in (a, b))
    both = np.corrcoef(np.hstack([a, b]).T)[: a.shape[1], a.shape[1] :]
    return float(np.abs(both).max())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("female", "hairlen"),
        ("female", "hair"),
        ("female", "tone"),
        ("female", "dist"),
        ("lighting", "background"),
        ("lighting", "tone"),
        ("lighting", "noise"),
        ("lighting", "kind"),
        ("filter", "border"),
    ],
)
def test_what_was_confounded_is_apart(factors, one: str, other: str) -> None:
    assert correlation(factors, one, other) < 0.05


def test_phone_is_apart_from_distance_light_and_sex_in_full_length_shots(factors) -> None:
    full = factors[factors["full"]].assign(phone=lambda t: t["phone"].notna())
    assert len(full) > 600
    for other in ("dist", "lighting", "female", "tone", "hairlen"):
        assert correlation(full, "phone", other) < 5 / len(full) ** 0.5


def test_phone_is_as_frequent_indoors_as_outdoors_in_full_length_shots() -> None:
    full = [sample.sample_selfie(k, kinds=sample.FULL_LENGTH) for k in range(COUNT)]
    indoors = np.array([selfie.background in sample.INDOORS for selfie in full])
    phone = np.array([selfie.people[0][1].phone is not None for selfie in full])
    mirror = np.array([selfie.kind == "mirror" for selfie in full])
    assert abs(np.corrcoef(phone, indoors)[0, 1]) < 0.05
    assert phone[mirror].all()
    assert 0.2 < phone[~mirror].mean() < 0.8
    assert indoors[mirror].all()


def test_every_other_pair_of_factors_is_apart_but_for_the_stated_links(factors) -> None:
    person = ("female", "old", "tone", "hair", "hairlen", "haircol", "curl", "beard", "weight")
    worn = ("expression", "glasses", "hat", "top", "makeup")
    photo = ("kind", "dist", "lighting", "warm", "background", "filter", "noise", "border")
    linked = {frozenset(link) for link in sample.LINKS} | {frozenset(("hair", "hairlen"))}
    checked = [p for p in combinations(person + worn + photo, 2) if frozenset(p) not in linked]
    # Distance tells the kind, and the backgrounds of mirrors with it.
    checked.remove(("dist", "background"))
    far = {pair: correlation(factors, *pair) for pair in checked}
    # Five standard errors: some 5,000 columns are compared.
    assert {pair: value for pair, value in far.items() if value >= 5 / COUNT**0.5} == {}


@pytest.mark.parametrize(("name", "shares"), [(n, n.upper() + "S") for n in ("kind", "filter")])
def test_words_come_as_often_as_their_shares_say(factors, name: str, shares: str) -> None:
    wanted = getattr(sample, shares)
    seen = factors[name].value_counts(normalize=True)
    assert sum(wanted.values()) == pytest.approx(1)
    for word, share in wanted.items():
        assert seen[word] == pytest.approx(share, abs=0.03)


def test_shares_of_light_hair_and_expression_add_up() -> None:
    for shares in (sample.LIGHTINGS, sample.EXPRESSIONS, sample.HAIR_STYLES):
        assert sum(shares.values()) == pytest.approx(1)


def test_both_ends_of_sex_age_and_tone_are_frequent(factors) -> None:
    for name, low, high in (("female", 0.2, 0.8), ("tone", 0.25, 0.6), ("old", 0.1, 0.4)):
        assert (factors[name] < low).mean() > 0.15
        assert (factors[name] > high).mean() > 0.1
        assert factors[name].between(0, 1).all()


def test_same_seed_gives_the_same_selfie(selfies) -> None:
    for seed in range(50):
        assert sample.sample_selfie(seed) == selfies[seed]
        assert pairs.pair_base(seed) == pairs.pair_base(seed)


def test_other_seeds_give_other_people(selfies) -> None:
    faces = {json.dumps(p.face) for selfie in selfies for p, _ in selfie.people}
    assert len(faces) == sum(len(selfie.people) for selfie in selfies)


def test_one_identity_stays_itself_over_its_selfies() -> None:
    album = [sample.sample_selfie(seed, identity=7) for seed in range(100)]
    assert {json.dumps(asdict(selfie.people[0][0])) for selfie in album} == {
        json.dumps(asdict(sample.sample_person(7)))
    }
    for changed in ("lighting", "background", "kind"):
        assert len({getattr(selfie, changed) for selfie in album}) > 3
    for changed in ("expression", "top_colour", "glasses"):
        assert len({getattr(selfie.people[0][1], changed) for selfie in album}) > 2
    companions = {p.identity for selfie in album for p, _ in selfie.people[1:]}
    assert 7 not in companions


ALLOWED = {  # what each factor may change
    "hair": {"hair", "hairlen"},
    "framing": {"dist"},
    "fade": {"filter"},
    "colour": {"filter"},
}


def leaves(value: object, name: str = "") -> dict[str, object]:
    """Every number and word in a tree, by its path."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        return {name: value}
    return {k: v for key, part in items for k, v in leaves(part, f"{name}/{key}").items()}


@pytest.mark.parametrize("factor", pairs.PAIRS)
def test_pairs_differ_in_exactly_one_factor(factor: str) -> None:
    for seed in range(3_000, 3_100):
        base = pairs.pair_base(seed)
        low, high = (pairs.vary(base, factor, value) for value in pairs.PAIRS[factor])
        a, b, kept = (leaves(asdict(selfie)) for selfie in (low, high, base))
        changed = {path.rsplit("/", 1)[1] for path in a if a[path] != b[path]}
        assert changed == ALLOWED.get(factor, {factor})
        for end in (a, b):
            beside = {path.rsplit("/", 1)[1] for path in end if end[path] != kept[path]}
            assert beside <= ALLOWED.get(factor, {factor})


def test_base_of_pairs_hides_nothing() -> None:
    for seed in range(200):
        base = pairs.pair_base(seed)
        (person, look), *others = base.people
        assert not others
        assert (base.filter, base.border, person.beard, look.hat) == ("none", 0.0, None, None)
        assert look.glasses in (None, "clear")


def test_framing_gives_the_face_its_share_of_the_frame() -> None:
    base = pairs.pair_base(3_000)
    for share in pairs.PAIRS["framing"]:
        view = camera.view_of(pairs.vary(base, "framing", share))
        ends = camera.FACE + np.outer([0.5, -0.5], sample.FACE_HEIGHT * view.up)
        top, chin = view.project(ends)
        assert np.hypot(*(chin - top)) == pytest.approx(share, rel=0.02)


def test_camera_has_the_face_where_the_sample_says(selfies) -> None:
    for selfie in selfies[:200]:
        view = camera.view_of(selfie)
        place = view.project(camera.FACE[None])[0]
        assert place == pytest.approx((selfie.face_x, selfie.face_y))
        assert (camera.FACE - view.at) @ view.ahead == pytest.approx(selfie.dist)


def test_factors_are_json_with_the_columns_of_the_first_renders(selfies) -> None:
    photo = "seed kind n dist fov camera_elev roll lighting background filter noise border people"
    person = (
        "female old weight tone expression hair haircol hairlen curl bangs beard glasses hat top "
        "tilt yaw pitch phone arm identity"
    )
    line = json.loads(json.dumps(sample.flat(selfies[0])))
    assert set(photo.split()) <= set(line)
    assert set(person.split()) <= set(line["people"][0])
    assert isinstance(line["border"], bool)


def test_ranges_apart_make_photos_apart() -> None:
    kinds = tuple(sample.KINDS)
    jobs = [*draw.singles(0, 30, kinds), *draw.singles(30, 30, kinds)]
    jobs += [*draw.albums(3_000, 4, 3, kinds), *draw.albums(3_004, 4, 3, kinds)]
    jobs += [*draw.pairs(3_000, 3, ["tone", "hair"]), *draw.pairs(3_003, 3, ["tone", "hair"])]
    assert len({job.name for job in jobs}) == len(jobs) == 60 + 24 + 30


def test_finished_photos_are_kept_and_joined_without_blender(tmp_path: Path) -> None:
    jobs = list(draw.singles(5, 2, ("selfie",)))
    (tmp_path / draw.LINES).mkdir()
    for job in jobs:
        (tmp_path / f"{job.name}.webp").write_bytes(b"a photo")
        (tmp_path / draw.LINES / f"{job.name}.json").write_text(f'{{"file": "{job.name}"}}\n')
    (tmp_path / draw.LINES / "00099.json").write_text('{"file": "no photo yet"}\n')
    draw.draw_all(jobs, tmp_path, size=64, samples=1, threads=1)
    lines = (tmp_path / "factors.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["00005", "00006"]
    assert (tmp_path / "00005.webp").read_bytes() == b"a photo"
