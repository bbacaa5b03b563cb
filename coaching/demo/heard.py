"""What callers of a demo write beside their scores, and what becomes of it: tags, a matter that
returns with whoever sees to it, and a rule by which callers would be asked.

What somebody writes fits the call: that they waited (and how long), were passed on, or have nothing
settled is written only where the record says so, and the day of the week is the call's.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ccm.demo.centre import SOURCE
from ccm.intervals import DAY, day_of, site_days
from ccm.models import Queue, Site, SurveyResponse, Topic
from coaching.asking import services as asking
from coaching.demo.people import People, at, words
from coaching.models import AskingRule, Complaint, VoiceTag
from coaching.voice import counting, services
from coaching.voice.services import Noticed
from qa.findings import services as findings
from qa.models import Finding

_DAYS = 75
"""Of so many days callers' comments are known."""
_WRITE = {1: 0.4, 2: 0.35, 3: 0.12, 4: 0.08, 5: 0.14}
"""What share of those who gave a score write something, too."""
_AND_MORE = 0.35
"""What share of them says a word more."""
_LONG_WAIT_MS = 150_000
_SPANISH = "bogota"
_MATTER_DAYS, _MATTER_AGO = 28, 12
_ROWS = 500


def write(people: People, now: datetime) -> None:
    """All of it. Safe to run twice."""
    for site in Site.objects.filter(pk__in={one.team.site_id for one in people.teams}):
        _comments(site, people, now)
        _tags(site, people, now)
    _matter(people, now)
    _asking(people, now)


def _comments(site: Site, people: People, now: datetime) -> None:
    """Give answers of the demo's calls words, some at a time; those that have some keep them."""
    rows = SurveyResponse.objects.filter(
        site=site, kind="csat", comment="", answered_at__gte=now - _DAYS * DAY, answered_at__lt=now,
        call__source=SOURCE, source=SOURCE,
    )  # fmt: skip
    said = _words(site)
    solved = _solved(site, now)
    topics = dict(Topic.objects.values_list("pk", "name"))
    made: list[SurveyResponse] = []
    for one in rows.select_related("call", "site").iterator(chunk_size=2_000):
        key = one.call_ref or str(one.call_id)
        if people.chance("writes", key) >= _WRITE.get(int(one.score), 0):
            continue
        topic = topics.get(one.call.topic_id or 0, "") if one.call is not None else ""
        one.comment = _said(one, key, topic, solved, said, people)
        made.append(one)
        if len(made) == _ROWS:
            SurveyResponse.objects.bulk_update(made, ["comment"])
            made = []
    SurveyResponse.objects.bulk_update(made, ["comment"])


def _words(site: Site) -> dict[str, Any]:
    """In the language of a site's callers."""
    found: dict[str, Any] = words("voice")["es" if site.slug == _SPANISH else "en"]
    return found


def _solved(site: Site, now: datetime) -> dict[Any, float]:
    """By call, whether its caller says that their matter was settled."""
    rows = SurveyResponse.objects.filter(
        site=site, kind="fcr", answered_at__gte=now - _DAYS * DAY, call__isnull=False
    )
    return dict(rows.values_list("call", "score"))


def _said(
    one: SurveyResponse,
    key: str,
    topic: str,
    solved: dict[Any, float],
    said: dict[str, Any],
    people: People,
) -> str:
    call = one.call
    assert call is not None
    if one.score == 3:
        parts = [people.one_of(said["middle"], "said", key)]
    elif one.score >= 4:
        parts = [people.one_of(said["high"], "said", key)]
    else:
        pools = list(_pools(one, topic, solved, said))
        parts = [people.one_of(people.one_of(pools, "pool", key), "said", key)]
        if len(pools) > 2 and people.chance("more", key) < 0.3:
            others = [pool for pool in pools if parts[0] not in pool]
            parts.append(people.one_of(people.one_of(others, "other", key), "and", key))
    if one.score != 3 and people.chance("after", key) < _AND_MORE:
        after = said["after"]["high" if one.score >= 4 else "low"]
        parts.append(people.one_of(after, "last", key))
    minutes = (call.wait_ms or 0) // 60_000
    day = said["days"][call.offered_at.astimezone(one.site.tz).weekday()]
    return " ".join(part.format(minutes=minutes, day=day) for part in parts)


def _pools(
    one: SurveyResponse, topic: str, solved: dict[Any, float], said: dict[str, Any]
) -> Iterator[list[str]]:
    """What somebody who is not content could write of this call."""
    call = one.call
    assert call is not None
    yield said["low"]
    if topic in said["topics"]:
        yield said["topics"][topic]
        yield said["topics"][topic]
    if call.wait_ms is not None and call.wait_ms >= _LONG_WAIT_MS:
        yield said["waited"]
    if call.transfer_kind:
        yield said["passed"]
    if solved.get(call.pk) == 0:
        yield said["open"]


@transaction.atomic
def _tags(site: Site, people: People, now: datetime) -> None:
    if VoiceTag.objects.filter(site=site).exists():
        return
    for place, (name, text) in enumerate(_words(site)["tags"]):
        then = at(site, now, 50 - place, 15)
        services.make_tag(VoiceTag(site=site, name=name, words=text), people.manager, then)


@transaction.atomic
def _matter(people: People, now: datetime) -> None:
    """What returned in comments on the first queue, noticed some days ago, is the manager's to see
    to, who has begun."""
    site, said = people.site, words("voice")
    tag = VoiceTag.objects.standing().filter(site=site, name=said["en"]["tags"][0][0]).first()
    queue = Queue.objects.filter(site=site, name="Billing").first()
    if tag is None or queue is None or Complaint.objects.filter(tag=tag).exists():
        return
    then = at(site, now, _MATTER_AGO, 15)
    last = day_of(then, site.calendar) - DAY
    first = last - (_MATTER_DAYS - 1) * DAY
    span = site_days(first, last, site.calendar)
    share = counting.shares(site, [span], [tag], queue=queue)[0][tag.pk]
    if not share.having:
        return
    text = said["matter"]
    finding = Finding(
        site=site, kind=Finding.Kind.PRODUCT, title=text["title"], words=text["words"], queue=queue,
        owner=people.manager, due_on=day_of(then, site.calendar) + 30 * DAY,
    )  # fmt: skip
    noticed = Noticed(tag, queue, first, last, share)
    made = services.make_item(finding, noticed, people.supervisor, then)
    state, when = Finding.State.DOING, then + 3 * DAY
    findings.note(
        made.finding_id, text["note"], people.manager, when, state=state,
        revision=made.finding.revision,
    )  # fmt: skip


@transaction.atomic
def _asking(people: People, now: datetime) -> None:
    """A rule that drew once, as a list that nobody took along, and is switched off: nothing leaves
    the centre, and nobody is asked any more."""
    site, name = people.site, words("voice")["rule"]
    if AskingRule.objects.filter(site=site, name=name).exists():
        return
    queues = list(Queue.objects.filter(site=site, name__in=("Billing", "Claims")))
    rule = AskingRule(site=site, name=name, questions=["csat", "fcr"], share="0.0300")
    rule = asking.make(rule, queues, people.manager, now - timedelta(hours=30))
    asking.draw(rule, now - timedelta(minutes=30))
    said = {one: getattr(rule, one) for one in asking.FIELDS} | {"is_on": False}
    asking.change(rule.pk, said, queues, rule.revision, people.manager, now)
