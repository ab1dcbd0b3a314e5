"""Counts, tags and dates as people write them."""

import numpy as np
import pandas as pd
import pytest

from selfie_core.posts.cells import count_tags, read_counts, read_dates

NAN = float("nan")


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["999", "2.000"], [999, 2000]),
        (["1.234.567", "2.000", "7"], [1234567, 2000, 7]),
        (["1500", "2.000"], [1500, NAN]),
        (["1.5", "2.000"], [1.5, NAN]),
        (["3.0", "12.00", "4"], [3, 12, 4]),
        (["1,234", "12 345", "1'000", "9\u202f999", "5"], [1234, 12345, 1000, 9999, 5]),
        ([3, 2.0, None], [3, 2, NAN]),
        (["12.3k", "1,2M", "999", "2 K"], [12300, 1_200_000, 999, 2000]),
        (["1.234", "12.3k"], [1234, 12300]),
        (["k", "12.3x", "", None, "-4"], [NAN, NAN, NAN, NAN, -4]),
    ],
)
def test_counts_are_read_as_they_are_meant_or_not_at_all(cells: list, numbers: list) -> None:
    np.testing.assert_array_equal(read_counts(pd.Series(cells)), numbers)


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        (["#me #sun", "#me,#sun,#sea", "#me#sun", "me", "", None], [2, 3, 2, 1, 0, 0]),
        (['["me", "sun"]', "['me']", "[]"], [2, 1, 0]),
        ([["me", "sun"], [], np.array(["sea"])], [2, 0, 1]),
        (["3", "0", None], [3, 0, 0]),
        ([3, 0, NAN], [3, 0, 0]),
        (["2024 me", "2024"], [2, 1]),
    ],
)
def test_tags_are_counted_in_any_form(cells: list, counts: list) -> None:
    assert count_tags(pd.Series(cells)).tolist() == counts


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["2024-03-05", "2024-03-05T10:00:00+02:00"], ["2024-03-05", "2024-03-05T08:00"]),
        (["2024-03-05 23:30:00 UTC"], ["2024-03-05T23:30"]),
        (["05/03/2024", "13/03/2024"], ["2024-03-05", "2024-03-13"]),
        (["03/05/2024", "3/13/2024 2:30 PM"], ["2024-03-05", "2024-03-13T14:30"]),
        (["05.03.2024", "6.3.2024, 14:30"], ["2024-03-05", "2024-03-06T14:30"]),
        (["05/03/2024", "06/03/2024"], [None, None]),  # nobody can tell
        (["13/03/2024", "03/13/2024"], [None, None]),  # they do not agree
        (["13/13/2024", "14/03/2024"], [None, None]),
        ([1_709_600_000, 1_709_600_001], ["2024-03-05T00:53:20", "2024-03-05T00:53:21"]),
        (["1709600000000"], ["2024-03-05T00:53:20"]),
        (["20240305"], ["2024-03-05"]),
        (["45356", 45356.75], ["2024-03-05", "2024-03-05T18:00"]),
        (["45000", "yesterday", "", None, "0000-00-00"], [None] * 5),
    ],
)
def test_dates_are_read_where_all_rows_agree(cells: list, dates: list) -> None:
    wanted = pd.Series(pd.to_datetime(dates, utc=True, format="ISO8601"))
    pd.testing.assert_series_equal(read_dates(pd.Series(cells)), wanted, check_dtype=False)
