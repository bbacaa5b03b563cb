"""The signs that people write between the digits of a telephone number. Pure.

`ccm.callers` goes by `SIGNS` alone, for hashes that are kept were made so; whoever reads what
people typed first writes other dashes as the plain one (`plainly`).
"""

import re

SIGNS = r"\s().+/\-"
"""For a class of a regular expression."""
# Dashes of all lengths, the one that never breaks and the sign of minus among them; a soft hyphen.
DASHES = "\u2010-\u2015\u2212\u00ad"
_SIGNS, _DASHES = re.compile(f"[{SIGNS}]"), re.compile(f"[{DASHES}]")


def without_signs(number: str) -> str:
    """What is left where the signs between digits are passed over."""
    return _SIGNS.sub("", number)


def plainly(number: str) -> str:
    """A number with no dash but the plain one."""
    return _DASHES.sub("-", number)
