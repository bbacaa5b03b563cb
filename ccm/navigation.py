"""The sidebar, and who may open the pages it leads to: the views ask the same question."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from ccm import long_reads
from ccm.access import (
    ADMIN,
    AGENT,
    HANDED_ON,
    MANAGER,
    PLANNER,
    QA_ANALYST,
    ROLES,
    SUPERVISOR,
    TRAINER,
    Scope,
    scope_of,
)
from ccm.filters import address, site_about
from ccm.rights import reach

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from ccm.models import User

Words = str | Promise
ROLE_WORDS: dict[str, Words] = {
    ADMIN: _("Admin"),
    MANAGER: _("Manager"),
    PLANNER: _("Planner"),
    SUPERVISOR: _("Supervisor"),
    QA_ANALYST: _("QA analyst"),
    TRAINER: _("Trainer"),
    AGENT: _("Agent"),
}


def _anyone(scope: Scope) -> bool:
    return bool(scope.roles)


def _boards(scope: Scope) -> bool:
    return scope.everything or bool(scope.figure_sites or scope.agent)


def _figures(scope: Scope) -> bool:
    return scope.everything or bool(scope.figure_sites)


def _agents(scope: Scope) -> bool:
    return scope.everything or bool(scope.agent_sites or scope.teams)


def _floor(scope: Scope) -> bool:
    return scope.everything or bool(scope.floor_sites)


def _evaluations(scope: Scope) -> bool:
    return scope.everything or bool(scope.managed_sites or scope.teams)


def _calls(scope: Scope) -> bool:
    return scope.everything or bool(scope.call_sites or scope.teams or scope.agent)


def _reads_all_calls(scope: Scope) -> bool:
    return scope.everything or bool(scope.own_call_sites)


def _everything(scope: Scope) -> bool:
    return scope.everything


def _imports(scope: Scope) -> bool:
    return scope.everything or scope.has(MANAGER)


def _managed(scope: Scope) -> bool:
    return scope.everything or bool(scope.managed_sites)


def _targets(scope: Scope) -> bool:
    return scope.everything or bool(scope.sites)


def _definitions(scope: Scope) -> bool:
    readers = (MANAGER, PLANNER, SUPERVISOR, QA_ANALYST, TRAINER)
    return scope.everything or (bool(scope.sites) and scope.has(*readers))


def _planned(scope: Scope) -> bool:
    return scope.everything or bool(scope.planned_sites)


def _absences(scope: Scope) -> bool:
    return _planned(scope) or bool(scope.teams or scope.agent)


def _terms(scope: Scope) -> bool:
    return _planned(scope) or bool(scope.teams)


def _substitutes(scope: Scope) -> bool:
    return _managed(scope) or scope.has(*HANDED_ON)


def _emergencies(scope: Scope) -> bool:
    return scope.everything or scope.has(MANAGER, SUPERVISOR)


def _own(scope: Scope) -> bool:
    return scope.agent is not None


def _quality(scope: Scope) -> bool:
    """Who may see reviews of others, as `qa.access` has it."""
    return scope.everything or bool(_sites_reviewed(scope) or scope.teams)


def _coached(scope: Scope) -> bool:
    """Who may see sessions of others, as `coaching.access` has it."""
    return scope.everything or bool(scope.managed_sites or scope.teams)


def _learns(scope: Scope) -> bool:
    """Who may be asked to take a course: whoever belongs to a site, but for admins."""
    return bool(scope.sites)


def _teaches(scope: Scope) -> bool:
    """Who has people take courses, as `coaching.access` has it."""
    return _coached(scope) or bool(scope.trained_sites)


def _asking(scope: Scope) -> bool:
    """Who asks about figures of their own, and who answers."""
    return _coached(scope) or _own(scope)


def _huddled(scope: Scope) -> bool:
    """Who may see what a team is told: of those that they answer for, or of their own."""
    return _coached(scope) or scope.agent is not None


def _sites_reviewed(scope: Scope) -> bool:
    return scope.has(MANAGER, QA_ANALYST) and bool(scope.own_call_sites)


def _sites_of_quality(scope: Scope) -> bool:
    return scope.everything or _sites_reviewed(scope)


def _scorecards(scope: Scope) -> bool:
    return _quality(scope) or (scope.has(TRAINER) and bool(scope.sites))


def _findings(scope: Scope) -> bool:
    """Trainers, too: they see those that are theirs to see to."""
    return _scorecards(scope)


def _of_a_site(scope: Scope) -> bool:
    """Who belongs to a site, whatever they do there."""
    return scope.everything or bool(scope.sites)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the sidebar: the name of its address, its words, its icon, who may open it, and
    where else there are pages of it than below its address: to who has no entry for those."""

    name: str
    words: Words
    icon: str
    open_to: Callable[[Scope], bool]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that stand together: the name by which a browser remembers whether they are folded,
    and their words. It stands first and is open to whose own it is. Who is an agent and nothing
    more has `of_agents` in it, of whatever group, and in none but it."""

    name: str
    words: Words
    entries: list[Entry]
    own_of: tuple[str, ...] = ()
    of_agents: tuple[str, ...] = ()


# Where the pages are that the terms of work are made of.
_OF_TERMS = tuple(
    f"/rostering/{place}/"
    for place in (
        "shift-templates", "contracts", "rotations", "people", "availability", "pairings",
        "sessions", "rules",
    )
)  # fmt: skip
_WORK_OF_AGENTS = (
    "my_day", "calls", "worklist", "my_reviews", "my_coaching", "remarks", "my_learning", "library",
    "my_wellbeing", "my_data",
)  # fmt: skip
_HOURS_OF_AGENTS = (
    "my_schedule", "my_time_off", "my_trades", "my_offers", "my_availability", "my_bids",
    "my_fairness", "leave_list", "paid_list",
)  # fmt: skip
GROUPS: list[Group] = [
    Group(
        "",
        "",
        [
            Entry("home", _("Home"), "home", _anyone),
            Entry("floor", _("Floor"), "id-badge-2", _floor),
            Entry(
                "boards",
                _("Wallboards"),
                "device-tv",
                _boards,
                ("/new-board/", "/pair/", "/screens/"),
            ),
            Entry("alerts", _("Alerts"), "alert-triangle", _figures),
        ],
    ),
    Group(
        "work",
        _("My work"),
        [
            Entry("my_day", _("My day"), "sun", _own),
            Entry(
                "my_reviews",
                _("My reviews"),
                "list-details",
                _own,
                ("/quality/reviews/", "/quality/disputes/"),
            ),
            Entry(
                "my_coaching",
                _("My coaching"),
                "users",
                _own,
                (
                    "/coaching/sessions/",
                    "/coaching/steps/",
                    "/coaching/plans/",
                    "/coaching/proposals/",
                ),
            ),
            Entry("my_wellbeing", _("My wellbeing"), "heart", _own),
            Entry("my_data", _("My data"), "user", _own),
        ],
        (AGENT,),
        _WORK_OF_AGENTS,
    ),
    Group(
        "hours",
        _("My hours"),
        [
            Entry("my_schedule", _("My schedule"), "calendar-event", _own),
            Entry("my_time_off", _("My time off"), "beach", _own),
            Entry("my_trades", _("My trades"), "arrows-exchange", _own),
            Entry("my_offers", _("My offers"), "clock", _own),
            Entry(
                "my_availability",
                _("My availability"),
                "calendar-check",
                _own,
                ("/rostering/availability/",),
            ),
            Entry("my_bids", _("My bids"), "list-numbers", _own),
            Entry("my_fairness", _("My fairness"), "scale", _own),
        ],
        (AGENT,),
        _HOURS_OF_AGENTS,
    ),
    Group(
        "performance",
        _("Performance"),
        [
            Entry("reports", _("Reports"), "chart-bar", _figures),
            Entry("queues", _("Queues"), "stack-2", _figures),
            Entry("agents", _("Agents"), "users", _agents),
            Entry(
                "evaluation",
                _("Team evaluation"),
                "users-group",
                _evaluations,
                ("/coaching/team-month/",),
            ),
            Entry("calls", _("Calls"), "phone-call", _calls),
            Entry("worklist", _("Callbacks"), "phone-incoming", _calls),
            Entry("target_list", _("Targets"), "target-arrow", _targets),
            Entry("definitions", _("Definitions"), "info-circle", _definitions),
        ],
        (ADMIN, MANAGER, SUPERVISOR),
    ),
    Group(
        "workforce",
        _("Workforce"),
        [
            Entry("forecasts", _("Forecasts"), "trending-up", _figures),
            Entry("requirements", _("Requirements"), "table", _figures),
            Entry("intraday", _("Intraday"), "activity", _figures),
            Entry("scenarios", _("Scenarios"), "git-branch", _planned),
            Entry("recruiting", _("Recruiting"), "user-plus", _planned),
            Entry("proofs", _("Proof"), "scale", _figures),
            Entry("known_event_list", _("Events"), "calendar-event", _figures),
            Entry("special_days", _("Special days"), "sun", _figures),
            Entry("override_list", _("Overrides"), "pencil", _figures),
            Entry("queue_group_list", _("Queue groups"), "stack-2", _figures),
            Entry("calculator", _("Calculator"), "calculator", _anyone),
        ],
        (PLANNER,),
    ),
    Group(
        "schedules",
        _("Schedules"),
        [
            Entry("rosters", _("Rosters"), "calendar-event", _terms),
            Entry("time_off", _("Time off"), "beach", _terms),
            Entry("trades", _("Trades"), "arrows-exchange", _terms),
            Entry("bids", _("Bids"), "list-numbers", _planned),
            Entry("adherence", _("Adherence"), "target-arrow", _terms),
            Entry("shrinkage", _("Shrinkage"), "chart-bar", _terms),
            Entry("fairness", _("Fairness"), "scale", _terms),
            Entry("terms", _("Terms of work"), "id-badge-2", _terms, _OF_TERMS),
        ],
        (PLANNER,),
    ),
    Group(
        "quality",
        _("Quality"),
        [
            Entry("reviews", _("Reviews"), "list-details", _quality),
            Entry("disputes", _("Disputes"), "scale", _quality),
            Entry("findings", _("Findings"), "tags", _findings),
            Entry("quality_insight", _("Insight"), "chart-bar", _quality),
            Entry("voice", _("Voice of the customer"), "message", _quality),
            Entry("calibrations", _("Calibration"), "target-arrow", _sites_of_quality),
            Entry("sampling", _("Sampling"), "git-branch", _sites_of_quality),
            Entry("checks", _("Checks"), "checks", _sites_of_quality),
            Entry("scorecards", _("Scorecards"), "table", _scorecards),
        ],
        (QA_ANALYST,),
    ),
    Group(
        "coaching",
        _("Coaching"),
        [
            Entry(
                "sessions",
                _("Sessions"),
                "users",
                _coached,
                ("/coaching/steps/", "/coaching/calendar/"),
            ),
            Entry("proposals", _("Proposals"), "alert-triangle", _coached),
            Entry("remarks", _("Questions"), "message", _asking),
            Entry("plans", _("Plans of agents"), "flag", _coached),
            Entry("rhythm", _("Rhythm"), "calendar-event", _coached),
            Entry("coaching_effect", _("Coaching effect"), "trending-up", _teaches),
            Entry("trials", _("Trials"), "flask", _coached),
            Entry("wellbeing", _("Wellbeing"), "heart", _coached),
        ],
        (SUPERVISOR,),
    ),
    Group(
        "learning",
        _("Learning"),
        [
            Entry("my_learning", _("My learning"), "school", _learns),
            Entry("library", _("Library"), "book", _anyone),
            Entry("courses", _("Courses"), "list-details", _teaches),
            Entry("onboarding", _("Onboarding"), "user-plus", _teaches),
            Entry("certificates", _("Certificates"), "medal", _teaches),
            Entry("ramp", _("Ramp curve"), "trending-up", _teaches),
        ],
        (TRAINER,),
    ),
    Group(
        "together",
        _("Together"),
        [
            Entry("huddles", _("Huddles"), "users-group", _huddled),
            Entry("recognition", _("Recognition"), "thumb-up", _of_a_site),
            Entry("suggestions", _("Suggestions"), "bulb", _of_a_site),
            Entry("pulse", _("Pulse"), "mood-smile", _of_a_site),
            Entry(
                "leaderboard", _("Leaderboard"), "list-numbers", _huddled, ("/coaching/points/",)
            ),
            Entry("challenges", _("Challenges"), "target-arrow", _huddled),
            Entry("badges", _("Badges"), "medal", _huddled),
        ],
    ),
    Group(
        "data",
        _("Data"),
        [
            Entry("imports", _("Imports"), "file-import", _imports),
            Entry("gaps", _("Gaps"), "alert-triangle", _imports),
            Entry("names", _("Names"), "tags", _managed),
            Entry("books", _("Books"), "book", _managed),
            Entry("headcount_list", _("Headcount"), "users", _planned),
            Entry("leave_list", _("Absences"), "logout", _absences),
            Entry("paid_list", _("Paid time"), "history", _absences),
            Entry("sale_list", _("Sales"), "receipt", _calls),
            Entry("cost_list", _("Costs"), "coin", _managed),
        ],
    ),
    Group(
        "settings",
        _("Settings"),
        [
            Entry("agent_list", _("People"), "id-badge-2", _managed, ("/admin/stays/",)),
            Entry("team_list", _("Teams"), "users-group", _managed, ("/admin/leads/",)),
            Entry("queue_list", _("Queue settings"), "stack-2", _managed),
            Entry("alert_rule_list", _("Alert rules"), "alert-triangle", _managed),
            Entry("site_list", _("Sites"), "building", _everything),
            Entry("contact_hours_list", _("Contact hours"), "clock", _managed),
            Entry("do_not_call_list", _("Do not call"), "phone-incoming", _managed),
            Entry("recording_region_list", _("Consent by region"), "scale", _everything),
            Entry("links", _("Links"), "link", _everything),
            Entry("webhook_list", _("Webhooks"), "webhook", _managed),
            Entry("deliveries", _("Messages"), "mail", _managed),
        ],
    ),
    Group(
        "administration",
        _("Administration"),
        [
            Entry("users", _("Users"), "user", _everything),
            Entry("rights", _("Roles and rights"), "checks", _everything),
            Entry("tokens", _("API tokens"), "key", _everything),
            Entry("substitutes", _("Substitutes"), "arrows-exchange", _substitutes),
            Entry("emergencies", _("Emergencies"), "flag", _emergencies),
            Entry("failed_sign_ins", _("Failed sign-ins"), "alert-triangle", _everything),
            Entry("audit", _("Audit log"), "history", _everything),
            Entry("retention", _("Retention"), "calendar-event", _everything),
            Entry("erasures", _("Erasure"), "x", _everything),
            Entry("data_map", _("Data map"), "book", _everything),
            Entry("analysts", _("For analysts"), "download", _reads_all_calls),
            Entry("system", _("System"), "device-desktop", _everything),
        ],
    ),
]
# By which other words the finder finds a page, and what it leads to that has no entry.
CALLED: dict[str, Words] = {
    "home": _("my results overview"),
    "recognition": _("thanks kudos"),
    "my_schedule": _("shifts roster"),
    "my_time_off": _("leave holidays vacation"),
    "my_data": _("privacy"),
    "evaluation": _("month of a team"),
    "target_list": _("goals"),
    "definitions": _("KPIs formulas"),
    "requirements": _("staffing"),
    "intraday": _("today staffing"),
    "recruiting": _("hiring turnover leavers"),
    "special_days": _("public holidays"),
    "rosters": _("shifts schedule acknowledgements"),
    "time_off": _("leave holidays vacation balances"),
    "terms": _("contracts rotations availability pairings rules"),
    "checks": _("transcripts topics"),
    "reports": _("export tables"),
    "voice": _("surveys comments complaints CSAT NPS asking mail"),
    "sessions": _("calendar one-to-one steps"),
    "wellbeing": _("burnout overtime"),
    "library": _("scripts procedures"),
    "pulse": _("surveys exit"),
    "proposals": _("triggers rules"),
    "challenges": _("incentives prizes"),
    "leave_list": _("leave sickness"),
    "agent_list": _("agents"),
    "substitutes": _("delegation standing in"),
    "emergencies": _("break-glass reach"),
    "tokens": _("keys machines"),
    "users": _("accounts roles logins passwords"),
    "rights": _("permissions actions who may"),
    "deliveries": _("mail"),
    "audit": _("changes history"),
    "failed_sign_ins": _("passwords locked unlock"),
    "retention": _("privacy deletion keep days"),
    "analysts": _("export pseudonyms anonymous research data"),
    "erasures": _("privacy GDPR forget delete person customer export"),
    "data_map": _("privacy personal data tables"),
    "system": _("settings environment health doctor"),
}
# Where what a reader has of a group is one entry alone, it stands here, after them.
MORE = Group("more", _("More"), [])
_ENTRIES = {entry.name: entry for group in GROUPS for entry in group.entries}
_OTHERWISE = frozenset(name for group in GROUPS for name in group.of_agents)
Facts = Callable[[], dict[str, Any]]
_listeners: list[Callable[[], object]] = []
_counters: dict[str, tuple[Facts, Callable[["User"], int]]] = {}


def register(name: str, facts: Facts, count: Callable[["User"], int]) -> None:
    """Have what waits at an entry counted beside it, by `facts` that are found with the user. The
    statement that finds them is kept: what depends on now must be `ccm.kept.Late` in it."""
    _counters[name] = (facts, count)
    for heard in _listeners:
        heard()


def on_registered(heard: Callable[[], object]) -> None:
    """Have somebody told when something more is counted."""
    _listeners.append(heard)


def counted() -> dict[str, Any]:
    """What counts are made of, as annotations of users."""
    return {name: one for facts, _count in _counters.values() for name, one in facts().items()}


# Pages that the filters of one lead to, and the filters that go along.
FILTERED = frozenset({"home", "queues", "agents", "calls", "gaps"})
KEPT = ("period", "from", "to", "site", "queue", "definition")
# Pages of a site that it goes along to: of any whose figures show, and of those that are planned.
OF_A_SITE = frozenset({"forecasts", "requirements", "intraday", "proofs", "special_days"})
OF_A_PLANNED_SITE = frozenset(
    {"queue_group_list", "known_event_list", "override_list", "scenarios"}
)
# Pages that an entry leads to, which have none of their own, and who may open them.
_BELOW: dict[str, Callable[[Scope], bool]] = {
    "shift_template_list": _terms,
    "contract_list": _planned,
    "rotation_list": _terms,
    "working_list": _terms,
    "availability_list": _absences,
    "pairing_list": _terms,
    "roster_session_list": _planned,
    "roster_rules": _planned,
    "time_off_calendar": _absences,
    "leave_rules": _planned,
    "leave_kind_list": _planned,
    "leave_balance_list": _planned,
    "leave_left": _planned,
    "adherence_rules": _planned,
    "acknowledgements": _terms,
    "asking": _managed,
}
_OPEN_TO = _BELOW | {name: entry.open_to for name, entry in _ENTRIES.items()}


def may_open(name: str, user: "User | AnonymousUser") -> bool:
    """Whether the page of this name is there for the user: as far as their sites go, and the
    rights of their roles. Raises KeyError for no such page."""
    with reach.everywhere(user):
        return _is_open(name, _OPEN_TO[name], user)


def _is_open(name: str, open_to: Callable[[Scope], bool], user: "User | AnonymousUser") -> bool:
    here = reach.scope_at(user, name)
    return here is not None and open_to(here)


def manages(user: "User | AnonymousUser") -> bool:
    """Whether there is a site whose names, people and plans the user may change."""
    return _managed(scope_of(user))


def plans(user: "User | AnonymousUser") -> bool:
    """Whether there is a site whose forecasts and staffing the user plans."""
    return _planned(scope_of(user))


def records_absences(user: "User | AnonymousUser") -> bool:
    """Whether there is anybody whose absences the user records."""
    return _terms(scope_of(user))


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation` and `role` for `_partials/side.html`, `kept_answer` for
    `_partials/kept.html`, `reach_for_now` for `_partials/reach.html`.

    Both are made when a template first asks, so that a page without the sidebar costs nothing.
    """
    return {
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "role": SimpleLazyObject(lambda: role_words(request)),
        "kept_answer": _kept,
        "reach_for_now": SimpleLazyObject(lambda: reach_for_now(request)),
    }


def _kept() -> dict[str, datetime] | None:
    """Since when what the page shows is kept, and what time it is; None: it was read just now."""
    since = long_reads.kept_since()
    return None if since is None else {"since": since, "now": timezone.now()}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of entries that the reader may open, each with what waits in it: those that are
    the reader's own first. An entry without a page is left out."""
    user = getattr(request, "user", None)  # none where a request failed before it was known
    if user is None or not user.is_authenticated:
        return []
    with reach.everywhere(user):
        return _navigation(request, user)


def _navigation(request: HttpRequest, user: "User") -> list[dict[str, Any]]:
    scope = scope_of(user)
    kept = {name: request.GET.get(name) for name in KEPT}
    site = site_about(request)
    placed = _placed(user)
    places = (url for _group, entries in placed for _entry, url in entries)
    deepest = max((one for one in places if request.path.startswith(one)), key=len, default="")
    groups = []
    for group, entries in placed:
        drawn: list[dict[str, Any]] = [
            {
                "words": _("My results") if _leads_to_own(entry, scope) else entry.words,
                "url": address(url, _along(entry.name, kept, site, scope)),
                "icon": entry.icon,
                "called": CALLED.get(entry.name, ""),
                "current": _is_under(request.path, url, *entry.also, deeper=deepest)
                or (_leads_to_own(entry, scope) and request.path == _own_results(scope)),
                "count": _counters[entry.name][1](user) if entry.name in _counters else 0,
            }
            for entry, url in entries
        ]
        here = any(entry["current"] for entry in drawn)
        groups.append(
            {
                "name": group.name,
                "title": group.words,
                "entries": drawn,
                "here": here,
                "open": here or scope.has(*group.own_of),
                "count": sum(entry["count"] for entry in drawn),
            }
        )
    return groups


def _placed(user: "User") -> list[tuple[Group, list[tuple[Entry, str]]]]:
    """Groups, and the entries that the reader has in each, with their addresses."""
    scope = scope_of(user)
    is_agent_alone = scope.roles == {AGENT}
    groups, alone = [], []
    for group in GROUPS:
        entries = group.entries
        if is_agent_alone:
            entries = [entry for entry in entries if entry.name not in _OTHERWISE]
            entries += [_ENTRIES[name] for name in group.of_agents]
        theirs = (one for one in entries if _is_open(one.name, one.open_to, user))
        found = [(one, url) for one in theirs if (url := _url(one.name))]
        if len(found) == 1 and group.name:
            alone += found
        elif found:
            groups.append((group, found))
    # The others stay in their order.
    groups.sort(key=lambda one: bool(one[0].name) and not scope.has(*one[0].own_of))
    return [*groups, (MORE, alone)] if alone else groups


def _along(
    name: str, kept: dict[str, str | None], site: str | None, scope: Scope
) -> dict[str, str | None]:
    """What of the filters goes along to a page. Pages of filters have choices of sites of their
    own: to them goes what was chosen alone, and not the site that this page happens to be about."""
    if name in FILTERED:
        return kept
    # Who plans some of the sites seen and not others is not led to one that is out of reach.
    plans_all = scope.everything or scope.figure_sites <= scope.planned_sites
    if name in OF_A_SITE or (name in OF_A_PLANNED_SITE and (plans_all or not _planned(scope))):
        return {"site": site}
    return {}


def reach_for_now(request: HttpRequest) -> dict[str, Any]:
    """What the reader reaches for a while: in an emergency, and as somebody's substitute."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    scope = reach.whole_scope_of(user)
    return {
        "emergency": scope.emergency, "standing_in": scope.standing_in,
        "substitutes": scope.substitutes,
    }  # fmt: skip


def role_words(request: HttpRequest) -> str:
    """The reader's roles in words, the widest first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    roles = reach.whole_scope_of(user).roles
    return ", ".join(str(ROLE_WORDS[role]) for role in ROLES if role in roles)


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _leads_to_own(entry: Entry, scope: Scope) -> bool:
    """Whether it is Home, and leads an agent to the own results."""
    return entry.name == "home" and scope.agent is not None and not scope.figure_sites


def _own_results(scope: Scope) -> str:
    return reverse("agent", args=[scope.agent])


def _is_under(path: str, url: str, *also: str, deeper: str) -> bool:
    """Whether a page is the entry's own or one below it; everything is below Home. What is below
    another entry's page, `deeper` than this one's, is that one's."""
    if deeper != url and deeper.startswith((url, *also)):
        return False
    return path == url or (url != "/" and path.startswith((url, *also)))
