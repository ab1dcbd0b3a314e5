"""CSV tables as people have them."""

import codecs

import pandas as pd
import pytest

from selfie_core.base.delimited import read_delimited, split_names, typed
from selfie_core.base.errors import DataError

TABLE = "file,user,likes\nandré.jpg,NA,3\n007,null,4\n"
ROWS = [["andré.jpg", "NA", "3"], ["007", "null", "4"]]


def marked(mark: bytes, text: str, encoding: str) -> bytes:
    return mark + text.encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        marked(codecs.BOM_UTF8, TABLE, "utf-8"),
        marked(codecs.BOM_UTF16_LE, TABLE.replace(",", "\t"), "utf-16-le"),
        marked(codecs.BOM_UTF16_BE, TABLE.replace(",", ";"), "utf-16-be"),
        TABLE.encode("cp1252"),
        ("sep=;\r\n" + TABLE.replace(",", ";")).encode(),
        ('"sep=|"\n' + TABLE.replace(",", "|")).encode(),
        TABLE.replace(",", " , ").encode(),
        TABLE.replace("\n", ",\n").encode(),
        TABLE.replace("\n", ",,\n").replace("likes,,", "likes").encode(),
        TABLE.replace("likes\n", 'likes\n\n,,\n').encode(),
        TABLE.replace("null", '"null"').encode(),
    ],
    ids=[
        *("plain", "Windows", "old Mac", "marked", "UTF-16 and tabs", "UTF-16 and semicolons"),
        *("cp1252", "sep=;", "sep=|", "blanks", "comma at the end", "commas below the header"),
        *("blank lines", "quoted"),
    ],
)  # fmt: skip
def test_table_is_the_same_however_it_is_written(data: bytes) -> None:
    read = read_delimited(data, name="t.csv")
    assert list(read.cells) == ["file", "user", "likes"]
    assert read.cells.to_numpy().tolist() == ROWS
    table = typed(read)
    assert table["user"].tolist() == ["NA", "null"]
    assert table["likes"].tolist() == [3, 4]


def test_rows_know_the_line_on_which_they_begin() -> None:
    data = b'sep=,\n\nfile,caption\na.jpg,"two\nlines"\n\nb.jpg,"three\r\nlong\nlines"\nc.jpg,x\n'
    assert read_delimited(data, name="t.csv").lines == [4, 7, 10]


def test_cell_may_hold_a_picture() -> None:
    picture = "x" * 200_000
    read = read_delimited(f"file,thumb\na.jpg,{picture}\n".encode(), name="t.csv")
    assert read.cells["thumb"].tolist() == [picture]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "t.csv can't be read as a table: it is empty"),
        (b"\n\n", "it is empty"),
        (b"PK\3\4\0\0", "it is an Excel file; save it as CSV"),
        (b"\xff\xfe\x00file", "it is no text; save it as CSV"),
        (b"file,likes\na.jpg,3\nb.jpg,4,5\n", "t.csv line 3 has 3 cells, the header 2; put quot"),
        (b'file,likes\na.jpg,3\n"b.jpg,4\nc.jpg,5\n', "t.csv line 3 has a quotation mark that"),
        (b"file,likes,likes\n", 't.csv has two columns "likes"'),
    ],
)
def test_what_is_no_table_is_told_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(DataError) as error:
        read_delimited(data, name="t.csv")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_columns_are_numbers_yes_and_no_or_words() -> None:
    data = b"name,a,b,c,d,e,f\nNone,1,0.5,TRUE,007x,None,\n2,NaN,1e3,false,none,null,\n"
    table = typed(read_delimited(data, name="t.csv"))
    assert table["name"].tolist() == ["None", "2"]
    assert table["a"].isna().tolist() == [False, True]
    assert table["b"].tolist() == [0.5, 1000]
    assert table["c"].tolist() == [True, False]
    assert table["d"].tolist() == ["007x", "none"]
    assert table["e"].isna().all()
    assert pd.api.types.is_numeric_dtype(table["f"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("light, contrast", ["light", "contrast"]),
        ('"hair, colour", light,', ["hair, colour", "light"]),
        ("", []),
    ],
)
def test_name_with_a_comma_stands_in_quotation_marks(text: str, names: list[str]) -> None:
    assert split_names(text) == names


def test_comma_is_a_decimal_mark_where_another_sign_parts_the_cells() -> None:
    data = b"light;place\n0,25;a,b\n1;c\n"
    table = typed(read_delimited(data, name="t.csv"))
    assert table["light"].tolist() == [0.25, 1]
    assert table["place"].tolist() == ["a,b", "c"]
