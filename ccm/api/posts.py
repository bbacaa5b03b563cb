"""Posts that write records: where they may go, and that the same post twice is one.

A post with an `Idempotency-Key` is answered once: its answer is kept in the transaction that
stored its rows, and the same post again gets that answer without any work.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar

import polars as pl
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api.auth import TokenAuthentication, TokenScope
from ccm.api.fields import Text, object_schema
from ccm.api.parsers import BulkJSONParser
from ccm.api.problems import (
    CONTENT_TYPE,
    PROBLEM_SCHEMA,
    InFlight,
    Invalid,
    KeyReused,
    LengthRequired,
    Unavailable,
    problem_of,
)
from ccm.imports import undo
from ccm.imports.records import Chunk, frame_of
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Fates, Target
from ccm.live.events import Fault
from ccm.models import ApiToken, Posted, Site
from ccm.signals import record_changed

MOST_ROWS = 10_000
# A client that is unsure of a post asks again within days.
KEPT = timedelta(days=7)
KEY_LIMIT = 120
KEY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=(
        "Made anew for each post, kept for its repetitions: for seven days the same post with "
        "the same key gets the same answer and stores nothing. Another post with it is refused."
    ),
)
SOURCE = Text(80, "What wrote these records; with a record's id it says which record it is.")
SITE = Text(60, "The site, by its slug. Left out: the token's.")
# Where a single record says it belongs, beside its own members.
PLACE = {"source": SOURCE, "site": SITE}
PLACE_SCHEMA = object_schema(PLACE)["properties"]
# Makes a record of a posted object, now, and the pointer to it, or tells all that is wrong with it.
Reader = Callable[[object, datetime, str], Any]


class RecordsView(APIView):
    """A door for machines that write records: tokens of the scope `record:write`.

    It takes a list under `member`, or `one_alone` too.
    """

    parser_classes = [BulkJSONParser]
    authentication_classes = [TokenAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.WRITE_RECORD
    member: ClassVar[str]
    one_alone: ClassVar[bool] = True

    def reader(self, target: Target) -> Reader:
        """What reads a posted object that is for `target`."""
        raise NotImplementedError

    def chunk_of(self, good: dict[int, Any]) -> Chunk:
        """The records that were read, by their number in the post."""
        raise NotImplementedError

    def post(self, request: Request) -> Response:
        return once(request, self.member, lambda: (OK, self._stored(request)))

    def _stored(self, request: Request) -> dict[str, Any]:
        """The results of a post's records, stored. Raises Invalid for a single one that is
        wrong."""
        said = request.data
        target = destination(request, heading(said))
        several = self.member in said or not self.one_alone
        rows = rows_of(said, self.member) if several else [said]
        now, read = timezone.now(), self.reader(target)
        good: dict[int, Any] = {}
        faults: dict[int, list[Fault]] = {}
        for index, one in enumerate(rows):
            found = read(one, now, f"/{self.member}/{index}" if several else "")
            if isinstance(found, list):
                faults[index] = found
            else:
                good[index] = found
        if faults and not several:
            raise Invalid(_("The record is not valid."), errors_of(faults[0]))
        fates = store_chunk(self.chunk_of(good), target)
        return Results.of(len(rows), faults, fates).answer()


def once(request: Request, door: str, work: Callable[[], tuple[int, Any]]) -> Response:
    """The answer (status, body) of `work`, or the one that this very post got before.

    Raises KeyReused when its key came with another post, InFlight while that is worked on. Work
    and answer are one transaction.
    """
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired(_("Send the body in one piece, with its Content-Length."))
    user = request.user
    assert user.is_authenticated  # every door asks for that
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        status, answer = work()
        return Response(answer, status=status)
    if len(key) > KEY_LIMIT or not key.isprintable():
        words = _("An Idempotency-Key is plain text of at most %(limit)d characters.")
        raise Invalid(words % {"limit": KEY_LIMIT}, [])
    try:
        plain = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    except RecursionError as deep:
        raise Invalid(_("The body is nested too deeply."), []) from deep
    digest = hashlib.sha256(plain.encode()).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Of the same post sent twice at once the second waits outside, not in a thread here.
            lock = f"posted:{user.pk}:{door}:{key}"
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            if not cursor.fetchone()[0]:
                raise InFlight(_("This very post is being worked on; ask again for its answer."))
        before = Posted.objects.filter(user=user, door=door, key=key).first()
        if before is None:
            status, answer = work()
            Posted.objects.create(
                user=user, door=door, key=key, digest=digest, status=status, answer=answer
            )
            return Response(answer, status=status)
    if before.digest != digest:
        raise KeyReused(_("This Idempotency-Key came with another post before."))
    return Response(before.answer, status=before.status, headers={"Idempotent-Replayed": "true"})


def forget(now: datetime) -> int:
    """Drop answers that nobody will ask for again; how many."""
    return Posted.objects.filter(posted_at__lt=now - KEPT).delete()[0]


def destination(request: Request, said: Mapping[str, Any]) -> Target:
    """The site and source that a post is for: said, or the token's. Raises Invalid.

    A token that names either writes for no other. Its user is an admin, or manages the site.
    """
    token = request.auth
    assert isinstance(token, ApiToken)
    errors: list[dict[str, str]] = []
    source = said.get("source") or token.source
    if not source:
        errors.append({"pointer": "/source", "message": _("This is needed.")})
    elif token.source and source != token.source:
        words = _("This token writes as %(source)s.") % {"source": token.source}
        errors.append({"pointer": "/source", "message": words})
    slug = said.get("site") or (token.site.slug if token.site else "")
    site = Site.objects.managed_by(request.user).filter(slug=slug).first()
    if not slug:
        errors.append({"pointer": "/site", "message": _("This is needed.")})
    elif site is None or (token.site is not None and site.pk != token.site.pk):
        words = _("There is no such site within reach of this token.")
        errors.append({"pointer": "/site", "message": words})
    if errors or site is None:
        raise Invalid(_("It is not clear where this belongs."), errors)
    return Target(site, source, by_record=True)


@transaction.atomic
def store_chunk(chunk: Chunk, target: Target) -> Fates:
    """Write a chunk, and tell who recounts once it is committed. Raises Unavailable."""
    if not undo.none_begins(target.site.pk):
        # What is there now may be about to go.
        raise Unavailable(_("An import of this site is being taken back; try again."))
    fates = store(chunk, target)
    if fates.stored or fates.updated:
        transaction.on_commit(lambda: record_changed.send(sender=None))
    return fates


@dataclass(slots=True)
class Results:
    """What became of each row of a post, in its order."""

    rows: list[dict[str, Any]]

    @classmethod
    def of(cls, count: int, faults: Mapping[int, list[Fault]], fates: Fates) -> "Results":
        """`faults` are those of rejected rows, by their number; the others' are in `fates`."""
        rows: list[dict[str, Any]] = []
        for index in range(count):
            told: dict[str, Any]
            if index in faults:
                told = {"result": "rejected", "errors": errors_of(faults[index])}
            else:
                fate = fates.each[index]
                told = {"result": fate.fate}
                if fate.why:
                    told["errors"] = [{"pointer": "", "message": fate.why}]
                if fate.id:
                    told["id"] = _uuid(fate.id)
                if fate.waits_for_call:
                    told["waits_for_call"] = True
            rows.append({"index": index} | told)
        return cls(rows)

    def answer(self) -> dict[str, Any]:
        kinds = ("stored", "updated", "duplicate", "rejected")
        counts = {kind: sum(row["result"] == kind for row in self.rows) for kind in kinds}
        return counts | {"results": self.rows}


def errors_of(faults: list[Fault]) -> list[dict[str, str]]:
    return [{"pointer": fault.pointer, "message": fault.message} for fault in faults]


def _uuid(plain: str) -> str:
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def rows_of(said: object, name: str) -> list[Any]:
    """The rows of a post. Raises Invalid when there is no list, or too long a one."""
    rows = said.get(name) if isinstance(said, Mapping) else None
    words = ""
    if not isinstance(rows, list):
        words = _("This must be a list.")
    elif len(rows) > MOST_ROWS:
        words = _("At most %(limit)d rows in one post.") % {"limit": MOST_ROWS}
    if words:
        raise Invalid(words, [{"pointer": f"/{name}", "message": words}])
    assert isinstance(rows, list)
    return rows


def heading(said: object) -> dict[str, Any]:
    """What a post says of all its rows: source and site. Raises Invalid."""
    if not isinstance(said, Mapping):
        raise Invalid(_("The body must be a JSON object."), [])
    errors = []
    found: dict[str, Any] = {}
    for name, member in PLACE.items():
        value = said.get(name)
        if value is not None and not _is_name(value, member.limit):
            words = _("This must be text of a name's length.")
            errors.append({"pointer": f"/{name}", "message": words})
        elif value is not None:
            found[name] = value.strip()
    if errors:
        raise Invalid(_("It is not clear where this belongs."), errors)
    return found


def _is_name(value: object, limit: int) -> bool:
    """Whether this is text that a name in the database can be."""
    if not isinstance(value, str) or len(value) > limit or "\0" in value:
        return False
    # Half of a sign that takes two, which JSON can write and no encoding holds.
    return value.encode(errors="ignore").decode() == value


def lined(good: Mapping[int, Mapping[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    """Records told by name, each a line of the post, as a frame of a schema."""
    return frame([{**one, "line": index, "lines": 1} for index, one in good.items()], schema)


def frame(rows: Sequence[Mapping[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    """Records told by name as a frame of a schema."""
    return frame_of([tuple(one.get(name) for name in schema) for one in rows], schema)


def many(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a list of records under `name`, with where they belong."""
    rows = {"type": "array", "maxItems": MOST_ROWS, "items": schema}
    return {"type": "object", "required": [name], "properties": PLACE_SCHEMA | {name: rows}}


def one_or_many(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of one record with where it belongs, or of a list of them."""
    one = schema | {"properties": schema["properties"] | PLACE_SCHEMA}
    return {"oneOf": [many(name, schema), one]}


RESULTS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["stored", "updated", "duplicate", "rejected", "results"],
    "properties": {
        "stored": {"type": "integer", "description": "Rows that are new."},
        "updated": {"type": "integer", "description": "Rows that told more of a known record."},
        "duplicate": {"type": "integer", "description": "Rows that told nothing new."},
        "rejected": {"type": "integer", "description": "Rows that could not be read."},
        "results": {
            "type": "array",
            "description": "What became of each row, in the order of the post.",
            "items": {
                "type": "object",
                "required": ["index", "result"],
                "properties": {
                    "index": {"type": "integer", "description": "Its place in the list, from 0."},
                    "result": {
                        "type": "string",
                        "enum": ["stored", "updated", "duplicate", "rejected"],
                    },
                    "id": {"type": "string", "format": "uuid", "description": "The record's id."},
                    "waits_for_call": {
                        "type": "boolean",
                        "description": "True where it names a call that is not there yet.",
                    },
                    "errors": PROBLEM_SCHEMA["properties"]["errors"],
                },
            },
        },
    },
}


PROBLEMS: dict[Any, OpenApiResponse] = {
    (400, CONTENT_TYPE): problem_of("Not JSON, no list, or no site and source to write for"),
    (401, CONTENT_TYPE): problem_of("No token, or one that is not good"),
    (403, CONTENT_TYPE): problem_of("The token may not write records"),
    (409, CONTENT_TYPE): problem_of("The same post is being worked on; ask again"),
    (411, CONTENT_TYPE): problem_of("The body comes in pieces"),
    (413, CONTENT_TYPE): problem_of("The body is too long"),
    (415, CONTENT_TYPE): problem_of("The body is not announced as JSON, or is compressed"),
    (422, CONTENT_TYPE): problem_of("The Idempotency-Key came with another post before"),
    (503, CONTENT_TYPE): problem_of(
        "Try again: the database is away, or an import of the site is taken back"
    ),
}
OK = int(HTTPStatus.OK)
CREATED = int(HTTPStatus.CREATED)
