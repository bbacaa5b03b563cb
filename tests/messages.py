"""What a page says to whoever did something, as tests read it."""

from typing import Any


def told(page: Any) -> list[tuple[str, str]]:
    """Level and words of each message on a page that was asked for with `follow=True`."""
    return [(one.level_tag, str(one)) for one in page.context["messages"]]
