"""Addresses that no line of the log names, and no count: what is sent there is nobody's.

An app tells its own in `apps.py`; `ccm.watching` leaves out what is asked of them, by whomever.
"""

_places: set[str] = set()


def keep_out(place: str) -> None:
    """Have no request of this address, or of one below it, stand in the log."""
    _places.add(place)


def is_kept_out(path: str) -> bool:
    """Whether a path, with or without what follows its question mark and a slash at its end, is to
    be left out."""
    return f"{path.partition('?')[0].rstrip('/')}/".startswith(tuple(_places))
