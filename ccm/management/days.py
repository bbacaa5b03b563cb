"""Days as commands are asked for them."""

from argparse import ArgumentTypeError
from datetime import date

from django.utils.translation import gettext as _


def day(text: str) -> date:
    """A day as YYYY-MM-DD. Raises ArgumentTypeError, in words, for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        words = _("%(text)s is no day: write YYYY-MM-DD, as 2026-03-02.")
        raise ArgumentTypeError(words % {"text": text}) from None
