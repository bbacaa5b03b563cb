"""Bodies of a bounded size, read as strict JSON."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, NoReturn

from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from ccm.api.fields import MOST_FAULTS, step
from ccm.api.problems import Invalid, TooLarge
from ccm.live.events import unwritable

# A null, and half a surrogate pair.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


class BoundedJSONParser(BaseParser):
    """JSON of at most `limit` bytes; the body of a longer one is not read to its end."""

    media_type = "application/json"
    limit = 2**20

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        coding = (parser_context or {})["request"].headers.get("Content-Encoding", "identity")
        if coding != "identity":
            # However little comes in, nobody knows how much it would unfold to.
            raise UnsupportedMediaType(coding, _("Send the body as it is, not compressed."))
        try:
            raw = stream.read(self.limit + 1)
        except UnreadablePostError as lost:
            raise ParseError(_("The body ended early.")) from lost
        if len(raw) > self.limit:
            raise TooLarge(_("The body is longer than %(limit)d bytes.") % {"limit": self.limit})
        try:
            return json.loads(raw, parse_constant=_refuse, object_pairs_hook=_object)
        except (ValueError, RecursionError) as bad:
            raise ParseError(_("The body is not JSON.")) from bad


class BulkJSONParser(BoundedJSONParser):
    """Of thousands of rows."""

    limit = 16 * 2**20


class ActJSONParser(BoundedJSONParser):
    """Of one thing that is done or asked: what no column holds, and no answer could repeat, is
    refused, wherever it stands in it. Bodies of rows are not, of which each is read and refused by
    itself."""

    def parse(self, *args: Any, **more: Any) -> Any:
        found = super().parse(*args, **more)
        if errors := list(islice(_unwritable(found), MOST_FAULTS)):
            raise Invalid(errors[0]["message"], errors)
        return found


def _unwritable(found: object) -> Iterator[dict[str, str]]:
    """Where names and texts have signs that no column holds: a null, or half a surrogate pair."""
    left = [("", found)]
    while left:
        at, one = left.pop()
        if isinstance(one, str) and _UNWRITABLE.search(one):
            yield {"pointer": at, "message": unwritable()}
        elif isinstance(one, dict):
            for name in one:
                if _UNWRITABLE.search(name):
                    yield {"pointer": f"{at}/{step(name)}", "message": unwritable()}
            left += [(f"{at}/{step(name)}", each) for name, each in one.items()]
        elif isinstance(one, list):
            left += [(f"{at}/{place}", each) for place, each in enumerate(one)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, which says each thing once: of two that differ nobody knows which is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError(_("An object in the body names a member twice."))
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
