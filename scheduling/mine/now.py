"""What an agent's own day says of this moment: what one is on, who waits in one's queues, what one
has done today, and what other apps tell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.filters import address
from ccm.intervals import day_of
from ccm.live.now import Floor, floors
from ccm.models import Agent
from ccm.templatetags.figures import clock, count
from ccm.templatetags.figures import figure as figure_text
from kpis import report
from kpis.choices import Choices
from kpis.live import in_line
from kpis.report import Question
from scheduling.mine import reads
from scheduling.models import AgentSkill


@dataclass(frozen=True, slots=True)
class Fact:
    """Something of now: what it is of, itself, what is said beside it, and where it leads."""

    name: str
    value: str
    beside: str = ""
    url: str = ""


Teller = Callable[[Agent, datetime], Fact | None]
"""What an app tells an agent of this moment; it asks the database once at most."""
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Have agents' own days tell what an app knows."""
    if teller not in _tellers:
        _tellers.append(teller)


def facts(agent: Agent, now: datetime) -> list[Fact]:
    """All of it, in the order of what presses."""
    found = [_planned(agent, now), _waiting(agent, now), _done(agent, now)]
    found += [tell(agent, now) for tell in _tellers]
    return [one for one in found if one is not None]


def _planned(agent: Agent, now: datetime) -> Fact | None:
    """What goes on by the published roster and what follows it; outside a shift, the next one."""
    shift = reads.current(agent, now)
    if shift is None:
        return None
    url = reverse("my_schedule")
    if not shift.is_now:
        day = date_format(shift.shift.day, "D j M")
        return Fact(_("Next shift"), shift.clock, day, url)
    at = next((place for place, one in enumerate(shift.pieces) if one.is_now), None)
    if at is None:
        return Fact(_("Now"), shift.clock, "", url)
    following = shift.pieces[at + 1 :][:1]
    beside = _("then %(what)s, %(clock)s") % {
        "what": following[0].words, "clock": following[0].clock,
    } if following else _("then your shift is over")  # fmt: skip
    piece = shift.pieces[at]
    return Fact(_("Now"), f"{piece.words} {piece.clock}", beside, url)


def _waiting(agent: Agent, now: datetime) -> Fact | None:
    """Who waits in the queues that the agent takes; None: nobody has said which those are."""
    today = reads.today_of(agent, now)
    skills = AgentSkill.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), agent=agent)
    skills = skills.filter(starts_on__lte=today)
    queues = dict(skills.values_list("queue", "queue__name"))
    if not queues:
        return None
    floor = floors(now).get(agent.site_id, Floor())
    line = in_line(floor, queues, floor.true_at(now))
    if line.queue is None or line.longest is None:
        return Fact(_("Your queues"), _("nobody waits"), ", ".join(sorted(queues.values())[:4]))
    waits = ngettext("%(n)s waits", "%(n)s wait", line.calls) % {"n": count(line.calls)}
    beside = _("longest %(time)s in %(queue)s") % {
        "time": clock(line.longest), "queue": queues[line.queue],
    }  # fmt: skip
    return Fact(_("Your queues"), waits, beside)


def _done(agent: Agent, now: datetime) -> Fact:
    """Today's own calls, with the figures that they make."""
    today = day_of(now, agent.site.calendar)
    question = Question(
        sites=[agent.site], first=today, last=today, by="total", agents=[agent],
        kpis=("answered", "aht"),
    )  # fmt: skip
    rows = report.answer(question, Choices(today))
    url = address(reverse("agent", args=[agent.pk]), {"period": "today"})
    answered, aht = (rows[0].figures[name] if rows else None for name in ("answered", "aht"))
    many = int(answered.value or 0) if answered else 0
    if not many or aht is None:
        return Fact(_("Today"), _("no call yet"), "", url)
    calls = ngettext("%(n)s call", "%(n)s calls", many) % {"n": count(many)}
    beside = "" if aht.value is None else f"{aht.kpi.name} {figure_text(aht.value, aht.unit)}"
    return Fact(_("Today"), calls, beside, url)
