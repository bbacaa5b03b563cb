"""Is what somebody typed a telephone number? Pure."""

import re

# ITU-T E.164 has 15 digits at most; the shortest that are called from outside have five.
FEWEST, MOST = 5, 15
_BETWEEN = re.compile(r"[\s\u00a0\u202f().+/\u2010-\u2015-]")


def is_number(text: str) -> bool:
    """Whether it is 5 to 15 digits, with the signs that people write between them."""
    digits = _BETWEEN.sub("", text)
    return digits.isascii() and digits.isdigit() and FEWEST <= len(digits) <= MOST
