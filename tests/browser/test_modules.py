"""Modules of the pages without app and net: what they do while one waits, and when drawn anew."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.phone_page import static_files

pytestmark = pytest.mark.browser

PAGES = Path(__file__).resolve().parents[2] / "pages"
PHONE = PAGES / "phone" / "index.html"
BLANK = "<!doctype html><body></body>"

FACTS = {
    "words": {"honest": "", "means": "", "places": [[0, "here"]], "sentence": "{where}: it",
              "no_face": ""},
    "samples": [], "most_pixels": 1e9, "strip": [0, 1], "across": 8, "along": 2, "photos": 2,
    "burst": {"most": 9},
}  # fmt: skip
# In the place of the worker with the net: it answers after a while, whatever it is asked.
WORKER = """(facts) => {
  const photo = () => new Promise((done) => document.createElement("canvas").toBlob(done));
  const answers = {
    open: () => facts,
    score: () => ({ score: 0.5, width: 64, height: 64 }),
    beside: () => ({ percentile: 50, nearest: [{ row: 0, score: 0.5 }], place: null }),
    faces: () => [],
    crops: () => [{ box: [0, 0, 64, 64], score: 0.6 }],
    frame: () => ({ score: 0.5, gain: 0 }),
    changed: photo,
    shot: photo,
  };
  globalThis.Worker = class {
    async postMessage({ id, name }) {
      await new Promise((done) => setTimeout(done, name === "open" ? 0 : 400));
      while (globalThis.stopped) await new Promise((done) => setTimeout(done, 20));
      this.onmessage({ data: { id, answer: await answers[name]?.() } });
    }
  };
}"""
# Notes the cameras that are given, each a little late, as where a person is asked.
CAMERAS = """
  const { mediaDevices } = navigator;
  const ask = mediaDevices.getUserMedia.bind(mediaDevices);
  globalThis.given = [];
  globalThis.asked = 0; // and not given yet
  mediaDevices.getUserMedia = async (wanted) => {
    asked++;
    await new Promise((done) => setTimeout(done, 400));
    given.push(await ask(wanted));
    asked--;
    return given.at(-1);
  };
"""
ON = "given.flatMap((one) => one.getTracks()).filter((track) => track.readyState === 'live').length"


@pytest.fixture
def empty(page: Page) -> Iterator[Page]:
    """A page without anything, at the place of the modules."""
    with static_files(PAGES) as url:
        page.route(url, lambda route: route.fulfill(body=BLANK, content_type="text/html"))
        page.context.grant_permissions(["camera"])
        page.goto(url)
        yield page


@pytest.fixture
def waiting(page: Page) -> Iterator[Page]:
    """The page /phone, whose net is slow."""
    html = PHONE.read_text("utf-8").replace("VERSION/", "").replace("SERVER", "")
    html = html.replace('http-equiv="Content-Security-Policy"', "")
    with static_files(PAGES) as url:
        page.route(url, lambda route: route.fulfill(body=html, content_type="text/html"))
        page.context.grant_permissions(["camera"])
        page.add_init_script(f"({WORKER})({json.dumps(FACTS)});{CAMERAS}")
        page.goto(url)
        page.locator("body[data-ready]").wait_for()
        yield page


def choose(page: Page) -> None:
    """Choose a photo, and see that its score is on the way: the net is stopped."""
    page.evaluate("globalThis.stopped = true")
    Image.new("RGB", (64, 64)).save(photo := io.BytesIO(), "PNG")
    given = {"name": "a.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    page.locator("#files").set_input_files(files=[given])
    expect(page.locator("#answer .lead")).to_have_text("Scoring your photo")


def let_go(page: Page) -> None:
    page.evaluate("globalThis.stopped = false")


def test_who_leaves_before_the_score_is_not_called_back(waiting: Page) -> None:
    choose(waiting)
    waiting.get_by_role("button", name="Another photo").click()
    expect(waiting.locator("#start")).to_be_visible()
    let_go(waiting)
    waiting.wait_for_timeout(1500)
    expect(waiting.locator("#start")).to_be_visible()


def test_crops_that_come_late_do_not_take_the_place_of_another_part(waiting: Page) -> None:
    choose(waiting)
    let_go(waiting)
    waiting.locator(".part .large").wait_for()
    waiting.locator("#answer").evaluate(
        """(answer) => {
          const choices = [...answer.querySelectorAll(".choices button")];
          const press = (name) => choices.find((one) => one.textContent === name).click();
          ["16:9", "Like it"].forEach(press);
        }"""
    )
    waiting.wait_for_timeout(2000)
    expect(waiting.locator(".part h2")).to_have_text("Most alike, to the net")


def test_pictures_of_a_photo_are_let_go_with_it(waiting: Page) -> None:
    waiting.evaluate(
        """() => {
          globalThis.held = new Set();
          const { createObjectURL, revokeObjectURL } = URL;
          URL.createObjectURL = (file) => {
            const address = createObjectURL.call(URL, file);
            held.add(address);
            return address;
          };
          URL.revokeObjectURL = (address) => {
            held.delete(address);
            revokeObjectURL.call(URL, address);
          };
        }"""
    )
    counts = []
    for _ in range(3):
        choose(waiting)
        let_go(waiting)
        waiting.locator(".part .large").wait_for()
        counts.append(waiting.evaluate("held.size"))
    assert counts[0] == counts[1] == counts[2] > 1


def test_coach_has_one_camera_and_ends_with_a_photo_that_is_dropped(waiting: Page) -> None:
    waiting.get_by_role("button", name="Live coach").click()
    turn = waiting.get_by_role("button", name="The other camera")
    for _ in range(2):
        turn.evaluate("button => { button.click(); button.click() }")
        waiting.wait_for_timeout(1200)
        waiting.wait_for_function(f"asked === 0 && {ON} > 0")
        assert waiting.evaluate(ON) == 1
    waiting.evaluate(
        """async () => {
          const photo = await new Promise((done) => document.createElement("canvas").toBlob(done));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([photo], "a.png", { type: "image/png" }));
          dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        }"""
    )
    expect(waiting.locator("#answer .score-percent b")).to_have_text("50.0 %")
    assert waiting.evaluate(ON) == 0


# Shows a component one set of data after another, with what is the same in all, and presses at once
# what it has to press.
SHOWN = """async ([address, given, sets]) => {
  const { default: show } = await import(address);
  const parentElement = document.body.appendChild(document.createElement("div"));
  const sheet = document.createElement("canvas").toDataURL();
  const setTriggerValue = (name) => (globalThis.heard = [...(globalThis.heard ?? []), name]);
  const page = { parentElement, setTriggerValue };
  for (const one of sets) show({ ...page, data: { sheet, ...given, ...one } });
  for (const button of parentElement.querySelectorAll(".buttons button")) button.click();
  await new Promise((done) => setTimeout(done, 300));
}"""


def test_camera_that_is_asked_for_is_asked_for_once(empty: Page) -> None:
    empty.evaluate(f"() => {{{CAMERAS}}}")
    empty.evaluate(SHOWN, ["/score/live.js", {"address": "none"}, [{}]])
    empty.get_by_role("button", name="Stop").click()
    expect(empty.get_by_role("button", name="Go on")).to_be_visible()
    empty.wait_for_function("given.length > 0")
    empty.wait_for_timeout(800)
    assert empty.evaluate("given.length + asked") == 1
    assert empty.evaluate("globalThis.heard") is None  # nothing was taken without a picture


def test_scores_change_where_the_order_of_names_stays(empty: Page) -> None:
    grid = {
        "base": "", "rows": [0, 1], "ranks": [1, 2], "percentiles": [90, 10], "total": 2,
        "captions": ["Ada", "Bruno"], "columns": 2, "sheetColumns": 2, "smallest": 9,
        "ramp": ["#000"],
    }  # fmt: skip
    sets = [{"scores": [0.9, 0.8]}, {"scores": [0.6, 0.5]}]
    empty.evaluate(SHOWN, ["/grid/selfie_grid.js", grid, sets])
    assert empty.locator(".caption span").all_inner_texts() == ["60.0 %", "50.0 %"]


def test_burst_of_the_same_names_takes_the_place_of_the_last(empty: Page) -> None:
    def shots(picture: str, score: str) -> dict[str, list[dict[str, object]]]:
        one = {"file": 0, "group": 1, "place": 1, "name": "image.jpg", "moment": "", "best": False}
        return {"shots": [one | {"picture": f"data:image/gif;,{picture}", "score": score}]}

    sets = [shots("a", "60.0 %"), shots("b", "50.0 %")]
    empty.evaluate(SHOWN, ["/score/burst.js", {"colours": ["#000"]}, sets])
    expect(empty.locator(".shot img")).to_have_attribute("src", "data:image/gif;,b")
    expect(empty.locator(".shot b")).to_have_text("50.0 %")
