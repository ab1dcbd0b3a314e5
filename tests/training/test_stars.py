"""Stars are learned from as choices are: a planted taste is found, and none where there is none."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from selfie_core.base.errors import DataError
from selfie_core.cli import main as cli
from selfie_core.photo.sidecar import Mark, marked
from selfie_core.scorer.checkpoint import read_config
from selfie_core.scorer.scorer import load_scorer
from selfie_core.training.stars import learn_stars, pair_stars, read_stars

RNG = np.random.default_rng(0)
LIGHT = RNG.permutation(np.linspace(0.2, 1, 80))


def rated(stars: int) -> bytes:
    """Return a sidecar as a person's program writes it."""
    return marked(None, Mark(stars)).replace(b"selfie:ns:picks", b"another:ns")


def scene(number: int, light: float) -> Image.Image:
    noise = np.random.default_rng(number).integers(0, 255, (5, 6, 3)) * light
    small = Image.fromarray(noise.astype(np.uint8))
    return small.resize((96, 80), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rated")
    for number, light in enumerate(LIGHT):
        scene(number, light).save(folder / f"{number}.png")
    return folder


def rate(folder: Path, stars: np.ndarray) -> None:
    for number, value in enumerate(stars.tolist()):
        (folder / f"{number}.png.xmp").write_bytes(rated(value))


@pytest.mark.slow
def test_stars_that_follow_light_are_told_as_that(scenes: Path, brightness_scorer) -> None:
    rate(scenes, np.digitize(LIGHT, [0.4, 0.55, 0.7, 0.85]) + 1)
    found = learn_stars(scenes, brightness_scorer)
    assert found.photos + found.near_copies == 80 and found.near_copies < 5
    assert found.taste.held_out.of == found.photos // 2
    assert found.taste.beats_a_coin
    assert found.taste.held_out.right > 30
    assert "the brighter photo" in [one.phrase for one in found.taste.leanings]
    scores = found.taste.head.score(brightness_scorer.features([scene(1, 0.3), scene(1, 0.9)])[1])
    assert scores[1] > scores[0]


@pytest.mark.slow
def test_stars_by_a_die_are_no_taste(
    scenes: Path, brightness_scorer, rng: np.random.Generator
) -> None:
    rate(scenes, rng.integers(1, 6, 80))
    assert not learn_stars(scenes, brightness_scorer).taste.beats_a_coin


@pytest.mark.parametrize("counts", [(30, 30), (70, 20, 10), (1, 99), (20, 20, 20, 20, 21)])
def test_pairs_differ_in_stars_and_hold_no_photo_twice(
    counts: tuple[int, ...], rng: np.random.Generator
) -> None:
    stars = rng.permutation(np.repeat(np.arange(len(counts)) - 1, counts))
    questions, answers = pair_stars(stars)
    rows = [row for one in questions for row in (one.left, one.right)]
    assert len(set(rows)) == len(rows)
    assert len(questions) == min(len(stars) // 2, len(stars) - max(counts))
    for question, answer in zip(questions, answers, strict=True):
        assert (stars[question.right] > stars[question.left]) == bool(answer)
        assert stars[question.right] != stars[question.left]


def test_stars_are_read_of_both_kinds_of_sidecar_and_of_the_photo(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d", "e"):
        scene(1, 1).save(tmp_path / f"{name}.jpg")
    scene(1, 1).save(tmp_path / "f.jpg", xmp=rated(5))
    (tmp_path / "a.jpg.xmp").write_bytes(rated(4))
    (tmp_path / "a.xmp").write_bytes(rated(1))
    (tmp_path / "b.xmp").write_bytes(rated(-1))
    (tmp_path / "c.jpg.xmp").write_bytes(marked(None, Mark(3)))  # ours
    (tmp_path / "d.jpg.xmp").write_bytes(b"broken")
    assert {path.name: stars for path, stars in read_stars(tmp_path).items()} == {
        "a.jpg": 4, "b.jpg": -1, "f.jpg": 5,
    }  # fmt: skip


def test_too_few_stars_and_all_the_same_are_refused(scenes: Path, brightness_scorer) -> None:
    rate(scenes, np.full(80, 3))
    with pytest.raises(DataError, match="all 80 photos in .* have a person's stars, each 3"):
        learn_stars(scenes, brightness_scorer)
    rate(scenes, np.repeat([0, 3], [61, 19]))
    with pytest.raises(DataError, match="19 photos in .*; wanted 20 or more; rate some"):
        learn_stars(scenes, brightness_scorer)


@pytest.mark.slow
def test_command_writes_a_scorer_and_says_how_good_it_is(scenes, tmp_path, capsys) -> None:
    rate(scenes, np.digitize(LIGHT, [0.4, 0.55, 0.7, 0.85]) + 1)
    out = tmp_path / "mine.safetensors"
    assert cli.main(["taste", "--from-xmp", str(scenes), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    found = re.search(r"learned from (the stars of (\d+) photos)", said)
    assert found and f"of {int(found[2]) // 2} pairs with different stars it foretold" in said
    assert read_config(out).facts["data"] == found[1]
    assert load_scorer(out)([scene(3, 0.5)]).shape == (1,)
