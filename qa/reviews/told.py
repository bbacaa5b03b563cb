"""How the log of changes tells of reviews, and of who heard a recording or took rows along."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ccm import exported
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Call, Site, User
from qa.models import Evaluation

REVIEW = Evaluation._meta.label_lower
RECORDING = "qa.recording"
# Who listens on, and asks for the next part of a file, is not noted anew.
LISTENS = timedelta(hours=1)


def heard(who: User, call: Call, now: datetime) -> None:
    """Note that somebody plays the recording of a call; once for as long as they may listen."""
    rows = AuditEntry.objects.filter(model=RECORDING, object_id=str(call.pk), who=who)
    if rows.filter(at__gt=now - LISTENS).exists():
        return
    AuditEntry.objects.create(
        at=now,
        who=who,
        action=AuditEntry.Action.EXPORTED,
        model=RECORDING,
        object_id=str(call.pk),
        after={"site": call.site_id, "agent": call.agent_id},
    )


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose review it is; of an export, of which site."""
    found = {}
    for one in entries:
        said: Values = one.after or one.before or {}
        if one.action == AuditEntry.Action.EXPORTED:
            site = said.get("site")
            where = _("all sites in reach") if site is None else names.of(Site, site)
            found[one.pk] = Told(_("Reviews of %(site)s") % {"site": where})
        else:
            agent = said.get("agent")
            whose = "–" if agent is None else names.of(Agent, agent)
            found[one.pk] = Told(_("Review of a call of %(agent)s") % {"agent": whose})
    return found


def tell_recordings(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose call was heard."""
    found = {}
    for one in entries:
        agent = (one.after or {}).get("agent")
        whose = "–" if agent is None else names.of(Agent, agent)
        found[one.pk] = Told(_("Recording of a call of %(agent)s") % {"agent": whose})
    return found


def write(values: Values, name: str, value: object) -> tuple[str, str] | None:
    """Values that are of no field: what an export says of itself."""
    if name in ("everywhere", "narrowed", "file", "first", "last"):
        return exported.write(values, name, value)
    return None
