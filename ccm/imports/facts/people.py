"""Lists of people, teams and queues: made where they are not there, completed where they are.

A cell that is empty says nothing and changes nothing. Whoever is in a list is no longer "new".
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Protocol

from django.db.models import F
from django.utils.translation import gettext as _

from ccm.erasure.names import stand_in
from ccm.imports.facts.columns import WEEK
from ccm.imports.facts.keeping import differences, note_changing, note_made
from ccm.imports.facts.leaving import reason_of
from ccm.imports.facts.reading import PARTED
from ccm.imports.facts.references import References, Unfit, folded
from ccm.imports.facts.told import Told
from ccm.imports.storing.names import listed_source
from ccm.imports.storing.target import Fates
from ccm.models import Agent, AgentAlias, Channel, Queue, Team, TeamLead, TeamMembership
from ccm.structure import days, opening_hours

Fact = dict[str, Any]
Note = Callable[[int, Unfit], None]
MOST_SKILLS, LONGEST_SKILL, LONGEST_ALIAS = 50, 60, 160
# Attributes of an agent and the columns that tell them.
_COLUMNS = {
    "employee_id": "employee_id", "contract_hours": "contract_hours", "skills": "skills",
    "hired_on": "hired", "left_on": "left", "left_reason": "left_reason",
}  # fmt: skip
_FIRST = F("starts_on").asc(nulls_first=True)
_ONE_DECIMAL = Decimal("0.1")


class Writer(Protocol):
    """Writes the rows of one kind of list, one by one."""

    def __init__(self, refs: References, told: Told, fates: Fates, note: Note) -> None: ...

    def write(self, fact: Fact) -> None:
        """Raises Unfit where the row cannot be kept; then nothing of it is."""
        ...


class People:
    """Agents, their logins, names in logs, and stays in teams."""

    def __init__(self, refs: References, told: Told, fates: Fates, note: Note) -> None:
        self.refs, self.told, self.fates, self.note = refs, told, fates, note
        self.batch = told.batch_id
        self.source = listed_source(refs.site)
        told.recall(Agent, refs.agents)
        self.teams = Teams(refs, told, fates, note)
        self.stays: dict[int, list[TeamMembership]] = {}
        for stay in TeamMembership.objects.filter(agent__site=refs.site).order_by("starts_on"):
            self.stays.setdefault(stay.agent_id, []).append(stay)
        self.aliases = dict(
            AgentAlias.objects.filter(source=self.source).values_list("raw_name", "agent_id")
        )

    def write(self, fact: Fact) -> None:
        name, aliases = _name(fact), _aliases(fact)
        for said in filter(None, (name, fact.get("employee_id"))):
            if stand_in(self.source, str(said).casefold()) in self.aliases:
                raise Unfit(
                    "name", "erased", _("They were erased: a list does not bring them back.")
                )
        agent = self._found(fact, name, aliases)
        if agent is None and name is None:
            raise Unfit("employee_id", "unknown", _("There is nobody with this id, and no name."))
        values = self._values(fact, name)
        hired: date | None = values["hired_on"] or (agent.hired_on if agent else None)
        left: date | None = values["left_on"] or (agent.left_on if agent else None)
        if days.is_backwards(hired, left):
            # The one that this row tells, of the two.
            column = "left" if values["left_on"] else "hired"
            raise Unfit(column, "order", str(days.LEAVES_FIRST))
        if values["left_reason"] and left is None:
            raise Unfit("left_reason", "order", _("Say first when they left."))
        others = [self.aliases[one] for one in aliases if one in self.aliases]
        if any(agent is None or other != agent.pk for other in others):
            message = _("It is already what logs call somebody else of these lists.")
            raise Unfit("aliases", "several", message)
        since = self._since(fact, agent, hired)
        said = values | {f"team from {since}": folded(fact["team"]) if since else None}
        if agent is not None:
            columns = _COLUMNS | {f"team from {since}": "team"}
            self.told.check(agent, said, columns)
        # From here on nothing of the row is refused.
        made = agent is None
        agent = agent or self._made(name or "", values)
        self.told.remember(agent, said, fact["line"])
        changed = made or self._corrected(agent, values)
        changed |= self._named(agent, aliases, fact)
        changed |= self._signs_in(agent, fact)
        if fact.get("team"):
            team, its_new = self.teams.there(fact["team"])
            changed |= its_new | self._moved(agent, team, since)
            changed |= self.teams.led(team, fact)
        if made:
            self.fates.stored += 1
        elif changed:
            self.fates.updated += 1
        else:
            self.fates.duplicate += 1

    def _found(self, fact: Fact, name: str | None, aliases: list[str]) -> Agent | None:
        """Whom a row is about: by id, by a name in logs, then by name; None: somebody new.

        Raises Unfit where it could be several.
        """
        number = fact.get("employee_id")
        if number and (hit := self.refs.by_employee_id.of(number)):
            return self.refs.agents[next(iter(hit))]
        by_log = [self.refs.by_alias.of(one) for one in aliases]
        for hit in (set(chain(*by_log)), self.refs.by_name.of(name or "")):
            # Somebody with another id is somebody else of the same name.
            fitting = {pk for pk in hit if self._may_be(self.refs.agents[pk], number)}
            if len(fitting) > 1:
                message = _("It could be several agents: name the employee id of each first.")
                raise Unfit("employee_id" if number else "name", "several", message)
            if fitting:
                return self.refs.agents[fitting.pop()]
        return None

    @staticmethod
    def _may_be(agent: Agent, number: str | None) -> bool:
        return not number or not agent.employee_id or folded(agent.employee_id) == folded(number)

    def _values(self, fact: Fact, name: str | None) -> dict[str, Any]:
        hours = fact.get("contract_hours")
        return {
            "name": name,
            "employee_id": fact.get("employee_id"),
            "skills": _skills(fact),
            "contract_hours": None
            if hours is None
            else Decimal(repr(hours)).quantize(_ONE_DECIMAL),
            "hired_on": fact.get("hired"),
            "left_on": fact.get("left"),
            "left_reason": self._left_reason(fact),
        }

    def _left_reason(self, fact: Fact) -> str | None:
        """Why somebody left, as far as the words are known; of others it is only said."""
        words = fact.get("left_reason")
        reason = reason_of(words) if words else None
        if words and reason is None:
            message = _(
                "Whether this was of their own will is not known: the reason stays as it is."
            )
            self.note(fact["line"], Unfit("left_reason", "unknown", message))
        return reason

    def _made(self, name: str, values: dict[str, Any]) -> Agent:
        told = {key: value for key, value in values.items() if value is not None}
        agent = Agent.objects.create(site=self.refs.site, **told | {"name": name})
        note_made(Agent, self.batch, [agent.pk])
        self.refs.agents[agent.pk] = agent
        for word, known in (
            (agent.employee_id, self.refs.by_employee_id),
            (agent.name, self.refs.by_name),
        ):
            known.add(word, agent.pk)
        return agent

    def _corrected(self, agent: Agent, values: dict[str, Any]) -> bool:
        differing = differences(agent, values | {"is_new": False})
        for key, value in differing.items():
            setattr(agent, key, value)
        if differing:
            note_changing(Agent, self.batch, [agent.pk])
            agent.save(update_fields=list(differing))
        return bool(differing)

    def _named(self, agent: Agent, aliases: list[str], fact: Fact) -> bool:
        """Remember what logs call an agent. Names that logs told before stay whose they were."""
        new = [one for one in aliases if one not in self.aliases]
        made = AgentAlias.objects.bulk_create(
            AgentAlias(source=self.source, raw_name=one, agent=agent, confirmed=True) for one in new
        )
        note_made(AgentAlias, self.batch, [one.pk for one in made])
        self.aliases |= dict.fromkeys(new, agent.pk)
        for one in aliases:
            if self.refs.by_alias.of(one) - {agent.pk}:
                message = _("Logs call another agent so already: merge the two under Names.")
                self.note(fact["line"], Unfit("aliases", "named_before", message))
            self.refs.by_alias.add(one, agent.pk)
        return bool(new)

    def _signs_in(self, agent: Agent, fact: Fact) -> bool:
        """Link an agent with a login there is; where there is none it is only said."""
        words = fact.get("login")
        if not words:
            return False
        user = self.refs.login(words)
        if user is None:
            message = _("Nobody of the site signs in so as an agent: the login stays as it is.")
            self.note(fact["line"], Unfit("login", "unknown", message))
            return False
        if agent.user_id == user:
            return False
        holder = Agent.objects.filter(user=user).first()
        if holder is not None or agent.user_id is not None:
            message = _("The login or the agent has another one already: both stay as they are.")
            self.note(fact["line"], Unfit("login", "taken", message))
            return False
        note_changing(Agent, self.batch, [agent.pk])
        agent.user_id = user
        agent.save(update_fields=["user"])
        return True

    def _since(self, fact: Fact, agent: Agent | None, hired: date | None) -> date | None:
        """From when on a row's team is meant: as it says, else since the hire; None: since a stay
        that is there. Raises Unfit where none of them tells."""
        team = fact.get("team")
        if not team:
            return None
        known = self.refs.team_there(team)
        if since := fact.get("since"):
            return since
        stays = self.stays.get(agent.pk, []) if agent else []
        if any(stay.team_id == known and stay.ends_on is None for stay in stays):
            return None
        if hired and not stays:
            return hired
        message = _("Since when in this team? Name the day, or when the person was hired.")
        raise Unfit("team", "since", message)

    def _moved(self, agent: Agent, team: Team, since: date | None) -> bool:
        """Put an agent in a team from a day on, until the next stay there is."""
        if since is None:
            return False
        stays = self.stays.setdefault(agent.pk, [])
        stay = TeamMembership(agent=agent, team=team, starts_on=since, batch_id=self.batch)
        return _begun(stays, stay, "team_id")


class Teams:
    """Teams and who leads them."""

    def __init__(self, refs: References, told: Told, fates: Fates, note: Note) -> None:
        self.refs, self.told, self.fates, self.note = refs, told, fates, note
        self.batch = told.batch_id
        self.rows = {team.pk: team for team in Team.objects.filter(site=refs.site)}
        told.recall(Team, self.rows)
        self.leads: dict[int, list[TeamLead]] = {}
        for lead in TeamLead.objects.filter(team__site=refs.site).order_by(_FIRST):
            self.leads.setdefault(lead.team_id, []).append(lead)

    def write(self, fact: Fact) -> None:
        team, made = self.there(fact["team"])
        led = self.led(team, fact)
        if made:
            self.fates.stored += 1
        elif led:
            self.fates.updated += 1
        else:
            self.fates.duplicate += 1

    def there(self, name: str) -> tuple[Team, bool]:
        """The team of a name, and whether it was made just now."""
        known = self.refs.team_there(name)
        if known is not None:
            return self.rows[known], False
        team = Team.objects.create(site=self.refs.site, name=" ".join(name.split()))
        note_made(Team, self.batch, [team.pk])
        self.rows[team.pk] = team
        self.refs.teams.add(team.name, team.pk)
        return team, True

    def led(self, team: Team, fact: Fact) -> bool:
        """Have a team led by who the row says, from the day it says; without one, by whoever is
        its only supervisor so far. Where it names nobody, or no day, it is only said."""
        words = fact.get("supervisor")
        if not words:
            return False
        user = self.refs.supervisor(words)
        if user is None:
            message = _(
                "Nobody of the site signs in so as a supervisor: the team's stays as it is."
            )
            self.note(fact["line"], Unfit("supervisor", "unknown", message))
            return False
        since = fact.get("supervisor_since")
        said = {f"led from {since}": user}
        try:
            self.told.check(team, said, {f"led from {since}": "supervisor"})
        except Unfit as unfit:
            self.note(fact["line"], unfit)
            return False
        self.told.remember(team, said, fact["line"])
        leads = self.leads.setdefault(team.pk, [])
        if since is None and leads:
            if leads[-1].supervisor_id != user or leads[-1].ends_on is not None:
                message = _("Since when? Name the day: the team's supervisor stays as it is.")
                self.note(fact["line"], Unfit("supervisor", "since", message))
            return False
        lead = TeamLead(team=team, supervisor_id=user, starts_on=since, batch_id=self.batch)
        return _begun(leads, lead, "supervisor_id")


class Queues:
    """Queues, their channel and their opening hours."""

    def __init__(self, refs: References, told: Told, fates: Fates, note: Note) -> None:
        self.refs, self.told, self.fates, self.note = refs, told, fates, note
        self.batch = told.batch_id
        self.rows = {queue.pk: queue for queue in Queue.objects.filter(site=refs.site)}
        told.recall(Queue, self.rows)

    def write(self, fact: Fact) -> None:
        name = " ".join(fact["queue"].split())
        values = {"channel": _channel(fact.get("medium")), "hours": _hours(fact)}
        known = self.refs.queue_there(name)
        if known is None:
            told = {key: value for key, value in values.items() if value is not None}
            queue = Queue.objects.create(site=self.refs.site, name=name, **told)
            note_made(Queue, self.batch, [queue.pk])
            self.rows[queue.pk] = queue
            self.refs.queues.add(name, queue.pk)
            self.told.remember(queue, values, fact["line"])
            self.fates.stored += 1
            return
        queue = self.rows[known]
        self.told.check(queue, values, {"channel": "medium"})
        self.told.remember(queue, values, fact["line"])
        differing = differences(queue, values | {"is_new": False})
        for key, value in differing.items():
            setattr(queue, key, value)
        if not differing:
            self.fates.duplicate += 1
            return
        note_changing(Queue, self.batch, [queue.pk])
        queue.save(update_fields=list(differing))
        self.fates.updated += 1


def _begun(spells: list[Any], new: TeamMembership | TeamLead, field: str) -> bool:
    """Begin a spell among those of one agent or team, in order, until the next there is: whether
    that changes anything. `field` is what two of them differ in.

    Only the first may lack its first day, and only where it is the only one.
    """
    model, since = type(new), new.starts_on or date.min
    now = next(
        (one for one in spells
         if (one.starts_on or date.min) <= since and (one.ends_on is None or since < one.ends_on)),
        None,
    )  # fmt: skip
    if now is not None and getattr(now, field) == getattr(new, field):
        return False
    if now is not None:
        note_changing(model, new.batch_id, [now.pk])
        if now.starts_on == new.starts_on:
            setattr(now, field, getattr(new, field))
            now.save(update_fields=[field])
            return True
        now.ends_on = new.starts_on
        now.save(update_fields=["ends_on"])
    following = next((one for one in spells if (one.starts_on or date.min) > since), None)
    new.ends_on = following.starts_on if following else None
    new.save()
    spells.append(new)
    spells.sort(key=lambda one: one.starts_on or date.min)
    return True


def _name(fact: Fact) -> str | None:
    """The person's name, of one column or of two."""
    parts = [fact.get("name")] if fact.get("name") else [
        fact.get("given_name"), fact.get("family_name"),
    ]  # fmt: skip
    return " ".join(" ".join(one.split()) for one in parts if one) or None


def _parts(words: str | None) -> list[str]:
    """The words between commas, semicolons, bars and columns, each once."""
    text = (words or "").translate(str.maketrans(f";|\n{PARTED}", ",,,,"))
    return list(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


def _skills(fact: Fact) -> list[str] | None:
    skills = _parts(fact.get("skills"))
    if len(skills) > MOST_SKILLS or any(len(one) > LONGEST_SKILL for one in skills):
        message = _("At most %(count)d skills of 60 characters.") % {"count": MOST_SKILLS}
        raise Unfit("skills", "too_long", message)
    return skills or None


def _aliases(fact: Fact) -> list[str]:
    aliases = _parts(fact.get("aliases"))
    if any(len(one) > LONGEST_ALIAS for one in aliases):
        raise Unfit("aliases", "too_long", _("It is too long for a name."))
    return aliases


def _channel(words: str | None) -> str | None:
    if words is None:
        return None
    channels = {folded(word): one.value for one in Channel for word in (one.value, str(one.label))}
    if folded(words) not in channels:
        names = ", ".join(Channel.values)
        raise Unfit("medium", "unknown", _("There is no such channel. There are %s.") % names)
    return channels[folded(words)]


def _hours(fact: Fact) -> dict[str, list[list[str]]] | None:
    """A week of opening hours: a day without any is closed. None where the row tells of no day."""
    told = {
        str(place): opening_hours.spells(fact[day]) for place, day in enumerate(WEEK)
        if fact.get(day)
    }  # fmt: skip
    return told or None


WRITERS: dict[str, type[Writer]] = {"people": People, "teams": Teams, "queues": Queues}
