"""Facts of lists become rows of the record: costs, targets, headcount, sales, absences, paid time;
people, teams and queues by `people`."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ccm.access import ROLES
from ccm.imports.facts import people, periods
from ccm.imports.facts.keeping import Wanted, keep
from ccm.imports.facts.money import cents, currency_of
from ccm.imports.facts.references import References, Unfit, folded
from ccm.imports.facts.told import Told
from ccm.imports.records import Facts, Issue
from ccm.imports.storing.links import calls_called
from ccm.imports.storing.target import Fates, Target
from ccm.masking import masked
from ccm.models import Cost, Headcount, Leave, PaidTime, Sale, Site
from ccm.models import Target as KpiTarget
from ccm.plans import aims
from ccm.plans.absences import Away, refusal
from ccm.plans.kinds import Kinds

Fact = dict[str, Any]


def store_facts(cursor: CursorWrapper, facts: Facts, target: Target, fates: Fates) -> None:
    """Write the facts of a list; `fates` gains what became of its lines, and why.

    One list of a site is written at a time, whatever layouts they are of.
    """
    cursor.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"lists:{target.site.pk}"]
    )
    told = Told(target.batch_id)
    teller = _Teller(facts, fates, told)
    refs = References(target.site)
    if facts.kind in people.WRITERS:
        writer = people.WRITERS[facts.kind](refs, told, fates, teller.note)
        for fact in teller.rows():
            teller.tried(fact, writer.write)
    else:
        _KEPT[facts.kind](teller, refs, target.site)
    told.store()


class _Teller:
    """The rows of a list, and what is said of those that cannot be kept."""

    def __init__(self, facts: Facts, fates: Fates, told: Told) -> None:
        self.facts, self.fates, self.told = facts, fates, told
        self.texts = {one.line: one for one in facts.rows}
        self.lines: dict[int, Fact] = {}

    def rows(self) -> Iterator[Fact]:
        for fact in self.facts.frame.iter_rows(named=True):
            self.lines[fact["line"]] = fact
            yield fact

    def tried(self, fact: Fact, make: Callable[[Fact], Any]) -> Any:
        """What `make` makes of a fact; None where it refuses it, which is told."""
        try:
            return make(fact)
        except Unfit as unfit:
            self.refuse(fact["line"], unfit)
            return None

    def wanted(self, make: Callable[[Fact], tuple[Any, ...]]) -> Iterator[Wanted]:
        """Rows as `make` tells them: a key, values, and perhaps which of them are cleared."""
        for fact in self.rows():
            found = self.tried(fact, make)
            if found is not None:
                yield Wanted(fact["line"], *found)

    def refuse(self, line: int, unfit: Unfit) -> None:
        self.fates.rejected += 1
        self.fates.rejected_rows.append(self.texts[line])
        self.fates.issues.append(self._issue(line, unfit))

    def note(self, line: int, unfit: Unfit) -> None:
        """Say something of a line that is kept all the same."""
        self.fates.issues.append(self._issue(line, unfit, "noted"))

    def _issue(self, line: int, unfit: Unfit, fate: str = "rejected") -> Issue:
        label = self.facts.labels.get(unfit.target, "")
        value = self.lines[line].get(unfit.target) if unfit.target else ""
        return Issue(line, label, str(value or ""), unfit.rule, unfit.message, fate)


def _costs(teller: _Teller, refs: References, site: Site) -> None:
    kinds = Kinds(_kinds(Cost.objects.filter(site=site)))

    def row(fact: Fact) -> tuple[Any, dict[str, Any]]:
        queue, agent = refs.queue(fact.get("queue")), refs.agent(fact.get("agent"))
        if queue is not None and agent is not None:
            raise Unfit("agent", "scope", _("A cost is of a queue or of an agent, not of both."))
        first = fact.get("month_first") or fact.get("first")
        last = fact.get("month_last") or fact.get("last") or first
        values = {
            "site_id": site.pk,
            "kind": kinds.spelled(fact["kind"]),
            "queue_id": queue,
            "agent_id": agent,
            "first_on": first,
            "last_on": last,
            "amount": cents(fact["amount"]),
            "currency": _currency(fact, "amount", site.currency),
            "reference": masked(fact.get("reference") or "", cards_only=True),
        }
        note = {"note": masked(fact["note"])} if fact.get("note") else {}
        return _cost_key(Cost(**values)), values | note

    wanted = list(teller.wanted(row))
    days = {one.values["first_on"] for one in wanted}
    there = Cost.objects.filter(site=site, first_on__in=days)
    keep(Cost, there, _cost_key, wanted, teller.told, teller.fates, teller.refuse)


def _cost_key(cost: Cost) -> tuple[object, ...]:
    return (
        folded(cost.kind),
        cost.queue_id,
        cost.agent_id,
        cost.first_on,
        cost.last_on,
        cost.reference,
    )


def _currency(fact: Fact, amount: str, usual: str) -> str:
    """What an amount is in. Raises Unfit where nothing tells, or two things tell otherwise."""
    said = (fact.get("currency") or "").upper()
    found = currency_of(fact.get(f"{amount}_text") or "", said, usual)
    if found is None:
        message = _("Its currency is not clear: name it in a column of its own, as EUR.")
        raise Unfit(amount, "currency", message)
    if not found:
        message = _("In what currency? Name it in a column, or give the site one.")
        raise Unfit(amount, "currency", message)
    return found


def _targets(teller: _Teller, refs: References, site: Site) -> None:

    def row(fact: Fact) -> tuple[Any, dict[str, Any], frozenset[str]]:
        aim = aims.called(fact["kpi"])
        if aim is None:
            names = ", ".join(sorted(aims.known()))
            raise Unfit("kpi", "unknown", _("There is no such KPI. There are %s.") % names)
        scopes = {
            "queue_id": refs.queue(fact.get("queue")),
            "team_id": refs.team(fact.get("team")),
            "agent_id": refs.agent(fact.get("agent")),
        }
        role = _role(fact.get("role"))
        if sum(one is not None for one in scopes.values()) + bool(role) > 1:
            message = _("A target is of one queue, team, agent or role, or of the whole site.")
            raise Unfit("kpi", "scope", message)
        value = _aimed(aim, fact)
        if value is not None:
            try:
                aims.check_whose(aim, scopes["team_id"], scopes["agent_id"], role)
            except aims.Misfit as misfit:
                raise Unfit("kpi", misfit.rule, misfit.message) from misfit
        values = {
            "site_id": site.pk,
            "kpi": aim.id,
            **scopes,
            "role": role,
            "value": value,
            "valid_from": fact["valid_from"],
        }
        cleared = frozenset(["value"] if values["value"] is None else [])
        return _target_key(KpiTarget(**values)), values, cleared

    there = KpiTarget.objects.filter(site=site)
    wanted = teller.wanted(row)
    keep(KpiTarget, there, _target_key, wanted, teller.told, teller.fates, teller.refuse)


def _target_key(one: KpiTarget) -> tuple[object, ...]:
    return (one.kpi, one.queue_id, one.team_id, one.agent_id, one.role, one.valid_from)


def _aimed(aim: aims.Aim, fact: Fact) -> Decimal | None:
    """What is aimed at; None: nothing any more."""
    if fact["value_sign"] == aims.NONE:
        return None
    try:
        return aims.value_of(aim, fact["value_number"], fact["value_sign"])
    except aims.Misfit as misfit:
        raise Unfit("value", misfit.rule, misfit.message) from misfit


def _role(words: str | None) -> str:
    plain = folded(words or "").replace(" ", "_").replace("-", "_")
    if plain and plain not in ROLES:
        names = ", ".join(ROLES)
        raise Unfit("role", "unknown", _("There is no such role. There are %s.") % names)
    return plain


def _headcount(teller: _Teller, refs: References, site: Site) -> None:

    def row(fact: Fact) -> tuple[Any, dict[str, Any]]:
        period, starts = Headcount.Period.DAY, fact.get("day")
        if first := fact.get("month_first"):
            if starts is not None:
                raise Unfit("day", "period", _("A headcount is of a day or a month."))
            period, starts = Headcount.Period.MONTH, first
            if not periods.is_month(first, fact["month_last"]):
                raise Unfit("month", "period", _("A headcount is of a day or a month."))
        values = {
            "site_id": site.pk,
            "team_id": refs.team(fact.get("team")),
            "period": period.value,
            "starts_on": starts,
            "planned_fte": _fte(fact.get("planned_fte")),
            "actual_fte": _fte(fact.get("actual_fte")),
            "planned_heads": _heads(fact.get("planned_heads")),
            "actual_heads": _heads(fact.get("actual_heads")),
        }
        return _headcount_key(Headcount(**values)), values

    wanted = list(teller.wanted(row))
    days = {one.values["starts_on"] for one in wanted}
    there = Headcount.objects.filter(site=site, starts_on__in=days)
    keep(Headcount, there, _headcount_key, wanted, teller.told, teller.fates, teller.refuse)


def _headcount_key(one: Headcount) -> tuple[object, ...]:
    return (one.team_id, one.period, one.starts_on)


def _fte(value: float | None) -> Decimal | None:
    return None if value is None else cents(value)


def _heads(value: float | None) -> int | None:
    return None if value is None else int(value)


def _sales(teller: _Teller, refs: References, site: Site) -> None:

    def row(fact: Fact) -> tuple[Any, dict[str, Any]]:
        call_ref, agent = fact.get("call_ref") or "", refs.agent(fact.get("agent"))
        if not call_ref and (agent is None or fact.get("day") is None):
            message = _("Of which call, or of which agent on which day?")
            raise Unfit("agent" if agent is None else "day", "missing", message)
        told = [one for one in ("sale_value", "pipeline_value") if fact.get(one) is not None]
        currencies = {_currency(fact, one, site.currency) for one in told}
        if len(currencies) > 1:
            message = _("Its two values are in two currencies.")
            raise Unfit("pipeline_value", "currency", message)
        values = {
            "site_id": site.pk,
            "reference": masked(fact.get("reference") or "", cards_only=True),
            "call_ref": call_ref,
            "agent_id": agent,
            "sold_on": fact.get("day"),
            "value": _money(fact.get("sale_value")),
            "pipeline_value": _money(fact.get("pipeline_value")),
            "currency": currencies.pop(),
        }
        return _sale_key(Sale(**values)), values

    wanted = list(teller.wanted(row))
    calls = calls_called({one.values["call_ref"] for one in wanted} - {""}, site)
    for one in wanted:
        one.values["call_id"] = calls.get(one.values["call_ref"])
    there = Sale.objects.filter(site=site).filter(
        Q(reference__in={one.values["reference"] for one in wanted} - {""})
        | Q(reference="", call_ref__in={one.values["call_ref"] for one in wanted} - {""})
        | Q(reference="", sold_on__in={one.values["sold_on"] for one in wanted} - {None})
    )
    keep(Sale, there, _sale_key, wanted, teller.told, teller.fates, teller.refuse)


def _sale_key(one: Sale) -> tuple[object, ...]:
    if one.reference:
        return (one.reference,)
    return (one.call_ref, one.agent_id, one.sold_on)


def _money(value: float | None) -> Decimal | None:
    return None if value is None else cents(value)


def _leave(teller: _Teller, refs: References, site: Site) -> None:
    kinds = Kinds(_kinds(Leave.objects.filter(agent__site=site)))

    def row(fact: Fact) -> tuple[Any, dict[str, Any]]:
        values = {
            "agent_id": refs.agent(fact["agent"]),
            "kind": kinds.spelled(fact["kind"]),
            "first_on": fact["first"],
            "last_on": fact.get("last"),
        }
        return _leave_key(Leave(**values)), values

    # By their days: one that a line ends is over before the next begins, in any order of lines.
    wanted = sorted(teller.wanted(row), key=lambda one: one.values["first_on"])
    agents = {one.values["agent_id"] for one in wanted}
    there = list(Leave.objects.filter(agent__in=agents))
    fits = _Spells(there).fits
    keep(Leave, there, _leave_key, wanted, teller.told, teller.fates, teller.refuse, fits)


def _leave_key(one: Leave) -> tuple[object, ...]:
    return (one.agent_id, folded(one.kind), one.first_on)


class _Spells:
    """The absences of each agent, so that none is away twice on one day."""

    def __init__(self, there: Iterable[Leave]) -> None:
        self.of: dict[int, dict[object, Away]] = {}
        for one in there:
            self._note(_leave_key(one), Away(one.kind, one.first_on, one.last_on))

    def fits(self, wanted: Wanted) -> None:
        """Have an absence be one of its agent's. Raises Unfit where another meets it."""
        agent, values = wanted.values["agent_id"], wanted.values
        others = dict(self.of.get(agent, {}))
        before = others.pop(wanted.key, None)
        last = values["last_on"] or (before.last if before else None)
        away = Away(values["kind"], values["first_on"], last)
        if words := refusal(away, others.values()):
            raise Unfit("first", "overlap", words)
        self._note(wanted.key, away)

    def _note(self, key: Any, away: Away) -> None:
        self.of.setdefault(key[0], {})[key] = away


def _paid(teller: _Teller, refs: References, site: Site) -> None:

    def row(fact: Fact) -> tuple[Any, dict[str, Any]]:
        hours, minutes = fact.get("paid_hours"), fact.get("paid_minutes")
        if hours is not None and minutes is not None and round(hours * 60) != round(minutes):
            raise Unfit("paid_minutes", "conflict", _("Its hours and its minutes differ."))
        if hours is not None:
            minutes = hours * 60
        assert minutes is not None
        values = {
            "agent_id": refs.agent(fact["agent"]),
            "day": fact["day"],
            "minutes": round(minutes),
        }
        return _paid_key(PaidTime(**values)), values

    wanted = list(teller.wanted(row))
    days = {one.values["day"] for one in wanted}
    there = PaidTime.objects.filter(agent__site=site, day__in=days)
    keep(PaidTime, there, _paid_key, wanted, teller.told, teller.fates, teller.refuse)


def _paid_key(one: PaidTime) -> tuple[object, ...]:
    return (one.agent_id, one.day)


def _kinds(rows: QuerySet[Any]) -> QuerySet[Any, str]:
    return rows.order_by("kind").values_list("kind", flat=True).distinct()


_KEPT: dict[str, Callable[[_Teller, References, Site], None]] = {
    "costs": _costs,
    "targets": _targets,
    "headcount": _headcount,
    "sales": _sales,
    "leave": _leave,
    "paid": _paid,
}
