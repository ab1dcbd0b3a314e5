"""Take the README's picture of a running app.

python assets/make/picture.py http://localhost:8501
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from selfie_core.base import store

TARGET = Path(__file__).resolve().parents[1] / "readme.jpg"
VIEWS = ("", "map", "score?sample=sample-5")
SIZE = {"width": 1280, "height": 900}
WAIT = 12_000  # ms: the pictures have come, the crops are found
GAP = 24  # pixels


def main(address: str) -> None:
    """Write the three views side by side, half size."""
    sheet = Image.new("RGB", (3 * 640 + 2 * GAP, 450), "white")
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"],
        )
        for place, view in enumerate(VIEWS):
            page = browser.new_page(viewport=SIZE, color_scheme="dark" if place == 1 else "light")
            page.goto(f"{address}/{view}")
            page.wait_for_timeout(WAIT)
            with Image.open(io.BytesIO(page.screenshot())) as shot:
                half = shot.convert("RGB").resize((640, 450), Image.Resampling.LANCZOS)
            sheet.paste(half, (place * (640 + GAP), 0))
        browser.close()
    store.write_picture(TARGET, sheet, None)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
