"""Copies of the whole record in one file: made, checked, sealed under a key, and read back.

`sealed` is the enciphered file and `manifest` what a copy says of itself, both without a database;
`archive` opens a copy and holds it against its manifest, `sums` says what tables hold, `programs`
runs PostgreSQL's own; `making` and `restoring` do the work of the two commands.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccm.models import Backup


class Refused(Exception):
    """No copy was made, or none was read; the words are for whoever typed the command."""


def last() -> "Backup | None":
    """The newest copy that was made and read back whole; None: none that this database knows of."""
    from ccm.models import Backup

    return Backup.objects.order_by("-made_at", "-pk").first()
