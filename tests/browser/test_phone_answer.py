"""What the page /phone says of a photo beside what the server says: pair by pair, ten kinds.

In Chromium, and in the browsers of other makes that this machine has.
"""

import functools
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from selfie_core.answer.advice import Advised, advise_photo
from selfie_core.answer.answer import Answer, answer_photo
from selfie_core.answer.boxes import Box
from selfie_core.answer.crops import suggest_crops
from selfie_core.answer.usual import usual_gains
from selfie_core.base import store
from selfie_core.base.handed_out import xmp_note
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import colours, images
from selfie_core.photo.edits import Step
from selfie_core.photo.faces import Face, find_faces
from selfie_core.scorer.scorer import Scorer, load_scorer
from tests.support.engines import Engine, opened_in
from tests.support.phone_page import answers, static_files

pytestmark = pytest.mark.browser

Opened = tuple[Page | Engine, str]

SHIFT = 0.005  # of a score: 0.004 by the weights, the rest by how a JPEG is made smaller
# Of a crop's score: the server cuts it from a JPEG that was made smaller as it was read, which by
# itself is up to 0.006 off what is cut from the whole photo.
CROP_SHIFT = 0.01
EACH = 6  # photos of a kind
EDGES = ("left", "top", "right", "bottom")


SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6
P3 = colours._coded_profile(12, 13)  # Display P3 with sRGB's curve

# By name: what is done to a photo, and how it is written.
KINDS: dict[str, tuple[Callable[[Image.Image], Image.Image], dict[str, Any]]] = {
    "jpeg": (lambda p: p.resize((1500, 2000)), {"format": "JPEG", "quality": 92}),
    "exif": (lambda p: p.resize((800, 500)), {"format": "JPEG", "exif": SIDEWAYS}),
    "p3": (lambda p: p, {"format": "PNG", "icc_profile": P3}),
    "grey": (lambda p: p.convert("L"), {"format": "JPEG", "quality": 92}),
    "cmyk": (lambda p: p.convert("CMYK"), {"format": "JPEG", "quality": 95}),
    "alpha": (lambda p: _faded(p), {"format": "PNG"}),
    "sixteen": (lambda p: _sixteen(p), {"format": "PNG"}),
    "webp": (lambda p: p, {"format": "WEBP", "quality": 90}),
    "avif": (lambda p: p.resize((700, 900)), {"format": "AVIF", "quality": 85}),
    "strip": (lambda p: p.crop((0, 0, p.width, p.width // 4)), {"format": "PNG"}),
    "tiny": (lambda p: p.resize((40, 33)), {"format": "PNG"}),
}


def _faded(photo: Image.Image) -> Image.Image:
    """Return a photo that its lower end shows less and less of."""
    photo.putalpha(Image.linear_gradient("L").resize(photo.size))
    return photo


def _sixteen(photo: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(photo.convert("L"), np.uint16) * 257)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load_scorer()


@pytest.fixture(scope="module")
def demo() -> Gallery:
    return Gallery.open(store.demo_gallery())


@pytest.fixture(scope="module")
def site(phone_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(phone_folder, tmp_path_factory.mktemp("phone") / "site"))


@pytest.fixture(scope="module")
def files(site: Path, demo: Gallery) -> list[str]:
    """Photos of the gallery, turned into each kind of file, beside the page."""
    rows = np.linspace(0, len(demo) - 1, EACH * len(KINDS)).round().astype(int).tolist()
    names = []
    for number, row in enumerate(rows):
        kind = list(KINDS)[number % len(KINDS)]
        change, how = KINDS[kind]
        photo = change(images.open_photo(demo.photo(row)))
        name = f"photo-{number}-{kind}"
        photo.save(site / name, **how)
        names.append(name)
    return names


@pytest.fixture(scope="module", params=["chromium", "firefox", "webkit"])
def opened(
    request: pytest.FixtureRequest, browser: Browser, site: Path
) -> Iterator[tuple[Page | Engine, str]]:
    """What evaluates in a browser, and the address of the page's modules."""
    version = next(path.parent.name for path in site.glob("*/facts.json"))
    if request.param == "chromium":
        with static_files(site) as url:
            page = browser.new_page()
            page.goto(url)
            yield page, f"{url}{version}/"
            page.close()
    else:
        with opened_in(request.param, site) as engine:
            yield engine, f"{engine.url}{version}/"


@pytest.fixture(scope="module")
def chosen(opened: Opened, files: list[str]) -> list[str]:
    """All the files; in other browsers than Chromium one of each kind."""
    return files[-len(KINDS) :] if isinstance(opened[0], Engine) else files


@pytest.fixture(scope="module")
def own(site: Path, scorer: Scorer, demo: Gallery) -> Callable[[str], Answer]:
    """What the server says of a file, once for all browsers."""

    @functools.cache
    def answer(name: str) -> Answer:
        copy, size = images.open_sized(site / name, at_least=scorer.copy_side)
        return answer_photo(copy, size=size, scorer=scorer, gallery=demo)

    return answer


@pytest.fixture(scope="module")
def pairs(
    opened: Opened, chosen: list[str], own: Callable[[str], Answer]
) -> list[tuple[str, Any, Answer]]:
    """By file: what the page says, and what the server does."""
    said = answers(*opened, chosen)
    return [(name, answer, own(name)) for name, answer in zip(chosen, said, strict=True)]


def test_scores_are_the_servers(pairs: list[tuple[str, Any, Answer]]) -> None:
    for name, answer, own in pairs:
        assert (answer["width"], answer["height"]) == (own.width, own.height), name
        assert answer["score"] == pytest.approx(own.score, abs=SHIFT), name
        assert answer["percentile"] == pytest.approx(own.percentile, abs=3), name


def test_neighbours_and_places_are_the_servers(pairs: list[tuple[str, Any, Answer]]) -> None:
    away = []
    for name, answer, own in pairs:
        rows = {near["row"] for near in answer["nearest"]}
        assert len(rows & {near.row for near in own.nearest}) >= 10, name
        away.append(np.hypot(*np.subtract(answer["place"], own.place)))
    assert np.median(away) < 0.002
    assert np.mean(np.array(away) < 0.02) > 0.9  # two groups may be as near


def test_faces_are_the_servers(pairs: list[tuple[str, Any, Answer]]) -> None:
    for name, answer, own in pairs:
        assert len(answer["faces"]) == len(own.faces), name
        for face, theirs in zip(answer["faces"], own.faces, strict=True):
            edges = [Box(*map(round, map(get, EDGES))) for get in (face.get, vars(theirs).get)]
            assert edges[0].overlap(edges[1]) > 0.85, name


def test_crops_are_the_servers(
    opened: Opened, site: Path, chosen: list[str], scorer: Scorer
) -> None:
    some = [name for name in chosen if not name.endswith("tiny")][:: EACH * len(KINDS) // 6]
    for name, answer in zip(some, answers(*opened, some, crops=True), strict=True):
        copy, size = images.open_sized(site / name, at_least=scorer.copy_side)
        # A face whose box is a pixel off rules out other crops; faces are compared above.
        faces = [Face(**face) for face in answer["faces"]]
        for said, keep_face, count in ((answer["crops"], True, 3), (answer["rude"], False, 1)):
            own = suggest_crops(
                copy, scorer, size=size, faces=faces, keep_face=keep_face, count=count, mode="fast"
            )
            # The order of near boxes may differ; the best is as good.
            assert said[0]["score"] == pytest.approx(own[0].score, abs=0.02), name
            for crop in said:
                cut = float(scorer([Box(*crop["box"]).cut(copy, size)])[0])
                assert crop["score"] == pytest.approx(cut, abs=CROP_SHIFT), name
                assert crop["keepsFace"] or not (keep_face and own[0].keeps_face), name


STEPS = [
    Step("brighten", 0.6), Step("fade", 0.18), Step("bw"), Step("pale", 0.4), Step("border", 0.06),
    Step("crop", box=(0.1, 0.2, 0.83, 0.9)), Step("straighten", 7.3), Step("straighten", -12.0),
    Step("rescue"),
]  # fmt: skip
RENDER = """async ({ base, name, steps }) => {
  const { bytesOf } = await import(base + "phone/pixels.js");
  const { render } = await import(base + "phone/edits.js");
  const photo = bytesOf(await createImageBitmap(await (await fetch("/" + name)).blob()));
  return steps.map((step) => {
    const { data, width, height } = render(photo, [step]);
    return { width, height, data: [...data] };
  });
}"""


def test_changes_look_as_the_servers(opened: Opened, site: Path) -> None:
    page, base = opened
    photo = Image.open(store.sample_photos() / "sample-6.jpg").convert("RGB").resize((120, 90))
    photo.save(site / "small.png")
    steps = [vars(step) for step in STEPS]
    made = page.evaluate(RENDER, {"base": base, "name": "small.png", "steps": steps})
    for step, one in zip(STEPS, made, strict=True):
        own = np.asarray(step.apply(photo), np.int16)
        assert own.shape == (one["height"], one["width"], 3), step
        theirs = np.array(one["data"]).reshape(*own.shape[:2], 4)
        assert (theirs[..., 3] == 255).all()
        apart = np.abs(theirs[..., :3] - own)
        assert apart.mean() < (1.2 if step.name == "rescue" else 0.05), step
        assert apart.max() <= (6 if step.name == "rescue" else 1), step


ADVISE = """async ({ base, name }) => {
  const { Photos } = await import(base + "phone/photos.js");
  const photos = await Photos.open(base, () => {});
  await photos.score({ file: await (await fetch("/" + name)).blob() });
  return photos.advice({}, () => {});
}"""


NOTED = """async ({ base, packet }) => {
  const { noted } = await import(base + "phone/note.js");
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext("2d").fillRect(0, 0, 20, 30);
  const files = [];
  for (const type of ["image/jpeg", "image/png"]) {
    const file = await noted(await canvas.convertToBlob({ type }), packet);
    files.push([...new Uint8Array(await file.arrayBuffer())]);
  }
  return files;
}"""


def test_what_is_handed_out_says_that_software_changed_it(
    opened: Opened, phone_folder: Path
) -> None:
    (facts,) = phone_folder.rglob("facts.json")
    notes = store.read_json(facts)["notes"]
    assert notes == {made: xmp_note(made).decode() for made in ("crop", "edit", "card")}
    page, base = opened
    files = page.evaluate(NOTED, {"base": base, "packet": notes["edit"]})
    for kind, data in zip(("JPEG", "PNG"), files, strict=True):
        with Image.open(io.BytesIO(bytes(data))) as picture:
            picture.verify()  # sums of a PNG's parts too
            assert (picture.format, picture.size) == (kind, (40, 30))
            assert picture.info["xmp"] == xmp_note("edit")


@pytest.fixture(scope="module")
def advised(scorer: Scorer, demo: Gallery, site: Path) -> Advised:
    """What the server advises for a dark photo, once for all browsers."""
    shutil.copy(store.sample_photos() / "sample-6.jpg", site / "dark.jpg")
    photo, size = images.open_sized(site / "dark.jpg", at_least=scorer.copy_side)
    faces = find_faces(photo, size=size)
    return advise_photo(photo, scorer, size=size, faces=faces, mode="fast", usual=usual_gains(demo))


def test_advice_is_the_servers(opened: Opened, advised: Advised) -> None:
    page, base = opened
    said = page.evaluate(ADVISE, {"base": base, "name": "dark.jpg"})
    assert said["tried"] == advised.tried
    assert {one["title"] for one in said["singles"]} == {one.title for one in advised.singles}
    theirs = {one.title: one for one in advised.singles}
    for one in said["singles"]:
        assert one["score"] == pytest.approx(theirs[one["title"]].score, abs=0.02), one["title"]
        assert (one["usual"] is None) == (theirs[one["title"]].usual is None)
    assert advised.best and said["best"]["score"] == pytest.approx(advised.best.score, abs=0.02)
