"""The page /phone in browsers of other makes; test_phone_answer.py holds their figures."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.changed import sample_score
from tests.support.engines import opened_in

pytestmark = pytest.mark.browser

PERCENT = re.compile(r"\d+\.\d %")
# Visits the page in the frame, as a person does, and tells what it shows of a photo.
VISIT = """async ({ photo, camera }) => {
  const frame = document.querySelector("iframe");
  const page = () => frame.contentDocument;
  const until = async (found) => {
    for (const end = Date.now() + 90_000; Date.now() < end; ) {
      if (found()) return found();
      await new Promise((go) => setTimeout(go, 50));
    }
    throw new Error(`waited for ${found}, and the page says: ${page().body.innerText}`);
  };
  const press = (name) => {
    const buttons = [...page().querySelectorAll("button")];
    buttons.find((one) => name === (one.ariaLabel ?? one.textContent)).click();
  };
  const text = (selector) => until(() => page().querySelector(selector)?.textContent);
  const before = page();
  frame.src = "/";
  await until(() => page() !== before && page().body?.dataset.ready !== undefined);
  const file = await (await fetch(photo)).blob();
  const chosen = new frame.contentWindow.DataTransfer();
  chosen.items.add(new frame.contentWindow.File([file], "photo.jpg", { type: file.type }));
  const input = page().querySelector("#files");
  input.files = chosen.files;
  input.dispatchEvent(new Event("change"));
  const seen = { score: await text(".score-percent b") };
  await until(() => page().body.dataset.whole !== undefined);
  seen.percentile = await text(".score-ring b");
  for (const part of ["Crops", "Advice", "Like it", "Share"]) {
    press(part);
    await until(() => !page().querySelector(".part .bar"));
    seen[part] = page().querySelector(".part").textContent;
    await until(() => [...page().querySelectorAll(".part img")].every((one) => one.naturalWidth));
  }
  await until(() => page().body.dataset.kept !== undefined);
  if (camera) {
    press("Another photo");
    press("Live coach");
    seen.camera = await until(() => page().querySelector(".now b")?.textContent.match(/.*%/)?.[0]);
    press("Take the photo");
    seen.taken = await text(".score-percent b");
  }
  return seen;
}"""


@pytest.mark.parametrize("name", ["firefox", "webkit"])
def test_photo_is_answered_and_again_when_the_server_is_gone(name: str, phone_folder: Path) -> None:
    (photo,) = phone_folder.glob("*/samples/sample-3.jpg")
    given: dict[str, Any] = {"photo": f"/{photo.relative_to(phone_folder).as_posix()}"}
    given["camera"] = name == "firefox"  # which has one that needs no leave
    with opened_in(name, phone_folder) as engine:
        first = engine.evaluate(VISIT, given)
        engine.offline = True
        again = engine.evaluate(VISIT, given)
    if given["camera"]:
        assert all(PERCENT.fullmatch(visit.pop("camera")) for visit in (first, again))
        assert all(PERCENT.fullmatch(visit.pop("taken")) for visit in (first, again))
    assert float(first["score"][:-2]) / 100 == pytest.approx(sample_score("sample-3"), abs=0.005)
    assert 0 < int(first["percentile"]) < 100
    assert len(PERCENT.findall(first["Like it"])) == 12
    assert re.search(r"\+\d+\.\d points.*Save", first["Crops"])
    assert re.search(r"What suits this photo.*\+\d+\.\d points", first["Advice"])
    assert "Save the card" in first["Share"]
    assert again == first
