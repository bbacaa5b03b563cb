"""What is done with automatic checks over the API: rules made, changed, used and removed, filling
in switched on and off, and what is learned from reviews. Their list is in `qa.api.checks`."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ccm import work
from ccm.access import scope_of
from ccm.api import refuse_unread
from ccm.api.problems import Invalid
from ccm.database import MOST_ID
from ccm.models import Site
from ccm.views.lists import signed_in
from qa import suggested, tasks
from qa.access import keeps
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    checked,
    found,
    kept_site,
    posted,
    refusing,
    said,
)
from qa.api.checks import CheckAnswer, ChecksView, check_told
from qa.checking import kept, reads, services, training, words
from qa.checking.forms import SKIPPED, RuleForm, as_option
from qa.models import CardCriterion, CheckRule, LearnedScorer
from qa.scoring.form import CHOSEN

# Named in the schema (ENUM_NAME_OVERRIDES).
KINDS = [one.value for one in words.KINDS]
SPEAKERS = [one.value for one in suggested.BY]


class Suggested(serializers.Serializer[Any]):
    """An answer; neither: it suggests nothing."""

    value = serializers.CharField(
        required=False, allow_blank=True, help_text="An option's id, a number or a text."
    )
    skipped = serializers.BooleanField(default=False, help_text="Not applicable.")


class RuleChanges(serializers.Serializer[Any]):
    """What a rule looks for; what is left out stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(KINDS, required=False)
    phrases = serializers.ListField(
        child=serializers.CharField(), required=False,
        help_text="Of which any counts; one in slashes is an expression.",
    )  # fmt: skip
    by = serializers.ChoiceField(SPEAKERS, required=False)
    place = serializers.ChoiceField([one.value for one in suggested.PLACES], required=False)
    within_seconds = serializers.IntegerField(required=False, allow_null=True)
    within_lines = serializers.IntegerField(required=False, allow_null=True)
    after = serializers.ListField(child=serializers.CharField(), required=False)
    after_by = serializers.ChoiceField(SPEAKERS, required=False)
    limit_seconds = serializers.IntegerField(
        required=False, allow_null=True, help_text="Of silence, overtalk, holds."
    )
    overtalk_percent = serializers.DecimalField(
        max_digits=4, decimal_places=1, required=False, allow_null=True
    )
    queues = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=MOST_ID), required=False,
        help_text="Their ids; none: all.",
    )  # fmt: skip
    languages = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="None: all."
    )
    is_active = serializers.BooleanField(required=False)
    met = Suggested(required=False)
    broken = Suggested(required=False)
    not_applicable = Suggested(required=False)


class NewRule(RuleChanges):
    site = serializers.SlugField()
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    criterion = serializers.CharField(help_text="Its id on the scorecard.")
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(KINDS)


class ChangedRule(RuleChanges):
    seen = serializers.CharField(help_text="As the check that was read has it.")


class SwitchQuestion(serializers.Serializer[Any]):
    on = serializers.BooleanField()


class LearnQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField()
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    criterion = serializers.CharField(help_text="Its id on the scorecard.")


class LearnAnswer(serializers.Serializer[Any]):
    """It goes on in the background; what came of it is in the list of checks."""

    job = serializers.IntegerField()
    state = serializers.CharField()


_FORM = {
    "said": "phrases", "seconds": "within_seconds", "lines": "within_lines",
    "limit": "limit_seconds", "share": "overtalk_percent",
}  # fmt: skip
_BEGUN = {"by": "agent", "place": "anywhere", "after_by": "anybody", "is_active": True}


class ChecksActsView(ChecksView):
    @extend_schema(
        operation_id="make_check",
        summary="Make a check of a criterion",
        request=NewRule,
        responses={201: CheckAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        _keeps_any(request)
        asked = said(request, NewRule)
        site = kept_site(request, asked["site"])
        criterion = _criterion(site, asked)
        made = _kept(request, site, criterion, None, _BEGUN | asked)
        return Response(_told(made), status=201)


def _kept(
    request: Request,
    site: Site,
    criterion: CardCriterion,
    row: CheckRule | None,
    asked: Mapping[str, Any],
) -> CheckRule:
    """Keep a rule as the form of the page checks it."""
    card = kept.forms_of([criterion.card_id]).get(criterion.card_id)
    if card is None or card.find(criterion.key) is None:
        told = _("The scorecard does not ask this any more: make a check of another.")
        raise Invalid(told, [{"pointer": "/criterion", "message": told}])
    seen = "" if row is None else services.mark(row)
    about: dict[str, Any] = {"site": site, "criterion": criterion, "card": card, "row": row}
    begun = {} if row is None else RuleForm(seen=seen, **about).initial
    form = RuleForm(posted({**begun, **_sent(asked, criterion)}), seen=seen, **about)
    wanted = checked(form, _FORM)
    with refusing(services.Stale):
        return services.keep(
            form.made(), wanted["rule"], wanted["queues"], signed_in(request), timezone.now(),
            seen=asked.get("seen", ""), changed=tasks.check_soon,
        )  # fmt: skip


def _sent(asked: Mapping[str, Any], criterion: CardCriterion) -> dict[str, Any]:
    """What was said of a rule, as the form of the page names and writes it."""
    members = {member: name for name, member in _FORM.items()}
    sent: dict[str, Any] = {}
    for member, value in asked.items():
        name = members.get(member, member)
        if name in ("said", "after"):
            sent[name] = "\n".join(value)
        elif name == "languages":
            sent[name] = ", ".join(value)
        elif name in ("met", "broken", "not_applicable"):
            sent[name] = _suggested(value, criterion)
        else:
            sent[name] = value
    return sent


def _suggested(one: Mapping[str, Any], criterion: CardCriterion) -> str:
    if one["skipped"]:
        return SKIPPED
    value: str = one.get("value", "")
    return as_option(value) if value and criterion.kind in [k.value for k in CHOSEN] else value


class CheckView(Acts):
    """A rule, read, changed and removed."""

    @extend_schema(operation_id="quality_check", summary="A check", responses={200: CheckAnswer})
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        return Response(_told(found(_full(CheckRule.objects.visible_to(request.user)), pk)))

    @extend_schema(
        operation_id="change_check",
        summary="Change a check",
        request=ChangedRule,
        responses={200: CheckAnswer, **CONFLICTS},
    )
    def patch(self, request: Request, pk: int) -> Response:
        row = _kept_rule(request, pk)
        asked = said(request, ChangedRule)
        return Response(_told(_kept(request, row.site, row.criterion, row, asked)))

    @extend_schema(
        operation_id="remove_check", summary="Remove a check", responses={204: None, **PROBLEMS}
    )
    def delete(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        services.remove(_kept_rule(request, pk), signed_in(request), timezone.now())
        return Response(status=204)


class CheckUseView(Acts):
    @extend_schema(
        operation_id="use_check",
        summary="Have calls judged by a check, or no more",
        request=SwitchQuestion,
        responses={200: CheckAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        row = _kept_rule(request, pk)
        wanted = said(request, SwitchQuestion)["on"]
        services.use(
            row, signed_in(request), timezone.now(), is_active=wanted, changed=tasks.check_soon
        )
        return Response(_told(_kept_rule(request, pk)))


def _prefill(request: Request, row: CheckRule | LearnedScorer) -> None:
    """Have a check fill in answers, or no more."""
    wanted = said(request, SwitchQuestion)["on"]
    with refusing():
        if services.let_prefill(row, signed_in(request), timezone.now(), prefills=wanted):
            tasks.check_soon()


class CheckPrefillView(Acts):
    @extend_schema(
        operation_id="prefill_check",
        summary="Have a check fill in answers, or no more",
        description="It may where it is known to agree with people well enough.",
        request=SwitchQuestion,
        responses={200: CheckAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        _prefill(request, _kept_rule(request, pk))
        return Response(_told(_kept_rule(request, pk)))


class LearnedView(Acts):
    @extend_schema(
        operation_id="remove_learned", summary="Forget what was learned", responses={204: None}
    )
    def delete(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        services.remove(_kept_scorer(request, pk), signed_in(request), timezone.now())
        return Response(status=204)


class LearnedPrefillView(Acts):
    @extend_schema(
        operation_id="prefill_learned",
        summary="Have what was learned fill in answers, or no more",
        request=SwitchQuestion,
        responses={200: CheckAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        _prefill(request, _kept_scorer(request, pk))
        return Response(_told(_kept_scorer(request, pk)))


class LearnView(Acts):
    @extend_schema(
        operation_id="learn_check",
        summary="Have a criterion's answers learned from reviews",
        request=LearnQuestion,
        responses={202: LearnAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        _keeps_any(request)
        asked = said(request, LearnQuestion)
        site = kept_site(request, asked["site"])
        with refusing():
            job = training.ask(
                site, _criterion(site, asked), signed_in(request),
                lambda job: work.send(tasks.train_check, job.pk),
            )  # fmt: skip
        return Response({"job": job.pk, "state": job.state}, status=202)


def _keeps_any(request: Request) -> None:
    """404 for who keeps no checks at all, whatever they say."""
    if not keeps(scope_of(request.user)):
        raise Http404


def _criterion(site: Site, asked: Mapping[str, Any]) -> CardCriterion:
    rows = reads.criteria(site).filter(card=asked["scorecard"], key=asked["criterion"])
    one: CardCriterion | None = rows.first()
    if one is None:
        raise Http404
    return one


def _full(rows: Any) -> Any:
    return rows.select_related("site", "criterion__card", "made_by").prefetch_related("queues")


def _kept_rule(request: Request, pk: int) -> CheckRule:
    row: CheckRule = found(_full(CheckRule.objects.kept_by(request.user)), pk)
    return row


def _kept_scorer(request: Request, pk: int) -> LearnedScorer:
    rows = LearnedScorer.objects.kept_by(request.user)
    row: LearnedScorer = found(rows.select_related("site", "criterion__card"), pk)
    return row


def _told(row: CheckRule | LearnedScorer) -> dict[str, Any]:
    return check_told(reads.one(row, timezone.now()))


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/checks"
    one, learned = f"{own}/<int:pk>", f"{own}/learned/<int:pk>"
    return [
        path(f"{own}/", ChecksActsView.as_view(), name="api_checks"),
        path(f"{own}/learn/", LearnView.as_view(), name="api_check_learn"),
        path(f"{one}/", CheckView.as_view(), name="api_check"),
        path(f"{one}/use/", CheckUseView.as_view(), name="api_check_use"),
        path(f"{one}/prefill/", CheckPrefillView.as_view(), name="api_check_prefill"),
        path(f"{learned}/", LearnedView.as_view(), name="api_learned"),
        path(f"{learned}/prefill/", LearnedPrefillView.as_view(), name="api_learned_prefill"),
    ]
