"""Writes transcripts: each of many by itself, made safe before anything of it is kept."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import scope_of
from ccm.models import AgentAlias, Call, User
from qa.access import kept_sites
from qa.models import CallTranscript, QualityRules
from qa.transcribed.sent import Given
from qa.transcribed.words import misread
from qa.transcripts import (
    ALL,
    TELLING,
    Kind,
    Misread,
    Speaker,
    Transcript,
    as_json,
    language_tag,
    read,
    redacted,
)

# Of a site's country these postcodes are hidden too. Those that are digits alone would hide
# numbers of orders and accounts, which reviews are about.
_WITH_SIGNS = frozenset({"IE", "NL", "PL", "PT"})
_UNSAID = ("id", "lines", "digest", "checked_at", "made_by")


class What(StrEnum):
    """What became of a transcript."""

    STORED = "stored"
    UPDATED = "updated"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one, where it was; of one that is refused why, at which line (or entry of
    JSON) and what stands there. `hidden` counts what was made unreadable."""

    place: str
    what: What
    words: str = ""
    call: UUID | None = None
    line: int | None = None
    entry: int | None = None
    value: str = ""
    lines: int = 0
    hidden: int = 0


def keep(
    given: Sequence[Given],
    who: User,
    now: datetime,
    *,
    language: str = "",
    site: int | None = None,
    kept: Callable[[], None] = lambda: None,
) -> list[Fate]:
    """Keep transcripts of calls of sites that the user keeps reviews of (of one `site` of them),
    each in a transaction of its own; the fate of each, in their order. `kept` is called after the
    last that tells anything new, so that it is checked soon. Sent twice, the second is the same."""
    calls = _calls(given, who, site)
    rules: dict[int, QualityRules] = {}
    names = _names(call for call in calls if isinstance(call, Call))
    fates = []
    for one, call in zip(given, calls, strict=True):
        if one.wrong:
            fates.append(Fate(one.place, What.REFUSED, one.wrong))
        elif not isinstance(call, Call):
            fates.append(Fate(one.place, What.REFUSED, call, value=_said(one)))
        else:
            if call.site_id not in rules:
                rules[call.site_id] = _rules(call.site_id)
            fates.append(_keep(one, call, rules[call.site_id], names, who, now, language))
    if any(one.what in (What.STORED, What.UPDATED) for one in fates):
        transaction.on_commit(kept)
    return fates


@transaction.atomic
def remove(transcript: CallTranscript, who: User, now: datetime) -> bool:
    """Forget a transcript, and what was made of it; False where it is gone already."""
    there = CallTranscript.objects.select_for_update().filter(pk=transcript.pk).first()
    if there is None:
        return False
    before, pk = values(there), there.pk
    there.delete()
    there.pk = pk
    audit.record(who, there, before=before, after=None, now=now)
    return True


def values(transcript: CallTranscript) -> dict[str, Any]:
    """What the log of changes keeps of a transcript: nothing of what was said."""
    said = audit.values_of(transcript, _UNSAID)
    return said | {"masked": sum(transcript.masked.values()), "lines": len(transcript.lines)}


def why_not(call: Call, rules: QualityRules) -> str:
    """Why what was said on a call may not be kept, in words; empty: it may."""
    if call.consent is False:
        return _("The caller did not agree to be recorded.")
    if call.consent is None and rules.asks_consent:
        return _("Nobody knows whether the caller agreed to be recorded.")
    return ""


def _keep(
    one: Given,
    call: Call,
    rules: QualityRules,
    names: Mapping[int, Mapping[str, Speaker]],
    who: User,
    now: datetime,
    language: str,
) -> Fate:
    if why := why_not(call, rules):
        return Fate(one.place, What.REFUSED, why, call.pk)
    try:
        told = read(one.text, one.form, speakers=names.get(call.agent_id or 0))
    except Misread as wrong:
        return Fate(
            one.place, What.REFUSED, misread(wrong), call.pk, wrong.line, wrong.entry, wrong.value
        )
    safe = redacted(told, _kinds(rules), countries=_countries(call))
    tag = language_tag(one.language) or safe.transcript.language or language_tag(language) or ""
    hidden = {kind.value: many for kind, many in safe.counts.items() if many}
    fields = {
        "site_id": call.site_id,
        "queue_id": call.queue_id,
        "agent_id": call.agent_id,
        "called_at": call.offered_at,
        "language": tag,
        "lines": as_json(safe.transcript),
        "masked": hidden,
        "digest": _digest(safe.transcript, tag),
    }
    try:
        what = _write(call, fields, who, now)
    except IntegrityError:
        # Sent twice at once: the first of the two is there.
        what = _write(call, fields, who, now)
    return Fate(
        one.place, what, "", call.pk, lines=len(safe.transcript.lines), hidden=sum(hidden.values())
    )


@transaction.atomic
def _write(call: Call, fields: Mapping[str, Any], who: User, now: datetime) -> What:
    rows = CallTranscript.objects.select_for_update().filter(call=call.pk)
    there: CallTranscript | None = rows.first()
    if there is None:
        there = CallTranscript.objects.create(call_id=call.pk, made_by=who, made_at=now, **fields)
        audit.record(who, there, before=None, after=values(there), now=now)
        return What.STORED
    if there.digest == fields["digest"]:
        return What.SAME
    before = values(there)
    for name, value in fields.items():
        setattr(there, name, value)
    there.made_by, there.made_at, there.checked_at = who, now, None
    there.save()
    # They are about other words.
    there.suggestions.all().delete()
    audit.record(who, there, before=before, after=values(there), now=now)
    return What.UPDATED


def _rules(site: int) -> QualityRules:
    return QualityRules.objects.filter(site=site).first() or QualityRules(site_id=site)


def _kinds(rules: QualityRules) -> frozenset[Kind]:
    """What a site has hidden: everything, where it does not say."""
    known = {kind.value: kind for kind in Kind}
    return frozenset(known[one] for one in rules.masked if one in known) or ALL


def _countries(call: Call) -> frozenset[str]:
    return TELLING | ({call.site.country} & _WITH_SIGNS)


def _digest(transcript: Transcript, language: str) -> str:
    plain = json.dumps([language, as_json(transcript)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def _said(one: Given) -> str:
    return str(one.call) if one.call else one.external_id


def _calls(given: Sequence[Given], who: User, site: int | None = None) -> list[Call | str]:
    """The call of each, or in words why there is none. Three queries, however many they are."""
    reach = _reach(who) if site is None else _reach(who).filter(site=site)
    ids = {one.call for one in given if one.call and not one.wrong}
    by_id = {call.pk: call for call in reach.filter(pk__in=ids)} if ids else {}
    named = {one.external_id for one in given if one.external_id and not one.wrong}
    by_name: dict[str, list[Call]] = defaultdict(list)
    if named:
        # Most sources call a contact by its only call's id, and of contacts there is an index.
        for call in reach.filter(linked_id__in=named, external_id__in=named):
            by_name[call.external_id].append(call)
        if left := named - by_name.keys():
            for call in reach.filter(external_id__in=left):
                by_name[call.external_id].append(call)
    return [_call(one, by_id, by_name) for one in given]


def _call(
    one: Given, by_id: Mapping[UUID, Call], by_name: Mapping[str, Sequence[Call]]
) -> Call | str:
    if one.wrong:
        return one.wrong
    if one.call:
        return by_id.get(one.call) or _(
            "There is no such call within reach. A transcript is sent after its call."
        )
    if not one.external_id:
        return _("It does not say which call it is of.")
    found = [call for call in by_name.get(one.external_id, ()) if one.source in ("", call.source)]
    if not found:
        return _("There is no such call within reach. A transcript is sent after its call.")
    answered = [call for call in found if call.agent_id is not None]
    if len(found) > 1 and len(answered) != 1:
        return _("%(n)s calls have this id: say which by its own id.") % {"n": len(found)}
    return found[0] if len(found) == 1 else answered[0]


def _reach(who: User) -> QuerySet[Call]:
    scope = scope_of(who)
    rows: QuerySet[Call] = Call.objects.select_related("site", "agent")
    return rows if scope.everything else rows.filter(site__in=kept_sites(scope))


def _names(calls: Iterable[Call]) -> dict[int, dict[str, Speaker]]:
    """What agents are called by: their names, and those that sources have for them."""
    found: dict[int, dict[str, Speaker]] = {}
    for call in calls:
        if call.agent is not None:
            found[call.agent.pk] = {call.agent.name: Speaker.AGENT}
    rows = AgentAlias.objects.filter(agent__in=found)
    for agent, name in rows.values_list("agent", "raw_name"):
        found[agent][name] = Speaker.AGENT
    return found
