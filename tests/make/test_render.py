"""The renderer's sampler: what is drawn apart stays apart, pairs differ in one thing."""

import importlib
import json
import sys
from dataclasses import asdict
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


words, sample, pairs, camera, draw, balance = (
    load(name) for name in ("factors", "sample", "pairs", "camera", "draw", "balance")
)


@pytest.fixture(scope="module")
def selfies() -> list:
    return [sample.sample_selfie(seed) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def factors(selfies) -> pd.DataFrame:
    """One row per selfie: factors of the photo and of the first person on it."""
    rows = [words.flat(selfie) for selfie in selfies]
    table = pd.DataFrame([row | row["people"][0] for row in rows]).drop(columns="people")
    return table.assign(full=table["kind"].isin(words.FULL_LENGTH))


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
        ("lighting", "light"),
        ("female", "light_skin"),
        ("female", "brows"),
        ("female", "top"),
        ("tone", "top"),
        ("tone", "light"),
        ("female", "cut"),
    ],
)
def test_what_was_confounded_is_apart(factors, one: str, other: str) -> None:
    assert correlation(factors, one, other) < 0.05


def test_phone_is_apart_from_distance_light_and_sex_in_full_length_shots(factors) -> None:
    full = factors[factors["full"]].assign(phone=lambda t: t["phone"].notna())
    assert len(full) > 400
    for other in ("dist", "lighting", "female", "tone", "hairlen"):
        assert correlation(full, "phone", other) < 5 / len(full) ** 0.5


def test_phone_is_as_frequent_indoors_as_outdoors_in_full_length_shots() -> None:
    full = [sample.sample_selfie(k, kinds=words.FULL_LENGTH) for k in range(COUNT)]
    indoors = np.array([selfie.background in words.INDOORS for selfie in full])
    phone = np.array([selfie.people[0][1].phone is not None for selfie in full])
    mirror = np.array([selfie.kind == "mirror" for selfie in full])
    assert abs(np.corrcoef(phone, indoors)[0, 1]) < 0.05
    assert phone[mirror].all()
    assert 0.2 < phone[~mirror].mean() < 0.8
    assert indoors[mirror].all()


def test_every_other_pair_of_factors_is_apart_but_for_the_stated_links(selfies) -> None:
    far = balance.correlations(selfies)
    assert len(far) > 500
    # Five standard errors: some 10,000 columns are compared.
    assert {pair: value for pair, value in far.items() if value >= 5 / COUNT**0.5} == {}


def test_chosen_seeds_hold_factors_apart_better_than_chance(selfies) -> None:
    pool = selfies[:600]
    kept = balance.balanced(pool, 300)
    assert len(kept) == 300
    assert kept == sorted(set(kept))
    chosen = balance.correlations([pool[place] for place in kept])
    chance = balance.correlations(pool[:300])
    # The largest alone hangs on a few photos of the rarest words.
    far, usual = (np.sort([*apart.values()])[-20:].mean() for apart in (chosen, chance))
    assert far < 0.8 * usual


def test_beards_that_go_with_sex_are_no_pair_to_hold_apart() -> None:
    assert ("female", "beard") not in balance.APART
    assert ("female", "top") in balance.APART


@pytest.mark.parametrize(("name", "shares"), [(n, n.upper() + "S") for n in ("kind", "filter")])
def test_words_come_as_often_as_their_shares_say(factors, name: str, shares: str) -> None:
    wanted = getattr(words, shares)
    seen = factors[name].value_counts(normalize=True)
    assert sum(wanted.values()) == pytest.approx(1)
    for word, share in wanted.items():
        assert seen[word] == pytest.approx(share, abs=0.03)


def test_shares_of_light_hair_and_expression_add_up() -> None:
    for shares in (
        words.LIGHTINGS,
        words.EXPRESSIONS,
        words.HAIR_STYLES,
        words.CUTS,
        words.PATTERNS,
    ):
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
    "hair": {"hair", "hair_cards", "hairlen"},
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


def test_head_before_the_eyes_of_another_spoils_a_photo() -> None:
    ring = np.stack([np.cos(np.linspace(0, 6, 40)), np.sin(np.linspace(0, 6, 40))], axis=1)
    head, eyes = 0.5 + 0.1 * ring, np.array([[0.48, 0.5], [0.52, 0.5]])
    near, far = np.array([0.1, 0]), np.array([0.3, 0])
    assert draw.eyes_hidden([head, head + near], [eyes, eyes + near], [0.6, 0.5])
    assert not draw.eyes_hidden([head, head + far], [eyes, eyes + far], [0.6, 0.5])
    assert not draw.eyes_hidden([head], [eyes], [0.5])


@pytest.mark.parametrize(("cut", "hidden"), [("eyes", 0), ("mouth", 1), ("side", None)])
def test_cuts_run_where_they_say(selfies, cut: str, hidden: int | None) -> None:
    cut_ones = [selfie for selfie in selfies if selfie.cut == cut]
    assert len(cut_ones) > 20
    for selfie in cut_ones:
        view = camera.view_of(selfie)
        eyes, mouth, left, right = view.project(
            camera.FACE + np.array([[0, 0.02, 0], [0, -0.05, 0], [0.032, 0, 0], [-0.032, 0, 0]])
        )
        if hidden is None:
            out = [not 0 < x < 1 for x, _ in (left, right)]
            assert sum(out) == 1
        else:
            edge = (eyes if cut == "eyes" else mouth)[1]
            assert abs(edge - hidden) < 0.06


def test_high_phone_is_before_the_face() -> None:
    selfie = sample.sample_selfie(3, kinds=("mirror",))
    look = selfie.people[0][1]
    view = camera.view_of(selfie)
    for high in (False, True):
        raised = sample.replace(look, phone="l", phone_high=high)
        hand = camera.hands_of(selfie, raised, view)["l"]
        assert (abs(hand[0]) < 0.1) == high


def test_framing_gives_the_face_its_share_of_the_frame() -> None:
    base = pairs.pair_base(3_000)
    for share in pairs.PAIRS["framing"]:
        view = camera.view_of(pairs.vary(base, "framing", share))
        ends = camera.FACE + np.outer([0.5, -0.5], words.FACE_HEIGHT * view.up)
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
        "female old weight tone expression hair haircol hairlen curl beard glasses hat top "
        "tilt yaw pitch phone arm identity"
    )
    line = json.loads(json.dumps(words.flat(selfies[0])))
    assert set(photo.split()) <= set(line)
    assert set(person.split()) <= set(line["people"][0])
    assert isinstance(line["border"], bool)


def test_ranges_apart_make_photos_apart() -> None:
    kinds = tuple(words.KINDS)
    jobs = [*draw.singles(0, 30, kinds), *draw.singles(30, 30, kinds)]
    jobs += [*draw.albums(3_000, 4, 3, kinds), *draw.albums(3_004, 4, 3, kinds)]
    jobs += [*draw.pairs(3_000, 3, ["tone", "hair"]), *draw.pairs(3_003, 3, ["tone", "hair"])]
    assert len({job.name for job in jobs}) == len(jobs) == 60 + 24 + 30


def test_finished_photos_are_kept_and_joined_without_blender(tmp_path: Path) -> None:
    jobs = list(draw.singles(5, 3, ("selfie",)))
    (tmp_path / draw.LINES).mkdir()
    for job in jobs[:2]:
        (tmp_path / f"{job.name}.webp").write_bytes(b"a photo")
        (tmp_path / draw.LINES / f"{job.name}.json").write_text(f'{{"file": "{job.name}"}}\n')
    (tmp_path / draw.LINES / "00099.json").write_text('{"file": "no photo yet"}\n')
    (tmp_path / draw.LINES / "00007.left-out").write_text("{}")
    sources = draw.Sources(tmp_path, tmp_path, size=64, samples=1, threads=1)
    draw.draw_all(jobs, tmp_path, sources)
    lines = (tmp_path / "factors.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["00005", "00006"]
    assert (tmp_path / "00005.webp").read_bytes() == b"a photo"


def test_missing_folders_are_named_before_anything_is_drawn(tmp_path: Path, monkeypatch) -> None:
    line = f"draw.py {tmp_path}/out --makehuman {tmp_path} --environments {tmp_path} --count 1"
    monkeypatch.setattr(sys, "argv", line.split())
    with pytest.raises(SystemExit, match="has no hair/long01; README.md says where to get it"):
        draw.main()
    assert not (tmp_path / "out").exists()
