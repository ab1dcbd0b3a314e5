"""CSV tables as people have them: any common separator and encoding; each row knows its line."""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from selfie_core.base.errors import DataError
from selfie_core.base.words import counted

_NAMED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}  # separators, first the usual
WORDS = ("file", "user", "name")  # names such as "007" or "null" stay what they are
_MISSING = {
    "", "#N/A", "#NA", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
}  # fmt: skip
csv.field_size_limit(2**31 - 1)  # characters of a cell; 131,072 is less than a picture in one
_DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?$")
_BOOLS = {"true": True, "false": False}


@dataclass(frozen=True, eq=False)
class Delimited:
    """A CSV as it was read.

    Attributes:
        cells: One row per row, all of them text without blanks around it, "" where empty.
        lines: The line of the file on which each row begins, counted from 1.
        separator: Between two cells.
    """

    cells: pd.DataFrame
    lines: list[int]
    separator: str


def decode_text(data: bytes, *, name: str) -> str:
    """Return the text of a file: UTF-8, UTF-16 with its mark, or else Windows' cp1252.

    Raises:
        DataError: It is no text.
    """
    try:
        if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            text = data.decode("utf-16")
        elif data.startswith(BOM_UTF8) or _is_utf8(data):
            text = data.decode("utf-8-sig")
        else:
            text = data.decode("cp1252", errors="replace")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        kind = "an Excel file" if data.startswith(b"PK\3\4") else "no text"
        raise DataError(f"{name} can't be read as a table: it is {kind}; save it as CSV, UTF-8")
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_delimited(data: bytes, *, name: str) -> Delimited:
    """Return the cells of a CSV.

    The separator is the comma, semicolon, tab or bar that parts the header into most columns,
    or the one of a first line "sep=;".  Blank lines, and cells without a header that are empty in
    every row, are left out.

    Raises:
        DataError: It is empty or no text, a row has more cells than the header, or a quotation
            mark has no end; `name` and line are told.
    """
    lines = list(io.StringIO(decode_text(data, name=name), newline="")) or [""]
    told = re.fullmatch(r'"?sep=(.)"?\s*', lines[0], re.IGNORECASE)
    skipped = 1 if told else 0
    head = next((line for line in lines[skipped:] if line.strip()), "")
    separator = told[1] if told else max(_NAMED, key=lambda mark: len(_cells(head, mark)))
    named = _NAMED.get(separator, separator)
    rows: list[list[str]] = []
    starts: list[int] = []
    reader = csv.reader(lines[skipped:], delimiter=separator, strict=True)
    start = skipped + 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                starts.append(start)
            start = skipped + reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{name} line {start} has a quotation mark that opens a cell and does not close it "
            f"before the next {named}; correct it"
        ) from error
    if not rows:
        raise DataError(f"{name} can't be read as a table: it is empty; wanted a header and rows")
    cells = _squared(rows, starts, f"marks around cells that hold a {named}", name=name)
    return Delimited(cells, starts[1:], separator)


def _squared(rows: list[list[str]], starts: list[int], cure: str, *, name: str) -> pd.DataFrame:
    """Return rows as one table, the first its header; empty cells behind it are dropped."""
    header, *body = rows
    while len(header) > 1 and not any(any(row[len(header) - 1 :]) for row in rows):
        header.pop()
    for line, row in zip(starts[1:], body, strict=True):
        while len(row) > len(header) and not row[-1]:
            row.pop()
        if len(row) > len(header):
            raise DataError(
                f"{name} line {line} has {counted(len(row), 'cell')}, the header {len(header)}; "
                f"put quotation {cure}"
            )
        row += [""] * (len(header) - len(row))
    names = [title or f"column {place}" for place, title in enumerate(header, 1)]
    if twice := [title for title in names if names.count(title) > 1]:
        raise DataError(f'{name} has two columns "{twice[0]}"; name one otherwise')
    return pd.DataFrame(body, columns=names, dtype="str")


def split_names(text: str) -> list[str]:
    """Return the names in "light, contrast"; one that holds a comma stands in quotation marks."""
    read = next(csv.reader([text], skipinitialspace=True), [])
    return [name.strip() for name in read if name.strip()]


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def typed(read: Delimited, *, words: Collection[str] = WORDS) -> pd.DataFrame:
    """Return the cells as numbers, true and false, or text, a column one or the other.

    Empty cells are missing, and so are those that say so, as NaN or null do, but in the columns
    that hold words whatever stands there.
    """
    return pd.DataFrame(
        {
            column: cells.where(cells != "")
            if str(column).lower() in words
            else _typed(cells, read.separator)
            for column, cells in read.cells.items()
        }
    )


def _typed(cells: pd.Series, separator: str) -> pd.Series:
    known = cells[~cells.isin(_MISSING)]
    if len(known) and known.str.lower().isin(_BOOLS).all():
        bools = known.str.lower().map(_BOOLS)
        return bools.astype("bool" if len(known) == len(cells) else "boolean").reindex(cells.index)
    text = known
    if separator != "," and known.str.fullmatch(_DECIMAL_COMMA).all():
        text = known.str.replace(",", ".")
    numbers = pd.to_numeric(text, errors="coerce")
    return (known if numbers.isna().any() else numbers).reindex(cells.index)
