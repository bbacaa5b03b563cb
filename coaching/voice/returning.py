"""What returns: which tags a site's comments have in some days and in as many before, and what
became of an item since it was noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ccm.access import scope_of
from ccm.intervals import DAY, Span, day_of, site_days
from ccm.models import Queue, Site, User
from coaching.models import Complaint, VoiceTag
from coaching.voice import changes, counting, reads
from coaching.voice.changes import Share
from kpis.noise import Change
from qa.models import Finding

FEWEST_DAYS_BEFORE = 28
"""An item is held against so many days before it was noticed at least."""
BEFORE, NOTICED, SINCE, DONE = "before", "noticed", "since", "done"


@dataclass(frozen=True, slots=True)
class Returning:
    """Shares of comments by tag in the days asked for, the changes from as many days before to
    them, and of which changes to tell."""

    shares: Mapping[int, Share]
    changes: Mapping[int, Change]
    told_of: frozenset[int]
    first_before: date
    last_before: date


def of(
    user: User, site: Site, first: date, last: date, tags: Sequence[VoiceTag], queue: Queue | None
) -> Returning:
    """Of comments as far as the user reads them. Two queries at most."""
    last_before = first - DAY
    first_before = last_before - (last - first)
    spans = [
        site_days(*each, site.calendar) for each in ((first, last), (first_before, last_before))
    ]
    ids = [tag.pk for tag in tags]
    now, before = counting.shares(
        site, spans, tags, queue=queue, agents=reads.people(user, site), not_on=scope_of(user).agent
    )
    made = {pk: changes.changed(now[pk], before[pk]) for pk in ids}
    return Returning(now, made, changes.told_of(made), first_before, last_before)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of an item: `of` is BEFORE, NOTICED, SINCE or DONE. `change`: from the days before it
    was noticed; None: it is those, or there is nothing to hold it against."""

    of: str
    first: date
    last: date
    share: Share
    change: Change | None = None


def since(complaint: Complaint, now: datetime) -> list[Stretch]:
    """What became of an item: its share of comments before it was noticed, then, since, and since
    it was done; each held against before.

    It was noticed since it was frequent: the days that it was noticed by are part of no comparison
    with what came after. One query.
    """
    finding = complaint.finding
    site = finding.site
    calendar = site.calendar
    length = max(complaint.last - complaint.first + DAY, timedelta(days=FEWEST_DAYS_BEFORE))
    made, today = day_of(finding.made_at, calendar), day_of(now, calendar)
    over = None
    if finding.state == Finding.State.DONE and finding.ended_at is not None:
        over = day_of(finding.ended_at, calendar)
    days: list[tuple[str, date, date]] = [
        (BEFORE, complaint.first - length, complaint.first - DAY),
        (NOTICED, complaint.first, complaint.last),
        (SINCE, max(made, complaint.last) + DAY, today if over is None else over),
    ]
    if over is not None:
        days.append((DONE, max(over, made, complaint.last) + DAY, today))
    kept = [one for one in days if one[1] <= one[2]]
    spans: list[Span] = [site_days(first, last, calendar) for _of, first, last in kept]
    tag = complaint.tag
    counted = counting.shares(site, spans, [tag], queue=complaint.queue)
    before = counted[0][tag.pk]
    return [
        Stretch(
            of, first, last, each[tag.pk],
            None if of == BEFORE else changes.changed(each[tag.pk], before),
        )
        for (of, first, last), each in zip(kept, counted, strict=True)
    ]  # fmt: skip
