"""Best of my roll, as a visitor sees it: photos in, keepers by a threshold, stars to take along."""

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import FilePayload, Locator, Page, expect

from selfie_core.answer.cull import cull_folder
from selfie_core.answer.library import plan_sidecars
from selfie_core.base import store
from selfie_core.base.settings import CullConfig
from selfie_core.photo.sidecar import Mark, marked

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms
PHOTOS = "input[type=file]:not([webkitdirectory])"
FOLDER = "input[webkitdirectory]"


@pytest.fixture(scope="module")
def roll(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two moments of three and of two photos, one alone, a broken one, and one that has stars.

    Beside them lie files that are no photos.
    """
    folder = tmp_path_factory.mktemp("roll")
    (sub := folder / "sub").mkdir()
    for number, variants in ((1, 3), (2, 2), (3, 1)):
        with Image.open(store.sample_photos() / f"sample-{number}.jpg") as photo:
            for variant in range(variants):
                light = ImageEnhance.Brightness(photo.convert("RGB")).enhance(1 - 0.25 * variant)
                light.save((sub if number == 2 else folder) / f"{number}-{variant}.jpg")
    (folder / "broken.jpg").write_bytes(b"none")
    theirs = marked(None, Mark(2)).replace(b"selfie:ns:picks", b"another:ns")
    (folder / "3-0.jpg.xmp").write_bytes(theirs)
    (folder / ".DS_Store").write_bytes(b"none")
    (sub / "film.mov").write_bytes(b"none")
    return folder


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=name).click()
    return Path(download.value.path()).read_bytes()


def test_roll_becomes_keepers_a_sheet_a_table_and_stars(page: Page, app_url: str, roll) -> None:
    page.goto(f"{app_url}/roll")
    empty_place(page).set_input_files([path for path in sorted(roll.rglob("*")) if path.is_file()])
    await_roll(page, "7 photos, 3 moments:")
    expect(page.get_by_text("by looks; passed over: 1 .mov.")).to_be_visible()
    expect(page.get_by_text("broken.jpg: photo can't be read")).to_be_visible()
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("heading", name="3 to keep")).to_be_visible()
    keepers = page.locator(".st-key-roll_keep .shot")
    expect(keepers).to_have_count(3)
    expect(keepers.filter(has_text="best of 3: ")).to_have_count(1)
    land = page.get_by_role("img", name="Where 6 photos land on the map")
    expect(land.locator("circle")).to_have_count(6)

    table = pd.read_csv(io.BytesIO(downloaded(page, "Table"))).set_index("file")
    assert table["keep"].sum() == 3
    with Image.open(io.BytesIO(downloaded(page, "Contact sheet"))) as sheet:
        assert sheet.width > 3 * 176
    stars = zipfile.ZipFile(io.BytesIO(downloaded(page, "Stars for your library")))
    assert set(stars.namelist()) == {f"{file}.xmp" for file in table.index
                                     if file not in ("broken.jpg", "3-0.jpg")}  # fmt: skip
    assert f'xmp:Rating="{table.loc["1-0.jpg", "stars"]}"'.encode() in stars.read("1-0.jpg.xmp")

    page.keyboard.press("Escape")  # of what the download's button says of itself
    first, second = (keepers.nth(place).get_attribute("aria-label") for place in (0, 1))
    keepers.first.focus()
    page.keyboard.press("Enter")
    opened = page.get_by_role("dialog")
    expect(opened).to_contain_text(first.split(", ")[2])  # its score
    expect(opened).to_contain_text("Rank 1 of 6")
    expect(opened.get_by_alt_text(f"{first.split(', ')[1]}, rank 1")).to_be_visible()
    said = table.loc[first.split(", ")[1]]
    alone = "Alone in its moment" if said["of"] == 1 else f"Best of {said['of']}: {said['why']}"
    expect(opened).to_contain_text(alone)
    expect(opened.locator(".hole")).to_be_visible()  # the frame of its best crop
    expect(opened.locator(".option").first).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(opened).to_contain_text("Rank 2 of 6")
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    expect(keepers.first).to_be_focused()
    keepers.nth(1).click()
    expect(opened).to_contain_text(second.split(", ")[2])
    opened.get_by_role("button", name="Advice, reasons and more").click()
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    assert page.url == f"{app_url}/score"
    page.go_back()
    await_roll(page, "7 photos, 3 moments:")

    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="0 to keep")).to_be_visible()
    expect(page.get_by_role("button", name="Contact sheet")).to_have_count(0)
    page.get_by_role("button", name="Other photos").click()
    empty_place(page)


def test_folder_gets_the_sidecars_of_the_command(page: Page, app_url: str, roll, tmp_path) -> None:
    page.goto(f"{app_url}/roll")
    empty_place(page)
    drop(page, page.get_by_text("or drop them here, folders too"), roll)
    await_roll(page, "7 photos, 3 moments:")
    dropped = downloaded(page, "Table")
    assert b"/sub/2-0.jpg" in dropped
    page.get_by_role("button", name="Other photos").click()
    empty_place(page, FOLDER).set_input_files(roll)
    await_roll(page, "7 photos, 3 moments:")
    assert downloaded(page, "Table") == dropped
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.get_by_text("Crop the keepers").click()
    expect(page.get_by_text("of 3 gain by it")).to_be_visible(timeout=LOADING)
    archive = zipfile.ZipFile(io.BytesIO(downloaded(page, "Stars for your library")))

    config = CullConfig(threshold=0, crop=True)
    culled = cull_folder(roll, tmp_path / "gallery", config=config)
    planned = plan_sidecars(roll, culled, config=config).all()
    wanted = {
        path.relative_to(roll.parent).as_posix(): change.data
        for path, change in planned
        if change.state in ("new", "added to")
    }
    assert {name: archive.read(name) for name in archive.namelist()} == wanted
    assert sum(b"crs:HasCrop" in data for data in wanted.values()) > 0


def test_photos_that_came_are_read_while_others_are_on_their_way(
    page: Page, app_url: str, roll
) -> None:
    """Of four photos, called alike as phones do, two wait at the door."""
    files = [roll / "1-0.jpg", roll / "sub" / "2-0.jpg", roll / "3-0.jpg", roll / "1-1.jpg"]
    alike = [FilePayload(name="image.jpg", mimeType="image/jpeg", buffer=file.read_bytes())
             for file in files]  # fmt: skip
    page.route(re.compile(r"/_stcore/upload_file/.*-[23]$"), lambda _: None)
    page.goto(f"{app_url}/roll")
    for _ in range(2):
        empty_place(page).set_input_files(alike)
        expect(page.get_by_text("Sent 2 of 4")).to_be_visible(timeout=LOADING)
        expect(page.get_by_text("Looking at 4 photos: 2 of 4")).to_be_visible(timeout=LOADING)
        expect(page.get_by_test_id("stImage")).to_have_count(2)
        page.get_by_role("button", name="Enough, show these").click()
        await_roll(page, "2 photos, 2 moments:")
        table = pd.read_csv(io.BytesIO(downloaded(page, "Table")))
        assert set(table["file"]) == {"image.jpg", "image (2).jpg"}
        assert table["error"].isna().all()
        page.get_by_role("button", name="Other photos").click()

    empty_place(page).set_input_files(alike)
    expect(page.get_by_text("Looking at 4 photos: 2 of 4")).to_be_visible(timeout=LOADING)
    page.get_by_role("link", name="Could you tell?").click()
    page.locator(".photo img").first.wait_for(timeout=LOADING)
    page.go_back()
    await_roll(page, "2 photos, 2 moments:")

    page.get_by_role("button", name="Other photos").click()
    page.unroute_all()
    page.route(re.compile(r"/_stcore/upload_file/.*-3$"), lambda it: it.fulfill(status=413))
    empty_place(page).set_input_files(alike)
    await_roll(page, "4 photos, 3 moments:")
    lost = "image (4).jpg: it did not arrive; drop it again"
    expect(page.get_by_text(lost)).to_be_visible()


def await_roll(page: Page, said: str) -> None:
    """Wait until a roll is shown and the page's run is over: it may drop a click of before."""
    expect(page.get_by_text(said)).to_be_visible(timeout=LOADING)
    state = page.get_by_test_id("stApp")
    expect(state).to_have_attribute("data-test-script-state", "notRunning", timeout=LOADING)


def empty_place(page: Page, kind: str = PHOTOS) -> Locator:
    """Return where photos, or a folder, are chosen, once the place of before has gone."""
    expect(page.get_by_role("button", name="Choose photos")).to_be_visible(timeout=LOADING)
    expect(place := page.locator(kind)).to_have_count(1)
    return place


def drop(page: Page, place: Locator, folder: Path) -> None:
    """Drag a folder from outside over a place, and let it go there."""
    box = place.bounding_box()
    held = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    devtools = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        devtools.send("Input.dispatchDragEvent", {"type": kind, "data": held, **at})


def test_one_photo_is_no_roll(page: Page, app_url: str, roll) -> None:
    page.goto(f"{app_url}/roll")
    empty_place(page).set_input_files([roll / "1-0.jpg", roll / "sub" / "film.mov"])
    said = "1 photo; wanted 2 to 2,000 at once; passed over: 1 .mov"
    expect(page.get_by_text(said)).to_be_visible(timeout=LOADING)
