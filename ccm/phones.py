"""Telephone numbers in texts that are no identity, made unreadable before they are stored.

What is taken for one, with blanks, dots, slashes, dashes and brackets between its digits:

- a plus and 8 to 15 digits (ITU-T E.164), wherever it stands;
- 00, no further 0, and 8 to 13 digits more;
- 9 to 15 digits after a word such as Tel, phone, mobile, call back, Rückruf, rappeler;
- a whole text of 9 to 15 digits with separators that begins with one 0 or its bracket, or is
  written as in North America, 212-555-0123;
- a whole value of 9 to 15 digits, even bare, whose column's name says that it is a telephone;
- in what people write or say, wherever it stands: 10 or 11 digits, even bare, that begin with one
  0 (07911 123456, 020 7946 0958), 12 that begin as German mobiles do (0151, 0160, 0170 ...), and
  North America's groups of three, three and four with dashes, dots or brackets (212-555-0123).

So bare digits stay where nothing says what they are: ids, order numbers, epochs, amounts. What
reads as a date, a decimal number such as 1543480170.123, or an amount of groups of three is none,
whatever stands before it. Where people write, one that begins with 0 stays right behind a word for
something else ("order 0171555123"), and as a part of an id (INV-0171555123). The last three digits
stay, as of callers (`ccm.callers`).
"""

import re
from collections.abc import Iterator

import polars as pl

_FEWEST, _MOST = 9, 15
_MANY_AT_HOME, _MOST_AT_HOME = (10, 11), 12
_SHOWN = 3
_BETWEEN = r"[ \u00a0\u202f./()\u2010-\u2015-]"
_DIGITS = rf"\d(?:{_BETWEEN}{{0,3}}\d)*+"
# Words of English, French, German, Spanish, Italian, Portuguese and Dutch. The long are found
# within other words too: Kundentelefon, Mobilnummer.
_STEMS = (
    r"t[eé]l[eéè]?(?:f|ph)[oó]|phone|mobil|mobiel|m[oó]vil|cellul|celular|handy|whatsapp"
    r"|call[ _-]?back|r(?:ü|ue)ckruf|zurückruf|rappel|richiam|terugbel|rufnummer|anrufer|caller"
    r"|appelant|chiamante|llamante|chamador|beller"
)
_SHORT = r"t[eé]l|telnr|fon|cell|cel|gsm|portable|ani|cli|fax"
_WORD = rf"(?:(?:{_STEMS})\w{{0,20}}|(?<![^\W_])(?:{_SHORT})(?![^\W_]))"
_GAP = r"(?:[^\w\n(+]|\b(?:no|nr|num|number|nummer|num[eé]ro|on|at|under|unter|is|ist|au|al|op)\b)"
_FOUND = re.compile(
    rf"(?<![\w.,:+/-])(?P<plus>\+\(?{_DIGITS}|00{_BETWEEN}?(?=[1-9]){_DIGITS})"
    rf"|(?P<word>{_WORD}{_GAP}{{0,8}})(?P<told>\(?{_DIGITS})",
    re.I,
)
# With a separator or a bracket after what a number begins with at home.
_HOME = re.compile(rf"\(?0[1-9]\d*{_BETWEEN}{{1,3}}{_DIGITS}")
_AMERICAN = re.compile(r"(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-. ])[2-9]\d\d[-. ]\d{4}")
_WHOLE = re.compile(rf"\(?{_DIGITS}")
OTHERS = (
    r"orders?|ref(?:erence)?s?|invoices?|tickets?|bookings?|cases?|claims?|polic(?:y|ies)|meters?"
    r"|parcels?|tracking|serial|contracts?|customer[ -]?(?:numbers?|no|id)|isbn|bestell\w*"
    r"|auftrag\w*|rechnung\w*|vertrag\w*|kundenn\w*|commandes?|factures?|dossiers?|contrats?|pedidos?|facturas?|contratos?|ordin[ei]"
)
"""Words for what else has a number."""
_NAMED_ELSE = re.compile(
    rf"\b(?:{OTHERS})(?:[ \u00a0#:.-]"
    r"|\b(?:no|nr|num|number|nummer|num[eé]ro|id|is|was|ist|war|est|es)\b){0,8}$",
    re.I,
)
_FARTHEST = 40
# Not within an id, an address or a sum.
_ALONE = r"(?<![\w•+#=])(?<!\d[.:])(?<!\w-)(?<![^\s\d]/)"
_AT_HOME = re.compile(
    rf"{_ALONE}(?:(?P<home>\(?0(?:\) ?| )?(?=[1-9]){_DIGITS})"
    r"|(?P<american>(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])[2-9]\d\d[-.]\d{4})(?![\w:]|-\d))",
    re.A,
)
_SPACED_DATE = re.compile(r"(?:0?[1-9]|[12]\d|3[01]) (?:0[1-9]|[12]\d|3[01]) (?:19|20)\d\d\b")
_GERMAN_MOBILE = re.compile("01[567]")
_GROUP = re.compile(r"\d+")
_DATE = re.compile(
    r"(?:(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])\1(?:[0-2]?\d|3[01])"
    r"|(?:[0-2]?\d|3[01])([-./])(?:[0-2]?\d|3[01])\2(?:(?:19|20)\d\d|\d\d)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?)"
    r"(?!\d|[-./]\d)"
)
_AMOUNT = re.compile(r"\d+\.\d+|\d{1,3}(?:([ .])\d{3})+(?:,\d+)?|\d{1,3}(?: \d{3})+\.\d\d")
_NAME = re.compile(_WORD, re.I)
_NAME_OF_TIME = re.compile(
    r"dur|dauer|zeit|time|temps|tiempo|tempo|tijd|date|datum|fecha|epoch|seconds|sek", re.I
)
# Looks that pass over nearly every text.
_NEAR = r"[ \x{a0}\x{202f}./()\x{2010}-\x{2015}-]{0,3}"
_LONG = rf"[0-9](?:{_NEAR}[0-9]){{7}}"
_SUSPECT = (
    rf"\+\(?[0-9]|(?:^|[^0-9A-Za-z])00{_NEAR}[1-9]|(?i:{_STEMS}|\b(?:{_SHORT}))"
    rf"|(?:^|\")\(?(?:0[1-9]|[2-9][0-9]{{2}}\)?[-. ]|1[-. ])[0-9 ./()-]+(?:$|\")"
)
_SUSPECT_AT_HOME = r"(?:^|[^0-9])0[) ]{0,2}[1-9]|[2-9][0-9]{2}[-.) ]{1,2}[2-9][0-9]{2}[-.][0-9]{4}"


def says_phone(name: str) -> bool:
    """Whether a column of this name holds telephone numbers: "Kunde Mobil", "ANI"."""
    return bool(_NAME.search(name)) and not _NAME_OF_TIME.search(name)


def hidden(text: str, name: str = "", *, at_home: bool = False) -> str:
    """A text with its telephone numbers hidden. `name` is that of the column it is of, if any;
    `at_home` where people write or say it, with the numbers that are so written in a country."""
    if sum(map(str.isdecimal, text)) < 8:
        return text
    plain = text.strip()
    if _WHOLE.fullmatch(plain) and (
        says_phone(name) or _HOME.fullmatch(plain) or _AMERICAN.fullmatch(plain)
    ):
        number, end = _hidden_number(plain, "", _FEWEST)
        text = number + plain[end:]
        if not at_home:
            return text
    pieces, behind = [], 0
    # What stands behind a number is looked at by itself: it may be the next one.
    while hit := _FOUND.search(text, behind):
        group, fewest = ("plus", 8) if hit["plus"] else ("told", _FEWEST)
        number, end = _hidden_number(hit[group], text[hit.end() :], fewest)
        pieces += [text[behind : hit.start(group)], number]
        behind = hit.start(group) + end
    text = "".join([*pieces, text[behind:]])
    if not at_home:
        return text
    pieces, behind = [], 0
    for start, end in found_at_home(text):
        pieces += [text[behind:start], f"•••{_digits(text[start:end])[-_SHOWN:]}"]
        behind = end
    return "".join([*pieces, text[behind:]])


def found_at_home(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand, [start, end), that are written as in a country: beginning with 0, or as
    in North America."""
    behind = 0
    while hit := _AT_HOME.search(text, behind):
        start, behind = hit.span()
        if hit["home"]:
            if _NAMED_ELSE.search(text, max(0, start - _FARTHEST), start):
                continue
            length, passed = _length_at_home(hit["home"], text[behind : behind + 2])
            behind = start + (length or passed)
            if not length:
                continue
        yield start, behind


def suspect(column: pl.Series, *, at_home: bool = False) -> pl.Series:
    """Which texts, or JSON objects, may hold a telephone number; as `hidden`."""
    looks = f"{_SUSPECT}|{_SUSPECT_AT_HOME}" if at_home else _SUSPECT
    return (column.str.contains(_LONG) & column.str.contains(looks)).fill_null(False)


def hidden_cells(cells: pl.Series, name: str) -> pl.Series:
    """A column of cells of which those that are nothing but a plain number are hidden, all at
    once. The rest, which may need a closer look, stays as it is."""
    if cells.dtype != pl.String:
        return cells
    rules = [r"^\+[1-9][0-9 ()/-]{7,22}$", r"^0[1-9][0-9]{1,4}[ /-][0-9][0-9 -]{4,18}$"]
    if says_phone(name):
        # A stamp such as 20250513100000 is none.
        rules.append(r"^(?:0|1[0-8]|2[1-9]|[3-9])[0-9]{8,14}$")
    is_number = cells.str.contains("|".join(rules)).fill_null(False)
    if not is_number.any():
        return cells
    digits = cells.str.replace_all("[^0-9]", "")
    is_number &= digits.str.len_bytes().is_between(_FEWEST, _MOST).fill_null(False)
    short = "•••" + digits.str.slice(-_SHOWN)
    return pl.select(pl.when(is_number).then(short).otherwise(cells).alias(cells.name)).to_series()


def _hidden_number(run: str, after: str, fewest: int) -> tuple[str, int]:
    """The number, or several, that a run of digits and separators begins with, hidden, and where
    that ends; the whole run as it is where it begins with none.

    `after` is the text behind it, which may tell that the end is of something else.
    """
    if _DATE.match(run) or _AMOUNT.fullmatch(run) or re.match(r",\d", after):
        return run, len(run)
    number, end = "", 0
    for group in _GROUP.finditer(run):
        is_clock = group.end() == len(run) and re.match(r":\d", after)
        if len(number) + len(group[0]) > _MOST or is_clock:
            break
        if number and _DATE.match(run, group.start()):
            break
        # A slash, or another country's code, behind a whole number begins the next one.
        begins = "/" in run[end : group.start()] or re.match("00[1-9]", group[0])
        if len(number) >= fewest and begins:
            start = group.start()
            more, length = _hidden_number(run[start:], after, _FEWEST)
            return f"•••{number[-_SHOWN:]}{run[end:start]}{more}", start + length
        number, end = number + group[0], group.end()
    if len(number) < fewest:
        return run, len(run)
    return f"•••{number[-_SHOWN:]}", end


def _length_at_home(run: str, after: str) -> tuple[int, int]:
    """How much of a run of digits and separators is a number of 10 or 11 digits that begins with 0;
    0 where none is. And how much of it is looked at with that: behind it another may begin.

    `after` is the text behind it, which may tell that its last digits are of something else.
    """
    if date := _DATE.match(run) or _SPACED_DATE.match(run) or _AMOUNT.fullmatch(run):
        return 0, date.end()
    number, end, longest, first = "", 0, 0, 0
    for group in _GROUP.finditer(run):
        first = first or group.end()
        if group.end() == len(run) and re.match(r"[^\W\d]|:\d", after):
            break
        # A single digit behind longer groups is something else's: "0171 555120, 3 times".
        if end and len(group[0]) == 1 and longest > 1:
            break
        number += group[0]
        longest = max(longest, len(group[0]))
        many = len(number)
        if many in _MANY_AT_HOME or (many == _MOST_AT_HOME and _GERMAN_MOBILE.match(number)):
            end = group.end()
        if many >= _MOST_AT_HOME:
            break
    return end, first


def _digits(text: str) -> str:
    return "".join(_GROUP.findall(text))
