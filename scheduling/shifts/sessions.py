"""What is planned within shifts that is not for contacts: training, coaching, meetings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """So many minutes of something for these people, once, wholly between two moments.

    `together`: all at the same time, as many as are there; else each at a time of their own.

    `weight` is what it costs for each of them who has none. `kind` is what it is paid and counted
    as, in words of who keeps it.
    """

    id: str
    name: str
    minutes: int
    people: tuple[str, ...]
    since: int
    until: int
    together: bool = False
    weight: int = 100
    kind: str = "other"
