"""Time off: one's own, what is to be decided, a site's calendar, and the rules of it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import viewed, work
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import Choices, about, address, of_sites
from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, User, Viewing
from ccm.navigation import may_open, plans
from ccm.tables import KnownPaginator, arrange
from ccm.views.in_turn import in_turn
from ccm.views.lists import Choice, Listing, Rows, of_field, signed_in
from scheduling import tasks
from scheduling.absences import books, forms, kept, reads, services, tables, words
from scheduling.models import DayAllowance, LeaveKind, LeaveOpening, LeaveRequest
from scheduling.terms import reach
from scheduling.terms.works import rules_of

UNDER = "time-off"
_SHOWN = 200
_UP = (("time_off", gettext_lazy("Time off")),)
Decide = Callable[[LeaveRequest, str, str, User, datetime], LeaveRequest]
_DECIDE: dict[str, Decide] = {
    "approve": services.approve,
    "refuse": services.refuse,
    "take_back": services.take_back,
}
State = LeaveRequest.State


# One's own, and somebody's.


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_time_off(request: HttpRequest) -> HttpResponse:
    """What the reader has of leave, what they asked for, and what they ask for now."""
    if not may_open("my_time_off", request.user):
        raise Http404
    return _person(request, scope_of(request.user).agent or 0, is_own=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of somebody, for who plans them, leads them, or is them."""
    who = signed_in(request)
    if pk > MOST_ID or not reach.people_read_by(who).filter(pk=pk).exists():
        raise Http404
    return _person(request, pk)


def _person(request: HttpRequest, pk: int, *, is_own: bool = False) -> HttpResponse:
    who, now = signed_in(request), timezone.now()
    agent = Agent.objects.select_related("site__leave_rules").get(pk=pk)
    about(request, agent.site)
    viewed.note(who, [agent.pk], Viewing.What.TIME_OFF, now)
    form = forms.AskForm(request.POST if request.method == "POST" else None, agent=agent)
    looked = None
    if form.is_bound and form.is_valid():
        row = form.request
        try:
            if request.POST.get("do") != "ask":
                looked = reads.look(row, now)
            else:
                services.ask(row, who, now)
                _settle_soon(agent.site_id)
                _tell(request, row)
                return redirect("my_time_off") if is_own else redirect("time_off_person", pk=pk)
        except ValidationError as refusal:
            forms.refuse(form, refusal)
    return render(request, "scheduling/timeoff_own.html", _of_person(agent, who, now) | {
        "form": form, "looked": looked, "is_own": is_own,
        "looked_facts": _facts(looked.row) if looked else [],
    })  # fmt: skip


def _of_person(agent: Agent, who: User, now: datetime) -> dict[str, Any]:
    today = day_of(now, agent.site.calendar)
    kinds = reads.kinds_of(agent.site)
    every = LeaveRequest.objects.filter(agent=agent).select_related("kind", "decided_by")
    requests = list(every.order_by("-first_on", "-pk"))
    rows = requests[:_SHOWN]
    for row in requests:
        row.agent = agent
    met = reads.shifts_met(rows)
    own = scope_of(who).agent == agent.pk
    return {
        "agent": agent,
        "today": today,
        "kinds": [one for one in kinds if one.is_active],
        "balances": [
            (one, [(entry, words.posting(entry.why)) for entry in one.entries])
            for one in reads.balances(agent, kinds, requests, today)
        ],
        "requests": [
            (
                row,
                words.of_request(row),
                words.LEVELS[State(row.state)],
                words.decided(row),
                met.get(row.pk, 0),
                own and services.may_withdraw(row, today),
            )
            for row in rows
        ],
        "plans_them": reach.plans_for(who, agent),
        "most": _SHOWN,
    }


def _tell(request: HttpRequest, row: LeaveRequest) -> None:
    """What became of what was just asked for."""
    row.refresh_from_db()
    told = {"days": words.of_request(row), "why": words.decided(row), "place": row.position}
    if row.state == State.APPROVED:
        messages.info(request, _("%(days)s: approved.") % told)
    elif row.state == State.WAITING:
        messages.warning(request, _("%(days)s: it waits, place %(place)s. %(why)s") % told)
    elif row.state == State.REFUSED:
        messages.warning(request, _("%(days)s: refused. %(why)s") % told)
    else:
        messages.info(request, _("%(days)s: it is asked for, and somebody decides.") % told)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw what the reader asked for."""
    who = signed_in(request)
    row = _row(LeaveRequest.objects.withdrawn_by(who), pk)
    try:
        services.withdraw(row, who, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        _settle_soon(row.agent.site_id)
        told = _("%(days)s: withdrawn.") % {"days": words.of_request(row)}
        messages.info(request, f"{told} {_freed_words(row)}".rstrip())
    return redirect("my_time_off")


def _freed_words(row: LeaveRequest) -> str:
    """What leave that has ended leaves behind: days without a shift; empty where there are none."""
    row.refresh_from_db()
    site = row.agent.site
    freed = reads.freed([row], site, day_of(timezone.now(), site.calendar))
    if not freed:
        return ""
    return ngettext(
        "On %(n)s day of it the published roster has no shift, and none comes back by itself:"
        " planners see at Time off who is free again.",
        "On %(n)s days of it the published roster has no shift, and none comes back by itself:"
        " planners see at Time off who is free again.",
        len(freed[0].days),
    ) % {"n": len(freed[0].days)}


# What is to be decided.


@login_required
@require_safe
def time_off_page(request: HttpRequest) -> HttpResponse:
    """What is to be decided at a site, the oldest first; or what was decided, the newest first; or
    who is free again, the soonest first."""
    if not may_open("time_off", request.user):
        raise Http404
    who = signed_in(request)
    sites = list(_sites(who, own=False))
    site = of_sites(request, sites)
    show = request.GET.get("show", "")
    show = show if show in ("decided", "free") else ""
    context: dict[str, Any] = {
        "sites": sites,
        "site": site,
        "show": show,
        "may_plan": plans(who),
        "most": _SHOWN,
    }
    if site is not None:
        rows = LeaveRequest.objects.filter(agent__site=site, kind__site=site)
        rows = rows.select_related("agent", "kind", "decided_by")
        if show == "free":
            context["freed"] = _freed(site, who)
        elif show == "decided":
            found = rows.visible_to(who).filter(decided_at__isnull=False)
            context["decided"] = _decided(found.order_by("-decided_at", "-pk")[:_SHOWN], site)
        else:
            found = rows.decided_by(who).open().order_by("asked_at", "pk")[:_SHOWN]
            context["open"] = _open(list(found), site, who)
    return render(request, "scheduling/timeoff.html", context)


def _open(rows: list[LeaveRequest], site: Site, who: User) -> list[tuple[Any, ...]]:
    for row in rows:
        row.agent.site = site
    names = reads.names_of(reach.people_read_by(who).filter(site=site)) if rows else {}
    return [
        (
            one,
            words.of_request(one.row),
            words.LEVELS[State(one.row.state)],
            words.broken(one.row),
            _told(one.tightest) if one.tightest else "",
            [name for name in one.tightest.names if name != one.row.agent.name]
            if one.tightest
            else [],
        )
        for one in reads.open_of(site, rows, names)
    ]


def _freed(site: Site, who: User) -> list[tuple[reads.Freed, str, str]]:
    """Who is free again, the soonest first, with the days that were asked for and those left."""
    today = day_of(timezone.now(), site.calendar)
    ended = LeaveRequest.objects.decided_by(who).filter(
        agent__site=site, state__in=(State.WITHDRAWN, State.CANCELLED), last_on__gte=today
    )
    rows = ended.select_related("agent", "kind", "decided_by").order_by("first_on", "pk")
    return [
        (one, words.of_request(one.row), words.runs(one.days))
        for one in reads.freed(rows[:_SHOWN], site, today)
    ]


def _decided(rows: Rows, site: Site) -> list[tuple[Any, ...]]:
    every = list(rows)
    for row in every:
        row.agent.site = site
    met = reads.shifts_met(every)
    return [
        (
            row,
            words.of_request(row),
            words.LEVELS[State(row.state)],
            words.decided(row),
            met.get(row.pk, 0),
        )
        for row in every
    ]


def _told(day: reads.Day) -> str:
    """What a day allows, and what is taken of it."""
    if day.is_closed:
        return _("%(day)s: closed") % {"day": words.day(day.day)}
    if day.allowed is None:
        return _("%(day)s: nobody can say yet") % {"day": words.day(day.day)}
    told = {
        "day": words.day(day.day),
        "taken": words.amount(day.taken, day.measure),
        "allowed": words.amount(day.allowed, day.measure),
    }
    return _("%(day)s: %(taken)s of %(allowed)s") % told


@login_required
@require_safe
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A request with what every rule says, day by day; to who may decide it with how."""
    who = signed_in(request)
    row = _row(LeaveRequest.objects.visible_to(who), pk)
    site = row.agent.site
    about(request, site)
    viewed.note(who, [row.agent_id], Viewing.What.TIME_OFF, timezone.now())
    found = books.read(site, row.first_on, row.last_on, waiting=True)
    names = reads.names_of(reach.people_read_by(who).filter(site=site))
    days = reads.days(found, row.first_on, row.last_on, names)
    # As `LeaveRequestQuerySet.decided_by` has it.
    decides = row.agent_id in names and row.agent.user_id != who.pk
    today = day_of(timezone.now(), site.calendar)
    context = {
        "row": row,
        "days_words": words.of_request(row),
        "level": words.LEVELS[State(row.state)],
        "decided": words.decided(row),
        "facts": _facts(row),
        "days": [
            (off, words.hours(off.minutes), *_row_of(days[off.day], today))
            for off in kept.days_of(row)
        ],
        "shifts": reads.shifts_met([row]).get(row.pk, 0),
        "is_own": scope_of(who).agent == row.agent_id,
        "may_withdraw": scope_of(who).agent == row.agent_id and services.may_withdraw(row, today),
        "decides": decides and row.is_open,
        "takes_back": decides and row.state == State.APPROVED,
        "needs_reason": any(not one["holds"] for one in row.facts),
        "reason": forms.DecideForm()["reason"],
    }
    return render(request, "scheduling/timeoff_request.html", context)


def _row_of(day: reads.Day, today: date) -> tuple[str, str, reads.Day]:
    """A day's allowance and what is taken of it, in words; of a day that is over nothing comes."""
    if day.allowed is None:
        allowed = "–" if day.day < today else _("not known yet")
        return allowed, words.amount(day.taken, day.measure), day
    allowed = _("closed") if day.is_closed else words.amount(day.allowed, day.measure)
    return allowed, words.amount(day.taken, day.measure), day


def _facts(row: LeaveRequest) -> list[tuple[bool, str]]:
    return [(one["holds"], words.kept_fact(one)) for one in row.facts]


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, refuse or take back a request."""
    who = signed_in(request)
    row = _row(LeaveRequest.objects.decided_by(who), pk)
    form = forms.DecideForm(request.POST)
    if not form.is_valid():
        told = form.errors.get("reason")
        messages.warning(request, str(told[0]) if told else _("Say what is to become of it."))
        return redirect("time_off_request", pk=row.pk)
    said = form.cleaned_data
    try:
        done = _DECIDE[said["do"]](row, said["seen"], said["reason"], who, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("time_off_request", pk=row.pk)
    _settle_soon(row.agent.site_id)
    told_of_it = {
        "agent": row.agent,
        "days": words.of_request(row),
        "state": done.get_state_display(),
    }
    decided = _("%(agent)s, %(days)s: %(state)s.") % told_of_it
    messages.info(request, f"{decided} {_freed_words(done)}".rstrip())
    return redirect(address(reverse("time_off"), {"site": row.agent.site.slug}))


# The calendar.


@login_required
@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """A month of a site: what each day allows and what is taken. Who is away is told to who plans
    or leads them; of everybody else there are numbers."""
    if not may_open("time_off_calendar", request.user):
        raise Http404
    who = signed_in(request)
    sites = list(_sites(who, own=True))
    site = of_sites(request, sites)
    context: dict[str, Any] = {"sites": sites, "site": site}
    if site is not None:
        today = day_of(timezone.now(), site.calendar)
        first = _month(request, today)
        after = (first + 31 * DAY).replace(day=1)
        found = books.read(site, first, after - DAY, waiting=True)
        names = reads.names_of(reach.people_read_by(who).filter(site=site))
        days = reads.days(found, first, after - DAY, names)
        scope = scope_of(who)
        context |= {
            "today": today,
            "month": first,
            "weeks": _weeks(days, first, today),
            "before": (first - DAY).replace(day=1) if first.year > 2000 else None,
            "after": after if first.year < today.year + 3 else None,
            "sees_numbers": plans(who) or bool(scope.teams),
        }
    return render(request, "scheduling/timeoff_calendar.html", context)


def _weeks(
    days: Mapping[date, reads.Day], first: date, today: date
) -> list[list[tuple[Any, ...] | None]]:
    """A month's weeks from Monday to Sunday; days of other months are none."""
    cells: list[tuple[Any, ...] | None] = [None] * first.weekday()
    for day in days.values():
        cells.append((day, *_row_of(day, today)[:2]))
    cells += [None] * (-len(cells) % 7)
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def _month(request: HttpRequest, today: date) -> date:
    try:
        asked = parse_date(request.GET.get("month", "") + "-01")
    except ValueError:
        asked = None
    if asked is None or not 2000 <= asked.year <= today.year + 3:
        asked = today
    return asked.replace(day=1)


# The rules.


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def rules_page(request: HttpRequest) -> HttpResponse:
    """How many of a site may be away, and planners' words on single days."""
    if not may_open("leave_rules", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    sites = list(reach.planned_sites(who).select_related("leave_rules").order_by("name"))
    site = of_sites(request, sites)
    which = request.POST.get("which", "")
    context: dict[str, Any] = {"sites": sites, "site": site}
    if site is None:
        if request.method == "POST":
            raise Http404
        return render(request, "scheduling/timeoff_rules.html", context)
    form = forms.RulesForm(
        request.POST if which == "rules" else None, instance=rules_of(site), prefix="rules"
    )
    days = forms.DaysForm(request.POST if which == "days" else None, prefix="days")
    back = redirect(address(reverse("leave_rules"), {"site": site.slug}))
    if form.is_bound and form.is_valid():
        try:
            services.keep(form.save(commit=False), who, now)
        except ValidationError as refusal:
            forms.refuse(form, refusal)
        else:
            _renew_soon(site.pk)
            messages.info(request, _("Kept. What waits is gone through again by it."))
            return back
    if days.is_bound and days.is_valid():
        said = days.cleaned_data
        every = services.days_between(said["first"], said["last"])
        services.say_days(site, every, said["people"], said["reason"], who, now)
        _settle_soon(site.pk)
        messages.info(request, _("Kept. What waits is gone through again by it."))
        return back
    today = day_of(now, site.calendar)
    told = DayAllowance.objects.filter(site=site, day__gte=today).select_related("said_by")
    context |= {"form": form, "days": days, "told": told.order_by("day")[:_SHOWN]}
    return render(request, "scheduling/timeoff_rules.html", context)


@login_required
@require_POST
def day_remove(request: HttpRequest) -> HttpResponse:
    """Have a day go by the site's rules again."""
    who = signed_in(request)
    site = get_object_or_404(reach.planned_sites(who), slug=request.POST.get("site", ""))
    try:
        day = parse_date(request.POST.get("day", ""))
    except ValueError:
        day = None
    if day is None or not services.unsay_day(site, day, who, timezone.now()):
        messages.warning(request, _("Nothing was said of this day."))
    else:
        _settle_soon(site.pk)
        messages.info(request, _("%(day)s goes by the rules again.") % {"day": words.day(day)})
    return HttpResponseRedirect(address(reverse("leave_rules"), {"site": site.slug}))


# What is left.


@login_required
@require_safe
def left_page(request: HttpRequest) -> HttpResponse:
    """What everybody of a site has of a kind of leave of which a balance is kept."""
    if not may_open("leave_left", request.user):
        raise Http404
    rows = reach.planned_sites(signed_in(request)).select_related("leave_rules")
    sites = list(rows.order_by("name"))
    site = of_sites(request, sites)
    context: dict[str, Any] = {"sites": sites, "site": site}
    if site is not None:
        kinds = [one for one in reads.kinds_of(site) if one.keeps_balance and one.is_active]
        asked = request.GET.get("kind", "")
        # Unless another is asked for, the one that gives most.
        most = max(kinds, key=lambda one: one.year_minutes, default=None)
        kind = next((one for one in kinds if str(one.pk) == asked), most)
        context |= {"kinds": kinds, "kind": kind}
        if kind is not None:
            found = reads.balances_of(site, kind, day_of(timezone.now(), site.calendar))
            table = tables.LeftTable([tables.Has(agent, of) for agent, of in found])
            table.empty_text = _("Nobody is there")
            arrange(table, request.GET, KnownPaginator, found=len(found))
            context |= {"table": table, "year": found[0][1] if found else None}
    return render(request, "scheduling/timeoff_left.html", context)


def _keep(request: HttpRequest, row: Any, _said: Mapping[str, Any]) -> None:
    services.keep(row, signed_in(request), timezone.now())
    site = row.site_id if isinstance(row, LeaveKind) else row.agent.site_id
    _renew_soon(site)


def _forget(request: HttpRequest, row: Any) -> bool:
    return services.forget(row, signed_in(request), timezone.now())


def _who_decides(_rows: Rows) -> Choices:
    return [(value, str(said)) for value, said in LeaveKind.Decides.choices]


def _kinds(rows: Rows) -> Choices:
    found = rows.order_by("kind__name").values_list("kind__name", flat=True).distinct()
    return [(one, one) for one in found]


KINDS = Listing(
    slug="leave_kind",
    place="kinds",
    under=UNDER,
    words=gettext_lazy("Kinds of leave"),
    new_words=gettext_lazy("New kind of leave"),
    model=LeaveKind,
    choice=Choice(gettext_lazy("Who decides"), _who_decides, of_field("decides")),
    table=tables.KindTable,
    header=tables.KIND_HEADER,
    cells=tables.kind_cells,
    form=forms.KindForm,
    form_page="scheduling/terms_form.html",
    keep=_keep,
    hanging=services.hanging,
    forget=_forget,
    along=(gettext_lazy("It goes. Nobody asked for it."),),
    links=_UP,
    kept_by=plans,
    sites=reach.planned_sites,
)
BALANCES = Listing(
    slug="leave_balance",
    place="balances",
    under=UNDER,
    words=gettext_lazy("What was said of balances"),
    new_words=gettext_lazy("Say what is left"),
    model=LeaveOpening,
    of_site="agent__site",
    related=("agent__site", "kind__site", "said_by"),
    searched=("agent__name", "reason"),
    choice=Choice(gettext_lazy("Kind of leave"), _kinds, of_field("kind__name")),
    table=tables.OpeningTable,
    header=tables.OPENING_HEADER,
    cells=tables.opening_cells,
    told=tables.opening_words,
    form=forms.OpeningForm,
    keep=_keep,
    forget=_forget,
    along=(gettext_lazy("It goes. The balance is as it was before somebody said this."),),
    of_people=True,
    begun_with=("agent", "kind"),
    links=(*_UP, ("leave_left", gettext_lazy("Balances"))),
    kept_by=plans,
    sites=reach.planned_sites,
)


def _sites(who: User, *, own: bool) -> Rows:
    """Sites planned and those of teams led; with the `own`, also that where one takes calls."""
    scope = scope_of(who)
    rows: Rows = Site.objects.select_related("leave_rules").order_by("name")
    if scope.everything:
        return rows
    mine = Q(pk__in=scope.planned_sites | scope.team_sites)
    if own and scope.agent is not None:
        mine |= Q(pk__in=Agent.objects.filter(pk=scope.agent).values("site"))
    return rows.filter(mine)


def _row(rows: Rows, pk: int) -> LeaveRequest:
    if pk > MOST_ID:
        raise Http404
    related = rows.select_related("agent__site__leave_rules", "kind", "decided_by", "asked_by")
    found: LeaveRequest = get_object_or_404(related, pk=pk)
    return found


def _settle_soon(site: int) -> None:
    transaction.on_commit(lambda: work.send(tasks.settle_time_off, site))


def _renew_soon(site: int) -> None:
    transaction.on_commit(lambda: work.send(tasks.renew_time_off, site))


def urls() -> list[URLPattern]:
    return [
        path("my-time-off/", my_time_off, name="my_time_off"),
        path("my-time-off/<int:pk>/withdraw/", withdraw, name="time_off_withdraw"),
        path(f"{UNDER}/", time_off_page, name="time_off"),
        path(f"{UNDER}/calendar/", calendar_page, name="time_off_calendar"),
        path(f"{UNDER}/people/<int:pk>/", person_page, name="time_off_person"),
        path(f"{UNDER}/requests/<int:pk>/", request_page, name="time_off_request"),
        path(f"{UNDER}/requests/<int:pk>/decide/", decide, name="time_off_decide"),
        path(f"{UNDER}/left/", left_page, name="leave_left"),
        path(f"{UNDER}/rules/", rules_page, name="leave_rules"),
        path(f"{UNDER}/rules/remove/", day_remove, name="leave_day_remove"),
        *KINDS.urls(),
        *BALANCES.urls(),
    ]
