"""The camera of /score: a snapshot, the score of what it shows, and one that is refused."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LOADING = 90_000  # ms: the first photo loads the nets


def test_snapshot_is_scored(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["camera"])
    page.goto(f"{app_url}/score")
    page.get_by_text("Use the camera").click(timeout=LOADING)
    # Pressed before the first picture, Streamlit's button does nothing.
    page.get_by_test_id("stCameraInput").locator("video").evaluate(
        "video => video.videoHeight || new Promise(ok => { video.onloadedmetadata = () => ok() })"
    )
    page.get_by_role("button", name="Take photo").click()
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)


def test_camera_is_scored_while_it_is_on_and_a_frame_kept(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["camera"])
    page.goto(f"{app_url}/score")
    page.get_by_text("Use the camera").click(timeout=LOADING)
    page.get_by_text("Continuous").click()
    live = page.locator(".root.live")
    expect(live).to_have_attribute("data-count", re.compile(r"^[3-9]|\d\d"), timeout=LOADING)
    expect(live.locator(".number")).to_contain_text("%")
    live.get_by_role("button", name="Stop").click()
    live.get_by_role("button", name="Go on").click()
    live.get_by_role("button", name="Take this one").click()
    expect(page.locator(".score-ring")).to_be_visible(timeout=LOADING)
    expect(live).to_have_count(0)


def test_stage_takes_the_shape_of_a_phone_that_turns(page: Page, app_url: str) -> None:
    page.context.grant_permissions(["camera"])
    page.goto(f"{app_url}/score")
    page.get_by_text("Use the camera").click(timeout=LOADING)
    page.get_by_text("Continuous").click()
    stage = page.locator(".root.live .stage")
    expect(stage).to_have_attribute("style", re.compile(r"--aspect: 1\.[37]"), timeout=LOADING)
    expect(page.get_by_role("button", name="Take this one")).to_be_enabled(timeout=LOADING)
    stage.locator("video").evaluate(
        "video => {"
        "  for (const [side, value] of [['videoWidth', 480], ['videoHeight', 640]])"
        "    Object.defineProperty(video, side, { value });"
        "  video.dispatchEvent(new Event('resize'));"
        "}"
    )
    expect(stage).to_have_attribute("style", re.compile(r"--aspect: 0\.75;"))


def test_a_refused_camera_is_one_line_and_the_upload_stays(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/score")
    page.get_by_text("Use the camera").click(timeout=LOADING)
    page.get_by_text("Continuous").click()
    expect(page.get_by_role("status").get_by_text("gives no camera")).to_be_visible()
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
