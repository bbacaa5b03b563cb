"""The pages on which people are rows or choices among others, each with what it is of.

An app tells its own in `apps.py`, by the names of their addresses. Who looks at one is noted
(`ccm.viewed.note_list`), as far as they meet others there: whoever reaches nobody but themselves
does so on a few of them alone, where colleagues are shown, too.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from django.utils.functional import Promise

from ccm.access import AGENT, scope_of
from ccm.querysets import Viewer

Words = str | Promise
_pages: dict[str, Words] = {}
_with_colleagues: set[str] = set()


def register(pages: Mapping[str, Words], with_colleagues: Collection[str] = ()) -> None:
    """Have who looks at pages noted, by the names of their addresses; of these, `with_colleagues`
    show others also to who reaches nobody else."""
    _pages.update(pages)
    _with_colleagues.update(with_colleagues)


def pages() -> Mapping[str, Words]:
    """All of them, with what each is of."""
    return MappingProxyType(_pages)


def are_shown(address: str, viewer: Viewer) -> bool:
    """Whether somebody meets others at an address. No query where the user's scope is known."""
    if address not in _pages:
        return False
    scope = scope_of(viewer)
    reaches_others = scope.everything or bool(scope.roles - {AGENT})
    return reaches_others or address in _with_colleagues
