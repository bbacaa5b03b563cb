"""How schedules are kept: of people over a period, of somebody's day, and at this moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import Filters, about, address
from ccm.intervals import DAY, FIRST_YEAR, LAST_YEAR, day_of, site_day
from ccm.live.now import Floor, floors
from ccm.models import Agent, Queue, Site, Viewing
from ccm.navigation import may_open
from ccm.tables import arrange
from ccm.views.failures import Misread
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from kpis import above, tiles
from kpis.reads import timesheet
from kpis.reads.reading import Selection
from scheduling.access import may_plan
from scheduling.adherence import day as days
from scheduling.adherence import (
    done,
    explained,
    hours,
    leaves,
    present,
    reads,
    rules,
    services,
    shrunk,
    tables,
)
from scheduling.adherence.forms import AskForm, DecideForm, ReasonsForm, RulesForm
from scheduling.mine import engaged
from scheduling.models import (
    AdherenceDay,
    AdherenceException,
    AdherenceRules,
    StaffingPlan,
)
from scheduling.planned import services as planned
from scheduling.staffing import shrinkage
from scheduling.terms import reach

PART = "adherence-now"
_WAITING = 50
# Reasons of pauses that logs had so lately are told of.
_LATELY = timedelta(days=90)
_OLD_SECONDS = 90


@login_required
@require_safe
def adherence_page(request: HttpRequest) -> HttpResponseBase:
    """How the people of a site, or of teams led, kept their schedules over a period."""
    now = timezone.now()
    if not may_open("adherence", request.user):
        raise Http404
    shown = _filters(request, now)
    if shown is None:
        return render(request, "scheduling/adherence.html", {"shown": None})
    team = request.GET.get("team", "")
    who, site = signed_in(request), shown.site
    people = reads.people(who, site, shown.first, shown.last, now)
    choices = reads.teams_of(people)
    chosen = int(team) if team in dict(choices) else None
    people = [one for one in people if chosen in (None, one.team_id)]
    by = rules.of_site(site, shown.last)
    export = request.GET.get("export", "")
    if export in ("csv", "hours"):
        return _export(request, shown, people, by, export, chosen, now)
    kept = {"team": chosen}
    table = tables.PeopleTable(
        people,
        by,
        lambda one: _day_url(one.agent, one.last),
        lambda pk: _figure_url(shown, **kept, agent=pk),
    )
    table.empty_text, table.empty_hint = _nothing_words(shown, now)
    table.export_url = address(reverse("adherence"), shown.parameters(export="csv", **kept))
    arrange(table, request.GET, Paginator)
    waits = AdherenceException.objects.visible_to(who).asked().filter(agent__site=site)
    if chosen is not None:
        agents: Any = Agent.objects.with_team(now).order_by()
        waits = waits.filter(agent__in=agents.filter(team_id=chosen).values("pk"))
    fresh = reads.fresh(site, shown.first, shown.last)
    words = {
        "shown": shown,
        "filters": replace(shown.bar(), queues=[]),
        "teams": choices,
        "team": team if chosen else "",
        "table": table,
        "all": tables.record_of(reads.together(people), by) if people else None,
        "rules": by,
        "waits": [
            (one, _day_url(one.agent_id, day_of(one.starts_at, site.calendar)))
            for one in waits.select_related("agent")[:_WAITING]
        ],
        "fresh": fresh,
        "is_today": _is_today(shown, now),
        "is_judged": fresh.tells_of(site_day(shown.today, site.calendar)),
        "figure_url": _figure_url(shown, **kept),
        "as_of": fresh.known_until,
        "zone": site.zone,
        "now": now,
        "hours_url": address(reverse("adherence"), shown.parameters(export="hours", **kept)),
        "now_url": address(reverse("adherence_now"), {"site": site.slug}),
        "plans": may_plan(who, site.pk),
    }
    return render(request, "scheduling/adherence.html", words)


@login_required
@require_safe
def figure_page(request: HttpRequest) -> HttpResponse:
    """How the figures of a period come about: of all that the reader sees, of a team or of one
    person, down to the days that they are sums of."""
    now = timezone.now()
    shown = _filters(request, now) if may_open("adherence", request.user) else None
    if shown is None:
        raise Http404
    who, site = signed_in(request), shown.site
    team, agent = (request.GET.get(name, "") for name in ("team", "agent"))
    people = reads.people(who, site, shown.first, shown.last, now)
    chosen = team if team in dict(reads.teams_of(people)) else ""
    people = [one for one in people if chosen in ("", str(one.team_id))]
    person = next((one for one in people if str(one.agent) == agent), None)
    if agent and person is None:
        raise Http404
    people = people if person is None else [person]
    by = rules.of_site(site, shown.last)
    fresh = reads.fresh(site, shown.first, shown.last)
    behind, more = explained.days_behind(
        who, site, shown.first, shown.last, [one.agent for one in people], by
    )
    words = {
        "shown": shown,
        "person": person,
        "how": explained.of(reads.together(people), by),
        "days": [(one, _day_url(one.agent, one.day)) for one in behind],
        "more": more,
        "most": explained.MOST_DAYS,
        "is_today": _is_today(shown, now),
        "rules": by,
        "fresh": fresh,
        "is_judged": fresh.tells_of(site_day(shown.today, site.calendar)),
        "as_of": fresh.known_until,
        "zone": site.zone,
        "now": now,
        "back_url": address(reverse("adherence"), shown.parameters(team=chosen)),
    }
    return render(request, "scheduling/adherence_figure.html", words)


def _nothing_words(shown: Filters, now: datetime) -> tuple[str, str]:
    """What is said where nothing is counted of a period, and how something comes."""
    if _is_today(shown, now) and shown.first == shown.last:
        return (
            _("No shift has begun yet today"),
            _("It is counted as its shifts go on; days before are told by another period."),
        )
    return (
        _("Nothing is kept of these days"),
        _("Days are counted once rosters are published and states tell of them."),
    )


def _is_today(shown: Filters, now: datetime) -> bool:
    """Whether today is among the days."""
    return shown.first <= day_of(now, shown.site.calendar) <= shown.last


def _figure_url(shown: Filters, **more: object) -> str:
    return address(reverse("adherence_figure"), shown.parameters(**more))


def _filters(request: HttpRequest, now: datetime) -> Filters | None:
    sites = Site.objects.with_floor_for(request.user)
    return filters.read(request, now, default="7d", sites=sites)


def _export(
    request: HttpRequest,
    shown: Filters,
    people: list[reads.Person],
    by: rules.Rules,
    export: str,
    team: int | None,
    now: datetime,
) -> HttpResponseBase:
    if shown.problem:
        raise Misread(shown.problem)
    who = signed_in(request)
    exported.figures(who, [shown.site], shown.first, shown.last, now)
    name = f"{export if export == 'hours' else 'adherence'}-{shown.first}-{shown.last}.csv"
    if export == "csv":
        rows = (tables.cells(one, by) for one in people)
        return exports.download(name, tables.header(), rows)
    told = reads.days(who, shown.site, shown.first, shown.last)
    agents = leaves.seen(who, shown.site)
    if team is not None:
        in_team: Any = Agent.objects.with_team(now).order_by()
        agents &= {*in_team.filter(team_id=team).values_list("pk", flat=True)}
        told = told.filter(agent__in=agents)
    has_shift = Q(paid_seconds__gt=0) | Q(shifts__gt=0)
    worked = {*told.filter(has_shift).values_list("agent_id", "day")}
    offs = leaves.without_shifts(shown.site, agents, shown.first, shown.last, worked)
    return exports.download(name, hours.header(), hours.lines(told, offs))


@login_required
@never_cache
@require_safe
def now_page(request: HttpRequest) -> HttpResponse:
    """Who does at this moment what the schedule has; the part that changes is fetched again."""
    now = timezone.now()
    if not may_open("adherence", request.user):
        raise Http404
    shown = _filters(request, now)
    if shown is None:
        return render(request, "scheduling/adherence_now.html", {"shown": None})
    floor = floors(now).get(shown.site.pk, Floor())
    true_at = floor.true_at(now)
    rows = present.of_site(signed_in(request), shown.site, floor, true_at)
    keep, many = present.counted(rows)
    words = {
        "shown": shown,
        "filters": replace(shown.bar(), periods=[], queues=[]),
        "rows": [
            {
                "one": one,
                "planned": days.doing_words(one.planned),
                "doing": days.doing_words(one.doing) if one.doing else _("not there"),
                "url": _day_url(one.agent, shown.today),
                "seconds": max(0, int((true_at - one.since).total_seconds())),
            }
            for one in rows
        ],
        "keep": keep,
        "many": many,
        "address": address(reverse("adherence_now"), {"site": shown.site.slug}),
        "as_of": true_at,
        "now": now,
        "old": _OLD_SECONDS,
        "zone": shown.site.zone,
        "stale": true_at < now,
    }
    part = request.headers.get("HX-Target") == PART
    template = "scheduling/_adherence_part.html" if part else "scheduling/adherence_now.html"
    return render(request, template, words)


@login_required
@require_safe
def my_day(request: HttpRequest) -> HttpResponse:
    """One's own day: today's, until another is chosen."""
    agent = scope_of(request.user).agent
    if agent is None:
        raise Http404
    return _person(request, agent)


@login_required
@require_safe
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody's day: what was planned and done, and the exceptions asked for."""
    return _person(request, pk)


def _person(
    request: HttpRequest, pk: int, form: AskForm | None = None, day: date | None = None
) -> HttpResponse:
    now, who = timezone.now(), signed_in(request)
    agent = _agent(request, pk)
    viewed.note(who, [agent.pk], Viewing.What.DAY, now)
    today = day_of(now, agent.site.calendar)
    day = day or _day(request, today)
    span = site_day(day, agent.site.calendar)
    exceptions = days.exceptions_of(agent, span)
    row = days.row_of(agent, day)
    until, waits = reads.of_day(agent.site, day)
    if row is not None and row.known_until is not None:
        until = row.known_until
    by = rules.of_site(agent.site, day)
    mine = scope_of(who).agent == agent.pk
    drawn = days.drawn(agent, day, exceptions, until, by)
    words = {
        "agent": agent,
        "own": mine,
        "is_now": mine and day == today,
        "day": day,
        "before": day - DAY,
        "after": day + DAY,
        "zone": agent.site.zone,
        "row": row,
        "told": None if row is None else _told(row, by),
        "how": None if row is None else explained.of_day(row, by),
        "rules": by,
        "drawn": drawn,
        "exceptions": exceptions,
        "may_decide": not mine,
        "form": form or AskForm(site=agent.site, day=day),
        "as_of": until,
        "is_over": span.end <= now,
        "counting": waits,
        "agreed": [one for one in engaged.of(agent, span.start, span.end) if not one.is_off],
        "acts": [] if row is None else above.acts(who, days.asked(row)),
        "now": now,
        "url": reverse("adherence_day", args=[agent.pk]),
        # Who reads somebody else's day plans or leads them.
        "absent_url": "" if mine else address(
            reverse("leave_new"),
            {"site": agent.site.slug, "agent": agent.pk, "first_on": day.isoformat()},
        ),
    }  # fmt: skip
    return render(request, "scheduling/adherence_day.html", words)


def _told(row: AdherenceDay, by: rules.Rules) -> Mapping[str, Any]:
    kept, before = reads.kept_of(row), reads.kept_of(row, "before_")
    one = reads.Totals(kept, before)
    return tables.record_of(one, by)


@login_required
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an exception: for oneself, or by who leads or plans them."""
    agent, now = _agent(request, pk), timezone.now()
    day = _day(request, day_of(now, agent.site.calendar))
    form = AskForm(request.POST, site=agent.site, day=day)
    if not form.is_valid():
        return _not_asked(request, pk, form, day)
    said = form.cleaned_data
    row = AdherenceException(
        agent=agent, starts_at=said["starts_at"], ends_at=said["ends_at"], kind=said["kind"],
        reason=said["reason"],
    )  # fmt: skip
    try:
        services.ask(row, signed_in(request), now)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _not_asked(request, pk, form, day)
    messages.info(request, _("It waits to be decided."))
    return redirect(_day_url(agent.pk, day))


def _not_asked(request: HttpRequest, pk: int, form: AskForm, day: date) -> HttpResponse:
    """The day again, whose form is far below: what is wrong with it stands above, too."""
    said = next(str(words) for every in form.errors.values() for words in every)
    messages.warning(request, _("The exception is not asked for. %(why)s") % {"why": said})
    form.put_focus()
    return _person(request, pk, form, day)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse an exception, or take one's own back."""
    if pk > MOST_ID:
        raise Http404
    who, now = signed_in(request), timezone.now()
    rows = AdherenceException.objects.visible_to(who).select_related("agent__site")
    row: AdherenceException = get_object_or_404(rows, pk=pk)
    form = DecideForm(request.POST)
    back = _day_url(row.agent_id, day_of(row.starts_at, row.agent.site.calendar))
    if not form.is_valid():
        messages.warning(request, _("That cannot be: look again."))
        return redirect(back)
    said = form.cleaned_data
    if said["answer"] == "withdraw":
        if scope_of(who).agent != row.agent_id and row.asked_by_id != who.pk:
            raise Http404
        if services.withdraw(row, who, now):
            messages.info(request, _("It is taken back."))
        else:
            messages.warning(request, _("Somebody has decided it meanwhile: look again."))
        return redirect(back)
    if not AdherenceException.objects.decided_by(who).filter(pk=row.pk).exists():
        raise Http404
    if said["seen"] != row.state:
        messages.warning(request, _("Somebody has decided it meanwhile: look again."))
        return redirect(back)
    approved = said["answer"] == "approve"
    try:
        services.decide(row, approved=approved, note=said["note"], who=who, now=now)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        words = _("It is approved.") if approved else _("It is refused.")
        if approved or said["seen"] == AdherenceException.State.APPROVED:
            words = f"{words} {_('The day is being counted again.')}"
        messages.info(request, words)
    return redirect(back)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def rules_page(request: HttpRequest) -> HttpResponse:
    """What a site's adherence goes by: variant and thresholds from a day on, reasons of pauses."""
    if not may_open("adherence_rules", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    sites, site = _planned_site(request)
    if site is None:
        return render(request, "scheduling/adherence_rules.html", {"site": None})
    today = day_of(now, site.calendar)
    used = timesheet.agent_time(Selection(sites=[site.pk], first=today - _LATELY, last=today))
    pauses = used[None].paused if None in used else {}
    known = done.reasons_of(site)
    seen = {reason.casefold() for reason in pauses}
    reasons = dict(sorted(pauses.items(), key=lambda one: -one[1]))
    reasons |= {reason: 0 for reason in known if reason not in seen}
    what = request.POST.get("what", "")
    history = list(AdherenceRules.objects.filter(site=site))
    by = RulesForm(
        request.POST if what == "rules" else None,
        initial={"starts_on": today, **_as_form(rules.on(today, history))},
        said=history,
        today=today,
    )
    said = request.POST if what == "reasons" else None
    kinds = ReasonsForm(said, reasons=reasons, known=known)
    if what == "rules" and by.is_valid():
        services.keep_rules(site, by.cleaned_data["starts_on"], by.cleaned_data, who, now)
        messages.info(request, _("It is kept. Its days are counted again within minutes."))
        return redirect(address(reverse("adherence_rules"), {"site": site.slug}))
    if said is not None and kinds.is_valid():
        # The order is that of how long each was, which changes: names tell which is which.
        if request.POST.getlist("reason") != kinds.reasons:
            messages.warning(request, _("There are other reasons meanwhile: look again."))
        else:
            services.keep_reasons(site, kinds.said(), who, now)
            messages.info(request, _("It is kept. Its days are counted again within minutes."))
        return redirect(address(reverse("adherence_rules"), {"site": site.slug}))
    words = {
        "sites": sites,
        "site": site,
        "rules": by,
        "reasons": kinds,
        "drawn": [(kinds[f"r{place}"], reason) for place, reason in enumerate(kinds.reasons)],
        "history": history,
    }
    return render(request, "scheduling/adherence_rules.html", words)


def _as_form(by: rules.Rules) -> Mapping[str, object]:
    return {
        "variant": by.variant,
        "forgiven_seconds": round(by.forgiven.total_seconds()),
        "late_seconds": round(by.late.total_seconds()),
    }


@login_required
@require_safe
def shrinkage_page(request: HttpRequest) -> HttpResponse:
    """What paid time of a site, or of a team of it, went to that was not for calls, planned against
    actual."""
    now = timezone.now()
    if not may_open("shrinkage", request.user):
        raise Http404
    shown = _filters(request, now)
    if shown is None:
        return render(request, "scheduling/shrinkage.html", {"shown": None})
    who, last = signed_in(request), _last_over(shown)
    teams = list(reads.teams_read(who, shown.site))
    team = next((one for one in teams if str(one.pk) == request.GET.get("team")), None)
    found = None
    if last is not None and team is not None:
        team.site = shown.site
        found = shrunk.read_team(who, team, shown.first, last)
    elif last is not None:
        found = shrunk.of_site(who, shown.site, shown.first, last)
    named = {} if found is None else shrunk.words(found)
    # Plans are of a site's queues, and are staffed by what is the site's.
    is_whole = may_plan(who, shown.site.pk)
    may = team is None and is_whole
    words: dict[str, Any] = {
        "shown": shown,
        "teams": [(str(one.pk), one.name) for one in teams],
        "team": "" if team is None else str(team.pk),
        "of": shown.site.name if team is None else team.name,
        "is_whole": is_whole,
        "site_url": address(reverse("shrinkage"), shown.parameters()),
        "filters": replace(shown.bar(), queues=[]),
        "found": found,
        "last": last,
        "plans": may,
        "lines": [] if found is None else [
            (
                named[one],
                found.share(found.planned.get(one, 0)),
                found.share(found.actual.get(one, 0)),
                found.actual.get(one, 0) // 60,
            )
            for one in found.components
        ],
    }  # fmt: skip
    if found is not None and found.paid:
        words["planned"] = found.share(sum(found.planned.values()))
        words["actual"] = found.share(sum(found.actual.values()))
        words["paid"] = found.paid // 60
        words["passport_url"] = tiles.passport_url("shrinkage", shown)
        words["carried"] = shrinkage.written(found.kinds(named))
    if may:
        words["queues"] = _plans_of(shown.site)
    return render(request, "scheduling/shrinkage.html", words)


@login_required
@require_POST
def shrinkage_carry(request: HttpRequest) -> HttpResponse:
    """Have a queue staffed by what its site's paid time went to in a period."""
    now, who = timezone.now(), signed_in(request)
    word = request.POST.get("queue", "")
    pk = int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else 0
    queue = get_object_or_404(
        Queue.objects.planned_by(who).select_related("site"), pk=min(pk, MOST_ID)
    )
    first, last = (_parsed(request.POST.get(name, "")) for name in ("first", "last"))
    back = address(
        reverse("shrinkage"),
        {"site": queue.site.slug, "period": "custom", "from": first, "to": last},
    )
    if first is None or last is None or not first <= last < first + timedelta(days=367):
        messages.warning(request, _("That cannot be: look again."))
        return redirect(address(reverse("shrinkage"), {"site": queue.site.slug}))
    found = shrunk.of_site(who, queue.site, first, last)
    if not found.paid:
        messages.warning(request, _("Nothing is known of these days."))
        return redirect(back)
    try:
        said = shrinkage.checked(shrinkage.Shrinkage(found.kinds(shrunk.words(found))))
    except ValueError as refusal:
        messages.warning(request, str(refusal))
        return redirect(back)
    with transaction.atomic():
        Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
        there = StaffingPlan.objects.select_for_update().filter(queue=queue).first()
        plan = there or StaffingPlan(queue=queue)
        plan.shrinkage = said
        planned.keep_plan(plan, who, now)
    messages.info(request, _("%(queue)s is staffed by it.") % {"queue": queue.name})
    return redirect(back)


def _last_over(shown: Filters) -> date | None:
    """The last of the days that is over; None: there is none."""
    last = min(shown.last, shown.today - DAY)
    return last if last >= shown.first else None


def _plans_of(site: Site) -> list[tuple[Queue, str, str]]:
    """Queues of a site, with the shrinkage that each is staffed by, and what it is made of."""
    rows = Queue.objects.filter(site=site).select_related("staffing_plan").order_by("name")
    found = []
    for queue in rows:
        plan: StaffingPlan | None = getattr(queue, "staffing_plan", None)
        kinds = () if plan is None else plan.shrinkage.kinds
        share = "" if plan is None or not kinds else shrinkage.percent(plan.shrinkage.share)
        found.append((queue, share, shrinkage.written(kinds)))
    return found


def _planned_site(request: HttpRequest) -> tuple[list[Site], Site | None]:
    sites = list(reach.planned_sites(signed_in(request)).order_by("name"))
    slug = request.GET.get("site", "")
    site = next((one for one in sites if one.slug == slug), None)
    if slug and site is None:
        raise Http404
    site = site or (sites[0] if sites else None)
    if site is not None:
        about(request, site)
    return sites, site


def _agent(request: HttpRequest, pk: int) -> Agent:
    if pk > MOST_ID:
        raise Http404
    rows = reach.people_read_by(signed_in(request)).select_related("site")
    agent: Agent = get_object_or_404(rows, pk=pk)
    about(request, agent.site)
    return agent


def _day(request: HttpRequest, today: date) -> date:
    return _parsed(request.GET.get("day") or request.POST.get("day", "")) or today


def _parsed(word: str) -> date | None:
    try:
        found = parse_date(word)
    except ValueError:
        return None
    return found if found and FIRST_YEAR < found.year < LAST_YEAR else None


def _day_url(agent: int, day: date) -> str:
    return address(reverse("adherence_day", args=[agent]), {"day": day.isoformat()})


def urls(under: str) -> list[URLPattern]:
    place = f"{under}/adherence"
    return [
        path(f"{place}/", adherence_page, name="adherence"),
        path(f"{place}/figures/", figure_page, name="adherence_figure"),
        path(f"{place}/now/", now_page, name="adherence_now"),
        path(f"{under}/my-day/", my_day, name="my_day"),
        path(f"{place}/rules/", rules_page, name="adherence_rules"),
        path(f"{place}/people/<int:pk>/", person_page, name="adherence_day"),
        path(f"{place}/people/<int:pk>/ask/", ask, name="adherence_ask"),
        path(f"{place}/exceptions/<int:pk>/", decide, name="adherence_decide"),
        path(f"{under}/shrinkage/", shrinkage_page, name="shrinkage"),
        path(f"{under}/shrinkage/carry/", shrinkage_carry, name="shrinkage_carry"),
    ]
