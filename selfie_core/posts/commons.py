"""Freely licensed photos of named people from Wikimedia Commons; author, licence and link kept.

Any MediaWiki with extended metadata will do.  One request at a time, with a pause after each
photo; a server that asks for patience gets it.  A rerun asks for no photo that is already there.

Reference:
    https://www.mediawiki.org/wiki/API:Etiquette, https://www.mediawiki.org/wiki/API:Imageinfo
"""

import html
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError
from urllib3.util import Retry

from selfie_core import __version__
from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.base.progress import Stages
from selfie_core.base.settings import CommonsConfig
from selfie_core.photo import images

TABLE = "photos.csv"
# `restrictions` names other rights, such as "personality", that the licence does not touch.
COLUMNS = (
    "file", "name", "title", "author", "licence", "licence_url", "page", "category", "restrictions",
)  # fmt: skip
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_ASKED = "Artist|Attribution|Credit|License|LicenseShortName|LicenseUrl|Restrictions"
MAX_LAG = 5  # seconds that copies of the database may lie behind before we wait
_BATCH = 50  # files per request; as many as anyone may ask for with their metadata
_TRIES = 5
_LONGEST_WAIT = 120  # seconds; whoever is asked to wait longer comes back another time
_AGAIN = "run the same command again, what was fetched is kept"
_BUSY = (429, 502, 503, 504)
_BUSY_API = ("maxlag", "ratelimited", "readonly")  # errors of the API that pass
_NAMELESS = re.compile(
    r"cc[ -]?0|cc[ -]zero|pd\b|public domain|no restrictions|copyrighted free use", re.IGNORECASE
)
# What anyone may use, change and sell; "by-nc", "by-nd" and fair use are not that.
_FREE = re.compile(
    rf"{_NAMELESS.pattern}|cc[ -]by([ -]sa)?([ -]\d.*)?$|gfdl|fal\b|free art|attribution$",
    re.IGNORECASE,
)
_OF = re.compile(
    r"^(selfies?|self[- ]portraits?|portraits?|portrait photographs|photographs|photos|images)"
    r"( photographs)? (of|by|with) ",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fetched:
    """What came of an import."""

    table: pd.DataFrame  # one row per photo, columns `COLUMNS`
    new: int  # photos fetched now; the others were there
    left_out: Counter[str]  # number of files, by reason


def fetch_photos(
    categories: Sequence[str],
    out: Path,
    *,
    config: CommonsConfig | None = None,
    progress: Stages | None = None,
) -> Fetched:
    """Return the table of the free photos of some categories, fetched into a folder.

    Photos lie in the folder as name-number.jpg, the number being that of the wiki's page; the
    table beside them is photos.csv, written again after each photo.

    Args:
        categories: Titles such as "Selfies of Ada Vale", whose files show Ada Vale; another name
            follows "=", as in "Vale family=Ada Vale".
        out: A folder, empty or of an earlier import.
        config: Settings.
        progress: Called with (stage, done, of).

    Raises:
        DataError: The wiki can't be reached or refuses, no photo is found, or `out` holds
            something else.
    """
    config = config or CommonsConfig()
    tell = progress or (lambda stage, done, of: None)
    kept = _kept_rows(out)
    wiki = _Wiki(config)
    new, left_out = 0, Counter[str]()
    found: dict[str, dict[str, str]] = {}
    named = wiki.name_categories(categories)
    for number, (title, name) in enumerate(named, 1):
        for stem, photo in _list_photos(wiki, title, name, left_out):
            found.setdefault(stem, photo)  # two people on one photo: it stays with the first
        tell("lists", number, len(named))
    for done, (stem, photo) in enumerate(found.items(), 1):
        file = _present(out, stem)
        if file is None:
            file = _fetch(wiki, photo["address"], out / stem)
            new += isinstance(file, Path)
        if isinstance(file, Path):
            kept[file.name] = {"file": file.name, **photo}
            store.write_table(out / TABLE, _table(kept))
        else:
            left_out[file] += 1
        tell("photos", done, len(found))
    if not (found and kept):
        counted = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise DataError(
            f"no free photo from {wiki.host} in {', '.join(title for title, _ in named)} "
            f"({counted or 'no files'}); check the titles"
        )
    return Fetched(_table(kept), new, left_out)


def person_of(category: str) -> str:
    """Return whom a category shows: "Ada Vale" for "Category:Selfies of Ada Vale in 2014"."""
    title = re.sub(r"^Category:", "", category.replace("_", " ").strip(), flags=re.IGNORECASE)
    return re.sub(r" in \d{4}s?$", "", _OF.sub("", title)) or title


def is_free(licence: str) -> bool:
    """Return whether a licence, by its short name or code, lets anyone use the photo."""
    return bool(_FREE.match(licence.strip()))


def plain_text(markup: str) -> str:
    """Return the words of a piece of HTML on one line."""
    bare = re.sub(r"<(style|script)\b.*?</\1>", " ", markup, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", bare)).split())


def _kept_rows(out: Path) -> dict[str, dict[str, str]]:
    """Return the rows of an earlier import whose photo is still there, by file."""
    store.check_folder(out, own=TABLE)
    store.check_target(out / TABLE, ".csv")
    if not (out / TABLE).is_file():
        store.write_table(out / TABLE, _table({}))
        return {}
    table = store.read_table(out / TABLE)
    if lacks := [column for column in COLUMNS if column not in table]:
        raise DataError(
            f'{out / TABLE} is of no import: it lacks column "{lacks[0]}"; choose another --out'
        )
    rows = table.astype(object).fillna("").to_dict("records")
    kept = [{str(column): str(value) for column, value in row.items()} for row in rows]
    return {row["file"]: row for row in kept if (out / row["file"]).is_file()}


def _table(rows: dict[str, dict[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS))


def _present(out: Path, stem: str) -> Path | None:
    return next((file for s in _SUFFIXES.values() if (file := out / f"{stem}{s}").is_file()), None)


def _list_photos(
    wiki: "_Wiki", category: str, name: str, left_out: Counter[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the free photos of a category: the stem of the file, `COLUMNS`, and its address."""
    taken = 0
    for page in wiki.pages(category):
        if taken >= wiki.config.limit:
            return
        info = (page.get("imageinfo") or [{}])[0]
        if reason := _reason(info):
            left_out[reason] += 1
            continue
        taken += 1
        slug = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:80] or "photo"
        yield (
            f"{slug}-{page['pageid']}",
            {
                "name": name,
                "title": str(page["title"]),
                "category": category,
                "address": str(info.get("thumburl") or info["url"]),
                **_credit(info),
            },
        )


def _reason(info: dict[str, Any]) -> str | None:
    """Return why a file is left out, or None."""
    if info.get("mime") not in _SUFFIXES:
        return "no photos (other file types)"
    credit = _credit(info)
    code = _fact(info, "License")
    if not (is_free(credit["licence"]) or (code and is_free(code))):
        return f"not free ({credit['licence'] or 'no licence named'})"
    if not credit["author"] and not _NAMELESS.match(credit["licence"]):
        return "without an author to name"
    return None


def _credit(info: dict[str, Any]) -> dict[str, str]:
    return {
        "author": _fact(info, "Attribution") or _fact(info, "Artist") or _fact(info, "Credit"),
        "licence": _fact(info, "LicenseShortName") or _fact(info, "License"),
        "licence_url": _web(_fact(info, "LicenseUrl")),
        "page": _web(str(info.get("descriptionurl", ""))),
        "restrictions": _fact(info, "Restrictions"),
    }


def _fact(info: dict[str, Any], name: str) -> str:
    metadata = info.get("extmetadata") or {}
    return plain_text(str((metadata.get(name) or {}).get("value", "")))


def _web(address: str) -> str:
    """Return a link if it is one; the pages show it as such."""
    address = f"https:{address}" if address.startswith("//") else address
    return address if urlsplit(address).scheme in ("http", "https") else ""


def _fetch(wiki: "_Wiki", address: str, target: Path) -> Path | str:
    """Return the file of a photo, fetched and looked at, or why there is none."""
    answer = wiki.get(address)
    time.sleep(wiki.config.pause)
    if not answer.ok:  # not busy, so this photo's own trouble: gone, or kept from us
        return f"not given by the server ({answer.status_code})"
    suffix = _SUFFIXES.get(answer.headers.get("content-type", "").partition(";")[0])
    try:
        images.open_photo(answer.content)
    except DataError:
        suffix = None
    if suffix is None:
        return "unreadable"
    path = target.with_name(target.name + suffix)
    with store.replacing(path) as temporary:
        temporary.write_bytes(answer.content)
    return path


class _Wiki:
    """The API of one wiki, asked politely."""

    def __init__(self, config: CommonsConfig) -> None:
        self.config = config
        self.host = urlsplit(config.api).netloc
        if urlsplit(config.api).scheme not in ("http", "https") or not self.host:
            raise DataError(f'--api is "{config.api}"; wanted an address such as {_DEFAULT_API}')
        if self.host.endswith("wikimedia.org") and not config.contact:
            raise DataError(
                f"{self.host} wants to know who asks; add --contact with your e-mail or web address"
            )
        self.session = requests.Session()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=_PATIENCE))
        about = f"; {config.contact}" if config.contact else ""
        self.session.headers["User-Agent"] = f"selfie-import/{__version__} (python{about})"

    def name_categories(self, categories: Sequence[str]) -> list[tuple[str, str]]:
        """Return titles and the names that their files stand for."""
        named = []
        for given in categories:
            title, _, name = given.partition("=")
            title = "Category:" + re.sub(r"^Category:", "", title.strip(), flags=re.IGNORECASE)
            if self.config.subcategories and not name:
                found = (str(page["title"]) for page in self.pages(title, kind="subcat"))
                named += [(inner, person_of(inner)) for inner in found]
            else:
                named.append((title, name.strip() or person_of(title)))
        if not named:
            raise DataError(f"no sub-categories at {self.host} in {', '.join(categories)}")
        return named

    def pages(self, category: str, *, kind: str = "file") -> Iterator[dict[str, Any]]:
        """Yield the files of a category with their metadata, or its sub-categories."""
        query: dict[str, Any] = {
            "action": "query", "format": "json", "formatversion": 2, "maxlag": MAX_LAG,
            "generator": "categorymembers", "gcmtitle": category, "gcmtype": kind,
            "gcmlimit": _BATCH,
        }  # fmt: skip
        if kind == "file":
            query |= {
                "prop": "imageinfo", "iiprop": "url|mime|extmetadata",
                "iiurlwidth": self.config.width, "iiextmetadatafilter": _ASKED,
                "iiextmetadatalanguage": "en",
            }  # fmt: skip
        more: dict[str, Any] = {}
        batch: dict[int, dict[str, Any]] = {}
        while True:
            answer = self.ask(query | more)
            for page in answer.get("query", {}).get("pages", []):
                batch.setdefault(page["pageid"], {}).update(page)
            more = answer.get("continue") or {}
            if answer.get("batchcomplete") or not more:  # else a page is still to be completed
                yield from batch.values()
                batch = {}
            if not more:
                return

    def ask(self, query: dict[str, Any]) -> dict[str, Any]:
        """Return the API's answer to a query."""
        answer = self.get(self.config.api, query)
        if not answer.ok:
            raise DataError(f"{self.config.api} answered {answer.status_code}; {_AGAIN}")
        try:
            content = answer.json()
        except ValueError as error:
            raise DataError(
                f"{self.config.api} is no MediaWiki API; wanted an address such as {_DEFAULT_API}"
            ) from error
        if "error" in content:
            said = plain_text(str(content["error"].get("info", content["error"])))
            raise DataError(f"{self.host} refused: {said}")
        return content

    def get(self, address: str, query: dict[str, Any] | None = None) -> requests.Response:
        """Return an answer of any status, after as many tries and as long a wait as it asks for."""
        host = urlsplit(address).netloc
        try:
            answer = self.session.get(address, params=query, timeout=60)
        except requests.RequestException as error:
            raise DataError(f"can't reach {host}; check the connection and {_AGAIN}") from error
        if answer.status_code in _BUSY or answer.headers.get("MediaWiki-API-Error") in _BUSY_API:
            wait = _PATIENCE.get_retry_after(answer.raw) or 0
            raise DataError(f"{host} is busy and asks to wait {wait:.0f} s; {_AGAIN}")
        return answer


class _Patience(Retry):
    """Comes back when a server says so, which MediaWiki does in answers of status 200 too."""

    RETRY_AFTER_STATUS_CODES = frozenset({200, *_BUSY})

    def increment(self, *asked: Any, response: Any = None, **more: Any) -> "_Patience":
        """Return the patience that is left; there is none for a server that asks for too much."""
        if response and (self.get_retry_after(response) or 0) > _LONGEST_WAIT:
            raise MaxRetryError(more["_pool"], "", None)
        return super().increment(*asked, response=response, **more)


_PATIENCE = _Patience(
    _TRIES - 1, connect=0, read=0, status_forcelist=_BUSY, backoff_factor=5, raise_on_status=False
)
_DEFAULT_API = CommonsConfig().api
