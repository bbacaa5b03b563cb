"""What somebody works by: contract, rotation and queues from day to day, and what they said."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.intervals import day_of
from ccm.models import Agent, User, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from scheduling.models import AgentContract, AgentRotation, AgentSkill, Availability, Pairing
from scheduling.terms import forms, reach, services, tables, words

SPELLS: dict[str, type[AgentContract] | type[AgentRotation] | type[AgentSkill]] = {
    "contract": AgentContract,
    "rotation": AgentRotation,
    "skill": AgentSkill,
}
_FORMS: dict[str, type[forms.SpellForm]] = {
    "contract": forms.ContractSpellForm,
    "rotation": forms.RotationSpellForm,
    "skill": forms.SkillSpellForm,
}
Begin = Callable[[Agent, dict[str, Any], User, datetime], object]
_BEGIN: dict[str, Begin] = {
    "contract": lambda agent, said, who, now: services.begin_contract(
        agent, said["contract"], said["since"], who, now
    ),
    "rotation": lambda agent, said, who, now: services.begin_rotation(
        agent, said["rotation"], said["first_week"], said["since"], who, now
    ),
    "skill": lambda agent, said, who, now: services.begin_skill(
        agent, said["queue"], said["proficiency"], said["since"], who, now
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody works by, for who plans them, leads them, or is them."""
    who = signed_in(request)
    if pk > MOST_ID:
        raise Http404
    agent = get_object_or_404(reach.people_read_by(who).select_related("site"), pk=pk)
    about(request, agent.site)
    viewed.note(who, [agent.pk], Viewing.What.TERMS, timezone.now())
    plans = reach.plans_for(who, agent)
    which = request.POST.get("which", "")
    made: dict[str, forms.SpellForm] = {}
    if plans:
        made = {
            name: form(request.POST if which == name else None, agent=agent, prefix=name)
            for name, form in _FORMS.items()
        }
    if request.method == "POST":
        form = made.get(which)
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                along = _BEGIN[which](agent, form.cleaned_data, who, timezone.now())
            except ValidationError as refusal:
                form.refuse(refusal)
            else:
                messages.info(request, _kept(along if which == "skill" else None))
                return redirect("work_terms", pk=agent.pk)
    return _page(request, agent, made)


def _kept(along: Any) -> str:
    """That it is kept, and the queues that were said along with it."""
    if not along:
        return _("Kept. Rosters that are made from now on go by it.")
    return _(
        "Kept, and with it what lists name, from the same day: %(queues)s. Rosters that are made "
        "from now on go by it."
    ) % {"queues": ", ".join(one.name for one in along)}


@login_required
@require_safe
def my_availability(request: HttpRequest) -> HttpResponse:
    """What the reader works by, and what they said of when they can and would like to."""
    if not may_open("my_availability", request.user):
        raise Http404
    mine = Agent.objects.select_related("site").get(pk=scope_of(request.user).agent or 0)
    return _page(request, mine, {}, is_own=True)


def _page(
    request: HttpRequest, agent: Agent, made: dict[str, forms.SpellForm], *, is_own: bool = False
) -> HttpResponse:
    who = signed_in(request)
    of_agent = {"agent": agent}
    said = Availability.objects.filter(**of_agent).select_related("template", "said_by")
    begun = {} if is_own else {"agent": agent.pk, "site": agent.site.slug}
    own = scope_of(who).agent == agent.pk
    spells = {name: [_told(one) for one in _newest(name, agent)] for name in SPELLS}
    context = {
        "agent": agent,
        "is_own": is_own,
        "spells": [
            (name, title, none, begin, spells[name], made.get(name))
            for name, title, none, begin in _parts()
        ],
        "said": [(one, words.said(one), words.when(one), tables.by_words(one)) for one in said],
        "pairs": [
            (
                pair.other if pair.one_id == agent.pk else pair.one,
                tables.together_words(pair),
                words.spell(pair.starts_on, pair.ends_on),
            )
            for pair in (
                Pairing.objects.filter(one=agent) | Pairing.objects.filter(other=agent)
            ).select_related("one", "other")
        ],
        "say_url": address(reverse("availability_new"), begun)
        if own or reach.plans_for(who, agent)
        else "",
        "lists": agent.skills,
        "lists_until": _lists_until(agent, (one for one, *_words in spells["skill"])),
        "along": services.named_by_lists(agent) if made and not spells["skill"] else [],
        "list_url": reverse("working_list") if may_open("working_list", who) else "",
    }
    return render(request, "scheduling/work_terms.html", context)


def _lists_until(agent: Agent, said: Iterable[AgentSkill]) -> date | None:
    """The first day of which somebody's queues are said, while what lists tell still holds."""
    first = min((one.starts_on for one in said), default=None)
    today = day_of(timezone.now(), agent.site.calendar)
    return first if first is not None and first > today else None


def _parts() -> list[tuple[str, str, str, str]]:
    return [
        (
            "contract",
            _("Contract"),
            _("Nobody has said which: eleven hours of rest hold, and the hours that lists tell."),
            _("Change contract"),
        ),
        (
            "rotation",
            _("Rotation"),
            _("In none: every day may have any shift."),
            _("Change rotation"),
        ),
        (
            "skill",
            _("Queues"),
            _("Nobody has said which: those that lists name among the skills, else every queue."),
            _("Say it"),
        ),
    ]


def _newest(name: str, agent: Agent) -> Any:
    """Somebody's spells of a kind, the newest first."""
    named = {"contract": "contract", "rotation": "rotation", "skill": "queue"}[name]
    rows: Any = SPELLS[name]._default_manager
    return rows.filter(agent=agent).select_related(named).order_by("-starts_on", f"{named}__name")


def _told(spell: Any) -> tuple[Any, str, str]:
    """A spell, what it is in words, and its days."""
    if isinstance(spell, AgentContract):
        named = spell.contract.name
    elif isinstance(spell, AgentRotation):
        told = {"name": spell.rotation.name, "week": spell.first_week}
        named = _("%(name)s, begins with week %(week)s") % told
    else:
        named = f"{spell.queue} {words.share(spell.proficiency)}"
    return spell, named, words.spell(spell.starts_on, spell.ends_on)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def spell_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Ask whether what somebody works by for some time is to go, then forget it."""
    who = signed_in(request)
    model: Any = SPELLS.get(kind)
    if model is None or pk > MOST_ID:
        raise Http404
    rows = model._default_manager.managed_by(who).select_related("agent")
    spell = get_object_or_404(rows, pk=pk)
    _spell, named, days = _told(spell)
    if request.method != "POST":
        viewed.note(who, [spell.agent_id], Viewing.What.TERMS, timezone.now())
    if request.method == "POST":
        services.forget(spell, who, timezone.now())
        messages.warning(request, _("%(name)s is removed.") % {"name": named})
        return redirect("work_terms", pk=spell.agent_id)
    told = {
        "named": f"{spell.agent}: {named}",
        "along": [days, _("The time before stays as it is. Rosters that were made stay, too.")],
        "keep_url": reverse("work_terms", args=[spell.agent_id]),
    }
    return render(request, "ccm/remove.html", told)


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/my-availability/", my_availability, name="my_availability"),
        path(f"{under}/people/<int:pk>/", person_page, name="work_terms"),
        path(f"{under}/people/<str:kind>/<int:pk>/remove/", spell_remove, name="work_spell_remove"),
    ]
