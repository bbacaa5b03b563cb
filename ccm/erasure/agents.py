"""An agent who left, erased: a pseudonym stands where the name was, the account is emptied and
signs in no more, what people wrote of them goes, and every count stays.

Names by which logs told them are kept as keyed hashes (`names`): a log that is read again finds
whose lines these were, and not what they were called.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Case, F, JSONField, Model, Q, QuerySet, TextField, Value, When
from django.utils.translation import gettext as _

from ccm import addresses, audit, jobs
from ccm.entry.locking import user_key
from ccm.erasure import customers, names, numbers, traces
from ccm.erasure.customers import Refused
from ccm.imports.storing.names import CHANNEL, listed_source
from ccm.intervals import day_of
from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    Call,
    Cutoff,
    Erasure,
    IntervalCount,
    Job,
    LiveEvent,
    Offer,
    SurveyResponse,
    User,
)

OURS = frozenset({"ccm", "kpis", "scheduling", "qa", "coaching"})
_NAMED: tuple[type[Model], ...] = (
    Call, Offer, AgentState, SurveyResponse, IntervalCount,
)  # fmt: skip
_SAYS_NOTHING = ("", numbers.HIDDEN)
# Shorter words stand in texts that tell of something else.
FEWEST = 4


def pseudonym(agent: Agent) -> str:
    return _("Agent %(number)d") % {"number": agent.pk}


@transaction.atomic
def look_for(agent: Agent, why: str, user: User, now: datetime) -> Erasure:
    """Have what is held of an agent looked for. Raises Refused for one who has not left."""
    if agent.left_on is None or agent.left_on > day_of(now, agent.site.calendar):
        raise Refused(_("Who works here is not erased: say first when they left."))
    job = Job.objects.create(kind=customers.KIND, created_by=user)
    one = Erasure.objects.create(
        kind=Erasure.Kind.AGENT, agent=agent, why=why, asked_by=user, asked_at=now,
        job=job,
    )  # fmt: skip
    after = {"kind": one.kind, "agent": agent.pk}
    audit.record(user, one, before=None, after=after, now=now, why=why)
    job_id = job.pk
    transaction.on_commit(lambda: customers.queue(job_id))
    return one


def find(_job: Job, one: Erasure) -> None:
    """Count the rows that would be emptied or removed, by table."""
    assert one.agent is not None
    agent, found = one.agent, Counter[str]()
    found["ccm_agent"] = int(agent.name != pseudonym(agent))
    found["ccm_user"] = int(agent.user_id is not None)
    for alias in _own_names(agent):
        for table, rows in _named(agent, alias):
            found[table] += rows.count()
    for trace in traces.of_agents():
        found[trace.model._meta.db_table] += _left_of(trace, agent).count()
    for model, _columns, pk in _told(agent, _called(agent)):
        if not _is_counted(agent, model, pk, is_done=False):
            found[model._meta.db_table] += 1
    customers.is_found(one, found)


def _left_of(trace: traces.AgentTrace, agent: Agent) -> QuerySet[Any]:
    """Rows of a trace that say something yet, or are there."""
    rows = trace.model._default_manager.filter(trace.about(agent))
    if trace.clear is None:
        return rows
    return rows.filter(reduce(or_, (~Q(**{f"{one}__in": _SAYS_NOTHING}) for one in trace.clear)))


def _own_names(agent: Agent) -> Iterator[AgentAlias]:
    """Names by which logs told them. One that is another's, too, as that of a seat, is nobody's own
    and stays."""
    for alias in AgentAlias.objects.filter(agent=agent).exclude(raw_name__startswith=names.MARK):
        same = AgentAlias.objects.filter(source=alias.source, raw_name=alias.raw_name)
        if not same.exclude(agent=agent).exists():
            yield alias


def _named(agent: Agent, alias: AgentAlias) -> Iterator[tuple[str, QuerySet[Any]]]:
    """By table the rows of an agent that have a name of theirs, as their source writes it."""
    raw, source = alias.raw_name, alias.source
    for model in _NAMED:
        rows = model._default_manager.filter(agent=agent, agent_name=raw)
        yield model._meta.db_table, rows if model is Offer else rows.filter(source=source)
    yield "ccm_cutoff", Cutoff.objects.filter(source=source, agent_name=raw)
    yield "ccm_liveevent", LiveEvent.objects.filter(source=source, agent=raw)
    yield "ccm_agentalias", AgentAlias.objects.filter(agent=agent, source=source, raw_name=raw)


def _is_counted(agent: Agent, model: type[Model], pk: Any, *, is_done: bool) -> bool:
    """Whether a row whose texts name the agent is among those that say more of them: to be hidden
    or removed, or (`is_done`) hidden by now."""
    its = model._default_manager.filter(pk=pk)
    for trace in traces.of_agents():
        if trace.model is model:
            left = _left_of(trace, agent)
            hidden = [Q(**{one: numbers.HIDDEN}) for one in trace.clear or ()]
            done = its.filter(trace.about(agent)).filter(reduce(or_, hidden, Q(pk__in=[])))
            if (done if is_done else its.filter(pk__in=left.values("pk"))).exists():
                return True
    if model not in _NAMED:
        return False
    if is_done:
        return its.filter(agent=agent, agent_name__startswith=names.MARK).exists()
    tables = (rows for one in _own_names(agent) for _table, rows in _named(agent, one))
    return any(rows.filter(pk=pk).exists() for rows in tables if rows.model is model)


def do(job: Job, one: Erasure) -> None:
    """Erase them. Each step is whole by itself; done again it finds what is left."""
    assert one.agent is not None
    agent = one.agent
    called = _kept(one, agent)
    for trace in traces.of_agents():
        _forget(one, trace, agent)
        jobs.beat(job, job.done + 1)
    _hide_names(one, agent, job)
    if called:
        _through_texts(one, agent, called)
    _empty(one, agent)
    customers.empty_caches()
    with transaction.atomic():
        held = Erasure.objects.select_for_update().get(pk=one.pk)
        customers.is_done(held)


def _kept(one: Erasure, agent: Agent) -> list[str]:
    """What they are called, as of when the work began: enciphered until it is over, for once names
    are hidden nobody knows them any more."""
    if one.sealed:
        try:
            said: list[str] = json.loads(addresses.unseal(one.sealed))
        except addresses.Unreadable:
            pass
        else:
            return said
    said = _called(agent)
    one.sealed = addresses.seal(json.dumps(said))
    one.save(update_fields=["sealed"])
    return said


def _called(agent: Agent) -> list[str]:
    """Words that name nobody else: full names, logins, and ids of some length."""
    said = [agent.name, agent.employee_id]
    if agent.user is not None:
        user = agent.user
        said += [user.username, user.email, f"{user.first_name} {user.last_name}".strip()]
    said += AgentAlias.objects.filter(agent=agent).values_list("raw_name", flat=True)
    taken = _taken(agent)
    own = pseudonym(agent)
    return sorted(
        {
            one
            for one in said
            if len(one) >= FEWEST
            and one.casefold() not in taken
            and one != own
            and not one.startswith(names.MARK)
            and not one.isdigit()
            and not CHANNEL.match(one)
        }
    )


def _taken(agent: Agent) -> set[str]:
    """What anybody else is called, whatever the case: a colleague may be at another source."""
    others = Agent.objects.exclude(pk=agent.pk)
    users = User.objects.all()
    if agent.user_id is not None:
        users = users.exclude(pk=agent.user_id)
    taken: set[str] = set()
    for name, employee_id in others.values_list("name", "employee_id"):
        taken |= {name, employee_id}
    for login, mail, first, last in users.values_list(
        "username", "email", "first_name", "last_name"
    ):
        taken |= {login, mail, f"{first} {last}".strip()}
    taken |= set(AgentAlias.objects.exclude(agent=agent).values_list("raw_name", flat=True))
    return {one.casefold() for one in taken}


@transaction.atomic
def _forget(one: Erasure, trace: traces.AgentTrace, agent: Agent) -> None:
    rows = _left_of(trace, agent)
    if trace.clear is None:
        gone = rows.delete()[1].get(trace.model._meta.label, 0)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ccm.erasing = 'on'")
        pks = list(rows.values_list("pk", flat=True))
        gone = trace.model._default_manager.filter(pk__in=pks).update(
            **{
                name: Case(
                    When(**{name: ""}, then=F(name)),
                    default=Value(numbers.HIDDEN),
                    output_field=TextField(),
                )
                for name in trace.clear
            }
        )
    customers.note(one, Counter({trace.model._meta.db_table: gone}))


def _hide_names(one: Erasure, agent: Agent, job: Job) -> None:
    """Have keyed hashes stand for the names of logs, in rows and where names are remembered."""
    for alias in _own_names(agent):
        hidden = names.stand_in(alias.source, alias.raw_name)
        with transaction.atomic():
            gone: Counter[str] = Counter()
            for table, rows in _named(agent, alias):
                if rows.model is LiveEvent:
                    gone[table] += rows.delete()[0]
                else:
                    name = "raw_name" if rows.model is AgentAlias else "agent_name"
                    gone[table] += rows.update(**{name: hidden})
            customers.note(one, gone)
        jobs.beat(job, job.done + 1)
    listed = listed_source(agent.site)
    for said in filter(None, (agent.name, agent.employee_id)):
        if said != pseudonym(agent):
            AgentAlias.objects.get_or_create(
                source=listed, raw_name=names.stand_in(listed, said.casefold()), valid_from=None,
                defaults={"agent": agent, "confirmed": True},
            )  # fmt: skip


def _through_texts(one: Erasure, agent: Agent, called: list[str]) -> None:
    for model, columns, pk in _told(agent, called):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ccm.erasing = 'on'")
            row = model._default_manager.select_for_update(of=("self",)).filter(pk=pk).first()
            if row is not None and (changed := _changed(agent, row, columns, called)):
                model._default_manager.filter(pk=pk).update(**changed)
                if not _is_counted(agent, model, pk, is_done=True):
                    customers.note(one, Counter({model._meta.db_table: 1}))


def _told(agent: Agent, called: list[str]) -> Iterator[tuple[type[Model], list[str], Any]]:
    """Rows whose texts name the agent: the columns that are looked through, and the key."""
    if not called:
        return
    for model, columns in traces.texts():
        if model in (Agent, User, AgentAlias):
            continue
        for pk in _holding(model, columns, called):
            row = model._default_manager.filter(pk=pk).first()
            if row is not None and _changed(agent, row, columns, called):
                yield model, columns, pk


def _changed(agent: Agent, row: Model, columns: list[str], called: list[str]) -> dict[str, Any]:
    """What columns of a row say without the agent's name. One word alone may be any word: it is
    looked for in what somebody wrote of the agent, and nowhere else."""
    full = [one for one in called if not _is_a_word(one)]
    changed: dict[str, Any] = {}
    said = {name: getattr(row, name) for name in columns}
    if full:
        found = numbers.words(*full)
        for name, value in said.items():
            changed[name] = numbers.hidden(value, found, pseudonym(agent))
    if len(full) < len(called) and _leads_to(row, agent):
        found = numbers.words(*(one for one in called if _is_a_word(one)))
        for name, value in said.items():
            if not isinstance(type(row)._meta.get_field(name), JSONField):
                value = changed.get(name, value)
                changed[name] = numbers.hidden(value, found, pseudonym(agent))
    return {name: value for name, value in changed.items() if value != said[name]}


def _is_a_word(called: str) -> bool:
    return called.isalpha()


def _leads_to(row: Model, agent: Agent, steps: int = 2) -> bool:
    """Whether a row is of an agent, or of their account, or of another such row: as a comment of a
    review of a call."""
    for field in row._meta.concrete_fields:
        key = getattr(row, field.attname)
        if not field.is_relation or key is None:
            continue
        if field.related_model is Agent:
            if key == agent.pk:
                return True
        elif field.related_model is User:
            if key == agent.user_id:
                return True
        elif steps and isinstance(field.related_model, type):
            of = field.related_model._base_manager.filter(pk=key).first()
            if of is not None and _leads_to(of, agent, steps - 1):
                return True
    return False


def _holding(model: type[Model], columns: list[str], called: list[str]) -> list[Any]:
    meta = model._meta
    quote = connection.ops.quote_name
    text = " || ' ' || ".join(
        f"COALESCE({quote(customers.column_of(model, name))}::text, '')" for name in columns
    )
    assert meta.pk is not None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(customers.column_of(model, meta.pk.name))} FROM {quote(meta.db_table)}"
            f" WHERE lower({text}) LIKE ANY(%s)",
            [[f"%{_escaped(one.lower())}%" for one in called]],
        )
        return [row[0] for row in cursor.fetchall()]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@transaction.atomic
def _empty(one: Erasure, agent: Agent) -> None:
    """The agent's own row, and the account, which stays as whom reviews and sessions lead to."""
    user = agent.user
    gone = {"ccm_agent": int(agent.name != pseudonym(agent)), "ccm_user": int(user is not None)}
    customers.note(one, Counter(gone))
    agent.name, agent.employee_id, agent.skills, agent.user = pseudonym(agent), "", [], None
    agent.save(update_fields=["name", "employee_id", "skills", "user"])
    if user is None:
        return
    for relation in User._meta.related_objects:
        model = relation.related_model
        # What others keep of accounts: addresses, keys, logins.
        if model._meta.app_label not in OURS and not model._meta.auto_created:
            model._base_manager.filter(**{relation.field.name: user.pk}).delete()
    for model in apps.get_models():
        # Attempts to sign in, as others keep them, know the login alone.
        if model._meta.app_label not in OURS and "username" in _fields(model):
            keys = [user.username, user_key(user.pk)]
            model._default_manager.filter(username__in=keys).delete()
    user.groups.clear()
    user.sites.clear()
    user.user_permissions.clear()
    user.username, user.first_name, user.last_name = f"erased-{user.pk}", "", ""
    user.email, user.is_active, user.is_staff, user.is_superuser = "", False, False, False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.browser_sessions.all().delete()


def _fields(model: type[Model]) -> set[str]:
    return {one.name for one in model._meta.concrete_fields}
