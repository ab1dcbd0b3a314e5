"""Score yours, as a visitor does it: drop a photo, read the score, take something home."""

import io
import mimetypes
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from selfie_core.answer.advice import advise_photo
from selfie_core.answer.crops import suggest_crops
from selfie_core.answer.usual import usual_gains
from selfie_core.base import store
from selfie_core.gallery.gallery import Gallery
from selfie_core.photo import images
from selfie_core.photo.faces import find_faces
from selfie_core.scorer.scorer import load_scorer

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms: the first photo loads the nets
Upload = Callable[..., None]


@pytest.fixture
def upload(page: Page, app_url: str) -> Upload:
    page.goto(f"{app_url}/score")

    def give(**files: bytes) -> None:
        """Drop files at once; in their names a double underscore stands for the dot."""
        given = [
            {"name": (whole := name.replace("__", ".")), "mimeType": _kind(whole), "buffer": data}
            for name, data in files.items()
        ]
        expect(page.locator("input[type=file]")).to_have_count(1, timeout=LOADING)
        page.locator("input[type=file]").set_input_files(files=given)

    return give


def _kind(name: str) -> str:
    """Return the kind that a browser takes a file for, by its ending."""
    return mimetypes.guess_type(name)[0] or ""


def portrait(place: int = 0, *, height: int = 1200) -> bytes:
    """A photo of 4 : 5 with the name of a camera in its EXIF."""
    gallery = Gallery.open(store.demo_gallery())
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "A camera"
    with Image.open(BytesIO(gallery.photo(int(gallery.best_first[place])))) as photo:
        upright = photo.convert("RGB").resize((1200, 1200)).crop((120, 0, 1080, 1200))
    upright.resize((height * 4 // 5, height)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def part(page: Page, name: str) -> None:
    page.locator(".st-key-score_show").get_by_text(name, exact=True).click()


def take_home(page: Page, button: Locator, folder: Path) -> tuple[str, Image.Image]:
    """Click a download button; return the file's name and the picture in it."""
    with page.expect_download() as download:
        button.click()
    name = download.value.suggested_filename
    download.value.save_as(folder / name)
    with Image.open(folder / name) as picture:
        picture.load()
    return name, picture


def box_of(frame: Locator) -> list[int]:
    return [int(edge) for edge in (frame.get_attribute("data-box") or "").split(",")]


def test_answer_then_a_frame_moved_by_hand_comes_home(page: Page, upload: Upload, tmp_path) -> None:
    upload(me__jpg=portrait())
    card = page.locator(".score-card")
    expect(page.locator(".score-percent")).to_contain_text(
        re.compile(r"\d\d?\.\d %"), timeout=LOADING
    )
    expect(page.locator(".score-ring")).to_contain_text(re.compile(r"\d+\s*of 100 score lower"))
    expect(card).to_contain_text("of this gallery")
    expect(card).to_contain_text("squashed")
    answer = page.locator(".score-percent b").inner_text()
    frame = page.locator(".root:has(.hole)")
    expect(frame.locator(".option")).not_to_have_count(0, timeout=LOADING)
    first = box_of(frame)
    assert first[2] - first[0] == first[3] - first[1]  # 1:1 unless one asks for another

    corner = frame.locator('.handle[data-side="se"]')
    corner.scroll_into_view_if_needed()
    spot = corner.bounding_box()
    assert spot
    page.mouse.move(spot["x"] + 18, spot["y"] + 18)
    page.mouse.down()
    page.mouse.move(spot["x"] - 72, spot["y"] - 72, steps=8)
    page.mouse.up()
    expect(frame).not_to_have_class(re.compile("stale"))
    left, top, right, bottom = box_of(frame)
    assert [left, top] == first[:2]
    assert right - left == bottom - top < first[2] - first[0]

    hole = frame.locator(".hole")
    hole.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("-")
    expect(frame).not_to_have_class(re.compile("stale"))
    left, top, right, bottom = box_of(frame)
    assert right - left == bottom - top

    button = page.locator(".st-key-score_crop_file button")
    expect(button).to_contain_text(f"{right - left:,} × {bottom - top:,}")
    shown = page.locator(".score-frame-score b")
    expect(shown).to_have_text(frame.locator(".badge").inner_text())
    name, crop = take_home(page, button, tmp_path)
    assert name == "me-crop.jpg"
    assert crop.format == "JPEG"
    assert crop.size == (right - left, bottom - top)
    assert not crop.getexif()
    assert page.locator(".score-percent b").inner_text() == answer


def test_crops_take_the_asked_shape_and_the_rude_one_stands_beside(
    page: Page, upload: Upload
) -> None:
    upload(me__jpg=portrait())
    frame = page.locator(".root:has(.hole)")
    expect(frame.locator(".option")).not_to_have_count(0, timeout=LOADING)
    size = page.locator(".st-key-score_crop_file button")
    square = size.inner_text().split("\n")[-1]
    page.get_by_text("16:9", exact=True).click()
    expect(size).not_to_contain_text(square, timeout=LOADING)
    expect(frame).to_have_count(1)
    left, top, right, bottom = box_of(frame)
    assert (right - left) / (bottom - top) == pytest.approx(16 / 9, rel=0.01)
    polite = frame.locator(".option").count()
    page.locator(".st-key-score_rude label").first.click()
    expect(frame.locator(".option")).to_have_count(polite + 1, timeout=LOADING)
    expect(frame.locator(".option").last).to_contain_text("rude")
    frame.locator(".option").last.click()
    expect(frame.locator(".option").last).to_have_attribute("aria-pressed", "true")
    rude = frame.locator(".option").last.inner_text().split("%")[0]
    expect(page.locator(".score-frame-score b")).to_contain_text(rude)


def portrait_for_a_border() -> bytes:
    """A photo that a border suits, and nothing that moves what is in it."""
    gallery, scorer = Gallery.open(store.demo_gallery()), load_scorer()
    for place in range(200, 600, 5):
        photo = images.open_photo(data := portrait(place, height=800))  # shown pixel by pixel
        faces = find_faces(photo)
        crop, *_ = suggest_crops(photo, scorer, aspect=1, faces=faces, mode="fast")
        advised = advise_photo(photo, scorer, faces=faces, crop=crop, usual=usual_gains(gallery))
        lead = advised.own or advised.best
        if lead and "border" in (names := {step.name for step in lead.steps}):
            if names.isdisjoint({"crop", "straighten"}):
                return data
    raise AssertionError("no photo of the demo wants a border")


def test_before_lies_exactly_over_after_and_is_wiped(page: Page, upload: Upload) -> None:
    upload(me__jpg=portrait_for_a_border())
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    part(page, "Advice")
    best = page.locator(".score-best")
    expect(best).to_contain_text("White border", timeout=LOADING)
    expect(best).to_contain_text(re.compile(r"Usually \+\d+\.\d points"))
    stage = page.locator(".st-key-score_advice_compare .stage")
    before, after = (stage.locator(f".{name} img.whole") for name in ("before", "after"))
    measure = """(image) => {
        const { left, width } = image.getBoundingClientRect();
        return [left, width, parseFloat(getComputedStyle(image).paddingLeft), image.naturalWidth];
    }"""
    left, width, rim, photo = before.evaluate(measure)
    assert after.evaluate(measure)[:3] == [left, width, 0]
    framed = after.evaluate(measure)[3]
    assert framed > photo
    assert rim == pytest.approx(width * (framed - photo) / 2 / framed, abs=0.2)
    wipe = stage.locator("input")
    wipe.focus()
    page.keyboard.press("Home")
    expect(stage).to_have_attribute("style", re.compile("--at: 0%"))
    spot = wipe.bounding_box()
    assert spot
    page.mouse.click(spot["x"] + 0.75 * spot["width"], spot["y"] + 40)
    assert 70 < float(wipe.input_value()) < 80


def test_what_is_cropped_stands_beside_the_photo_and_advice_comes_home(
    page: Page, upload: Upload, tmp_path: Path
) -> None:
    upload(me__jpg=portrait(400))
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    part(page, "Advice")
    expect(page.locator(".score-best")).to_contain_text("Crop", timeout=LOADING)
    pair = page.locator(".score-pair img")
    expect(pair).to_have_count(2)  # those of the crops leave
    before, after = (image.bounding_box() for image in pair.all())
    assert before and after
    assert before["height"] == pytest.approx(after["height"], abs=1)
    assert before["y"] == after["y"]
    border = page.locator(".st-key-score_file_border button")
    name, framed = take_home(page, border, tmp_path)
    assert name == "me-border.jpg"
    assert framed.width > 960
    assert framed.height > 1200
    assert framed.getpixel((2, 2)) == (255, 255, 255)
    assert not framed.getexif()


def test_reasons_and_a_card_come_when_asked_for(page: Page, upload: Upload, tmp_path) -> None:
    upload(me__jpg=portrait())
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    part(page, "Why")
    expect(page.locator(".score-heat")).to_contain_text("speaks for it", timeout=LOADING)
    expect(page.locator(".score-factors .track").first).to_be_visible()
    expect(page).to_have_url(re.compile("score_show=Why"))
    part(page, "Share")
    expect(page.locator(".score-share")).to_be_attached()
    expect(page.locator(".score-share img")).to_have_count(0)
    page.get_by_role("button", name="Make the card").click()
    expect(page.locator(".score-share img")).to_be_visible(timeout=LOADING)
    name, card = take_home(page, page.locator(".st-key-score_card_file button"), tmp_path)
    assert name == "me-card.png"
    assert (card.format, card.size) == ("PNG", (1080, 1350))
    assert set(card.info) == {"xmp", "XML:com.adobe.xmp"}


def test_a_burst_is_ranked_and_one_of_it_opens(page: Page, upload: Upload, tmp_path: Path) -> None:
    best, worst = portrait(), portrait(1000)
    broken = b"\xff\xd8\xff\xe0 no photo"
    upload(
        b__jpg=worst,
        a__jpg=best,
        twin__jpg=best,
        broken__jpg=broken,
        cv__pdf=b"%PDF",
        raw__NEF=b"II",
    )
    shots = page.locator(".burst .shot")
    expect(shots).to_have_count(3, timeout=LOADING)
    expect(shots.first).to_have_attribute("aria-label", re.compile("^rank 1, a.jpg"))
    expect(shots.first).to_contain_text("best of 2 alike")
    expect(shots.nth(1)).to_contain_text("same file as a.jpg")
    expect(page.get_by_test_id("stAlert")).to_contain_text("broken.jpg: photo is damaged")
    for name in ("cv.pdf", "raw.NEF"):  # an uploader that knows photos only drops them in silence
        expect(page.get_by_test_id("stAlert")).to_contain_text(
            f"{name}: photo can't be read as a picture"
        )
    with page.expect_download() as download:
        page.locator(".st-key-score_burst_file button").click()
    download.value.save_as(tmp_path / "burst.csv")
    lines = (tmp_path / "burst.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("file,score,percentile,rank")
    assert [line.split(",")[0] for line in lines[1:]] == [
        "a.jpg",
        "twin.jpg",
        "b.jpg",
        "broken.jpg",
        "cv.pdf",
        "raw.NEF",
    ]
    shots.nth(2).click()
    expect(page.locator(".score-percent b")).to_have_text(
        f"{100 * float(lines[3].split(',')[1]):.1f} %", timeout=LOADING
    )
    page.get_by_role("button", name="All 6 photos").click()
    expect(shots).to_have_count(3)


def test_fifty_one_photos_are_refused_in_one_line(page: Page, upload: Upload) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), "tan").save(file, "PNG")
    upload(**{f"photo-{number}__png": file.getvalue() for number in range(51)})
    expect(page.get_by_test_id("stAlert")).to_contain_text("51 photos at once", timeout=LOADING)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("broken__jpg", b"\xff\xd8\xff\xe0 no photo", "damaged"),
        ("letter__jpg", b"Dear net, how good is mine?", "read as a picture"),
        ("empty__jpg", b"", "empty"),
    ],
)
def test_broken_file_is_one_clear_line(page: Page, upload: Upload, name, data, words) -> None:
    upload(**{name: data})
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text(f"{name.replace('__', '.')}: photo", timeout=LOADING)
    expect(alert).to_contain_text(words)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    upload(me__jpg=portrait())
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    expect(alert).to_have_count(0)


def test_names_that_are_markdown_are_shown_as_they_are(page: Page, upload: Upload) -> None:
    odd, broken = "**WOW** $1 or $2 [x](y) ~a~.jpg", "1. *bad* _x_ $a$ <b>q<b> :red[r] # `c`.jpg"
    upload(**{odd: portrait(), "snake_case_name.jpg": portrait(1000), broken: b"junk"})
    expect(page.locator(".burst .shot").first).to_contain_text(odd, timeout=LOADING)
    best = page.locator("[data-testid=stCaptionContainer]", has_text="is the one to keep")
    expect(best).to_contain_text(odd)
    expect(page.get_by_test_id("stAlert")).to_contain_text(
        f"{broken}: photo can't be read as a picture"
    )


def test_sample_is_kept_in_the_address_and_forgotten_when_asked(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/score")
    page.get_by_role("button", name="Sample photo 2").click(timeout=LOADING)
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    expect(page).to_have_url(re.compile(r"\?sample="))
    page.reload()
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    page.get_by_role("button", name="Forget it").click()
    expect(page.locator(".score-ring")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("sample="))


def test_click_on_a_neighbour_opens_it_and_the_answer_stays(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/score?sample=sample-1")
    better = page.locator(".st-key-score_better").get_by_role("button")
    expect(better).to_have_count(3, timeout=LOADING)
    _, score, stands = (better.first.get_attribute("aria-label") or "").split(", ", 2)
    better.first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".selfie-score")).to_have_text(score)
    expect(page.locator(".selfie-place")).to_contain_text(stands.split(" of ")[0].capitalize())
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".score-ring")).to_be_visible()
