"""Bodies of a bounded size, read as strict JSON."""

import json
from typing import IO, Any, NoReturn

from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from ccm.api.problems import TooLarge

LIMIT = 2**20


class BoundedJSONParser(BaseParser):
    """JSON of at most LIMIT bytes; the body of a longer one is not read to its end."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        try:
            raw = stream.read(LIMIT + 1)
        except UnreadablePostError as lost:
            raise ParseError(_("The body ended early.")) from lost
        if len(raw) > LIMIT:
            raise TooLarge(_("The body is longer than %(limit)d bytes.") % {"limit": LIMIT})
        try:
            return json.loads(raw, parse_constant=_refuse)
        except (ValueError, RecursionError) as bad:
            raise ParseError(_("The body is not JSON.")) from bad


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
