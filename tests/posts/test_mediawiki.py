"""The import from Commons, against a real MediaWiki: installed, filled and served on loopback."""

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from selfie_core.base.errors import DataError
from selfie_core.base.settings import CommonsConfig
from selfie_core.posts.commons import fetch_photos
from tests.support.drawn import draw_photo
from tests.support.served import free_port

HOME = Path("/usr/share/mediawiki")
SETTINGS = Path(__file__).parents[1] / "support" / "mediawiki_settings.php"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0"
FILES = {  # width, and the wikitext of the page
    "Ada one.jpg": (1500, "{{Author|Ann & Sons}}{{Licence|CC BY-SA 4.0|" + BY_SA + "}}"),
    "Ada two.png": (300, "{{Author|Bo}}{{Licence|CC0}}"),
    "Ada not free.jpg": (400, "{{Author|Cy}}{{Licence|CC BY-NC 4.0}}"),
    "Ada no licence.jpg": (401, "{{Author|Di}}"),
}
MANY = 60  # files of the other person: more than one listing gives

pytestmark = pytest.mark.skipif(
    not (HOME / "maintenance" / "install.php").is_file() or shutil.which("php") is None,
    reason="needs MediaWiki: apt-get install mediawiki php-cli php-sqlite3 php-gd php-intl",
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of api.php of a wiki with two people on it."""
    folder = tmp_path_factory.mktemp("wiki")
    port = free_port()
    root = folder / "root"
    root.mkdir()
    for entry in HOME.iterdir():  # MediaWiki as it is, but for the settings and the uploads
        if entry.name not in ("LocalSettings.php", "images", "config"):
            (root / entry.name).symlink_to(entry.resolve())
    (root / "images").mkdir()
    environment = os.environ | {
        "WIKI_IMAGES": str(root / "images"),
        "MW_CONFIG_FILE": str(root / "LocalSettings.php"),
    }

    def maintain(script: str, *words: str, text: str | None = None) -> None:
        command = ["php", str(HOME / "maintenance" / script), *words]
        known = os.environ if script == "install.php" else environment
        done = subprocess.run(
            command, input=text, text=True, env=known, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    maintain(
        "install.php", "--dbtype=sqlite", f"--dbpath={folder / 'data'}", f"--confpath={root}",
        f"--server=http://127.0.0.1:{port}", "--scriptpath=", "--pass=long-enough-1234",
        "Commons", "Admin",
    )  # fmt: skip
    with (root / "LocalSettings.php").open("a") as settings:
        settings.write(f"\nrequire '{SETTINGS}';\n")
    ada, bruno = folder / "ada", folder / "bruno"
    ada.mkdir()
    bruno.mkdir()
    for number, (name, (width, text)) in enumerate(FILES.items()):
        draw_photo(number, size=(width, 300)).save(ada / name)
        (ada / f"{name}.txt").write_text(text + "[[Category:Selfies of Ada Vale]]")
    for number in range(MANY):
        Image.new("RGB", (80, 80), (number, 4 * number, 90)).save(bruno / f"Bruno {number:02}.png")
    maintain("importImages.php", "--comment-ext=txt", str(ada))
    words = "{{Author|Eve}}{{Licence|CC BY 4.0}}[[Category:Bruno Stern]]"
    maintain("importImages.php", f"--comment={words}", str(bruno))
    maintain("edit.php", "Category:Selfies of Ada Vale", text="[[Category:Selfies by name]]")
    maintain("runJobs.php")
    workers = environment | {"PHP_CLI_SERVER_WORKERS": "2"}
    server = subprocess.Popen(
        ["php", "-S", f"127.0.0.1:{port}", "-t", str(root)], env=workers,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/api.php"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}?action=query&format=json", timeout=60).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    os.killpg(server.pid, 15)
    server.wait(60)


def test_free_photos_come_with_their_credits(api, tmp_path):
    config = CommonsConfig(api=api, pause=0)
    made = fetch_photos(["Selfies of Ada Vale"], tmp_path / "out", config=config)
    table = pd.read_csv(tmp_path / "out" / "photos.csv").set_index("title")
    assert set(table.index) == {"File:Ada one.jpg", "File:Ada two.png"}
    assert made.left_out == {"not free (CC BY-NC 4.0)": 1, "not free (no licence named)": 1}
    one = table.loc["File:Ada one.jpg"]
    assert (one["name"], one["author"]) == ("Ada Vale", "Ann & Sons")
    assert (one["licence"], one["licence_url"]) == ("CC BY-SA 4.0", BY_SA)
    with urllib.request.urlopen(one["page"], timeout=60) as page:
        assert "Ada one.jpg" in page.read().decode()
    with Image.open(tmp_path / "out" / one["file"]) as photo:
        assert photo.size == (960, 192)  # a thumbnail that MediaWiki made
    with Image.open(tmp_path / "out" / table.loc["File:Ada two.png", "file"]) as photo:
        assert photo.size == (300, 300)  # as it is: it was smaller


def test_long_category_is_read_to_its_end(api, tmp_path):
    config = CommonsConfig(api=api, pause=0, limit=200)
    made = fetch_photos(["Bruno Stern"], tmp_path / "out", config=config)
    assert len(made.table) == made.new == MANY
    assert fetch_photos(["Bruno Stern"], tmp_path / "out", config=config).new == 0


def test_sub_categories_are_people(api, tmp_path):
    config = CommonsConfig(api=api, pause=0, subcategories=True)
    made = fetch_photos(["Selfies by name"], tmp_path / "out", config=config)
    assert set(made.table["name"]) == {"Ada Vale"}


def test_lag_that_the_wiki_reports_is_waited_for(api, tmp_path, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr("selfie_core.posts.commons.time.sleep", waits.append)
    config = CommonsConfig(api=api, pause=0)
    # Below the lag of any wiki: the way that MediaWiki names to try this out.
    monkeypatch.setattr("selfie_core.posts.commons.MAX_LAG", -5)
    with pytest.raises(DataError, match=r"busy and asks to wait \d+ s"):
        fetch_photos(["Bruno Stern"], tmp_path / "out", config=config)
    assert len(waits) >= 3
    assert min(waits) >= 1


def test_refusal_is_the_wikis_own_words(api, tmp_path):
    config = CommonsConfig(api=api, pause=0)
    with pytest.raises(DataError, match="refused: .*title"):
        fetch_photos(["[[no|title]]"], tmp_path / "out", config=config)
