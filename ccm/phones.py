"""Telephone numbers in texts that are no identity, made unreadable before they are stored.

What is taken for one, with blanks, dots, slashes, dashes and brackets between its digits:

- a plus and 8 to 15 digits (ITU-T E.164), wherever it stands;
- 00, no further 0, and 8 to 13 digits more;
- 9 to 15 digits after a word such as Tel, phone, mobile, call back, Rückruf, rappeler;
- a whole text of 9 to 15 digits with separators that begins with one 0 or its bracket, or is
  written as in North America, 212-555-0123;
- a whole value of 9 to 15 digits, even bare, whose column's name says that it is a telephone.

So bare digits stay where nothing says what they are: ids, order numbers, epochs, amounts. What
reads as a date, a decimal number such as 1543480170.123, or an amount of groups of three is none,
whatever stands before it. The last three digits stay, as of callers (`ccm.callers`).
"""

import re

import polars as pl

_FEWEST, _MOST = 9, 15
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


def says_phone(name: str) -> bool:
    """Whether a column of this name holds telephone numbers: "Kunde Mobil", "ANI"."""
    return bool(_NAME.search(name)) and not _NAME_OF_TIME.search(name)


def hidden(text: str, name: str = "") -> str:
    """A text with its telephone numbers hidden. `name` is that of the column it is of, if any."""
    if sum(map(str.isdecimal, text)) < 8:
        return text
    plain = text.strip()
    if _WHOLE.fullmatch(plain) and (
        says_phone(name) or _HOME.fullmatch(plain) or _AMERICAN.fullmatch(plain)
    ):
        number, end = _hidden_number(plain, "", _FEWEST)
        return number + plain[end:]
    pieces, behind = [], 0
    # What stands behind a number is looked at by itself: it may be the next one.
    while hit := _FOUND.search(text, behind):
        group, fewest = ("plus", 8) if hit["plus"] else ("told", _FEWEST)
        number, end = _hidden_number(hit[group], text[hit.end() :], fewest)
        pieces += [text[behind : hit.start(group)], number]
        behind = hit.start(group) + end
    return "".join([*pieces, text[behind:]])


def suspect(column: pl.Series) -> pl.Series:
    """Which texts, or JSON objects, may hold a telephone number."""
    return (column.str.contains(_LONG) & column.str.contains(_SUSPECT)).fill_null(False)


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
