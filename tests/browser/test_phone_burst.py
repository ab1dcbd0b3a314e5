"""Bursts and bad input on /phone: ranked as the server ranks, one clear line, nothing lost."""

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import Browser, Page, expect

from selfie_core.answer.burst import rank_burst
from selfie_core.base import store
from selfie_core.scorer.scorer import load_scorer
from tests.support.phone_page import opened, static_files

pytestmark = pytest.mark.browser

SHIFT = 0.005


@pytest.fixture(scope="module")
def phone(browser: Browser, phone_folder: Path) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    with opened(page, phone_folder):
        yield page
    context.close()
    assert not problems


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Six photos of three moments, and a broken file among them."""
    folder = tmp_path_factory.mktemp("burst")
    for number in (1, 3, 4):
        with Image.open(store.sample_photos() / f"sample-{number}.jpg") as photo:
            photo.save(folder / f"a{number}.png")
            brighter = ImageEnhance.Brightness(photo.crop((4, 4, *photo.size))).enhance(1.2)
            brighter.save(folder / f"b{number}.png")
    (folder / "broken.jpg").write_bytes((folder / "a1.png").read_bytes()[:300])
    return sorted(folder.iterdir())


def test_burst_is_ranked_as_the_server_does(phone: Page, burst: list[Path]) -> None:
    phone.locator("#files").set_input_files(burst)
    expect(phone.locator("#burst h1")).to_have_text("6 photos, best first, 3 moments")
    told = phone.locator("#burst .kept").all()
    said = [(shot.get_attribute("data-name"), shot.inner_text().split("\n")) for shot in told]
    table = rank_burst([(path.name, path.read_bytes()) for path in burst], load_scorer())
    own = {row.file: row for row in table.itertuples() if not row.error}
    assert {name for name, _ in said} == set(own)
    for name, (score, *_) in said:
        assert float(score[:-2]) / 100 == pytest.approx(own[name].score, abs=SHIFT + 0.0005)
    best = {name for name, (_, *note) in said if note and note[0] == "best of 2 alike"}
    assert best == {name for name, row in own.items() if row.best_of_group}
    expect(phone.locator("#burst .problem")).to_contain_text("broken.jpg: photo is damaged")


def test_photo_of_a_burst_opens_and_leads_back(phone: Page, burst: list[Path]) -> None:
    phone.locator("#files").set_input_files(burst[:2])
    phone.locator("#burst .kept").first.tap()
    expect(phone.locator(".score-percent b")).to_have_text(re.compile(r"^\d+\.\d %$"))
    phone.get_by_role("button", name="Back").tap()
    expect(phone.locator("#burst .kept")).to_have_count(2)
    phone.get_by_role("button", name="Other photos").tap()
    expect(phone.locator("#start")).to_be_visible()


def test_browsers_way_back_leads_to_what_was_there_before(phone: Page, burst: list[Path]) -> None:
    files, score = phone.locator("#files"), phone.locator(".score-percent b")
    files.set_input_files(burst[:2])
    phone.locator("#burst .kept").first.tap()
    expect(score).to_have_text(re.compile(r"^\d+\.\d %$"))
    phone.go_back()
    expect(phone.locator("#burst .kept")).to_have_count(2)
    expect(phone.locator("#burst")).to_be_visible()
    phone.go_back()
    expect(phone.locator("#start")).to_be_visible()
    files.set_input_files(burst * 20)  # left while it is ranked
    expect(phone.locator("#burst [role=status]")).to_have_text(re.compile(r"^\d+ of 140$"))
    phone.go_back()
    expect(phone.locator("#start")).to_be_visible()
    files.set_input_files(burst[0])
    expect(score).to_have_text(re.compile(r"^\d+\.\d %$"))
    phone.get_by_role("button", name="Another photo").tap()
    phone.wait_for_function("!history.state")  # nothing is left to go back through
    phone.go_forward()
    phone.wait_for_function("!history.state")
    expect(phone.locator("#start")).to_be_visible()


def test_burst_that_is_stopped_shows_what_was_ranked(phone: Page, burst: list[Path]) -> None:
    phone.locator("#files").set_input_files(burst[:2] * 90)
    expect(phone.locator("#burst [role=status]")).to_have_text(re.compile(r"^\d+ of 180$"))
    phone.get_by_role("button", name="Stop").tap()
    left = phone.locator("#burst .quiet").get_by_text(re.compile(r"Stopped: \d+ not scored"))
    expect(left).to_be_visible()
    (count,) = re.findall(r"Stopped: (\d+)", left.inner_text())
    expect(phone.locator("#burst .kept")).to_have_count(180 - int(count))
    phone.get_by_role("button", name="Other photos").tap()


LATE = """() => {
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (...given) {
    setTimeout(() => postMessage.apply(this, given), 700);
  };
}"""


def test_photo_is_shown_before_a_slow_device_has_scored_it(phone: Page) -> None:
    phone.evaluate(LATE)
    phone.locator("#files").set_input_files(store.sample_photos() / "sample-1.jpg")
    expect(phone.locator("#answer .lead")).to_have_text("Scoring your photo")
    expect(phone.locator(".score-photo img")).to_be_visible()
    expect(phone.locator(".score-percent b")).to_have_text(re.compile(r"^\d+\.\d %$"))
    phone.locator(".part .large").wait_for()  # nothing is asked any more
    phone.reload()
    phone.locator("body[data-ready]").wait_for()


def test_more_than_two_hundred_are_refused(phone: Page, burst: list[Path], tmp_path: Path) -> None:
    many = [tmp_path / f"{number}.png" for number in range(201)]
    for path in many:
        path.write_bytes(b"\x89PNG")
    phone.locator("#files").set_input_files(many)
    expect(phone.locator("#said")).to_contain_text("201 photos at once; wanted 1 to 200")


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


BAD = {
    "empty": (b"", "Photo is damaged"),
    "noise": (random.Random(1).randbytes(2000), "Photo is damaged"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "This browser can't open HEIC photos"),
    "tiny": (png(20, 40), "Photo is 20x40 pixels; scores need at least 32 on each side"),
    "huge": (png(20_000, 20_000), "Photo is 20000x20000 pixels, more than this device has memory"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_photo_is_one_line_and_the_way_to_the_server(
    phone: Page, kind: str, tmp_path: Path
) -> None:
    data, line = BAD[kind]
    (tmp_path / "photo.png").write_bytes(data)
    phone.locator("#files").set_input_files(tmp_path / "photo.png")
    expect(phone.locator("#said")).to_contain_text(line)
    link = phone.locator("#said").get_by_role("link", name="Score it on the server")
    expect(link).to_have_attribute("href", "../score")  # it asks there, and sends nothing
    phone.locator("#files").set_input_files(store.sample_photos() / "sample-1.jpg")
    expect(phone.locator(".score-percent b")).to_have_text(re.compile(r"^\d+\.\d %$"))
    phone.get_by_role("button", name="Another photo").tap()


def test_photo_beyond_the_devices_memory_is_never_decoded(
    phone: Page, burst: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "200.png").write_bytes(png(16_000, 12_500))
    phone.evaluate("Object.defineProperty(navigator, 'deviceMemory', { value: 4 })")
    line = "hoto is 16000x12500 pixels, more than this device has memory for; make it smaller"
    phone.locator("#files").set_input_files(tmp_path / "200.png")
    expect(phone.locator("#said")).to_contain_text(f"P{line}")
    phone.locator("#files").set_input_files([*burst[:2], tmp_path / "200.png"])
    expect(phone.locator("#burst h1")).to_have_text("2 photos, best first")
    expect(phone.locator("#burst .problem")).to_have_text(f"200.png: p{line}")
    phone.get_by_role("button", name="Other photos").tap()


@pytest.mark.parametrize(
    "without",
    ["WebAssembly.validate = () => false", "delete self.Worker", "delete self.OffscreenCanvas"],
)
def test_old_browser_is_sent_to_the_server(
    browser: Browser, phone_folder: Path, without: str
) -> None:
    page = browser.new_page()
    page.add_init_script(without)
    with static_files(phone_folder) as url:
        page.goto(url)
        for _ in range(2):
            expect(page.locator("#said")).to_contain_text("This browser is too old to run the net")
            expect(page.locator("#said a")).to_have_attribute("href", "../score")
            page.locator("#files").set_input_files(store.sample_photos() / "sample-1.jpg")
    page.close()


def test_browser_without_scripts_is_sent_to_the_server(
    browser: Browser, phone_folder: Path
) -> None:
    page = browser.new_page(java_script_enabled=False)
    with static_files(phone_folder) as url:
        page.goto(url)
        expect(page.locator("#said")).to_be_hidden()  # no net is on its way
        expect(page.locator(".old")).to_contain_text("The net needs JavaScript")
        expect(page.locator(".old a")).to_have_attribute("href", "../score")
    page.close()


def test_page_that_can_keep_nothing_says_so_and_scores(
    browser: Browser, phone_folder: Path
) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    with opened(page, phone_folder):
        expect(page.locator("#kept")).to_contain_text("It can't be kept for offline here")
        page.locator("#files").set_input_files(store.sample_photos() / "sample-1.jpg")
        expect(page.locator(".score-percent b")).to_have_text(re.compile(r"^\d+\.\d %$"))
    context.close()
