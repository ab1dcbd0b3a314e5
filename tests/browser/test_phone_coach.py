"""The live coach of /phone: what it shows, what its moves are worth, when it takes the photo."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from selfie_core.base import store
from selfie_core.photo.edits import CHANGES, Step
from selfie_core.scorer.scorer import load_scorer
from tests.browser.conftest import FLAGS
from tests.support.phone_page import PATIENCE, opened

pytestmark = pytest.mark.browser

SHIFT = 0.005
PERCENT = re.compile(r"^\d+\.\d %$")


@pytest.fixture
def base(phone: Page, phone_folder: Path) -> Iterator[tuple[Page, str]]:
    with opened(phone, phone_folder) as address:
        yield phone, address


def begin(page: Page) -> None:
    """Let the coach see through the camera, until it shows a score."""
    page.context.grant_permissions(["camera"])
    page.get_by_role("button", name="Live coach").tap()
    expect(page.locator(".now b")).to_have_text(PERCENT)


def test_camera_is_scored_and_its_best_frames_open(base: tuple[Page, str]) -> None:
    page, _ = base
    begin(page)
    expect(page.locator(".told")).to_have_text("No face in view")  # the fake camera has none
    page.get_by_role("button", name="Close the camera").tap()
    expect(page.locator(".coach")).to_have_count(0)
    page.locator(".kept").first.tap()
    expect(page.locator(".score-percent b")).to_have_text(PERCENT)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save this photo").tap()
    with Image.open(download.value.path()) as saved:
        shown = page.locator(".score-photo img").evaluate("i => [i.naturalWidth, i.naturalHeight]")
        assert (saved.format, list(saved.size)) == ("JPEG", shown)
    page.get_by_role("button", name="Back").tap()
    expect(page.locator("#session .kept").first).to_be_visible()


def test_browsers_way_back_leads_from_the_camera_to_what_it_saw(base: tuple[Page, str]) -> None:
    page, _ = base
    begin(page)
    page.go_back()
    expect(page.locator("#session .kept").first).to_be_visible()
    expect(page.locator(".coach")).to_have_count(0)
    page.go_back()
    expect(page.locator("#start")).to_be_visible()


def test_camera_rests_while_the_page_is_hidden(base: tuple[Page, str]) -> None:
    page, _ = base
    begin(page)
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true });
          globalThis.turns = 0;
          const coach = document.querySelector(".coach");
          const count = (changes) => { turns += changes.length };
          new MutationObserver(count).observe(coach, { attributeFilter: ["data-turns"] });
        }"""
    )
    page.wait_for_timeout(1000)
    assert page.evaluate("turns") <= 1  # that of the frame which was under way


def test_refused_camera_is_one_line(base: tuple[Page, str]) -> None:
    page, _ = base
    page.get_by_role("button", name="Live coach").tap()
    expect(page.locator("#said")).to_contain_text("The browser gives no camera to this page")
    expect(page.locator("#start")).to_be_visible()


# The fake camera never fails: what browsers throw then is put in the place of theirs.
FAILS = """(name) => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", name) };
}"""


def test_camera_that_gives_nothing_is_one_line(base: tuple[Page, str]) -> None:
    page, _ = base

    def is_told(line: str) -> None:
        page.get_by_role("button", name="Live coach").tap()
        expect(page.locator("#said")).to_contain_text(line)
        expect(page.locator("#start")).to_be_visible()

    for name, line in {
        "NotReadableError": "The camera is in use by another program; close that one",
        "AbortError": "The camera is in use by another program; close that one",
        "NotFoundError": "No camera was found; choose a photo instead",
        "OtherError": "The camera gives no picture; try again, or choose a photo instead",
    }.items():
        page.evaluate(FAILS, name)
        is_told(line)
    page.evaluate("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    is_told("Browsers give a camera to secure addresses only; open this page by https")


# No fake camera has a light; whether it can be switched on is up to the test.
LIGHT = """(works) => {
  const { prototype } = MediaStreamTrack;
  const { getCapabilities } = prototype;
  prototype.getCapabilities = function () {
    return { ...getCapabilities.call(this), torch: true };
  };
  globalThis.asked = [];
  prototype.applyConstraints = async ({ advanced: [{ torch }] }) => {
    if (!works) throw new DOMException("", "OverconstrainedError");
    asked.push(torch);
  };
}"""


def test_light_of_a_camera_goes_on_and_off(base: tuple[Page, str]) -> None:
    page, _ = base
    begin(page)
    light = page.get_by_role("button", name="Light", exact=True)
    expect(light).to_be_hidden()  # there is none
    page.evaluate(LIGHT, True)
    turn = page.get_by_role("button", name="The other camera")
    turn.tap()
    for on in ("true", "false", "true"):
        light.tap()
        expect(light).to_have_attribute("aria-pressed", on)
    assert page.evaluate("asked") == [True, False, True]
    turn.tap()
    expect(light).to_have_attribute("aria-pressed", "false")


def test_light_that_stays_off_says_so(base: tuple[Page, str]) -> None:
    page, _ = base
    page.evaluate(LIGHT, False)
    begin(page)
    light = page.get_by_role("button", name="Light", exact=True)
    light.tap()
    expect(page.locator(".told")).to_have_text("This camera keeps its light off")
    expect(light).to_have_attribute("aria-pressed", "false")


def test_camera_that_goes_leaves_what_it_saw(base: tuple[Page, str]) -> None:
    page, _ = base
    begin(page)
    page.locator(".coach video").evaluate(
        "video => video.srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))"
    )
    expect(page.locator("#session .problem")).to_contain_text("The camera is gone")
    expect(page.locator("#session .kept").first).to_be_visible()


# What a move is worth on a photo, through the worker's own module.
GAINS = """async ({ base, photo, box, moves }) => {
  const { Photos } = await import(base + "phone/photos.js");
  const photos = await Photos.open(base, () => {});
  const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
  const file = new Blob([bytes], { type: "image/png" });
  const found = {};
  for (const move of moves) {
    const bitmap = await createImageBitmap(file);
    found[move] = (await photos.frame({ bitmap, box, move })).gain;
  }
  return found;
}"""


def test_moves_are_worth_what_the_scorer_says(base: tuple[Page, str]) -> None:
    page, address = base
    photo = Image.open(store.sample_photos() / "sample-3.jpg").convert("RGB").resize((640, 480))
    file = io.BytesIO()
    photo.save(file, "PNG")
    box = (200, 120, 440, 360)
    cuts: dict[str, tuple[int, int, int, int] | None] = {
        "back": (174, 94, 466, 386),
        "closer": (222, 142, 418, 338),
        "higher": (200, 91, 440, 331),
        "right": (229, 120, 469, 360),
    }
    pictures = {move: photo.crop(cut) for move, cut in cuts.items() if cut}
    pictures["light"] = CHANGES["brighten"].apply(photo.crop(box), Step("brighten", 0.8))
    scores = load_scorer()([photo.crop(box), *pictures.values()]).tolist()
    gains: dict[str, Any] = page.evaluate(
        GAINS,
        {
            "base": address,
            "photo": base64.b64encode(file.getvalue()).decode(),
            "box": list(box),
            "moves": [*pictures, "back"],
        },
    )
    for move, score in zip(pictures, scores[1:], strict=True):
        assert gains[move] == pytest.approx(score - scores[0], abs=2 * SHIFT), move
    assert max(abs(gain) for gain in gains.values()) > 0.02  # there is something to tell


@pytest.mark.parametrize("every", [100, 900], ids=["fast", "slow"])
def test_peak_is_the_highest_frame_however_few_are_scored(
    base: tuple[Page, str], every: int
) -> None:
    page, address = base
    found, kept = page.evaluate(
        """async ({ base, every }) => {
          delete Array.prototype.toSorted; // as before 2023
          const { Session } = await import(base + "phone/session.js");
          const session = new Session();
          const hill = (ms) => 0.4 + 0.3 * Math.sin((ms / 6000) * Math.PI);
          const peaks = [];
          for (let ms = 0; ms < 6000; ms += every) {
            const peak = session.add(hill(ms), 4000 + ms, () => Promise.resolve(ms));
            if (peak) peaks.push([await peak.photo, ms]);
          }
          return [peaks, session.frames.map(({ score }) => score)];
        }""",
        {"base": address, "every": every},
    )
    ((taken, known),) = found
    assert taken == (3000 if every == 100 else 2700)  # the frame nearest to the top of the hill
    assert known <= taken + max(every, 400)
    assert kept == sorted(kept, reverse=True)
    assert kept[0] == pytest.approx(0.7, abs=0.005)


SHOT = """async ({ base, photos }) => {
  const { Photos } = await import(base + "phone/photos.js");
  const all = await Photos.open(base, () => {});
  const pairs = [];
  for (const name of photos) {
    const bitmap = await createImageBitmap(await (await fetch(base + name)).blob());
    const box = [40, 0, bitmap.width - 40, bitmap.height - 80];
    const { score } = await all.frame({ bitmap, box });
    pairs.push([score, (await all.score({ file: await all.shot() })).score]);
  }
  return pairs;
}"""


def test_frame_that_is_kept_is_the_one_that_was_scored(base: tuple[Page, str]) -> None:
    page, address = base
    photos = [f"samples/sample-{number}.jpg" for number in (3, 4)]
    pairs = page.evaluate(SHOT, {"base": address, "photos": photos})
    assert abs(pairs[0][0] - pairs[1][0]) > 0.05  # it matters which
    for score, kept in pairs:
        assert kept == pytest.approx(score, abs=0.01)


EMPTY = (24, 22, 26)  # the room without a face, dark
RATE = 30  # pictures a second, as Chromium plays such a file, over and over


SLOW = """const { createImageBitmap } = globalThis;
globalThis.createImageBitmap = async (...given) => {
  await new Promise((go) => setTimeout(go, 500));
  return createImageBitmap(...given);
};"""


@pytest.fixture
def face(browser: Browser, chromium: str, phone_folder: Path, tmp_path: Path) -> Iterator[Page]:
    """The page on a slow phone, before a camera whose only face comes, stays and goes."""
    room = Image.new("RGB", (640, 480), EMPTY)
    seen = room.copy()
    with Image.open(store.sample_photos() / "sample-3.jpg") as photo:
        seen.paste(photo.convert("L").resize((300, 300)), (170, 70))
    pictures = []
    for share in [0, *(step / 8 for step in range(1, 8)), 1]:
        file = io.BytesIO()
        Image.blend(room, seen, share).save(file, "JPEG")
        pictures.append(file.getvalue())
    comes = [picture for picture in pictures[1:-1] for _ in range(4)]
    stays = [pictures[-1]] * 2 * RATE
    clip = tmp_path / "face.mjpeg"
    clip.write_bytes(b"".join([pictures[0]] * 2 * RATE + comes + stays + comes[::-1]))
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={clip}"]
    own = browser.browser_type.launch(executable_path=chromium, args=flags)
    page = own.new_page(
        viewport={"width": 390, "height": 844}, has_touch=True, permissions=["camera"],
        service_workers="block",  # it may have all files by now
    )  # fmt: skip
    page.set_default_timeout(PATIENCE)
    page.add_init_script(SLOW)
    with opened(page, phone_folder):
        yield page
    own.close()


def test_shutter_that_can_find_no_faces_says_why_it_waits(face: Page) -> None:
    face.context.route("**/faces.safetensors", lambda route: route.abort())
    face.reload()
    face.locator("body[data-ready]").wait_for()
    begin(face)
    face.get_by_role("button", name="Take the photo by itself at a peak").tap()
    expect(face.locator(".told")).to_contain_text("what finds faces could not be fetched")
    expect(face.locator(".coach")).to_be_visible()


def test_shutter_goes_by_itself_at_a_peak(face: Page) -> None:
    told = face.locator(".told")
    begin(face)
    expect(told).to_have_text("No face in view")
    expect(told).not_to_have_text("No face in view")
    expect(told).to_have_text("No face in view")
    expect(face.locator(".coach")).to_be_visible()  # not unless it is asked to
    auto = face.get_by_role("button", name="Take the photo by itself at a peak")
    auto.tap()
    expect(auto).to_have_attribute("aria-pressed", "true")
    expect(face.locator(".score-percent b")).to_have_text(PERCENT)
    taken = float(face.locator("#answer").get_attribute("data-score") or 0)
    face.get_by_role("button", name="Back").tap()
    best = face.locator("#session .kept").first
    highest = float(best.inner_text().removesuffix(" %")) / 100
    assert taken > 0.4, taken
    assert taken > highest - 0.1, (taken, highest)
