"""`POST /api/v1/surveys/`: answers of callers, of a known call or of none."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view

from ccm.api import posts
from ccm.api.calls import SURVEY, survey
from ccm.api.fields import Member, Moment, Row, Text, object_schema
from ccm.identity import milliseconds
from ccm.imports.records import SURVEYS, Chunk, extra_json
from ccm.imports.storing.target import Target
from ccm.live.events import Fault

ANSWER: dict[str, Member] = {
    "id": Text(120, "The answer's id at its source; with kind and time it is the answer."),
    **SURVEY,
    "answered_at": Moment("When it was answered."),
    "call": Text(120, "The id of the call (or of its contact) at its source, where it is known."),
    "queue": Text(120, "The queue's name; if left out, the call's. One of the two is needed."),
    "agent": Text(160, "Whom it is about, as the source writes the name; else the call's."),
}
_NEEDED = ("id", "kind", "score", "min", "max", "answered_at")
_KNOWN = frozenset({*ANSWER, *posts.PLACE})
_ANSWER_SCHEMA = object_schema(ANSWER, *_NEEDED)


@extend_schema_view(
    post=extend_schema(
        operation_id="post_surveys",
        summary="Post survey answers",
        description=(
            "One answer, or up to 10,000 in the member surveys. Each is one question on its own "
            "scale. An answer that names its call is linked to it, also when the call comes later, "
            "and counts on the call's day; one without counts on its queue on the day it was "
            "given, and one that names neither is rejected. Posted again it corrects itself."
        ),
        parameters=[posts.KEY_PARAMETER],
        request={"application/json": posts.one_or_many("surveys", _ANSWER_SCHEMA)},
        responses={200: posts.RESULTS_SCHEMA, **posts.PROBLEMS},
    )
)
class SurveysView(posts.RecordsView):
    """Takes one answer or a list."""

    member = "surveys"

    def reader(self, target: Target) -> posts.Reader:
        return read

    def chunk_of(self, good: dict[int, Any]) -> Chunk:
        return Chunk(position=len(good), read=len(good), surveys=posts.lined(good, SURVEYS))


def read(said: object, now: datetime, at: str) -> dict[str, Any] | list[Fault]:
    """One posted answer as a row of SURVEYS, or all that is wrong with it."""
    row = Row(said, ANSWER, now, at)
    row.needs("id", "answered_at")
    if not (row["call"] or row["queue"] or row.faults):
        row.wrong("queue", _("Name its call, or else its queue: of neither it counts nowhere."))
    found = survey(row, row, None)
    extra = extra_json(**row.others(_KNOWN))
    if row.faults:
        return row.faults
    return found | {
        "external_id": row["id"],
        "birth_ms": milliseconds(row["answered_at"]),
        "call_ref": row["call"],
        "queue": row["queue"],
        "agent": row["agent"],
        "extra": extra,
    }
