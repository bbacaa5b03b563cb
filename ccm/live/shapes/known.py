"""The shapes that events may be posted in, by the names that posts ask for."""

from collections.abc import Mapping

from ccm.live.shapes import Reader, amazon_connect

BUILT_IN: Mapping[str, Reader] = {amazon_connect.NAME: amazon_connect.read}


def reader(name: str) -> Reader | None:
    """The reader of a shape; None where there is none of that name."""
    return BUILT_IN.get(name)
