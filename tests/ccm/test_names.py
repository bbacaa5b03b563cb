"""Names as people see them."""

import polars as pl
import pytest

from ccm import names


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Sales", "Sales"),
        ("\u200bSales\u200b ", "Sales"),
        ("\ufeffSales\u2060", "Sales"),
        ("\u202eselaS\u202c", "selaS"),
        ("Sa\u2067l\u2069es\x07", "Sales"),
        ("North  Hall", "North  Hall"),  # space is seen
        ("\u200b\u200d", ""),
        ("\u3164", ""),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiner is spelling
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_a_name_is_what_people_see_of_it(written, seen):
    assert names.visible(written) == seen
    assert pl.Series([written]).str.replace_all(names.INVISIBLE, "").item() == seen
