"""What became of transcripts, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qa.transcripts import Expected, Kind, Misread
from qa.transcripts.transcript import (
    LATEST_MS,
    LONGEST_LABEL,
    LONGEST_LINE,
    MOST_CHARACTERS,
    MOST_LINES,
    MOST_WORDS,
)

FATES: dict[str, str | Promise] = {
    "stored": gettext_lazy("Stored"),
    "updated": gettext_lazy("Updated"),
    "same": gettext_lazy("There already"),
    "refused": gettext_lazy("Refused"),
}
HIDDEN: dict[Kind, str | Promise] = {
    Kind.CARD: gettext_lazy("Numbers and expiry of payment cards"),
    Kind.CODE: gettext_lazy("Security codes of cards"),
    Kind.ACCOUNT: gettext_lazy("Account numbers, sort codes"),
    Kind.PHONE: gettext_lazy("Telephone numbers"),
    Kind.EMAIL: gettext_lazy("Mail addresses"),
    Kind.POSTCODE: gettext_lazy("Postcodes"),
}
"""Kinds of what a transcript says that are made unreadable."""
LEVELS = {"stored": "ok", "updated": "ok", "same": "none", "refused": "bad"}
_EXPECTED: dict[Expected, str | Promise] = {
    Expected.LESS: gettext_lazy("at most %(characters)s characters"),
    Expected.FEWER_LINES: gettext_lazy("at most %(lines)s lines"),
    Expected.SHORTER_LINE: gettext_lazy("at most %(line)s characters in a line"),
    Expected.FEWER_WORDS: gettext_lazy("at most %(words)s characters of words"),
    Expected.SHORTER_LABEL: gettext_lazy("a speaker's name of at most %(label)s characters"),
    Expected.UTF: gettext_lazy("text in UTF-8, or in UTF-16 with its mark"),
    Expected.JSON: gettext_lazy("JSON that is whole"),
    Expected.SEGMENTS: gettext_lazy("a list of segments"),
    Expected.SEGMENT: gettext_lazy("a segment with its words"),
    Expected.WORDS: gettext_lazy("words as a text"),
    Expected.LABEL: gettext_lazy("a speaker as a text or a number"),
    Expected.TIME: gettext_lazy(
        "a time: a number that is not negative, or a clock as 01:02 or 01:02:03.456"
    ),
    Expected.NOT_SO_LATE: gettext_lazy("a time within %(hours)s hours"),
    Expected.END_AFTER_START: gettext_lazy("an end that is not before the start"),
    Expected.CUE: gettext_lazy("a cue with its times, as 00:01.000 --> 00:04.500"),
    Expected.SOMETHING: gettext_lazy("something said"),
}


def misread(wrong: Misread) -> str:
    """What should have been there."""
    words = str(_EXPECTED[wrong.expected]) % {
        "characters": f"{MOST_CHARACTERS:,}", "lines": f"{MOST_LINES:,}",
        "line": f"{LONGEST_LINE:,}", "words": f"{MOST_WORDS:,}", "label": LONGEST_LABEL,
        "hours": LATEST_MS // 3_600_000,
    }  # fmt: skip
    return _("Expected: %(what)s.") % {"what": words}
