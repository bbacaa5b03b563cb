"""Calibration sessions over the API: the list, made, opened, talked about, closed. They are scored
by reviews (`qa.api.reviews`); their ratings are in `qa.api.calibration`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ccm import exported
from ccm.access import scope_of
from ccm.api import refuse_unread
from ccm.api.problems import Invalid
from ccm.database import MOST_ID
from ccm.models import User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.access import keeps
from qa.after.changing import LONGEST
from qa.after.forms import WordsForm
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    Day,
    Nothing,
    checked,
    found,
    kept_site,
    posted,
    refusing,
    said,
)
from qa.calibration import reads, services
from qa.calibration.forms import DRAWN, NAMED, SessionForm, raters_of, versions_of
from qa.models import CalibrationCall, CalibrationSession, CardCriterion


class SessionRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    site = serializers.SlugField()
    state = serializers.ChoiceField(CalibrationSession.State.choices)
    scorecard = serializers.IntegerField()
    version = serializers.IntegerField()
    raters = serializers.ListField(child=serializers.CharField(), help_text="Their logins.")
    expert = serializers.CharField(allow_null=True)
    due_day = serializers.DateField(help_text="It is to be scored by the end of it.")
    due_at = serializers.DateTimeField(
        help_text="The end of `due_day`, which is not of it any more."
    )
    made_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    calls = serializers.ListField(child=serializers.UUIDField())
    own_reviews = serializers.ListField(
        child=serializers.IntegerField(), help_text="The caller's own, by which it is scored."
    )


class SessionsAnswer(serializers.Serializer[Any]):
    sessions = SessionRow(many=True)


class NewSession(serializers.Serializer[Any]):
    site = serializers.SlugField()
    name = serializers.CharField(max_length=120)
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    raters = serializers.ListField(child=serializers.CharField(), help_text="Their logins.")
    expert = serializers.CharField(required=False, help_text="One of them.")
    due = Day(help_text="To be scored by the end of it.")
    calls = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="By hand; none: they are drawn."
    )
    drawn = serializers.IntegerField(required=False, help_text="So many are drawn,")
    first = Day(required=False, help_text="of the calls of these days,")
    last = Day(required=False)
    queue = serializers.IntegerField(
        min_value=0, max_value=MOST_ID, required=False, help_text="of this queue; left out: all."
    )


class SessionNote(serializers.Serializer[Any]):
    call = serializers.UUIDField()
    criterion = serializers.CharField(
        required=False, help_text="Its id on the scorecard; left out: of the call as a whole."
    )
    words = serializers.CharField()


class SessionNoteRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    call = serializers.UUIDField()
    criterion = serializers.CharField(
        allow_null=True, help_text="Its id on the scorecard; null: of the call as a whole."
    )
    words = serializers.CharField()
    by = serializers.CharField(allow_null=True, help_text="A login; null: who is gone.")
    at = serializers.DateTimeField()


class SessionNotesAnswer(serializers.Serializer[Any]):
    notes = SessionNoteRow(many=True)


class SessionAgreed(serializers.Serializer[Any]):
    call = serializers.UUIDField()
    criterion = serializers.CharField(help_text="Its id on the scorecard.")
    value = serializers.CharField(
        required=False, max_length=LONGEST, help_text="As in a review: an option's id, or a text."
    )
    skipped = serializers.BooleanField(default=False, help_text="Not applicable.")
    words = serializers.CharField(required=False, help_text="Why.")
    revision = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1,
        help_text="Of what it takes the place of: 0: nothing was agreed on yet.",
    )  # fmt: skip


class SessionAgreedRow(serializers.Serializer[Any]):
    call = serializers.UUIDField()
    criterion = serializers.CharField(help_text="Its id on the scorecard.")
    value = serializers.CharField(help_text="As in a review; empty where it is skipped.")
    skipped = serializers.BooleanField()
    words = serializers.CharField(help_text="Why.")
    by = serializers.CharField(allow_null=True, help_text="A login; null: who is gone.")
    at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text="To be sent with what takes its place.")


class SessionAgreedAnswer(serializers.Serializer[Any]):
    agreed = SessionAgreedRow(many=True)


_FORM = {"version": "scorecard", "many": "drawn"}


class SessionsView(Acts):
    """The newest calibration sessions that the caller sees, and a new one."""

    @extend_schema(
        operation_id="quality_sessions",
        summary="Calibration sessions",
        responses={200: SessionsAnswer},
    )
    def get(self, request: Request) -> Response:
        refuse_unread(request, ())
        if not may_open("calibrations", request.user):
            raise Http404
        who = signed_in(request)
        rows = _full(CalibrationSession.objects.visible_to(who)).order_by("-made_at", "-pk")
        return Response({"sessions": _told(who, rows[: reads.MOST])})

    @extend_schema(
        operation_id="make_session",
        summary="Make a calibration session",
        description="The same from the same caller within two minutes is one that came twice.",
        request=NewSession,
        responses={201: SessionRow, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        if not keeps(scope_of(request.user)):
            raise Http404
        asked, who = said(request, NewSession), signed_in(request)
        site = kept_site(request, asked["site"])
        people = dict(raters_of(site).values_list("username", "pk"))
        _refuse_both(asked)
        _refuse_strangers(asked["raters"], people)
        version = versions_of(site).filter(card=asked["scorecard"]).first()
        sent = {name: asked.get(name) for name in ("name", "due", "first", "last", "queue")}
        sent |= {
            "many": asked.get("drawn"),
            "version": version.pk if version else 0,
            "raters": [people[one] for one in asked["raters"]],
            "expert": people.get(asked["expert"], 0) if asked.get("expert") else None,
            "way": NAMED if asked.get("calls") else DRAWN,
            "calls": "\n".join(map(str, asked.get("calls", ()))),
        }
        form = SessionForm(posted(sent), site=site, who=who)
        checked(form, _FORM)
        with refusing():
            made = services.make(form.asked(), who, timezone.now())
        return Response(_one(who, made.pk), status=201)


def _refuse_both(asked: dict[str, Any]) -> None:
    """Raises Invalid for calls that are named, and what others are drawn of beside them."""
    if asked.get("calls"):
        beside = [one for one in ("drawn", "first", "last", "queue") if asked.get(one) is not None]
        _refuse(beside, _("Calls are named here: none are drawn beside them."))


def _refuse_strangers(logins: Sequence[str], people: Mapping[str, int]) -> None:
    """Raises Invalid for who may not score calls of the site, each by their place."""
    places = [f"raters/{at}" for at, one in enumerate(logins) if one not in people]
    _refuse(places, _("Nobody of this login may score calls of this site."))


def _refuse(members: Sequence[str], words: str) -> None:
    if members:
        raise Invalid(words, [{"pointer": f"/{one}", "message": words} for one in members])


class _Session(Acts):
    def session(self, request: Request, pk: int) -> tuple[User, CalibrationSession]:
        who = signed_in(request)
        rows = CalibrationSession.objects.visible_to(who).select_related("site", "version__card")
        return who, found(rows, pk)

    def opened_by(self, request: Request, pk: int) -> tuple[User, CalibrationSession]:
        """One that is the caller's to open and to close."""
        who, session = self.session(request, pk)
        if not services.may_open(session, who):
            raise Http404
        return who, session

    def discussed(
        self, request: Request, pk: int, question: type[serializers.Serializer[Any]]
    ) -> tuple[User, CalibrationCall, CardCriterion | None, dict[str, Any]]:
        """A call of one that the caller may talk about, the criterion that is talked about, and
        what is said."""
        who, session = self.session(request, pk)
        if not (services.may_open(session, who) or services.takes_part(session, who)):
            raise Http404
        asked = said(request, question)
        rows = session.calls.select_related("session__version")
        call = rows.filter(call=asked["call"]).first()
        criterion = None
        if key := asked.get("criterion"):
            criterion = CardCriterion.objects.filter(card=session.version.card_id, key=key).first()
        if call is None or (key and criterion is None):
            raise Http404
        form = WordsForm(posted({"words": asked.get("words")}), required=False)
        return who, call, criterion, asked | {"words": checked(form)["words"]}


class SessionView(_Session):
    @extend_schema(
        operation_id="quality_session", summary="A calibration session", responses={200: SessionRow}
    )
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        who, session = self.session(request, pk)
        return Response(_one(who, session.pk))


class SessionOpenView(_Session):
    @extend_schema(
        operation_id="open_session",
        summary="Show everybody what all have said",
        description="It opens by itself once all have; what is not finished now is dropped.",
        request=Nothing,
        responses={200: SessionRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, session = self.opened_by(request, pk)
        said(request, Nothing)
        with refusing():
            services.open_session(session, who, timezone.now())
        return Response(_one(who, pk))


class SessionCloseView(_Session):
    @extend_schema(
        operation_id="close_session",
        summary="End the discussion of a session",
        request=Nothing,
        responses={200: SessionRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, session = self.opened_by(request, pk)
        said(request, Nothing)
        with refusing():
            services.close(session, who, timezone.now())
        return Response(_one(who, pk))


class SessionNotesView(_Session):
    @extend_schema(
        operation_id="session_notes",
        summary="What was noted in a session's discussion",
        description="In its order; of calls that the caller is still to score by themselves none.",
        responses={200: SessionNotesAnswer},
    )
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        who, session = self.session(request, pk)
        notes = reads.notes(session, who)
        if request.method == "GET" and notes:
            _leaves(who, session)
        told = [
            {
                "id": one.pk, "call": one.session_call.call_id,
                "criterion": one.criterion and one.criterion.key, "words": one.words,
                "by": one.by and one.by.username, "at": one.at,
            }
            for one in notes
        ]  # fmt: skip
        return Response({"notes": told})

    @extend_schema(
        operation_id="note_session",
        summary="Note what was said of a call, or of a criterion",
        request=SessionNote,
        responses={201: SessionRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, call, criterion, asked = self.discussed(request, pk, SessionNote)
        with refusing():
            services.note(call, criterion, asked["words"], who, timezone.now())
        return Response(_one(who, pk), status=201)


class SessionAgreedView(_Session):
    @extend_schema(
        operation_id="session_agreed",
        summary="What was agreed on in a session's discussion",
        description="Of calls that the caller is still to score by themselves nothing.",
        responses={200: SessionAgreedAnswer},
    )
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        who, session = self.session(request, pk)
        agreed = reads.agreed(session, who)
        if request.method == "GET" and agreed:
            _leaves(who, session)
        told = [
            {
                "call": one.session_call.call_id, "criterion": one.criterion.key,
                "value": one.value, "skipped": one.skipped, "words": one.words,
                "by": one.by and one.by.username, "at": one.at, "revision": one.revision,
            }
            for one in agreed
        ]  # fmt: skip
        return Response({"agreed": told})

    @extend_schema(
        operation_id="agree_session",
        summary="Keep what was agreed on",
        description=(
            "It takes the place of what was, whose revision is sent along: of another one nothing "
            "is kept, and each change makes it one more. It measures nobody."
        ),
        request=SessionAgreed,
        responses={200: SessionRow, **CONFLICTS},
    )
    def put(self, request: Request, pk: int) -> Response:
        who, call, criterion, asked = self.discussed(request, pk, SessionAgreed)
        assert criterion is not None  # it is needed
        with refusing(services.Stale):
            services.agree(
                call, criterion, asked.get("value", ""), asked["words"], who, timezone.now(),
                skipped=asked["skipped"], revision=asked["revision"],
            )  # fmt: skip
        return Response(_one(who, pk))


def _leaves(who: User, session: CalibrationSession) -> None:
    """Have the log tell that what was said in a session left as an answer."""
    exported.listed(who, CalibrationSession, session.site, True, timezone.now(), file=exported.API)


def _full(rows: QuerySet[CalibrationSession]) -> QuerySet[CalibrationSession]:
    return rows.select_related("site", "version", "expert").prefetch_related(
        "raters__user", "calls"
    )


def _told(who: User, rows: QuerySet[CalibrationSession]) -> list[dict[str, Any]]:
    sessions = list(rows)
    own = reads.own_reviews(sessions, who)
    return [
        {
            "id": one.pk, "name": one.name, "site": one.site.slug, "state": one.state,
            "scorecard": one.version.card_id, "version": one.version.number,
            "raters": sorted(each.user.username for each in one.raters.all()),
            "expert": one.expert and one.expert.username, "due_day": one.due_day,
            "due_at": one.due_at, "made_at": one.made_at, "opened_at": one.opened_at,
            "closed_at": one.closed_at,
            "calls": [each.call_id for each in one.calls.all()],
            "own_reviews": own.get(one.pk, []),
        }
        for one in sessions
    ]  # fmt: skip


def _one(who: User, pk: int) -> dict[str, Any]:
    return _told(who, _full(CalibrationSession.objects.filter(pk=pk)))[0]


def urls(under: str) -> list[URLPattern]:
    own, one = f"{under}/calibration/sessions", f"{under}/calibration/sessions/<int:pk>"
    return [
        path(f"{own}/", SessionsView.as_view(), name="api_sessions"),
        path(f"{one}/", SessionView.as_view(), name="api_session"),
        path(f"{one}/open/", SessionOpenView.as_view(), name="api_session_open"),
        path(f"{one}/close/", SessionCloseView.as_view(), name="api_session_close"),
        path(f"{one}/notes/", SessionNotesView.as_view(), name="api_session_notes"),
        path(f"{one}/agreed/", SessionAgreedView.as_view(), name="api_session_agreed"),
    ]
