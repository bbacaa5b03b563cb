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
# ISO 4217, list one, and what has left it since 2015: costs of those years are told in it.
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD "
    "BTN BWP BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK "
    "DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR "
    "ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL "
    "LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE "
    "SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN "
    "UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL"
)
CODES = frozenset(_CODES.split())
CENT = Decimal("0.01")
MOST = Decimal(10) ** 12
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")


def is_code(text: str) -> bool:
    """Whether a text is a currency's code of ISO 4217."""
    return text in CODES


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
