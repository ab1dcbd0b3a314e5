"""Every path and file format of the project; whatever is written replaces the old whole or not."""

import functools
import glob
import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from selfie_core.base import delimited
from selfie_core.base.errors import DataError, cant_write
from selfie_core.base.handed_out import Made, picture_file
from selfie_core.base.names import short_name

log = logging.getLogger(__name__)

_KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
_VIEWS = {".ds_store", "thumbs.db", "desktop.ini"}  # how a window showed a folder
# Hex digits of a photo's id, of the SHA-256 of its file: with 12, two of five million photos would
# share one with a chance of 4.3 %.
PHOTO_ID = 32
SHORT_ID = 12  # of those in galleries of the first format
_PACKAGE = Path(__file__).resolve().parents[1]


def site() -> Path:
    """Return the folder of app.py, pages/ and assets/: the checkout, or the copy in the wheel."""
    checkout = _PACKAGE.parent
    return checkout if (checkout / "app.py").is_file() else _PACKAGE / "site"


def demo_gallery() -> Path:
    """Return the folder of the gallery that ships."""
    return site() / "assets" / "gallery"


def demo_celebrities() -> Path:
    """Return the folder of the named set that ships."""
    return site() / "assets" / "celebrities"


def demo_scorer() -> Path:
    """Return the scorer that ships."""
    return site() / "assets" / "scorer.safetensors"


def net_graphs() -> Path:
    """Return the folder of the compact net's graphs."""
    return site() / "assets" / "graphs"


def demo_metrics() -> Path:
    """Return what was measured of the scorer that ships."""
    return site() / "assets" / "metrics.json"


def model_card() -> Path:
    """Return the card of the scorer that ships."""
    return site() / "assets" / "model-card.md"


def sample_photos() -> Path:
    """Return the folder of sample photos for the upload page."""
    return site() / "assets" / "samples"


def bot_state(account: str) -> Path:
    """Return the file in which the bot of an account remembers whom it answered."""
    base = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser()
    return base / "selfie" / short_name(f"bot-{account.lower().replace('/', '-')}", ".sqlite")


def keys_file() -> Path:
    """Return the file with the hashes of keys to a server: SELFIE_KEYS, or this user's own."""
    if named := os.environ.get("SELFIE_KEYS"):
        return Path(named).expanduser()
    base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    return base / "selfie" / "keys.json"


def cache_folder() -> Path:
    """Return this user's folder for files that can be made again; deleting it is always safe."""
    base = os.environ.get("SELFIE_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _writable_cache(base)


@functools.cache
def _writable_cache(base: str) -> Path:
    """Return the folder below `base`, or where that takes no file, one in the temporary folder."""
    try:
        folder = Path(base).expanduser() / "selfie"
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, RuntimeError) as error:  # a home of somebody else, read-only, or none at all
        folder = _temporary_cache()
        reason = getattr(error, "strerror", None) or error
        said = "can't keep files in %s (%s); they go to %s, which may be emptied: slower starts"
        log.warning(said, base, reason, folder)
    return folder


def _temporary_cache() -> Path:
    """Return a folder that is this user's alone: what lies there is run."""
    user = getattr(os, "getuid", int)()  # 0 on Windows, as all owners there
    folder = Path(tempfile.gettempdir()) / f"selfie-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o022:
        return folder
    return Path(tempfile.mkdtemp(prefix="selfie-cache-"))  # somebody was there first


def check_target(path: Path, *endings: str) -> None:
    """Refuse, before the work is done, a path that its result could not be written to."""
    try:
        folder = path.is_dir()  # a name that is too long is one no file can have
    except OSError as error:
        raise cant_write(path, error) from error
    if folder:
        raise DataError(f"{path} is a folder; name a file in it")
    if endings and path.suffix.lower() not in endings:
        *first, last = endings
        wanted = f"{', '.join(first)} or {last}" if first else last
        raise DataError(f"{path.name} has another ending; wanted an ending {wanted}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise cant_write(path, error) from error


def check_folder(folder: Path, *, own: str) -> None:
    """Refuse a folder for results that holds files of someone else: any, but not our file `own`."""
    if folder.is_file():
        raise DataError(f"{folder} is a file; choose another folder")
    ours = (
        is_gallery(folder) or (folder / "ledger.sqlite").is_file()
        if own == "gallery.json"
        else (folder / own).is_file()
    )
    if folder.is_dir() and not ours and {path.name.lower() for path in folder.iterdir()} - _VIEWS:
        raise DataError(f"{folder} holds other files and no {own} of ours; choose another folder")


def is_gallery(folder: Path) -> bool:
    """Return whether a folder is a gallery of ours: other programs write a gallery.json too."""
    own = any((folder / part).exists() for part in ("segments", "selfies.parquet", "fc7.npy"))
    return own and (folder / "gallery.json").is_file()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; it becomes `path` only if the block ends without an error.

    A full disk or a kill leaves the old file as it was.  Who may read and write it stays; a new one
    is everybody's to read.

    Raises:
        DataError: The disk does not take the file.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=path.suffix, dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise cant_write(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp gives 0600, which would hide a served file
        temporary.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise cant_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _prefix(path: Path) -> str:
    return short_name(f".{path.stem}", "-", most=200)


def left_over(path: Path) -> Iterator[Path]:
    """Yield what a kill while a file was written left behind."""
    yield from path.parent.glob(f"{glob.escape(_prefix(path))}*{glob.escape(path.suffix)}")


def content_id(data: bytes) -> str:
    """Return a stable id of a file's content: 12 hex digits of its SHA-256."""
    return hashlib.sha256(data).hexdigest()[:12]


def read_bytes(path: Path) -> bytes:
    """Return a file's content, or say in one line why not."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"can't read {path}: {error.strerror or error}") from error


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object."""
    try:
        content = json.loads(read_bytes(path))
    except ValueError as error:
        raise DataError(f"{path} is damaged (not JSON); make it again") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds no JSON object; make it again")
    return content


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object, indented for people."""
    with replacing(path) as temporary:
        temporary.write_text(
            json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8", "backslashreplace"
        )


def write_text(path: Path, text: str) -> None:
    """Write text in UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, "utf-8", "backslashreplace")


def read_table(path: Path, *, columns: list[str] | None = None) -> pd.DataFrame:
    """Return the table of a .parquet, .csv, .tsv, .json or .jsonl (one object a line) file.

    Args:
        path: Of the file.
        columns: The only ones to read, of a .parquet.

    Raises:
        DataError: It is missing, damaged, or of another kind.
    """
    return read_rows(path, columns=columns)[0]


def read_rows(
    path: Path, *, words: Collection[str] = (), columns: list[str] | None = None
) -> tuple[pd.DataFrame, Iterable[str]]:
    """Return a table and where in its file each row stands: "line 7", or "row 6" of a .parquet.

    Args:
        path: Of the file.
        words: Columns that stay text as it is written, besides those that name things.
        columns: The only ones to read, of a .parquet.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"no table at {path}; check the path")
    try:
        match path.suffix.lower():
            case ".parquet":
                table = pd.read_parquet(path, columns=columns)
            case ".csv" | ".tsv" | ".txt":
                read = delimited.read_delimited(read_bytes(path), name=path.name)
                named = [f"line {line}" for line in read.lines]
                return delimited.typed(read, words={*delimited.WORDS, *words}), named
            case ".jsonl":
                lines = enumerate(read_bytes(path).decode("utf-8-sig").split("\n"), 1)
                objects = {f"line {n}": json.loads(line) for n, line in lines if line.strip()}
                return unmixed(pd.DataFrame(_objects(list(objects.values())))), list(objects)
            case ".json":
                table = unmixed(pd.DataFrame(_objects(json.loads(read_bytes(path)))))
            case _:
                raise DataError(f"{path} is no table; wanted .parquet, .csv, .json or .jsonl")
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path} can't be read as a table: {reason}") from error
    return table, map("row {}".format, range(1, len(table) + 1))


def _objects(content: Any) -> list[dict[str, Any]]:
    """Return the rows of a JSON table: a list of objects, or the one list that an object holds."""
    if isinstance(content, dict) and len(content) == 1:
        [content] = content.values()
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise ValueError("wanted a list of objects, one per row")
    return content


def unmixed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of columns of one type each, as files hold them: what is mixed becomes text.

    Lists and objects stay what they are.
    """
    mixed = {}
    for column in [name for name in table if table[name].dtype == "object"]:
        kinds = set(table[column].dropna().map(type))
        if kinds == {bool}:
            mixed[column] = table[column].astype("boolean")
        elif not any(issubclass(kind, list | tuple | set | dict | np.ndarray) for kind in kinds):
            mixed[column] = table[column].map(str, na_action="ignore").astype("str")
    return table.assign(**mixed)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as .parquet, .csv or .json, by its ending."""
    path = Path(path)
    if path.suffix.lower() not in {".parquet", ".csv", ".json"}:
        raise DataError(f"{path.name} is no table; wanted an ending .parquet, .csv or .json")
    with replacing(path) as temporary:
        match path.suffix.lower():
            case ".parquet":
                table.to_parquet(temporary, index=False)
            case ".csv":
                table.to_csv(temporary, index=False)
            case ".json":
                table.to_json(
                    temporary, orient="records", indent=2, force_ascii=False, date_format="iso"
                )


def read_array(path: Path) -> NDArray[Any]:
    """Return an .npy array as a read-only memory map."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{path} is missing or damaged; make it again") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file's content."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an .npy array."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_picture(path: Path, picture: Image.Image, made: Made | None) -> None:
    """Write a picture as .jpg, .png or .webp, by its ending, with a note if it was `made`."""
    path = Path(path)
    if path.suffix.lower() not in _KINDS:
        raise DataError(f"{path.name} is no picture; wanted an ending .jpg, .png or .webp")
    write_bytes(path, picture_file(picture, made, _KINDS[path.suffix.lower()], quality=90))
