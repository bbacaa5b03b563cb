"""Where the key of copies comes from: a file that the command names, else CCM_BACKUP_KEY."""

import argparse
from pathlib import Path

from django.conf import settings

from ccm.backups import Refused


def add_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="whose first line is the key (default: CCM_BACKUP_KEY; without either, no seal)",
    )


def key(file: Path | None) -> str | None:
    """The key's words; None: there is none. Raises Refused for a file without one."""
    if file is None:
        return settings.BACKUP_KEY or None
    try:
        words = (file.read_text(encoding="utf-8").splitlines() or [""])[0].strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise Refused(f"The key cannot be read from {file}: {fault}.") from None
    if not words:
        raise Refused(f"{file} holds no key.")
    return words
