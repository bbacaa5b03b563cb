"""No password is longer than the sign-in page takes, wherever it is chosen."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_PASSWORD = 1000
"""Of a longer one the hash would take its time."""


class Longest:
    """One of Django's validators of passwords."""

    def validate(self, password: str, user: object = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            words = _("This password is too long: it has at most %(most)d characters.")
            raise ValidationError(words % {"most": LONGEST_PASSWORD}, code="password_too_long")

    def get_help_text(self) -> str:
        return _("It has at most %(most)d characters.") % {"most": LONGEST_PASSWORD}
