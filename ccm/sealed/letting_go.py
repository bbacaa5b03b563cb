"""The oldest entries of the audit log are let go of by a rule of retention: from the first on, with
their seals, and with an anchor in their place that the chain goes on from.

The database does it (`ccm_let_go_of_audit`), which nobody gets to remove anything else, or anything
of the last year.
"""

from datetime import UTC, datetime, timedelta

import structlog
from django.db import connection, transaction

from ccm import audit, database
from ccm.models import AuditAnchor, AuditCheck, AuditEntry, AuditSeal, RetentionKind, RetentionRule

LEAST_DAYS = 365
"""The database has it, too."""
PIECES = 200
"""So many at most, each of 5,000 entries, in a night."""
FRESH = timedelta(days=2)
"""A check that found nothing wrong is believed for so long."""

log = structlog.get_logger(__name__)


def days_kept(now: datetime) -> int | None:
    """For how many days the log is kept by the rule in force; None: for ever."""
    begun = RetentionRule.objects.filter(
        kind=RetentionKind.AUDIT, site=None, starts_on__lte=now.astimezone(UTC).date()
    )
    last = begun.order_by("-starts_on").first()
    return None if last is None else last.days


def would_go(days: int, now: datetime) -> int:
    """How many entries would go, were so many days kept. Reads only."""
    stays = AuditSeal.objects.raw(
        "SELECT seal.place FROM ccm_auditseal seal LEFT JOIN ccm_auditentry entry"
        " ON entry.id = seal.entry WHERE entry.at IS NULL OR entry.at >= %s"
        " ORDER BY seal.place LIMIT 1",
        [now - timedelta(days=days)],
    )
    first = next((one.place for one in stays), None)
    if first is None:  # the last one stays in any case
        return max(0, AuditSeal.objects.count() - 1)
    return AuditSeal.objects.filter(place__lt=first).count()


def let_go(now: datetime) -> int:
    """Let go of what is out by the rule in force; how many entries that was. Safe to run twice, at
    once, and to be killed: a piece is a transaction with its entry in the log.

    Nothing goes where no check of the last two days found the whole chain as it was sealed: what is
    wrong with it must stay to be looked at.
    """
    days = days_kept(now)
    if days is None:
        return 0
    checked = AuditCheck.objects.order_by("-pk").first()
    if checked is None or checked.faults or checked.at < now - FRESH:
        log.warning("nothing of the audit log goes until its chain is found whole")
        return 0
    many = 0
    with database.alone("ccm.audit.letting_go") as alone:
        for _piece in range(PIECES if alone else 0):
            some = _let_go_of_piece(days, now)
            if not some:
                break
            many += some
    return many


@transaction.atomic
def _let_go_of_piece(days: int, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ccm_let_go_of_audit(%s)", [days])
        [some] = cursor.fetchone()
    if some:
        anchor = AuditAnchor.objects.latest("place")
        told = {
            "place": anchor.place, "hash": bytes(anchor.hash).hex(), "entries": anchor.entries,
            "days": days,
        }  # fmt: skip
        audit.note(None, anchor, AuditEntry.Action.REMOVED, after=told, now=now)
        log.info("audit_let_go", place=anchor.place, head=told["hash"], entries=anchor.entries)
    return int(some)
