"""Amounts of money as lists write them, and what currency they are in. Pure."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

# Signs, and the currencies that use them. Where there are several the sign alone does not tell.
SIGNS = {
    "€": ("EUR",),
    "£": ("GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SDG", "SYP"),
    "$": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "BRL"),
    "¥": ("JPY", "CNY"),
}
CENT = Decimal("0.01")
MOST = Decimal(10) ** 12
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")


def is_code(text: str) -> bool:
    """Whether a text is shaped as a code of ISO 4217 is."""
    return bool(re.fullmatch("[A-Z]{3}", text))


def currency_of(cell: str, said: str, usual: str) -> str | None:
    """The currency of an amount: what its cell says, else what its row says, else the site's.

    "" where none of them says one. None where they contradict each other, or where the cell has a
    sign that several currencies share and neither of the others is one of them.
    """
    if hit := _CODE.search(cell):
        return hit[1] if said in ("", hit[1]) else None
    sign = next((one for one in SIGNS if one in cell), "")
    if not sign:
        return said or usual
    fitting = SIGNS[sign]
    if said:
        return said if said in fitting else None
    if usual in fitting:
        return usual
    return fitting[0] if len(fitting) == 1 else None


def cents(value: float) -> Decimal:
    """An amount to the hundredth."""
    return Decimal(repr(value)).quantize(CENT, ROUND_HALF_EVEN)
