"""An export of calls in the audit log: who took calls along, of what and of which days.

It is the one thing that a GET writes: what was only read of other people leaves the program here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values, names_in
from ccm.models import Agent, AuditEntry, Call, Queue, Site, User

MODEL = Call._meta.label_lower


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
) -> None:
    """Note that somebody exports calls of some days of a site, perhaps of a queue or an agent;
    or those behind a figure of it, of a `kpi`."""
    said = {
        "site": site.pk,
        "queue": queue and queue.pk,
        "agent": agent and agent.pk,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "kpi": kpi,
    }
    after = {name: value for name, value in said.items() if value}
    AuditEntry.objects.create(
        at=now,
        who=who,
        action=AuditEntry.Action.EXPORTED,
        model=MODEL,
        object_id="",
        after=after,
        names=names_in(MODEL, after),
    )


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by the name that its site has now."""
    words = _("Calls of %(site)s")
    return {
        one.pk: Told(words % {"site": names.of(Site, one.after["site"])})
        for one in entries
        if one.after
    }


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """Its days and its KPI, which are of no call."""
    labels = {"first": _("First day"), "last": _("Last day"), "kpi": _("KPI")}
    return (labels[name], str(value)) if name in labels else None
