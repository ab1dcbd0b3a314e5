"""An Instagram account, as "Download your information" exports it in JSON -> posts.

Followers are those of the day of the export.  Likes are told of professional accounts alone.

Reference:
    https://help.instagram.com/181231772500920; files posts_1.json, followers_1.json,
    personal_information.json and past_instagram_insights/posts.json as of 2024 and 2025.
"""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from selfie_core.base import store
from selfie_core.base.errors import DataError
from selfie_core.photo.images import PHOTO_SUFFIXES
from selfie_core.posts.ucf import Imported


def read_instagram(folder: Path) -> Imported:
    """Return the posts of an unpacked export whose first picture is a photo.

    `posts` have file, user, followers, likes, tags, posted_at and caption, as every other table
    of posts; likes, followers and dates are missing where the export tells none.

    Raises:
        DataError: There is no posts_1.json, it is damaged, or no photo is left.
    """
    tables = _find(folder, "posts_*.json")
    if not tables:
        raise DataError(
            f"no posts_1.json in {folder}; wanted an unpacked Instagram export in the format JSON"
        )
    user = _username(folder) or "me"
    followers = sum(len(_entries(path)) for path in _find(folder, "followers_*.json"))
    roots = [root for root in tables[0].parents if root.is_relative_to(folder)]
    likes, left_out, rows = _likes(folder), Counter[str](), {}
    for post in (post for path in tables for post in _entries(path)):
        media = [one for one in post.get("media") or [] if isinstance(one, dict)]
        first = media[0] if media else {}
        named = Path(str(first.get("uri", "")))
        caption = _text(post.get("title") or first.get("title"))
        seconds = str(post.get("creation_timestamp") or first.get("creation_timestamp") or "")
        posted = int(seconds) if seconds.isdecimal() else None
        left_out["after the first picture of a post"] += len(media[1:])
        there = [root / named for root in roots if (root / named).is_file()]
        if named.suffix.lower() not in PHOTO_SUFFIXES:
            left_out["without a photo as the first"] += 1
        elif not there or named.is_absolute() or ".." in named.parts:
            left_out["without their photo"] += 1
        else:
            file = there[0].relative_to(folder).as_posix()
            row = {
                "file": file,
                "user": user,
                "followers": followers or None,
                "likes": None if posted is None else likes.get(posted),
                "tags": len(set(re.findall(r"#\w+", caption.casefold()))),
                "posted_at": None if posted is None else pd.to_datetime(posted, unit="s", utc=True),
                "caption": caption,
            }
            rows.setdefault(file, row)
    if not rows:
        counted = ", ".join(f"{count} {why}" for why, count in (+left_out).items())
        raise DataError(f"no photo of {folder} is left ({counted or 'no posts'})")
    posts = pd.DataFrame(list(rows.values())).astype({"followers": "Int64", "likes": "Int64"})
    return Imported(folder, posts, dict(+left_out))


def _find(folder: Path, name: str) -> list[Path]:
    return sorted(folder.rglob(name))


def _entries(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file: a list, or the first list in an object."""
    try:
        content = json.loads(store.read_bytes(path))
    except ValueError as error:
        raise DataError(f"{path} is damaged (not JSON); unpack the export again") from error
    if isinstance(content, dict):
        content = next((one for one in content.values() if isinstance(one, list)), [content])
    return [one for one in content if isinstance(one, dict)]


def _username(folder: Path) -> str:
    for path in _find(folder, "personal_information.json"):
        for entry in _entries(path):
            if name := entry.get("string_map_data", {}).get("Username", {}).get("value"):
                return _text(name)
    return ""


def _likes(folder: Path) -> dict[int, int]:
    """Return the likes of posts by the second in which they were made."""
    likes = {}
    for path in _find(folder, "past_instagram_insights/posts.json"):
        for entry in _entries(path):
            media = next(iter(entry.get("media_map_data", {}).values()), {})
            told = str(entry.get("string_map_data", {}).get("Likes", {}).get("value", ""))
            if (number := told.replace(",", "")).isdecimal() and media.get("creation_timestamp"):
                likes[int(media["creation_timestamp"])] = int(number)
    return likes


def _text(value: object) -> str:
    """Return a text as it was written: the export spells each byte of UTF-8 as a letter."""
    text = str(value or "")
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
