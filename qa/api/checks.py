"""Transcripts, checks and what they suggest over the API."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import exported
from ccm.access import scope_of
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.api.parsers import BulkJSONParser
from ccm.api.problems import CONTENT_TYPE, Invalid, problem_of
from ccm.database import MOST_ID
from ccm.intervals import site_days
from ccm.models import ApiToken, Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from kpis.noise.intervals import Interval
from qa import tasks
from qa.access import keeps, keeps_at
from qa.api.acts import PROBLEMS, Acts, Day, found, refuse_turned, reviewed_site
from qa.checking import reads
from qa.checking import services as services_of_checks
from qa.checking.agreeing import Agreement
from qa.models import CallTranscript, Suggestion
from qa.transcribed import sent, services

MOST = 1000
"""Suggestions of an answer."""
_FATES = [one.value for one in services.What]


class _Read(ReadOnly, APIView):
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenScope,)
    token_scope = ApiToken.READ


class ChecksQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField()


class IntervalAnswer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class CheckAgreementAnswer(serializers.Serializer[Any]):
    """Of calls that the check and somebody who did not see what it says judged."""

    calls = serializers.IntegerField()
    broken_for_both = serializers.IntegerField()
    broken_for_check_alone = serializers.IntegerField()
    broken_for_people_alone = serializers.IntegerField()
    broken_for_neither = serializers.IntegerField()
    precision = IntervalAnswer(allow_null=True)
    recall = IntervalAnswer(allow_null=True)
    kappa = IntervalAnswer(allow_null=True)
    may_prefill = serializers.ChoiceField(choices=["yes", "no", "too_few"])
    is_doubtful = serializers.BooleanField(
        help_text="Surely so little that what it says is shown beside no review."
    )


class CheckAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["rule", "learned"])
    name = serializers.CharField()
    scorecard = serializers.IntegerField()
    criterion = serializers.CharField(help_text="Its id on the scorecard.")
    rule = serializers.DictField(help_text="What it looks for; of what was learned, empty.")
    queues = serializers.ListField(child=serializers.CharField(), help_text="None: all.")
    languages = serializers.ListField(child=serializers.CharField(), help_text="None: all.")
    is_active = serializers.BooleanField()
    prefills = serializers.BooleanField()
    changed_at = serializers.DateTimeField()
    judged_calls = serializers.IntegerField(help_text="Of the last 30 days.")
    broken_calls = serializers.IntegerField(help_text="Of the last 30 days.")
    untimed_calls = serializers.IntegerField(
        help_text="Of the last 30 days, beside the judged ones: their transcripts have no times."
    )
    seen = serializers.CharField(
        help_text="Differs once it was changed: send it with a change. Of what was learned, empty."
    )
    agreement: Any = CheckAgreementAnswer()


class ChecksAnswer(serializers.Serializer[Any]):
    checks = CheckAnswer(many=True)


class ChecksView(Acts):
    """The checks of a site."""

    @extend_schema(
        operation_id="quality_checks",
        summary="Checks, and how far they agree with people",
        parameters=[ChecksQuestion],
        responses={200: ChecksAnswer},
    )
    def get(self, request: Request) -> Response:
        asked = _asked(request, ChecksQuestion)
        site = reviewed_site(request, asked["site"])
        rows = reads.listed(signed_in(request), site, timezone.now())
        return Response({"checks": [check_told(one) for one in rows]})


def check_told(one: reads.Row) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.pk,
        "kind": "learned" if one.is_learned else "rule",
        "name": one.name,
        "scorecard": row.criterion.card_id,
        "criterion": row.criterion.key,
        "rule": {} if one.is_learned else row.rule,
        "queues": list(one.queues),
        "languages": list(one.languages),
        "is_active": True if one.is_learned else row.is_active,
        "prefills": row.prefills,
        "changed_at": row.trained_at if one.is_learned else row.changed_at,
        "judged_calls": one.judged,
        "broken_calls": one.broken,
        "untimed_calls": one.untimed,
        "seen": "" if one.is_learned else services_of_checks.mark(row),
        "agreement": _agreement(one.agreement),
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    measure = found.measure
    return {
        "calls": measure.calls,
        "broken_for_both": measure.both,
        "broken_for_check_alone": measure.rule_alone,
        "broken_for_people_alone": measure.people_alone,
        "broken_for_neither": measure.neither,
        "precision": _interval(measure.precision),
        "recall": _interval(measure.recall),
        "kappa": _interval(measure.kappa),
        "may_prefill": found.may.value,
        "is_doubtful": found.is_doubtful,
    }


def _interval(one: Interval | None) -> dict[str, float] | None:
    return None if one is None else {"value": one.value, "low": one.low, "high": one.high}


class SuggestionsQuestion(ChecksQuestion):
    """The days [first, last] of the site in which the calls were."""

    first = Day()
    last = Day()
    check = serializers.IntegerField(
        min_value=0, max_value=MOST_ID, required=False, help_text="Of this rule alone."
    )
    after = serializers.IntegerField(
        min_value=0, max_value=MOST_ID, required=False,
        help_text="Go on behind the suggestion of this id, as `next` of an answer says.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        refuse_turned(attrs)
        return attrs


class SaidAnswer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    at_ms = serializers.IntegerField(allow_null=True)
    quote = serializers.CharField()


class SuggestionAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    call = serializers.UUIDField()
    called_at = serializers.DateTimeField()
    check = serializers.IntegerField(allow_null=True, help_text="The rule; null: learned.")
    learned = serializers.IntegerField(allow_null=True)
    scorecard = serializers.IntegerField()
    criterion = serializers.CharField()
    verdict = serializers.CharField(help_text="met, broken, n/a; empty of what was learned.")
    answer = serializers.CharField(help_text="Empty: none, or not applicable.")
    not_applicable = serializers.BooleanField()
    confidence = serializers.FloatField()
    evidence = SaidAnswer(many=True)


class SuggestionsAnswer(serializers.Serializer[Any]):
    suggestions = SuggestionAnswer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="null: that is all.")


class SuggestionsView(_Read):
    """What checks suggest for calls; none of a call that the reader has still to review."""

    @extend_schema(
        operation_id="quality_suggestions",
        summary="What checks suggest",
        parameters=[SuggestionsQuestion],
        responses={200: SuggestionsAnswer},
    )
    def get(self, request: Request) -> Response:
        asked = _asked(request, SuggestionsQuestion)
        site = reviewed_site(request, asked["site"])
        now = timezone.now()
        span = _span(site, asked["first"], asked["last"])
        rows: QuerySet[Suggestion] = reads.suggestions(
            request.user, site, *span, asked.get("check")
        )
        rows = rows.filter(pk__gt=asked.get("after", 0)).order_by("pk")
        found = list(rows[: MOST + 1])
        if request.method == "GET":
            exported.listed(signed_in(request), Suggestion, site, True, now, file=exported.API)
        told = found[:MOST]
        return Response(
            {
                "suggestions": [_suggestion(one) for one in told],
                "next": told[-1].pk if len(found) > MOST else None,
            }
        )


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "id": one.pk,
        "call": one.transcript.call_id,
        "called_at": one.transcript.called_at,
        "check": one.rule_id,
        "learned": one.scorer_id,
        "scorecard": one.card_id,
        "criterion": one.criterion.key,
        "verdict": one.verdict,
        "answer": one.value,
        "not_applicable": one.skipped,
        "confidence": one.confidence,
        "evidence": one.evidence,
    }


_ONE: dict[str, Any] = {
    "type": "object",
    "required": ["transcript"],
    "properties": {
        "call": {"type": "string", "format": "uuid", "description": "The call, by its id."},
        "external_id": {"type": "string", "description": "Or by its source's id,"},
        "source": {"type": "string", "description": "with the source where others have it too."},
        "language": {"type": "string", "description": "As en, or de-at."},
        "transcript": {
            "description": "Its text (WebVTT, or lines with speakers), or JSON as it was made.",
            "oneOf": [{"type": "string"}, {"type": "object"}, {"type": "array", "items": {}}],
        },
    },
}
_POSTED = {
    "application/json": {
        "oneOf": [
            {
                "type": "object",
                "required": ["transcripts"],
                "properties": {
                    "transcripts": {"type": "array", "maxItems": sent.MOST, "items": _ONE}
                },
            },
            _ONE,
        ]
    }
}


class TranscriptFate(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Its place in the list, from 0.")
    result = serializers.ChoiceField(choices=_FATES)
    call = serializers.UUIDField(allow_null=True)
    message = serializers.CharField(help_text="Why it is refused.")
    line = serializers.IntegerField(allow_null=True, help_text="Where, from 1.")
    entry = serializers.IntegerField(allow_null=True, help_text="The same in a list of JSON.")
    value = serializers.CharField(help_text="What stands there.")
    lines = serializers.IntegerField(help_text="Of the transcript.")
    hidden = serializers.IntegerField(help_text="What was made unreadable before it was kept.")


class TranscriptFates(serializers.Serializer[Any]):
    stored = serializers.IntegerField()
    updated = serializers.IntegerField()
    same = serializers.IntegerField()
    refused = serializers.IntegerField()
    results = TranscriptFate(many=True)


class TranscriptsView(APIView):
    """Transcripts of calls, one or many."""

    parser_classes = (BulkJSONParser,)
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenScope,)
    token_scope = ApiToken.WRITE_RECORD

    @extend_schema(
        operation_id="post_transcripts",
        summary="Send transcripts",
        description=(
            "Each is read, made safe and kept beside its call, which must be there already. The "
            "same again is `same`; another of the call takes the place of the one before."
        ),
        request=_POSTED,
        responses={
            200: TranscriptFates,
            (400, CONTENT_TYPE): problem_of("Not JSON, or no list"),
            (413, CONTENT_TYPE): problem_of("The body is too long"),
            (415, CONTENT_TYPE): problem_of("The body is not announced as JSON"),
        },
    )
    def post(self, request: Request) -> Response:
        if not keeps(scope_of(request.user)):
            raise Http404
        refuse_unread(request, ())
        rows = _posted(request.data)
        given = [sent.of_object(one, str(index)) for index, one in enumerate(rows)]
        token = request.auth
        fates = services.keep(
            given, signed_in(request), timezone.now(),
            # A token that names a site writes of no other.
            site=token.site_id if isinstance(token, ApiToken) else None,
            kept=tasks.check_soon,
        )  # fmt: skip
        counts = {what: sum(one.what.value == what for one in fates) for what in _FATES}
        results = [
            {
                "index": index, "result": one.what.value, "call": one.call, "message": one.words,
                "line": one.line, "entry": one.entry, "value": one.value, "lines": one.lines,
                "hidden": one.hidden,
            }
            for index, one in enumerate(fates)
        ]  # fmt: skip
        return Response(counts | {"results": results})


class TranscriptView(Acts):
    @extend_schema(
        operation_id="remove_transcript",
        summary="Forget a transcript, and what was made of it",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        row = found(CallTranscript.objects.visible_to(request.user), pk)
        if not keeps_at(request.user, row.site_id):
            raise Http404
        services.remove(row, signed_in(request), timezone.now())
        return Response(status=204)


def _posted(said: object) -> list[Any]:
    if not isinstance(said, Mapping):
        raise Invalid(_("The body must be a JSON object."), [])
    if "transcripts" not in said:
        return [said]
    rows, words = said["transcripts"], ""
    if not isinstance(rows, list):
        words = _("This must be a list.")
    elif len(rows) > sent.MOST:
        words = _("At most %(limit)d transcripts in one post.") % {"limit": sent.MOST}
    if words:
        raise Invalid(words, [{"pointer": "/transcripts", "message": words}])
    return list(rows)


def _asked(request: Request, question: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    if not may_open("checks", request.user):
        raise Http404
    asked = question(data=request.query_params)
    refuse_unread(request, asked.fields, ())
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _span(site: Site, first: date, last: date) -> tuple[Any, Any]:
    span = site_days(first, last, site.calendar)
    return span.start, span.end


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/suggestions/", SuggestionsView.as_view(), name="api_suggestions"),
        path(f"{under}/transcripts/<int:pk>/", TranscriptView.as_view(), name="api_transcript"),
        path(f"{under}/transcripts/", TranscriptsView.as_view(), name="api_transcripts"),
    ]
