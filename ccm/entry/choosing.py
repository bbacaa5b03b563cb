"""No password is chosen that is guessed first, wherever it is chosen."""

import gzip
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.entry.guessable import SHORTEST_WORD, Rule, house_words, plain, why
from ccm.models import Site

PRODUCT = ("ccm", "call", "calls", "centre", "center", "callcentre", "callcenter")
"""How the program and what it is for are called."""
_WORDS = {
    Rule.DIGITS: gettext_lazy("Digits and signs alone are guessed first."),
    Rule.PIECE: gettext_lazy("It is a short piece again and again."),
    Rule.ROW: gettext_lazy("Most of it is a row of the alphabet, of digits or of the keyboard."),
    Rule.COMMON: gettext_lazy(
        "It is a word that many use, with digits, signs or swapped letters: too common."
    ),
    Rule.HOUSE: gettext_lazy(
        "It is made of words of this house: a site's, the program's or the organisation's."
    ),
}


@cache
def common_words() -> frozenset[str]:
    """Passwords that many use, as Django brings them, from four letters on."""
    there = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
    with gzip.open(there, "rt", encoding="utf-8") as lines:
        found = (plain(line.strip()) for line in lines)
        return frozenset(one for one in found if len(one) >= SHORTEST_WORD)


def words_of_the_house() -> frozenset[str]:
    """Names of sites, of the program, and what the organisation says (`CCM_HOUSE_WORDS`). One
    query."""
    sites = Site.objects.values_list("name", flat=True)
    return house_words([*PRODUCT, *settings.HOUSE_WORDS, *sites])


class NotGuessable:
    """One of Django's validators of passwords."""

    def validate(self, password: str, user: object = None) -> None:
        rule = why(password, common_words(), words_of_the_house())
        if rule is not None:
            words = f"{_WORDS[rule]} {self.what_would_do()}"
            raise ValidationError(words, code=f"password_{rule.value}")

    def what_would_do(self) -> str:
        return _(
            "Four words that do not belong together will do, or what a password manager makes."
        )

    def get_help_text(self) -> str:
        return self.what_would_do()
