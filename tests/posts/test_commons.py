"""The import from Commons, against a small wiki on loopback; test_mediawiki.py has a real one."""

import email.utils
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from selfie_core.base.errors import DataError
from selfie_core.base.settings import CommonsConfig
from selfie_core.cli import main as cli
from selfie_core.gallery.celebrities import build_celebrities, celebrity_sheet
from selfie_core.gallery.columns import credit_of
from selfie_core.posts.commons import fetch_photos, is_free, person_of, plain_text
from tests.support.commons_server import SmallWiki, a_file, serve_wiki

ADA, BRUNO = "Selfies of Ada Vale", "Bruno Stern"


@pytest.fixture
def wiki() -> SmallWiki:
    return SmallWiki(
        {
            ADA: [
                a_file(1),
                a_file(2, restrictions="personality"),
                a_file(3, "CC BY-NC 2.0"),
                a_file(4, "Public domain", artist="", url=""),
                a_file(5, artist=""),
                a_file(6, mime="video/webm"),
            ],
            BRUNO: [a_file(11, "CC BY 2.0"), a_file(666), a_file(1)],
        }
    )


@pytest.fixture
def served(wiki: SmallWiki) -> Iterator[CommonsConfig]:
    with serve_wiki(wiki) as api:
        yield CommonsConfig(api=api, pause=0, contact="me@example.org")


def test_photos_come_with_author_licence_and_links(wiki, served, tmp_path):
    made = fetch_photos([ADA, BRUNO], tmp_path / "out", config=served)
    table = pd.read_csv(tmp_path / "out" / "photos.csv").astype(object).fillna("").set_index("file")
    assert table.index.tolist() == [
        "ada-vale-1.jpg", "ada-vale-2.jpg", "ada-vale-4.jpg", "bruno-stern-11.jpg",
        "bruno-stern-1.jpg",
    ]  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [*table.index, "photos.csv"]
    )
    first = table.loc["ada-vale-1.jpg"]
    assert first["name"] == "Ada Vale"
    assert first["author"] == "Photo & Co. 1"
    assert first["licence"] == "CC BY-SA 4.0"
    assert first["licence_url"] == "https://creativecommons.org/licenses/by-sa/4.0"
    assert first["page"] == f"{wiki.address}/wiki/File:1.jpg"
    assert table.loc["ada-vale-2.jpg", "restrictions"] == "personality"
    assert made.new == 5


def test_only_free_photos_with_an_author_are_taken(wiki, served, tmp_path):
    made = fetch_photos([ADA], tmp_path / "out", config=served)
    assert made.left_out == {
        "not free (CC BY-NC 2.0)": 1,
        "without an author to name": 1,
        "no photos (other file types)": 1,
    }
    assert all("/960/" in path for path in wiki.photos_asked)


def test_second_run_asks_for_no_photo_again(wiki, served, tmp_path):
    fetch_photos([ADA], tmp_path / "out", config=served)
    asked = list(wiki.photos_asked)
    made = fetch_photos([ADA], tmp_path / "out", config=served)
    assert wiki.photos_asked == asked
    assert (made.new, len(made.table)) == (0, 3)


def test_cut_line_is_one_clear_error_and_the_next_run_goes_on(wiki, served, tmp_path):
    wiki.stops_after = 1
    with pytest.raises(DataError, match=r"can't reach 127.0.0.1.*run the same command again"):
        fetch_photos([ADA], tmp_path / "out", config=served)
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 1
    wiki.stops_after = None
    made = fetch_photos([ADA], tmp_path / "out", config=served)
    assert (made.new, len(made.table)) == (2, 3)
    assert not list((tmp_path / "out").glob(".*"))


def test_photo_that_the_server_does_not_give_is_left_out_and_counted(wiki, served, tmp_path):
    wiki.refused = {1: 404, 2: 403}
    made = fetch_photos([ADA, BRUNO], tmp_path / "out", config=served)
    assert made.table["file"].tolist() == ["ada-vale-4.jpg", "bruno-stern-11.jpg"]
    assert made.left_out["not given by the server (404)"] == 2  # of either person
    assert made.left_out["not given by the server (403)"] == 1
    wiki.refused = {}
    assert fetch_photos([ADA, BRUNO], tmp_path / "out", config=served).new == 3
    wiki.refused = dict.fromkeys(range(20), 403)
    with pytest.raises(
        DataError, match=r"no free photo from 127.*3 not given by the server \(403\)"
    ):
        fetch_photos([ADA], tmp_path / "none", config=served)


def test_one_request_at_a_time_and_each_says_who_asks(wiki, served, tmp_path):
    fetch_photos([ADA, BRUNO], tmp_path / "out", config=served)
    assert wiki.most_at_once == 1
    assert wiki.agents == {a for a in wiki.agents if "selfie" in a and "me@example.org" in a}


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"Retry-After": "1"}),
        (503, {"Retry-After": "a date"}),
        (200, {"Retry-After": "1", "MediaWiki-API-Error": "maxlag"}),
    ],
)
def test_busy_wiki_is_given_the_time_it_asks_for(
    wiki, served, tmp_path, monkeypatch, status, headers
):
    waits: list[float] = []
    monkeypatch.setattr("selfie_core.posts.commons.time.sleep", waits.append)
    if headers["Retry-After"] == "a date":
        headers = {"Retry-After": email.utils.formatdate(time.time() + 60, usegmt=True)}
    wiki.troubles = [(status, headers, b'{"error": {"code": "maxlag", "info": "wait"}}')] * 2
    assert fetch_photos([ADA], tmp_path / "out", config=served).new == 3
    asked = [wait for wait in waits if wait > 0]
    assert len(asked) == 2
    assert all(wait == 1 or 0 < wait <= 60 for wait in asked)


def test_wiki_that_asks_for_an_hour_is_left_alone(wiki, served, tmp_path):
    wiki.troubles = [(429, {"Retry-After": "3600"}, b"")]
    with pytest.raises(DataError, match="asks to wait 3600 s"):
        fetch_photos([ADA], tmp_path / "out", config=served)


def test_limit_counts_the_photos_of_each_category(wiki, served, tmp_path):
    config = CommonsConfig(api=served.api, pause=0, limit=1)
    made = fetch_photos([ADA, BRUNO], tmp_path / "out", config=config)
    assert made.table["file"].tolist() == ["ada-vale-1.jpg", "bruno-stern-11.jpg"]


def test_sub_categories_are_one_person_each(tmp_path):
    wiki = SmallWiki({"Selfies by name/Selfies of Ada Vale": [a_file(1)], "x": [a_file(2)]})
    with serve_wiki(wiki) as api:
        config = CommonsConfig(api=api, pause=0, subcategories=True)
        made = fetch_photos(["Selfies by name"], tmp_path / "out", config=config)
        assert len(made.table) == 1
        with pytest.raises(DataError, match="no sub-categories"):
            fetch_photos(["x"], tmp_path / "out", config=config)


def test_name_may_be_given_with_the_category(served, tmp_path):
    made = fetch_photos([f"Category:{BRUNO}=Bruno the Great"], tmp_path / "out", config=served)
    assert set(made.table["name"]) == {"Bruno the Great"}
    assert made.table["file"].iat[0] == "bruno-the-great-11.jpg"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"api": "http://127.0.0.1:9/api.php"}, "can't reach 127.0.0.1:9; check the connection"),
        ({"api": "not an address"}, '--api is "not an address"; wanted'),
        ({}, "commons.wikimedia.org wants to know who asks; add --contact"),
    ],
)
def test_wiki_out_of_reach_is_one_line(tmp_path, settings, said):
    with pytest.raises(DataError, match=said.replace(".", r"\.")):
        fetch_photos([ADA], tmp_path / "out", config=CommonsConfig(**settings))


def test_category_without_photos_says_to_check_the_title(served, tmp_path):
    with pytest.raises(DataError, match="no free photo .* in Category:Nobody .*check the title"):
        fetch_photos(["Nobody"], tmp_path / "out", config=served)


def test_page_that_is_no_api_is_refused(wiki, served, tmp_path):
    wiki.troubles = [(200, {}, b"<html>")]
    with pytest.raises(DataError, match="is no MediaWiki API"):
        fetch_photos([ADA], tmp_path / "out", config=served)


def test_folder_of_other_files_is_left_alone(served, tmp_path):
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(DataError, match="holds other files"):
        fetch_photos([ADA], tmp_path, config=served)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_table_of_someone_else_is_left_alone(served, tmp_path):
    table = "file,name,followers\nme.jpg,Me,12\n"
    (tmp_path / "photos.csv").write_text(table)
    (tmp_path / "me.jpg").write_bytes(b"mine")
    with pytest.raises(DataError, match='is of no import: it lacks column "title"; choose another'):
        fetch_photos([ADA], tmp_path, config=served)
    assert (tmp_path / "photos.csv").read_text() == table


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("CC BY-SA 4.0", True), ("cc-by-2.0", True), ("CC BY 3.0 us", True), ("CC0", True),
        ("Public domain", True), ("PD-USGov", True), ("cc-by-sa-3.0,2.5,2.0,1.0", True),
        ("No restrictions", True), ("GFDL 1.2", True), ("CC BY-NC 2.0", False),
        ("CC BY-ND 4.0", False), ("cc-by-nc-sa-4.0", False), ("Fair use", False), ("", False),
        ("All rights reserved", False),
    ],
)  # fmt: skip
def test_licence_is_free_or_not(licence, free):
    assert is_free(licence) is free


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("Category:Selfies of Ada Vale", "Ada Vale"),
        ("Portrait photographs of Ada Vale in 2014", "Ada Vale"),
        ("Ada_Vale", "Ada Vale"),
        ("Self-portraits by José Núñez", "José Núñez"),
    ],
)
def test_category_tells_the_name(category, name):
    assert person_of(category) == name


def test_markup_becomes_plain_words():
    markup = '<style>a{b}</style><a href="x">Ada &lt;V&gt;</a>\n <b>and</b> Co'
    assert plain_text(markup) == "Ada <V> and Co"


def test_credits_reach_the_gallery_and_its_sheet(served, tmp_path, brightness_scorer):
    fetch_photos([ADA, BRUNO], tmp_path / "out", config=served)
    stars = build_celebrities(tmp_path / "out", tmp_path / "stars", scorer=brightness_scorer)
    credit = credit_of(stars.table[stars.table["file"] == "ada-vale-1.jpg"].iloc[0])
    assert credit == {
        "author": "Photo & Co. 1", "licence": "CC BY-SA 4.0",
        "licence_url": "https://creativecommons.org/licenses/by-sa/4.0",
        "page": f"{served.api.removesuffix('/api.php')}/wiki/File:1.jpg",
    }  # fmt: skip
    assert celebrity_sheet(stars, columns=2, side=96).height == 96 + 4 * 12 + 12


def test_command_fetches_and_says_what_it_left_out(served, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["import", "commons", ADA, "--out", str(out), "--api", served.api, "--pause", "0"]
    assert cli.main(words) == 0
    said = capsys.readouterr().err
    assert "left out: 1 not free (CC BY-NC 2.0)" in said
    assert "3 photos of 1 name, 3 new" in said
    assert (out / "photos.csv").is_file()
    assert Path(out / "ada-vale-1.jpg").is_file()


def test_offline_command_is_one_line(tmp_path, capsys):
    words = ["import", "commons", ADA, "--out", str(tmp_path / "out")]
    assert cli.main([*words, "--api", "http://127.0.0.1:9/api.php"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
