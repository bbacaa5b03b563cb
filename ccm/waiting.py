"""How much waits for a reader's word, found with the reader: what people asked for that somebody
who leads or plans them has to decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from ccm.access import Scope, scope_of
from ccm.intervals import day_of
from ccm.models import User


def led_by_reader(team: str) -> Q:
    """What belongs to a team that the user of an annotation leads or led, or whose leader the user
    stands in for or did: `scope.team_calendars` says which of them count today. `team` is the path
    to the team. A row may come twice."""
    leader = f"{team}__leads__supervisor"
    return Q(**{leader: OuterRef("pk")}) | Q(
        **{f"{leader}__substitutions__substitute": OuterRef("pk")}
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, by a `name`. `people` lead from a row to those whom it is of, `site` to where; a
    row of the reader's own waits for another. After `until` it waits no longer."""

    name: str
    rows: Callable[[], Any]
    people: Sequence[str] = ("agent",)
    site: str = "agent__site"
    until: str | None = None
    sites: Callable[[Scope], frozenset[int]] = attrgetter("planned_sites")
    """Of which a reader decides for everybody."""

    def facts(self) -> dict[str, Any]:
        """Of each row its site and its end, and of those of people whom a reader leads their stay
        in the team."""
        own = Q()
        for person in self.people:
            own |= Q(**{f"{person}__user": OuterRef("pk")})
        others = self.rows().exclude(own).order_by("pk")
        until = Value(None) if self.until is None else F(self.until)
        facts = {
            f"{self.name}_at": ArraySubquery(
                others.values(told=JSONObject(site=self.site, until=until))
            )
        }
        for person in self.people:
            team = f"{person}__memberships__team"
            led = others.filter(led_by_reader(team))
            stay = JSONObject(
                row="pk", site=self.site, until=until, team=team,
                starts=f"{person}__memberships__starts_on",
                ends=f"{person}__memberships__ends_on",
            )  # fmt: skip
            facts[f"{self.name}_of_{person}"] = ArraySubquery(led.values(told=stay))
        return facts

    def count(self, user: User) -> int:
        """How many the reader has to decide; no query where `facts` came with them."""
        now = timezone.now()
        at = getattr(user, f"{self.name}_at", None)
        if at is None:
            ends = {} if self.until is None else {f"{self.until}__gt": now}
            many: int = self.rows().decided_by(user).filter(**ends).count()
            return many
        scope = scope_of(user)
        sites = self.sites(scope)
        waiting = [one["site"] for one in at if _is_on(one, now)]
        if scope.everything:
            return len(waiting)
        days = {team: day_of(now, calendar).isoformat() for team, calendar in scope.team_calendars}
        led = {
            one["row"]
            for person in self.people
            for one in getattr(user, f"{self.name}_of_{person}", ())
            if one["team"] in days
            and one["site"] not in sites
            and one["starts"] <= days[one["team"]]
            and (one["ends"] is None or days[one["team"]] < one["ends"])
            and _is_on(one, now)
        }
        return len(led) + sum(site in sites for site in waiting)


def _is_on(one: dict[str, Any], now: datetime) -> bool:
    return one["until"] is None or now < datetime.fromisoformat(one["until"])
