"""Files that somebody names to a command, and in words why one of them cannot be read."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

LONGEST_LINE = 100_000


def why_not(path: Path, fault: OSError) -> str:
    """Why the system, or its packing, does not let a file be read."""
    if isinstance(fault, FileNotFoundError | NotADirectoryError):
        words = _("There is no file %(name)s.")
    elif isinstance(fault, IsADirectoryError):
        words = _("%(name)s is a folder, not a file.")
    elif isinstance(fault, PermissionError):
        words = _("%(name)s may not be read by who runs this.")
    elif isinstance(fault, gzip.BadGzipFile):
        words = _("%(name)s is not gzipped, though its name says so, or it is damaged.")
    else:
        words = _("%(name)s cannot be read: %(reason)s.")
    return words % {"name": path, "reason": fault.strerror or fault}


def lines(stream: IO[str]) -> Iterator[str]:
    """The lines of a table. Raises ValueError of one so long that it is of none: whoever sends a
    file without an end would fill the memory."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise ValueError(_("Line %(n)d is too long to be of a table.") % {"n": number})
        yield line
