"""Where many photos come from: a folder, tar shards, Parquet tables, and all three on S3.

Tar shards are those of WebDataset; tables are those of img2dataset and Hugging Face: of pictures,
or of their addresses.  Whatever fsspec opens will do, so `gs://` and others too.
"""

import functools
import hashlib
import posixpath
import re
import tarfile
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import requests
from fsspec.core import url_to_fs
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from selfie_core import __version__
from selfie_core.base.errors import DataError
from selfie_core.base.names import is_leaving
from selfie_core.photo.folder import FolderReader, Scan, Seen, Stored, log, scan_photos
from selfie_core.photo.images import PHOTO_SUFFIXES

SHARDS = {".tar", ".parquet"}  # endings
_LISTERS = 16  # shards looked into at the same time
_AHEAD = 2**16  # bytes that a look into a remote tar fetches at a time
_MOST_BYTES = 200_000_000  # of a picture from an address
_FIRST, _NEXT = 10, 60  # seconds until a server answers, and between two pieces
_TRIES = 5
_ON_S3 = {
    "connect_timeout": _FIRST,
    "read_timeout": _NEXT,
    "retries": {"mode": "standard", "max_attempts": _TRIES},
}
_ADDRESSES = ("url", "URL", "image_url")  # names of columns
_TAR = re.compile(r".+?\.tar(?=/)", re.IGNORECASE)
# Spark writes folders of tables that are named as one: photos.parquet/part-0.parquet.
_TABLE = re.compile(r".+\.parquet(?=/)", re.IGNORECASE)
_GROUPS = threading.Lock()  # the threads that read a table want the same rows

Info = Mapping[str, Any]  # what fsspec says of a file
Photos = Iterator[tuple[str, Seen]]
Look = Callable[[str, str, int], Photos]


def scan_source(where: str | Path) -> Scan:
    """Return the photos of a folder, a .tar, a .parquet, a folder of these, or an `s3://` address.

    Photos of shards are named SHARD.tar/NAME and TABLE.parquet/KEY, those of a table of addresses
    by their address.  Where all lie side by side, photos come first, then tars: img2dataset leaves
    tables beside both.

    Raises:
        DataError: There is nothing of the kind, or it can't be listed.
    """
    local = "://" not in str(where)
    if local and not _holds_shards(Path(where)):
        return scan_photos(Path(where))
    address = str(Path(where).absolute()) if local else str(where)
    kinds: dict[str, dict[str, Info]] = {"photo": {}, ".tar": {}, ".parquet": {}}
    with one_line(address):
        fs, root = open_filesystem(address)
        found = fs.find(root, detail=True)
    for path, info in sorted(found.items()):
        name = path.removeprefix(root).lstrip("/") or posixpath.basename(path)
        kind = "photo" if _is_photo(name) else posixpath.splitext(name)[1].lower()
        if kind in kinds and not any(map(is_leaving, name.split("/"))):
            kinds[kind][name] = info
    if kinds["photo"]:
        photos = {n: Seen(int(i["size"]), _mark(i), 0) for n, i in kinds["photo"].items()}
        return Scan(photos, [], Files(address))
    if tars := kinds[".tar"]:
        return _of_shards(_in_tar, tars, Files(address))
    if tables := kinds[".parquet"]:
        return _of_shards(_in_table, tables, Tables(address))
    raise DataError(
        f"no photos in {where}; wanted pictures, .tar shards or .parquet tables; check the address"
    )


def photos_of(where: str) -> list[Path | Stored]:
    """Return the photo of a file, or the photos of any source, see `scan_source`.

    Raises:
        DataError: There is nothing of the kind, or it can't be listed.
    """
    file = Path(where)
    if "://" not in where and not file.is_dir() and file.suffix.lower() not in SHARDS:
        return [file]
    scan = scan_source(where)
    if isinstance(scan.reader, FolderReader):
        return [scan.reader.folder / name for name in scan.photos]
    return [Stored(scan.reader, name, seen) for name, seen in scan.photos.items()]


@dataclass(frozen=True)
class Files:
    """Gives photos that are files by themselves, or stand in tars: `inode` is where they begin."""

    address: str
    at_once = 32

    def read(self, name: str, seen: Seen) -> bytes:
        """Return a photo's content: none but all of it."""
        span = {"start": seen.inode, "end": seen.inode + seen.size} if seen.inode else {}
        with one_line(name):
            fs, path = _file(self.address, _shard(_TAR, name) if seen.inode else name)
            content = fs.cat_file(path, **span)
        if len(content) != seen.size:
            raise DataError(f"only {len(content):,} of {seen.size:,} bytes came")
        return content

    def stays(self, _name: str, _seen: Seen) -> bool:
        """Return True: what was read is of one version."""
        return True


@dataclass(frozen=True)
class Tables:
    """Gives photos of Parquet tables: `inode` is their row, from 1; names are addresses where 0."""

    address: str
    at_once = 256  # rows lie in groups that are read whole, img2dataset's of a hundred

    def read(self, name: str, seen: Seen) -> bytes:
        """Return a photo's content; a server that is busy is asked again."""
        if not seen.inode:
            return _fetched(name)
        with one_line(name), _GROUPS:
            shard, row = _shard(_TABLE, name), seen.inode - 1
            starts = _starts(self.address, shard, seen.mtime_ns)
            group = bisect_right(starts, row) - 1
            content = _pictures(self.address, shard, seen.mtime_ns, group)[
                row - starts[group]
            ].as_py()
        if not content:
            raise DataError("no picture in this row")
        return content

    def stays(self, _name: str, _seen: Seen) -> bool:
        """Return True: what was read is of one version."""
        return True


def _holds_shards(path: Path) -> bool:
    """Return whether a place on this machine is a shard, or a folder of nothing but shards."""
    try:
        entries = list(path.iterdir()) if path.is_dir() else [path]
    except OSError:
        return False
    entries = [entry for entry in entries if not is_leaving(entry.name)]
    kinds = {entry.suffix.lower() for entry in entries}
    plain = kinds.isdisjoint(PHOTO_SUFFIXES) and not any(map(Path.is_dir, entries))
    return bool(kinds & SHARDS) and plain


def _is_photo(name: str) -> bool:
    return posixpath.splitext(name)[1].lower() in PHOTO_SUFFIXES


def _shard(kind: re.Pattern[str], name: str) -> str:
    """Return the shard of a photo that stands in one."""
    return kind.match(name).group()  # type: ignore[union-attr]


def _mark(info: Info) -> int:
    """Return a number that changes with a file."""
    said = [info.get(key) for key in ("ETag", "etag", "mtime", "LastModified", "size")]
    return int(hashlib.sha256(repr(said).encode()).hexdigest()[:15], 16)


@functools.cache
def open_filesystem(address: str) -> tuple[Any, str]:
    """Return what reads an address, and its path there."""
    how = {"config_kwargs": _ON_S3} if address.startswith(("s3://", "s3a://")) else {}
    try:
        return url_to_fs(address, use_listings_cache=False, **how)
    except ImportError as error:
        raise DataError(f"{address} wants more: pip install s3fs") from error


def _file(address: str, name: str) -> tuple[Any, str]:
    """Return what reads a file below an address, or the address itself, and its path there."""
    fs, root = open_filesystem(address)
    return fs, root if posixpath.basename(root) == name else f"{root.rstrip('/')}/{name}"


def _of_shards(look: Look, shards: Mapping[str, Info], reader: Files | Tables) -> Scan:
    """Return the photos of shards; of one that is cut off those before the cut."""

    def look_into(name: str) -> tuple[dict[str, Seen], str]:
        photos: dict[str, Seen] = {}
        try:
            with one_line(name):
                photos.update(look(reader.address, name, _mark(shards[name])))
        except DataError as error:
            return photos, str(error)
        return photos, ""

    with ThreadPoolExecutor(_LISTERS) as pool:
        looked = dict(zip(shards, pool.map(look_into, shards), strict=True))
    photos = {name: seen for found, _ in looked.values() for name, seen in found.items()}
    bad = {name: error for name, (_, error) in looked.items() if error}
    first = next(iter(bad.values()), "no picture is in it")
    if not photos:
        raise DataError(
            f"no photos in {len(shards)} shards of {reader.address}; the first: {first}"
        )
    if bad:
        log.warning("shards that can't be read to their end: %d; the first: %s", len(bad), first)
    return Scan(photos, list(bad), reader)


def _in_tar(address: str, name: str, mark: int) -> Photos:
    """Yield the photos of a tar by their headers; what lies between them is passed over."""
    fs, path = _file(address, name)
    with (
        fs.open(path, "rb", block_size=_AHEAD) as file,
        tarfile.open(fileobj=file, mode="r:") as tar,
    ):
        for member in tar:
            inside = posixpath.normpath(member.name)  # `tar cf x.tar .` writes ./a.jpg
            hidden = any(map(is_leaving, inside.split("/")))
            if member.isreg() and _is_photo(inside) and not hidden:
                yield f"{name}/{inside}", Seen(member.size, mark, member.offset_data)


def _in_table(address: str, name: str, mark: int) -> Photos:
    """Yield the photos of a table; an address stands for its content."""
    with _table(address, name) as table:
        names = table.schema_arrow.names
        url = next((column for column in _ADDRESSES if column in names), None)
        if not _picture_column(table.schema_arrow):
            if not url:
                found = ", ".join(names)
                raise DataError(f'{name} has no pictures and no column "url"; found: {found}')
            for address in table.read([url])[url].drop_null().to_pylist():
                yield address, Seen(0, 0, 0)
            return
        known = [column for column in ("key", "status") if column in names]
        rows = table.read(known).to_pylist() if known else [{}] * table.metadata.num_rows
    keys = [str(row["key"]) for row in rows] if "key" in known else []
    keyed = len(set(keys)) == len(rows)  # a column of that name may be something else
    for number, row in enumerate(rows, 1):
        if not str(row.get("status")).startswith("failed"):  # in img2dataset's words
            yield f"{name}/{keys[number - 1] if keyed else number}", Seen(0, mark, number)


@contextmanager
def _table(address: str, name: str) -> Iterator[pq.ParquetFile]:
    fs, path = _file(address, name)
    with fs.open(path, "rb") as file, pq.ParquetFile(file) as table:
        yield table


def _picture_column(schema: pa.Schema) -> str | None:
    """Return the first column of bytes, which may be those of Hugging Face's structs."""
    for field in schema:
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            return field.name
        if pa.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0:
            return f"{field.name}.bytes"
    return None


@functools.lru_cache(16)
def _starts(address: str, name: str, _mark: int) -> list[int]:
    """Return the first row of each group of rows."""
    with _table(address, name) as table:
        facts = table.metadata
        counts = [facts.row_group(group).num_rows for group in range(facts.num_row_groups)]
    return list(accumulate(counts, initial=0))


@functools.lru_cache(1)
def _pictures(address: str, name: str, _mark: int, group: int) -> Any:
    """Return the pictures of a group of rows."""
    with _table(address, name) as table:
        column = _picture_column(table.schema_arrow) or ""
        found = table.read_row_group(group, [column]).column(0).combine_chunks()
    return found.field("bytes") if column.endswith(".bytes") else found


@functools.cache
def _session() -> requests.Session:
    session = requests.Session()
    # A host that is gone is not asked for long: of old addresses many are.
    patience = Retry(
        _TRIES, connect=1, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504)
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=64, max_retries=patience))
    session.headers["User-Agent"] = f"selfie/{__version__}"
    return session


def _fetched(address: str) -> bytes:
    """Return what stands at an address."""
    content = bytearray()
    try:
        with _session().get(address, stream=True, timeout=(_FIRST, _NEXT)) as answer:
            if not answer.ok:
                raise DataError(f"the server says {answer.status_code} {answer.reason}")
            for piece in answer.iter_content(2**20):
                content += piece
                if len(content) > _MOST_BYTES:
                    raise DataError(f"larger than {_MOST_BYTES:,} bytes")
    except (requests.RequestException, ValueError) as error:
        raise DataError(f"can't be fetched: {type(error).__name__}") from error
    return bytes(content)


@contextmanager
def one_line(what: str, doing: str = "read") -> Iterator[None]:
    """Run what asks a file system; say what it says in one line.

    Raises:
        DataError: It can't be done.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # those of fsspec's systems share no base class
        said = str(error).splitlines() or [type(error).__name__]
        raise DataError(f"can't {doing} {what}: {said[0]}; check it, and the keys to it") from error
