"""What somebody typed as a telephone number, as callers are told by. Pure."""

from ccm.digits import plainly, without_signs

# ITU-T E.164 has 15 digits at most; the shortest that are called from outside have five.
FEWEST, MOST = 5, 15


def number_of(text: str) -> str:
    """The number, with no dash but the plain one; empty: it is not 5 to 15 digits with the signs
    that people write between them."""
    plain = plainly(text.strip())
    # What `ccm.callers` passes over, and no more: another hash would be of nobody.
    digits = without_signs(plain)
    is_one = digits.isascii() and digits.isdigit() and FEWEST <= len(digits) <= MOST
    return plain if is_one else ""
