"""Sampling plans over the API: the list, made, changed, ended, drawn; drawn calls that are swapped
or given to somebody, and a site's rules of review."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, QueryDict
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ccm.access import scope_of
from ccm.api import refuse_unread
from ccm.api.problems import Invalid
from ccm.database import MOST_ID
from ccm.models import User
from ccm.views.lists import signed_in
from qa.access import keeps
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    Day,
    Nothing,
    OfSite,
    asked_of,
    checked,
    found,
    kept_site,
    named,
    pointer,
    posted,
    refusing,
    reviewed_site,
    said,
)
from qa.api.sampling import DrawAnswer, draw_told
from qa.models import DrawnCall, PlanReviewer, QualityRules, SamplingPlan
from qa.plans import drawing, people, reads, services, swapping
from qa.plans.forms import HandOnForm, PlanForm, RulesForm, SwapForm, capacity, ticked
from qa.reviews import facts
from qa.transcribed.words import HIDDEN


class PlanReviewerAnswer(serializers.Serializer[Any]):
    user = serializers.CharField()
    most_reviews = serializers.IntegerField(allow_null=True, help_text="null: all that come.")


class PlanAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    scorecard = serializers.IntegerField()
    cadence = serializers.CharField()
    starts_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    calls_per_agent = serializers.IntegerField()
    direction = serializers.CharField(help_text="Empty: any.")
    teams = serializers.ListField(child=serializers.IntegerField(), help_text="None: all.")
    queues = serializers.ListField(child=serializers.IntegerField(), help_text="None: all.")
    shortest_talk_seconds = serializers.IntegerField()
    needs_record = serializers.BooleanField()
    strata = serializers.ListField(child=serializers.CharField())
    length_bands_seconds = serializers.ListField(child=serializers.IntegerField())
    allocation = serializers.CharField()
    parts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By stratum: calls, or hundredths of the draw.",
    )
    several = serializers.IntegerField()
    due_days = serializers.IntegerField()
    reviewed_by_several_share = serializers.FloatField()
    release = serializers.CharField()
    release_days = serializers.IntegerField()
    new_hire_days = serializers.IntegerField()
    repeat_days = serializers.IntegerField()
    reviewers = PlanReviewerAnswer(many=True)
    seen = serializers.CharField(help_text="Differs once it was changed: send it with a change.")


class PlansAnswer(serializers.Serializer[Any]):
    plans = PlanAnswer(many=True)


class PlanReviewerQuestion(serializers.Serializer[Any]):
    user = serializers.CharField(help_text="Their login.")
    most_reviews = serializers.IntegerField(
        min_value=0, max_value=9999, required=False, allow_null=True, help_text="null: all."
    )


def _ids() -> serializers.ListField:
    one = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    return serializers.ListField(child=one, required=False, help_text="None: all.")


class PlanChanges(serializers.Serializer[Any]):
    """What a plan is; what is left out stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)
    cadence = serializers.ChoiceField(SamplingPlan.Cadence.choices, required=False)
    starts_on = Day(required=False)
    calls_per_agent = serializers.IntegerField(required=False)
    due_days = serializers.IntegerField(required=False)
    direction = serializers.CharField(required=False, allow_blank=True, help_text="Empty: any.")
    teams = _ids()
    queues = _ids()
    shortest_talk_seconds = serializers.IntegerField(required=False)
    needs_record = serializers.BooleanField(
        required=False, help_text="Only calls with a recording or a transcript."
    )
    strata = serializers.ListField(
        child=serializers.ChoiceField(SamplingPlan.Stratum.choices), required=False
    )
    length_bands_seconds = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=86_400), required=False
    )
    new_hire_days = serializers.IntegerField(required=False)
    repeat_days = serializers.IntegerField(required=False)
    allocation = serializers.ChoiceField(SamplingPlan.Allocation.choices, required=False)
    parts = serializers.DictField(
        child=serializers.IntegerField(), required=False,
        help_text="By stratum: calls, or hundredths of the draw.",
    )  # fmt: skip
    reviewed_by_several_share = serializers.DecimalField(
        max_digits=3, decimal_places=2, min_value=0, max_value=1, required=False
    )
    several = serializers.IntegerField(required=False)
    release = serializers.ChoiceField(SamplingPlan.Release.choices, required=False)
    release_days = serializers.IntegerField(required=False)
    reviewers = PlanReviewerQuestion(many=True, required=False)


class NewPlan(PlanChanges):
    site = serializers.SlugField()
    name = serializers.CharField(max_length=120)
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    starts_on = Day()
    reviewers = PlanReviewerQuestion(many=True)


class ChangedPlan(PlanChanges):
    seen = serializers.CharField(help_text="As the plan that was read has it.")


class WhyAnswer(serializers.Serializer[Any]):
    words = serializers.CharField()
    how_many = serializers.IntegerField()


class ExpectedAnswer(serializers.Serializer[Any]):
    """A stratum: which calls come of small ones is for the seed to say."""

    words = serializers.CharField()
    eligible = serializers.IntegerField()
    drawn_in_the_mean = serializers.FloatField()


class LoadAnswer(serializers.Serializer[Any]):
    reviewer = serializers.CharField()
    reviewer_name = serializers.CharField()
    reviews = serializers.IntegerField()
    most_reviews = serializers.IntegerField(allow_null=True, help_text="null: all that come.")


class PreviewAnswer(serializers.Serializer[Any]):
    """What a plan would draw of the newest whole period; nothing is kept."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    eligible_calls = serializers.IntegerField()
    agents = serializers.IntegerField()
    fewest_calls = serializers.IntegerField(help_text="Of the agent with the fewest.")
    middle_calls = serializers.FloatField()
    most_calls = serializers.IntegerField()
    agents_with_fewer = serializers.IntegerField(help_text="Than the plan wants of each.")
    wanted = serializers.IntegerField()
    drawn = serializers.IntegerField()
    left_out = WhyAnswer(many=True, help_text="Calls that are left out before the draw.")
    strata = ExpectedAnswer(many=True)
    load = LoadAnswer(many=True)
    nobody = WhyAnswer(many=True, help_text="Reviews that nobody would do.")


class PeriodQuestion(serializers.Serializer[Any]):
    first_day = Day(help_text="Of a period that is over and was not drawn.")


class SwapQuestion(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(DrawnCall.Reason.choices)
    words = serializers.CharField(
        max_length=300, required=False, help_text="Needed for something else."
    )


class SwapAnswer(serializers.Serializer[Any]):
    replaced_by = serializers.IntegerField(
        allow_null=True, help_text="What was drawn instead; null: nothing is left of its layer."
    )
    call = serializers.UUIDField(allow_null=True)


class GiveQuestion(serializers.Serializer[Any]):
    reviewer = serializers.CharField(help_text="Their login.")


class GivenAnswer(serializers.Serializer[Any]):
    review = serializers.IntegerField()


_MEMBERS = {
    "card": "scorecard", "per_agent": "calls_per_agent", "shortest_s": "shortest_talk_seconds",
    "bands": "length_bands_seconds", "several_percent": "reviewed_by_several_share",
}  # fmt: skip
"""Members of a plan by what its form calls them, where they differ."""


class PlansView(Acts):
    """A site's sampling plans."""

    @extend_schema(
        operation_id="quality_plans",
        summary="Sampling plans of a site",
        parameters=[OfSite],
        responses={200: PlansAnswer},
    )
    def get(self, request: Request) -> Response:
        site = reviewed_site(request, asked_of(request, OfSite)["site"])
        rows = _full(SamplingPlan.objects.filter(site=site))
        return Response({"plans": [_plan(one) for one in rows]})

    @extend_schema(
        operation_id="make_plan",
        summary="Make a sampling plan",
        request=NewPlan,
        responses={201: PlanAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        form, asked = _new(request)
        return Response(_kept(form, signed_in(request), asked.get("reviewers", ())), status=201)


class NewPlanPreviewView(Acts):
    """What a plan would draw before it is made."""

    @extend_schema(
        operation_id="preview_new_plan",
        summary="What a new plan would draw",
        request=NewPlan,
        responses={200: PreviewAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        form, asked = _new(request)
        return Response(_preview(form, asked.get("reviewers", ())))


def _new(request: Request) -> tuple[PlanForm, dict[str, Any]]:
    """The form of a plan that is not kept yet, and what was said of it."""
    _keeps_any(request)
    asked = said(request, NewPlan)
    site = kept_site(request, asked.pop("site"))
    plan = SamplingPlan(site=site, bands=_BANDS)
    return PlanForm(_sent(_plan(plan) | asked, plan), site=site), asked


# Where bands of length end unless somebody says otherwise, as the form of the page begins.
_BANDS = [120, 600]


def _keeps_any(request: Request) -> None:
    """404 for who keeps no plans at all, whatever they say."""
    if not keeps(scope_of(request.user)):
        raise Http404


def _full(rows: QuerySet[SamplingPlan]) -> QuerySet[SamplingPlan]:
    reviewers = Prefetch("reviewers", PlanReviewer.objects.select_related("user"))
    return rows.select_related("site", "card").prefetch_related("teams", "queues", reviewers)


def _plan(plan: SamplingPlan) -> dict[str, Any]:
    """A plan as it is told, and said in a change; of an unsaved one what it begins with."""
    is_kept = plan.pk is not None
    teams, queues, reviewers = (
        (plan.teams.all(), plan.queues.all(), plan.reviewers.all()) if is_kept else ((), (), ())
    )
    return {
        "id": plan.pk,
        "name": plan.name,
        "scorecard": plan.card_id,
        "cadence": plan.cadence,
        "starts_on": plan.starts_on,
        "ended_on": plan.ended_on,
        "calls_per_agent": plan.per_agent,
        "direction": plan.direction,
        "teams": [one.pk for one in teams],
        "queues": [one.pk for one in queues],
        "shortest_talk_seconds": plan.shortest_s,
        "needs_record": plan.needs_record,
        "strata": plan.strata,
        "length_bands_seconds": plan.bands,
        "allocation": plan.allocation,
        "parts": plan.parts,
        "reviewed_by_several_share": float(plan.several_share),
        "several": plan.several,
        "due_days": plan.due_days,
        "release": plan.release,
        "release_days": plan.release_days,
        "new_hire_days": plan.new_hire_days,
        "repeat_days": plan.repeat_days,
        "reviewers": [
            {"user": one.user.username, "most_reviews": one.capacity} for one in reviewers
        ],
        "seen": services.mark(plan) if is_kept else "",
    }


def _sent(values: Mapping[str, Any], plan: SamplingPlan) -> QueryDict:
    """A plan as the form of the page sends it."""
    sent: dict[str, Any] = {name: values.get(member) for name, member in _MEMBERS.items()} | {
        name: values.get(name)
        for name in (
            "name", "cadence", "starts_on", "due_days", "direction", "teams", "queues", "strata",
            "new_hire_days", "repeat_days", "allocation", "several", "release", "release_days",
            "needs_record", "seen",
        )
    }  # fmt: skip
    bands: Sequence[int] = values.get("length_bands_seconds") or ()
    sent["bands"] = ", ".join(f"{one // 60}:{one % 60:02}" for one in bands)
    sent["parts"] = "\n".join(f"{label} = {n}" for label, n in (values.get("parts") or {}).items())
    sent["several_percent"] = round(values["reviewed_by_several_share"] * 100)
    ids = {one.username: one.pk for one in people.to_choose(plan.site, people.of_plan(plan))}
    for one in values["reviewers"]:
        pk = ids.get(one["user"])
        if pk is not None:
            sent |= {ticked(pk): True, capacity(pk): one.get("most_reviews")}
    return posted(sent)


def _kept(
    form: PlanForm, who: User, reviewers: Sequence[Mapping[str, Any]], seen: str = ""
) -> dict[str, Any]:
    """Keep the plan of a form; how it is told by now."""
    wanted, plan = _checked(form, reviewers)
    with refusing(services.Stale):
        kept = services.keep(
            plan, {"teams": wanted["teams"], "queues": wanted["queues"]}, form.capacities(wanted),
            who, timezone.now(), seen=seen,
        )  # fmt: skip
    return _plan(_full(SamplingPlan.objects.all()).get(pk=kept.pk))


def _checked(
    form: PlanForm, reviewers: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], SamplingPlan]:
    """What a form makes of what was said, and its plan. Raises Invalid."""
    there = {one.username for one in form.people}
    for number, one in enumerate(reviewers):
        if one["user"] not in there:
            words = _("They do not review calls of this site.")
            at = pointer("reviewers", number, "user")
            raise Invalid(words, [{"pointer": at, "message": words}])
    return checked(form, _MEMBERS), form.made()


def _preview(form: PlanForm, reviewers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the plan of a form would draw."""
    _wanted, plan = _checked(form, reviewers)
    how = form.how(needs_consent=facts.rules_of(plan.site_id).asks_consent)
    one = reads.preview(plan.site, how, plan.cadence, plan.starts_on, timezone.now())
    return {
        "first_day": one.period.first,
        "last_day": one.period.last,
        "eligible_calls": one.eligible,
        "agents": one.agents,
        "fewest_calls": one.fewest,
        "middle_calls": one.middle,
        "most_calls": one.most,
        "agents_with_fewer": one.fewer,
        "wanted": one.wanted,
        "drawn": one.drawn,
        "left_out": [{"words": why, "how_many": many} for why, many in one.left_out],
        "strata": [
            {"words": each.words, "eligible": each.eligible, "drawn_in_the_mean": each.drawn}
            for each in one.strata
        ],
        "load": [
            {
                "reviewer": each.user.username,
                "reviewer_name": str(each.user),
                "reviews": each.reviews,
                "most_reviews": each.most,
            }
            for each in one.load
        ],
        "nobody": [{"words": why, "how_many": many} for why, many in one.nobody],
    }


class PlanView(Acts):
    """A plan, read and changed for the draws to come."""

    @extend_schema(
        operation_id="quality_plan", summary="A sampling plan", responses={200: PlanAnswer}
    )
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        return Response(_plan(found(_full(SamplingPlan.objects.visible_to(request.user)), pk)))

    @extend_schema(
        operation_id="change_plan",
        summary="Change a sampling plan",
        request=ChangedPlan,
        responses={200: PlanAnswer, **CONFLICTS},
    )
    def patch(self, request: Request, pk: int) -> Response:
        form, asked = _changed(request, pk, ChangedPlan)
        return Response(_kept(form, signed_in(request), asked.get("reviewers", ()), asked["seen"]))


class PlanPreviewView(Acts):
    """What a plan would draw once it was changed."""

    @extend_schema(
        operation_id="preview_plan",
        summary="What a plan would draw as it is, or once it was changed",
        request=PlanChanges,
        responses={200: PreviewAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        form, asked = _changed(request, pk, PlanChanges)
        return Response(_preview(form, asked.get("reviewers", ())))


def _changed(
    request: Request, pk: int, question: type[PlanChanges]
) -> tuple[PlanForm, dict[str, Any]]:
    """The form of a plan with what is said of it, and what that is."""
    plan = _kept_plan(request, pk)
    asked, there = said(request, question), _plan(plan)
    # What is settled by the first draw is refused by the service, and not passed over.
    is_settled = all(asked.get(one, there[one]) == there[one] for one in _SETTLED)
    form = PlanForm(
        _sent(there | asked, plan), instance=plan, site=plan.site,
        has_drawn=is_settled and plan.draws.exists(),
    )  # fmt: skip
    return form, asked


_SETTLED = ("scorecard", "cadence", "starts_on")


class PlanEndView(Acts):
    @extend_schema(
        operation_id="end_plan",
        summary="End a plan: it draws no more",
        request=Nothing,
        responses={200: PlanAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        plan = _kept_plan(request, pk)
        said(request, Nothing)
        services.end(plan, signed_in(request), timezone.now())
        return Response(_plan(_kept_plan(request, pk)))


class PlanGoOnView(Acts):
    @extend_schema(
        operation_id="go_on_plan",
        summary="Have a plan that ended go on",
        request=Nothing,
        responses={200: PlanAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        plan = _kept_plan(request, pk)
        said(request, Nothing)
        services.go_on(plan, signed_in(request), timezone.now())
        return Response(_plan(_kept_plan(request, pk)))


class PlanDrawView(Acts):
    @extend_schema(
        operation_id="draw_plan",
        summary="Draw a period now",
        description="One that was drawn already is told as it came: 200.",
        request=PeriodQuestion,
        responses={200: DrawAnswer, 201: DrawAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        plan, now = _kept_plan(request, pk), timezone.now()
        day: date = said(request, PeriodQuestion)["first_day"]
        with refusing():
            made = drawing.make(plan, day, signed_in(request), now)
        told = draw_told(made.draw, reads.coverages([made.draw], now)[made.draw.pk])
        return Response(told, status=201 if made.is_new else 200)


class DrawnSwapView(Acts):
    @extend_schema(
        operation_id="swap_drawn",
        summary="Swap a drawn call that cannot be reviewed",
        description="Nobody chooses what comes instead: it is the next in the seed's order.",
        request=SwapQuestion,
        responses={200: SwapAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who = signed_in(request)
        call = found(reads.changeable_calls(who, may_review=True), pk)
        wanted = checked(SwapForm(posted(said(request, SwapQuestion))))
        with refusing():
            new = swapping.swap(call, wanted["reason"], wanted["words"], who, timezone.now())
        return Response({"replaced_by": new and new.pk, "call": new and new.call_id})


class DrawnGiveView(Acts):
    @extend_schema(
        operation_id="give_drawn",
        summary="Give a drawn call that nobody reviews to somebody",
        request=GiveQuestion,
        responses={201: GivenAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who = signed_in(request)
        call = found(reads.changeable_calls(who, may_review=False), pk)
        site = call.drawn.draw.site
        login = said(request, GiveQuestion)["reviewer"]
        sent = {"reviewer": named(people.candidates(site), login)}
        wanted = checked(HandOnForm(posted(sent), site=site, needs_reason=False))
        with refusing():
            made = swapping.give(call, wanted["reviewer"], who, timezone.now())
        return Response({"review": made.pk}, status=201)


class RulesAnswer(serializers.Serializer[Any]):
    """What holds for a site's reviews."""

    dispute_days = serializers.IntegerField(help_text="In which an agent disputes a review.")
    answer_days = serializers.IntegerField(help_text="In which the reviewer answers.")
    escalate_days = serializers.IntegerField(help_text="In which the agent goes on with it.")
    needs_consent = serializers.BooleanField()
    masked = serializers.ListField(
        child=serializers.ChoiceField([one.value for one in HIDDEN]),
        help_text="What is hidden in transcripts; none: all kinds.",
    )


class RulesChanges(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    site = serializers.SlugField()
    dispute_days = serializers.IntegerField(required=False)
    answer_days = serializers.IntegerField(required=False)
    escalate_days = serializers.IntegerField(required=False)
    needs_consent = serializers.BooleanField(required=False)
    masked = serializers.ListField(child=serializers.CharField(), required=False)


class ReviewRulesView(Acts):
    """A site's rules of review: read by who sees its reviews, changed by who keeps its
    scorecards."""

    @extend_schema(
        operation_id="quality_rules",
        summary="A site's rules of review",
        parameters=[OfSite],
        responses={200: RulesAnswer},
    )
    def get(self, request: Request) -> Response:
        site = reviewed_site(request, asked_of(request, OfSite)["site"])
        return Response(_rules(facts.rules_of(site.pk)))

    @extend_schema(
        operation_id="change_rules",
        summary="Change a site's rules of review",
        request=RulesChanges,
        responses={200: RulesAnswer, **PROBLEMS},
    )
    def patch(self, request: Request) -> Response:
        _keeps_any(request)
        asked = said(request, RulesChanges)
        site = kept_site(request, asked.pop("site"))
        # What is left out stays as it is, also where somebody else changes that at once.
        with transaction.atomic():
            rows = QualityRules.objects.select_for_update().filter(site=site)
            there = rows.first() or QualityRules(site=site)
            form = RulesForm(posted(_rules(there) | asked), instance=there, may_change=True)
            checked(form)
            kept = services.keep_rules(form.save(commit=False), signed_in(request), timezone.now())
        return Response(_rules(kept))


def _rules(rules: QualityRules) -> dict[str, Any]:
    return {
        "dispute_days": rules.dispute_days, "answer_days": rules.answer_days,
        "escalate_days": rules.escalate_days, "needs_consent": rules.needs_consent,
        "masked": list(rules.masked),
    }  # fmt: skip


def _kept_plan(request: Request, pk: int) -> SamplingPlan:
    plan: SamplingPlan = found(_full(SamplingPlan.objects.kept_by(request.user)), pk)
    return plan


def urls(under: str) -> list[URLPattern]:
    own, one = f"{under}/plans", f"{under}/plans/<int:pk>"
    drawn = f"{under}/drawn/<int:pk>"
    return [
        path(f"{own}/", PlansView.as_view(), name="api_quality_plans"),
        path(f"{own}/preview/", NewPlanPreviewView.as_view(), name="api_quality_plans_preview"),
        path(f"{one}/preview/", PlanPreviewView.as_view(), name="api_quality_plan_preview"),
        path(f"{one}/", PlanView.as_view(), name="api_quality_plan"),
        path(f"{one}/end/", PlanEndView.as_view(), name="api_quality_plan_end"),
        path(f"{one}/go-on/", PlanGoOnView.as_view(), name="api_quality_plan_go_on"),
        path(f"{one}/draw/", PlanDrawView.as_view(), name="api_quality_plan_draw"),
        path(f"{drawn}/swap/", DrawnSwapView.as_view(), name="api_drawn_swap"),
        path(f"{drawn}/give/", DrawnGiveView.as_view(), name="api_drawn_give"),
        path(f"{under}/rules/", ReviewRulesView.as_view(), name="api_quality_rules"),
    ]
