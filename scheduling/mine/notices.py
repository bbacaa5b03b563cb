"""Tells people of what was published and of changes at short notice, by mail, each once.

What is new is found by what nobody was told of yet, whoever published or changed it, and the mark
that they were told is kept in the transaction that puts their mails out. Safe to run twice, beside
itself, and to be killed.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import DAY
from ccm.models import Agent
from ccm.outgoing import outbox
from kpis.mailings.letters import address
from scheduling.mine import words
from scheduling.mine.reads import today_of
from scheduling.models import KeptRoster, KeptShift, RosterEdit, RosterNotice, ShiftChange

log = logging.getLogger(__name__)
# What is older, nobody is told of any more: the pages have it.
REMEMBERED = timedelta(days=3)


def put_due(now: datetime) -> int:
    """Put out what nobody was told of yet; how many mails."""
    mails = 0
    for pk in list(_published(now).values_list("pk", flat=True)):
        mails += _held(_tell_published, pk, now)
    for pk in list(_changed(now).values_list("pk", flat=True)):
        mails += _held(_tell_changed, pk, now)
    return mails


def _published(now: datetime) -> QuerySet[Any]:
    told = RosterNotice.objects.filter(roster=OuterRef("pk"), edit=None)
    rows = KeptRoster.objects.published().filter(~Exists(told), published_at__gt=now - REMEMBERED)
    return rows.order_by("pk")


def _changed(now: datetime) -> QuerySet[Any]:
    told = RosterNotice.objects.filter(edit=OuterRef("pk"))
    short = ShiftChange.objects.filter(edit=OuterRef("pk"), is_published=True, is_short=True)
    rows = RosterEdit.objects.filter(~Exists(told), Exists(short), made_at__gt=now - REMEMBERED)
    return rows.order_by("pk")


def _held(tell: Callable[[int, datetime], int], pk: int, now: datetime) -> int:
    """One that cannot be told of holds up no other."""
    try:
        return tell(pk, now)
    except Exception:
        log.exception("%s %d", tell.__name__, pk)
        return 0


@transaction.atomic
def _tell_published(pk: int, now: datetime) -> int:
    roster = KeptRoster.objects.select_related("site").get(pk=pk)
    if not _is_first(roster, None, now):
        return 0
    shifts: dict[int, list[KeptShift]] = defaultdict(list)
    for one in roster.shifts.filter(agent__in=_mailed()).order_by("day"):
        shifts[one.agent_id].append(one)
    put = 0
    for agent in _mailed().filter(pk__in=shifts).select_related("site", "user"):
        # What is over already, as where a roster is published late, is no news.
        mine = [one for one in shifts[agent.pk] if one.day >= today_of(agent, now)]
        if not mine:
            continue
        first, last = (date_format(one, "j M") for one in (roster.first_day, roster.last_day))
        told = {"first": first, "last": last}
        subject = _("Your shifts from %(first)s to %(last)s") % told
        lines = [
            ngettext("You have %(n)s shift.", "You have %(n)s shifts.", len(mine))
            % {"n": len(mine)}
        ]
        zone = agent.site.calendar.zone
        lines += [
            f"{date_format(one.day, 'D j M')}: {words.clock(one.begins_at, one.ends_at, zone)}"
            for one in mine
        ]
        put += mail(f"roster {pk} published to {agent.pk}", agent, subject, lines, "my_schedule")
    return put


@transaction.atomic
def _tell_changed(pk: int, now: datetime) -> int:
    edit = RosterEdit.objects.select_related("roster__site").get(pk=pk)
    if not _is_first(edit.roster, edit, now):
        return 0
    changes: dict[int, list[ShiftChange]] = defaultdict(list)
    rows = edit.changes.filter(
        is_published=True, is_short=True, acknowledged_at=None, agent__in=_mailed()
    )
    for one in rows.order_by("day"):
        changes[one.agent_id].append(one)
    put = 0
    for agent in _mailed().filter(pk__in=changes).select_related("site", "user"):
        # Yesterday's night may still go on.
        mine = [one for one in changes[agent.pk] if one.day >= today_of(agent, now) - DAY]
        if not mine:
            continue
        zone = agent.site.calendar.zone
        lines = [
            f"{date_format(one.day, 'D j M')}: {words.change(one.before, one.after, zone)}"
            for one in mine
        ]
        lines.append(_("Please say on the page that you have seen it."))
        subject = _("Your shift on %(day)s has changed") % {
            "day": date_format(mine[0].day, "D j M")
        }
        put += mail(f"roster edit {pk} to {agent.pk}", agent, subject, lines, "my_schedule")
    return put


def _is_first(roster: KeptRoster, edit: RosterEdit | None, now: datetime) -> bool:
    """Whether nobody was told yet; of two at a time the second waits, and then is not."""
    _row, made = RosterNotice.objects.get_or_create(
        roster=roster, edit=edit, defaults={"made_at": now}
    )
    return made


def _mailed() -> QuerySet[Any]:
    """People with an account and an address of mail."""
    return Agent.objects.filter(user__is_active=True).exclude(user__email="")


def mail(key: str, agent: Agent, subject: str, lines: Iterable[str], page: str) -> bool:
    """Put out a mail to somebody that leads to a page, once by its key; whether it was put out now:
    who has no account or no address has none."""
    user = agent.user
    if user is None or not user.is_active or not user.email:
        return False
    body = "\n".join([*lines, "", address(page)]) + "\n"
    return outbox.mail(key, user.email, subject, body, site=agent.site)
