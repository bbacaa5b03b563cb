"""Secrets that come as files, as containers and service managers hand them over."""

from collections.abc import MutableMapping
from pathlib import Path

from ccm.stack.places import StackError

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "CCM_SECRET_KEY",
    "CCM_CALLER_KEY",
    "CCM_ADDRESS_KEYS",
    "CCM_FACTOR_KEYS",
    "CCM_AUDIT_KEY",
    "CCM_BACKUP_KEY",
    "CCM_OIDC_CLIENT_SECRET",
    "CCM_MAIL_URL",
    "CCM_METRICS_TOKEN",
)
"""Those whose values are not shown (`ccm.environment`): read before Django is, so said here."""


def read(env: MutableMapping[str, str]) -> None:
    """Of each setting whose name with `_FILE` names a file, its text, without the end of its line.

    Raises StackError where the file cannot be read or is empty, and where both are set: which of
    them holds would be a guess.
    """
    for name in NAMES:
        file = env.get(f"{name}_FILE")
        if not file:
            continue
        try:
            words = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as fault:
            raise StackError(f"{name}_FILE: {file} cannot be read ({fault}).") from None
        if not words:
            raise StackError(f"{name}_FILE: {file} is empty.")
        if env.get(name) not in (None, "", words):
            raise StackError(f"{name} and {name}_FILE are both set: leave one out.")
        env[name] = words
