"""Sessions: the list, a new one, one as it is prepared and held, and what is done with it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import days_asked, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID, id_of
from ccm.filters import about, address, of_open_sites
from ccm.intervals import DAY, FIRST_YEAR, LAST_YEAR, day_of
from ccm.models import Agent, Site, User, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import sites_coached
from coaching.agreed import roster
from coaching.following import reads as of_steps
from coaching.following import services as following
from coaching.holding import agenda, reads, services
from coaching.holding.forms import (
    ChangeForm,
    EndForm,
    HoldForm,
    OwnForm,
    PointForm,
    PrivateForm,
    SessionForm,
    StepForm,
    WhyForm,
    coached_at,
)
from coaching.holding.services import Asked
from coaching.models import Action, AgendaItem, Proposal, Session
from coaching.preparing import services as preparing
from coaching.preparing import told
from coaching.rhythm.reads import teams as teams_of
from coaching.triggers import services as triggers
from coaching.triggers.reads import Line, planned_with
from coaching.views.steps import agent_asked, team_asked
from kpis import evaluation
from kpis.report import Unanswerable

MOST_LISTED = 200
MONTHS = 13
_MOST_NAMED = 3
_Made = TypeVar("_Made")


@login_required
@require_safe
def sessions_page(request: HttpRequest) -> HttpResponse:
    """What is planned, late, and was held, of all whom the reader coaches."""
    if not may_open("sessions", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    sites = list(sites_coached(user))
    site = request.GET.get("site", "")
    if site and site not in {one.slug for one in sites}:
        raise Http404
    agent = agent_asked(request)
    if agent is not None:
        viewed.note(user, [agent.pk], Viewing.What.COACHING, now)
    chosen = next((one for one in sites if one.slug == site), None)
    people = list(of_steps.people(user, chosen))
    if agent is not None and agent not in people:
        people.append(agent)
    parts = [
        ("overdue", _("To be held, and late"), _("Nothing is late")),
        ("coming", _("Coming"), _("Nothing is planned")),
        ("held", _("Held"), _("Nothing was held yet")),
    ]
    of = None if agent is None else agent.pk
    teams = list(teams_of(user))
    team, month = team_asked(request, teams), _month(request)
    clocks = list(reads.sites(user)) if month is not None and team is None else []
    drawn: list[tuple[str, str, list[Session]]] = []
    for state, words, none in (*parts, ("cancelled", "", "")):
        rows = reads.listed(user, now, state=state, site=site, agent=of).prefetch_related(None)
        if state == "cancelled":
            # Those of days to come stand there.
            ahead = Session.objects.called_off_ahead(now).order_by().values("pk")
            rows = rows.exclude(pk__in=ahead)
        if team is not None and month is not None:
            rows = reads.of_team_days(rows, team, *month)
        elif month is not None:
            rows = reads.of_days(rows, clocks, *month)
        elif team is not None:
            rows = reads.of_team(rows, team, day_of(now, team.site.calendar))
        drawn.append((words, none, list(rows[:MOST_LISTED])))
    reads.with_people([one for _words, _none, some in drawn for one in some])
    *drawn, (_words, _none, called_off) = drawn
    context = {
        "sites": sites,
        "site": site,
        "people": people,
        "agent": agent,
        "called_off": called_off,
        "teams": teams,
        "team": team,
        "month": month and month[0],
        "months": _months(now, month),
        "parts": [
            (words, none, [(one, *_tag(one, now)) for one in some]) for words, none, some in drawn
        ],
        "most": MOST_LISTED,
        "new_url": _new_url("session_new", site, agent) if sites else "",
        "quick_url": _new_url("quick_note", site, agent) if sites else "",
        "steps_url": address(reverse("steps"), {"agent": of}),
    }
    return render(request, "coaching/sessions.html", context)


def _month(request: HttpRequest) -> tuple[date, date] | None:
    """The first and the last day of the month that the address asks for; None: of all. Else 404."""
    word = request.GET.get("month", "")
    if not word:
        return None
    try:
        first = days_asked.month(word)
    except days_asked.Misdated as no_month:
        raise Http404 from no_month
    if not FIRST_YEAR <= first.year < LAST_YEAR:
        raise Http404
    return evaluation.month_of(first)


def _months(now: datetime, asked: tuple[date, date] | None) -> list[date]:
    """The first days of the months to choose from, the newest first, that which is asked for
    among them."""
    next_one = evaluation.month_of(evaluation.month_of(now.date())[1] + DAY)
    offered = [one[0] for one in (next_one, *evaluation.months_before(next_one[0], MONTHS))]
    return sorted({*offered, *(asked or ())[:1]}, reverse=True)


def _tag(session: Session, now: datetime) -> tuple[str, str]:
    """What is to be said of a session in the list now, and how loudly; "": nothing."""
    if session.state == Session.State.CANCELLED:
        return "none", session.get_state_display()
    if reads.is_soon(session, now):
        return "warn", _("within a day")
    lacking = reads.unsigned(session)
    if len(lacking) > _MOST_NAMED:
        return "warn", _("not signed by %(n)s") % {"n": len(lacking)}
    return "warn", _("not signed by %(who)s") % {"who": ", ".join(lacking)} if lacking else ""


def _new_url(name: str, site: str, agent: Agent | None) -> str:
    """Where one is planned or put down: with an agent, where one is chosen who has not left."""
    if agent is None or agent.left_on is not None:
        return address(reverse(name), {"site": site})
    return address(reverse(name), {"site": agent.site.slug, "agent": agent.pk})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: HttpRequest) -> HttpResponse:
    """Plan one; with `agent` in the address, with them; with `proposal`, as a rule proposed it, or
    several did about one agent."""
    if not may_open("sessions", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    sites = list(sites_coached(user))
    site = of_open_sites(request, sites, now)
    if site is None:
        raise Http404
    given: dict[str, Any] = {}
    asked = _proposals(request)
    proposals = [one for one in asked if one.is_standing]
    if asked and not proposals:
        # Whoever sends the form twice is led to what the first made.
        there = next((one.session_id for one in asked if one.session_id is not None), None)
        return redirect("session", there) if there else redirect("proposal", asked[0].pk)
    proposal = proposals[0] if proposals else None
    if proposal is not None:
        given = {"agents": [proposal.agent_id], "about": Line.of(proposal).title[:160]}
    elif (agent := agent_at(request, user, site)) is not None:
        given["agents"] = [agent.pk]
    form = SessionForm(
        request.POST if request.method == "POST" else None, site=site, user=user, given=given,
        today=day_of(now, site.calendar),
    )  # fmt: skip
    if form.is_bound and form.is_valid() and not form.warn(_against(form.asked())):
        made = done(form, lambda: services.plan(form.asked(), user, now))
        if made is not None:
            for one in proposals:
                triggers.planned(one, made, user, now)
            if made.kind in Session.OF_ONE:
                prepare(request, made)
            return redirect("session", pk=made.pk)
    sent = [("site", site.slug), *(("proposal", str(one.pk)) for one in proposals)]
    context = {
        "form": form, "site": site, "sites": sites,
        "action": f"{request.path}?{urlencode(sent)}",
        "proposal_url": reverse("proposal", args=[proposal.pk]) if proposal else "",
        "quick_url": address(
            reverse("quick_note"), {"site": site.slug, "agent": given.get("agents", [""])[0]}
        ),
        "planned": planned_with(proposal.agent_id, user) if proposal else (),
    }  # fmt: skip
    return render(request, "coaching/session_new.html", context)


@login_required
@require_safe
def session_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(request, session_of(request, pk), {})


@login_required
@require_POST
def session_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time or place."""
    session, user, now = session_of(request, pk, changes=True), signed_in(request), timezone.now()
    form = ChangeForm(request.POST, session=session)
    if form.is_valid() and form.has_moved() and form.warn(_against_change(session, form)):
        return _drawn(request, session, {"change": form})

    def act() -> Session:
        return services.change(session, form.said(), form.cleaned_data["revision"], user, now)

    return _after(request, session, "change", form, act)


@login_required
@require_POST
def session_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Let its agents read the agenda."""
    session = session_of(request, pk, changes=True)
    services.share(session, signed_in(request), timezone.now())
    return redirect("session", pk=pk)


@login_required
@require_POST
def session_call_off(request: HttpRequest, pk: int) -> HttpResponse:
    session, user, now = session_of(request, pk, changes=True), signed_in(request), timezone.now()
    form = WhyForm(request.POST)

    def act() -> Session:
        return services.call_off(session, form.cleaned_data["why"], user, now)

    return _after(request, session, "call_off", form, act)


@login_required
@require_POST
def session_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """It was held, and what was said."""
    session, user, now = session_of(request, pk, holds=True), signed_in(request), timezone.now()
    form = HoldForm(request.POST, session=session)
    if form.is_valid() and session.state == Session.State.PLANNED and form.warn_early(now):
        return _drawn(request, session, {"hold": form})

    def act() -> Session:
        said = form.cleaned_data
        return services.hold(session, said["notes"], said["revision"], user, now)

    return _after(request, session, "hold", form, act)


@login_required
@require_POST
def session_sign(request: HttpRequest, pk: int) -> HttpResponse:
    session = session_of(request, pk)
    try:
        services.sign(session, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("session", pk=pk)


@login_required
@require_POST
def session_point(request: HttpRequest, pk: int) -> HttpResponse:
    """A point for the agenda: the coach's, or an agent's own."""
    session, user, now = session_of(request, pk), signed_in(request), timezone.now()
    own = _own(session, user)
    if own is None and not _changes(session, user):
        raise Http404
    form = PointForm(request.POST, is_coachs=own is None)

    def act() -> AgendaItem:
        said = form.cleaned_data
        return services.add(session, said["title"], said["words"], user, now, agent=own)

    return _after(request, session, "point", form, act)


@login_required
@require_POST
def session_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Which points stay, and one a place up or down."""
    session = session_of(request, pk, changes=True)
    try:
        kept, shown = _numbers(request, "keep"), _numbers(request, "shown")
        services.keep(session, kept, shown, signed_in(request), timezone.now())
        for way in ("up", "down"):
            word = request.POST.get(way, "")
            if word:
                agenda.move(item_of(session, word), "up" if way == "up" else "down")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("session", pk=pk)


@login_required
@require_POST
def session_private(request: HttpRequest, pk: int) -> HttpResponse:
    """What who coaches keeps for themselves."""
    session = session_of(request, pk, changes=True)
    form = PrivateForm(request.POST)
    user, now = signed_in(request), timezone.now()

    def act() -> object:
        return services.write_privately(session, form.cleaned_data["words"], user, now) or session

    return _after(request, session, "private", form, act)


@login_required
@require_POST
def session_say(request: HttpRequest, pk: int) -> HttpResponse:
    """What an agent in it says of themselves."""
    session, user = session_of(request, pk), signed_in(request)
    own = _own(session, user)
    if own is None:
        raise Http404
    form = OwnForm(request.POST)

    def act() -> object:
        said = form.cleaned_data
        return services.say(session, own, said["mood"], said["energy"], said["words"])

    return _after(request, session, "say", form, act)


@login_required
@require_POST
def session_step(request: HttpRequest, pk: int) -> HttpResponse:
    """A step that is agreed on."""
    session, user, now = session_of(request, pk, changes=True), signed_in(request), timezone.now()
    form = _step_form(session, user, request.POST)

    def act() -> Action:
        return following.agree(form.step(), session, user, now)

    return _after(request, session, "step", form, act)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def action_end(request: HttpRequest, pk: int) -> HttpResponse:
    """How a step went: said by who coaches, or by whose it is."""
    if pk > MOST_ID:
        raise Http404
    user, now = signed_in(request), timezone.now()
    rows = Action.objects.visible_to(user).select_related(
        "agent__site", "session", "criterion", "plan_step"
    )
    action: Action = get_object_or_404(rows, pk=pk)
    about(request, action.agent.site)
    viewed.note(user, [action.agent_id], Viewing.What.COACHING, now)
    posted = request.POST if request.method == "POST" else None
    form = EndForm(posted, initial={"revision": action.revision})
    if form.is_bound and form.is_valid():
        said = form.cleaned_data

        def act() -> Action:
            return following.end(action, said["state"], said["words"], said["revision"], user, now)

        if done(form, act) is not None:
            words = _("The step is done: it is kept among those that have ended.")
            if said["state"] == Action.State.DROPPED:
                words = _("The step is dropped: it is kept among those that have ended.")
            messages.info(request, words)
            if hasattr(action, "plan_step"):
                return redirect("plan", pk=action.plan_step.plan_id)
            if action.session_id is not None:
                return redirect("session", pk=action.session_id)
            return redirect("my_coaching" if scope_of(user).agent else "sessions")
    became = told.of_steps([action], action.agent, user, now)
    context = {"action": action, "form": form, "became": became.get(action.pk, "")}
    return render(request, "coaching/action_end.html", context)


def _proposals(request: HttpRequest) -> list[Proposal]:
    """The proposals that the address names, of those that the reader decides and all of one agent,
    the most serious first; none: it names none. Else 404."""
    said = [id_of(word) for word in request.GET.getlist("proposal") if word]
    if not said:
        return []
    ids = {one for one in said if one is not None}
    rows = Proposal.objects.decided_by(signed_in(request)).filter(pk__in=ids)
    found = list(rows.select_related("rule__criterion", "site"))
    if None in said or len(found) != len(ids) or len({one.agent_id for one in found}) > 1:
        raise Http404
    return found


def _against(asked: Asked) -> list[str]:
    """What speaks against the time of a session."""
    return roster.against(asked.site, asked.agents, asked.coach, asked.starts_at, asked.minutes)


def _against_change(session: Session, form: ChangeForm) -> list[str]:
    agents = Agent.objects.filter(coaching__session=session)
    return roster.against(
        session.site, list(agents), session.coach, form.starts_at, form.cleaned_data["minutes"],
        but=session,
    )  # fmt: skip


def _numbers(request: HttpRequest, name: str) -> list[int]:
    """The ids that are sent by a name."""
    found = map(id_of, request.POST.getlist(name))
    return [number for number in found if number is not None]


def agent_at(request: HttpRequest, user: User, site: Site) -> Agent | None:
    """Whom an address names, of those of a site whom the reader coaches; None: nobody. Raises
    Http404 for anybody else."""
    word = request.GET.get("agent", "")
    if not word:
        return None
    pk = id_of(word)
    if pk is None:
        raise Http404
    found: Agent = get_object_or_404(coached_at(user, site), pk=pk)
    return found


def done(form: Form, act: Callable[[], _Made]) -> _Made | None:
    """What an act makes; None: it was refused, which the form says."""
    try:
        return act()
    except services.Stale:
        raise
    except ValidationError as refusal:
        known = getattr(refusal, "error_dict", None)
        if known and not set(known) <= set(form.fields):
            refusal = ValidationError(refusal.messages)
        form.add_error(None, refusal)
        return None


def _after(
    request: HttpRequest, session: Session, name: str, form: Form, act: Callable[[], object]
) -> HttpResponse:
    """Back to the page; with what is wrong, where something is."""
    try:
        if form.is_valid() and done(form, act) is not None:
            return redirect("session", pk=session.pk)
        session.refresh_from_db()
    except services.Stale as stale:
        session.refresh_from_db()
        renew(form, "revision", session.revision)
        form.add_error(None, stale.messages[0])
    return _drawn(request, session, {name: form})


def renew(form: Form, name: str, value: object) -> None:
    """Have what was typed stand beside what is there by now, and be sent again over it."""
    form.data = dict(form.data.items()) | {name: str(value)}


def _drawn(request: HttpRequest, session: Session, forms: Mapping[str, Form]) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    seen = reads.seen(session, user)
    agents = [one.agent_id for one in seen.people]
    viewed.note(user, agents, Viewing.What.COACHING, now)
    is_planned = session.state == Session.State.PLANNED
    known: dict[str, Form] = {}
    if seen.changes:
        known["private"] = PrivateForm(
            initial={"words": "" if seen.note is None else seen.note.words}
        )
        if is_planned:
            known |= {"change": ChangeForm(session=session), "call_off": WhyForm()}
        if session.state != Session.State.CANCELLED:
            known["step"] = _step_form(session, user, None)
    holds = seen.changes or seen.is_peer
    if holds and session.state != Session.State.CANCELLED and not seen.is_signed:
        known["hold"] = HoldForm(session=session)
    if is_planned and (seen.changes or seen.own is not None):
        known["point"] = PointForm(is_coachs=seen.changes)
    if seen.own is not None and seen.own.signed_at is None and not session.why_cancelled:
        own = {"mood": seen.own.mood, "energy": seen.own.energy, "words": seen.own.words}
        known["say"] = OwnForm(initial=own)
    agent = seen.people[0].agent if len(seen.people) == 1 else None
    context = {
        "seen": seen,
        "points": told.points(session, seen.agenda, agent, user),
        "prepared": told.of_preparation(session, agent) if seen.changes else None,
        "may_prepare": seen.changes and is_planned and agent is not None,
        "session": session,
        "forms": {name: forms.get(name, form) for name, form in known.items()},
        "is_overdue": reads.is_overdue(session, now),
        "late": {one.pk for one in seen.actions if reads.is_late(one, now)},
        "may_play": seen.changes and session.state == Session.State.HELD and not seen.is_signed,
        "reader": session.made_by if session.kind == Session.Kind.PEER else session.coach,
    }
    return render(request, "coaching/session.html", context)


def _step_form(session: Session, user: User, posted: Any) -> StepForm:
    agents = Agent.objects.filter(pk__in=session.participants.values("agent")).order_by("name")
    return StepForm(posted, agents=agents, criteria=reads.criteria(user, session.site_id))


def session_of(
    request: HttpRequest, pk: int, *, changes: bool = False, holds: bool = False
) -> Session:
    """A session that the reader sees, or changes, or may say was held; else 404."""
    if pk > MOST_ID:
        raise Http404
    rows = reads.changed(request.user) if changes else reads.visible(request.user)
    if holds:
        rows = reads.held(request.user)
    one: Session = get_object_or_404(rows.select_related(*reads.WHOLE), pk=pk)
    about(request, one.site)
    return one


def item_of(session: Session, word: str) -> AgendaItem:
    """A point of its agenda; else 404."""
    if id_of(word) is None:
        raise Http404
    rows = AgendaItem.objects.filter(session=session).select_related("session")
    found: AgendaItem = get_object_or_404(rows, pk=int(word))
    return found


def prepare(request: HttpRequest, session: Session) -> None:
    """Fill a session's agenda; where that cannot be, the page says why and the session stands."""
    try:
        preparing.prepare(session, signed_in(request), timezone.now())
    except (ValidationError, Unanswerable) as refusal:
        said = refusal.messages[0] if isinstance(refusal, ValidationError) else str(refusal)
        messages.warning(request, said)


def _changes(session: Session, user: User) -> bool:
    return reads.changed(user).filter(pk=session.pk).exists()


def _own(session: Session, user: User) -> Agent | None:
    """The reader, where they are an agent in it and not its coach."""
    mine = scope_of(user).agent
    if mine is None or session.coach_id == user.pk:
        return None
    found: Agent | None = Agent.objects.filter(pk=mine, coaching__session=session).first()
    return found


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/sessions/<int:pk>"
    acts = {
        "change": session_change, "share": session_share, "call-off": session_call_off,
        "hold": session_hold, "sign": session_sign, "point": session_point,
        "agenda": session_agenda, "private": session_private, "say": session_say,
        "step": session_step,
    }  # fmt: skip
    return [
        path(f"{under}/sessions/", sessions_page, name="sessions"),
        path(f"{under}/sessions/new/", session_new, name="session_new"),
        path(f"{one}/", session_page, name="session"),
        *(
            path(f"{one}/{act}/", view, name=f"session_{act.replace('-', '_')}")
            for act, view in acts.items()
        ),
        path(f"{under}/steps/<int:pk>/", action_end, name="action_end"),
    ]
