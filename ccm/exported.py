"""An export in the audit log: who took records of others along, of what and of which days.

It is the one thing that a GET writes: what was only read of other people leaves the program here.
Rows about people are noted whether they leave as a file or as an answer of the API: where a list
has both, both are.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Model
from django.utils.translation import gettext as _

from ccm import long_reads
from ccm.audit import Names, Told, Values, models_words, names_in
from ccm.models import Agent, AuditEntry, Call, ImportBatch, Queue, Site, User
from ccm.plans import aims
from ccm.templatetags.figures import DASH

MODEL = Call._meta.label_lower
CSV, API = "csv", "api"
"""As what they were taken along: a file, or an answer to a program."""
AGENTS = Agent._meta.label_lower
EXPORTED = str(AuditEntry.Action.EXPORTED)


def calls(
    who: User,
    site: Site,
    first: date,
    last: date,
    now: datetime,
    *,
    queue: Queue | None = None,
    agent: Agent | None = None,
    kpi: str = "",
    side: str = "",
    narrowed: bool = False,
    file: str = CSV,
) -> None:
    """Note that somebody exports calls of some days of a site, perhaps of a queue or an agent;
    or those behind a figure of it, of a `kpi`, and on which `side` of it."""
    said = {
        "site": site.pk,
        "queue": queue and queue.pk,
        "agent": agent and agent.pk,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "kpi": kpi,
        "side": side,
        "narrowed": narrowed,
        "file": file,
    }
    after = {name: value for name, value in said.items() if value}
    _note(who, MODEL, after, now)


def figures(
    who: User, sites: Iterable[Site], first: date, last: date, now: datetime, file: str = CSV
) -> None:
    """Note that somebody exports figures of single agents of these sites: an entry a site."""
    for site in sites:
        said = {"site": site.pk, "first": first.isoformat(), "last": last.isoformat()}
        _note(who, AGENTS, said | {"figures": True, "file": file}, now)


def listed(
    who: User,
    model: type[Model] | str,
    site: Site | None,
    narrowed: bool,
    now: datetime,
    *,
    file: str = CSV,
    agent: int | None = None,
) -> None:
    """Note that somebody exports a list of rows about people, of a model or of what is called
    otherwise (`audit.call`); `narrowed`, a part of it; those of one `agent`, where they can have no
    others'. What it was narrowed by may be a name, and is not kept."""
    said = {
        "site": site and site.pk,
        "agent": agent,
        "everywhere": site is None,
        "narrowed": narrowed,
        "file": file,
    }
    after = {name: value for name, value in said.items() if value}
    _note(who, model if isinstance(model, str) else model._meta.label_lower, after, now)


def lines(who: User, batch: ImportBatch, what: str, now: datetime) -> None:
    """Note that somebody exports lines of an import: `what` is "rejected" or "issues"."""
    _note(who, batch._meta.label_lower, {"site": batch.site_id, "lines": what}, now, str(batch.pk))


def _note(who: User, model: str, after: Values, now: datetime, object_id: str = "") -> None:
    if long_reads.is_rehearsal():
        return  # it is noted when it is sent
    AuditEntry.objects.create(
        at=now,
        who=who,
        action=AuditEntry.Action.EXPORTED,
        model=model,
        object_id=object_id,
        after=after,
        names=names_in(model, after),
    )


def tell_lists(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each list as "Agents of Leeds", whatever its rows are."""
    found = {}
    for one in entries:
        said = one.after or {}
        if not said or one.object_id:
            continue  # of a row, as an import's lines
        site = said.get("site")
        where = _("all sites in reach") if site is None else names.of(Site, site)
        words = {"what": models_words(one.model), "site": where}
        found[one.pk] = Told(_("%(what)s of %(site)s") % words)
    return found


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by the name that its site has now."""
    words = _("Calls of %(site)s")
    return {
        one.pk: Told(words % {"site": names.of(Site, one.after["site"])})
        for one in entries
        if one.after
    }


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """What is of the export and of no row: its days, its KPI, how much of what, and as what."""
    labels = {"first": _("First day"), "last": _("Last day")}
    if name in labels:
        return labels[name], str(value)
    if name == "kpi":
        aim = aims.known().get(str(value))
        return _("KPI"), str(aim.name if aim else value)
    if name == "side":
        return _("Calls"), _sides().get(str(value), str(value))
    if name == "file":
        return _("File"), _("answer of the API") if value == API else str(value).upper()
    if name == "everywhere":
        return _("Sites"), _("all in reach")
    if name == "lines":
        words = {"rejected": _("rejected rows"), "issues": _("what was wrong with its lines")}
        return _("Exported"), words.get(str(value), str(value))
    marks = {"figures": _("Figures of each"), "narrowed": _("Narrowed by filters")}
    return (marks[name], _("yes") if value else DASH) if name in marks else None


def _sides() -> dict[str, str]:
    """The sides of a figure that calls can be on."""
    return {
        "numerator": _("those in its numerator"),
        "denominator": _("those in its denominator"),
        "rest": _("those in its denominator alone"),
        "left_out": _("those not counted"),
        "all": _("all"),
    }
