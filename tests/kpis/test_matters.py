"""How long a caller's matter takes until a contact resolves it."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.intervals import DAY, day_of, site_day
from ccm.models import Call, Topic
from kpis import rollups
from kpis.models import KpiChoice
from kpis.passports import listing, passport
from kpis.passports.listing import DENOMINATOR, LEFT_OUT, NUMERATOR, REST, Narrowed
from kpis.passports.passport import Scope
from kpis.reads.matters import matters
from kpis.reads.reading import Selection
from kpis.report import Question, answer
from kpis.rollups import repeats
from kpis.sums.matters import HAPPENED, OPEN, RULED_OUT, Matters
from kpis.sums.repeats import SCOPES
from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent
from tests.examples import examples
from tests.kpis.test_repeats import CLOCKS, CROWDS, contacts, first_told, from_caller, lay_down
from tests.kpis.test_verify_paths import differing
from tests.oracle.polars_against import compare_matters

MARCH = date(2026, 3, 1)
# A call waits ten seconds and is talked for two minutes.
ONE_CALL = 130
HOUR = timedelta(hours=1)


def asked(site, first=MARCH, last=date(2026, 3, 31), **more):
    (row,) = answer(Question([site], first, last, kpis=["resolution_time"], **more))
    return row.figures["resolution_time"]


def parts(figure):
    return [part.value for part in figure.made_of]


def the_end(queue, at):
    """The record goes on until then; that day is not over."""
    a_call(queue, at, caller_hash="")
    rollups.rebuild()


@pytest.mark.django_db
def test_the_median_of_matters_of_which_one_is_open_and_one_can_never_be_resolved():
    """Of four one is resolved in its first call, after 130 s; one by the second, two days and 130 s
    after the first began; one is not resolvable, known after 130 s; one is open for 19 days.
    Shares: 1/4 by 130 s, with two of four left; by the 48th hour 1/2 x 1/2 = 1/4 more: half."""
    queue = a_queue()
    from_caller(queue, "ann", NINE, resolved=True)
    from_caller(queue, "bob", NINE, resolved=False)
    from_caller(queue, "bob", NINE + 2 * DAY, resolved=True)
    from_caller(queue, "cid", NINE, resolved=False, resolvable=False)
    from_caller(queue, "dan", NINE, resolved=False)
    from_caller(queue, "eve", NINE)  # nobody says
    the_end(queue, NINE + 20 * DAY)
    told = asked(queue.site)
    assert (told.value, told.n, told.of, told.unit) == (48 * 3600, 4, "matters", "seconds")
    assert told.precision == "to the hour"
    assert parts(told) == [2, 1, 1]
    assert [(str(words), n) for words, n, *_ in told.left_out] == [
        ("matter of which nobody says whether it was resolved", 1)
    ]
    assert asked(queue.site, queues=[queue]).value == told.value
    assert asked(queue.site, first=NINE.date() + DAY).n == 0


@pytest.mark.django_db
def test_a_call_that_nobody_answered_does_not_say_what_became_of_the_matter():
    """Ann hangs up, and a system writes that it cannot be resolved; a day later it is, after 130 s.
    Bob hangs up, and a system writes that it was resolved: of that nobody says anything."""
    queue = a_queue()
    said = {"wait": 5, "talk": None, "outcome": "abandoned"}
    from_caller(queue, "ann", NINE, resolvable=False, **said)
    from_caller(queue, "ann", NINE + DAY, resolved=True)
    from_caller(queue, "bob", NINE, resolved=True, **said)
    the_end(queue, NINE + 20 * DAY)
    told = asked(queue.site)
    assert (told.value, told.n, parts(told)) == (24 * 3600, 1, [1, 0, 0])
    assert differing(queue.site, NINE.date(), NINE.date() + DAY) == []


@pytest.mark.django_db
@pytest.mark.parametrize("matter", ["queue", "any"])
def test_a_call_that_never_came_to_a_queue_ends_no_contact(matter):
    """Ann's matter is resolved after 130 s; a quarter hour later she hangs up in the menu."""
    queue = a_queue()
    KpiChoice.objects.create(
        kpi="resolution_time", parameters={"matter": matter}, valid_from=date(2000, 1, 1)
    )
    from_caller(queue, "ann", NINE, resolved=True, linked_id="one")
    later = NINE + timedelta(minutes=15)
    from_caller(queue, "ann", later, linked_id="one", wait=5, talk=None, outcome="left_ivr")
    the_end(queue, NINE + 20 * DAY)
    assert asked(queue.site).value == 130
    assert differing(queue.site, NINE.date(), NINE.date()) == []


@pytest.mark.django_db
def test_a_contact_within_a_week_of_the_last_is_of_the_same_matter():
    """Contacts on days 0, 6 and 12: twelve days. On days 0 and 8: two matters, one open."""
    queue = a_queue()
    for day, resolved in ((0, False), (6, False), (12, True)):
        from_caller(queue, "ann", NINE + day * DAY, resolved=resolved)
    the_end(queue, NINE + 40 * DAY)
    assert asked(queue.site).value == 12 * 24 * 3600
    for day, resolved in ((0, False), (8, True)):
        from_caller(queue, "bob", NINE + day * DAY, resolved=resolved)
    the_end(queue, NINE + 40 * DAY)
    told = asked(queue.site)
    assert (parts(told), told.value) == ([2, 0, 1], 12 * 24 * 3600)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("talks", "resolved", "ends"),
    [
        # Ann rings again a minute after she began. Both calls resolve it: the shorter, from
        # 9:01:10 to 9:02:00, before the longer, which was to go on to 9:10:10.
        ((600, 50), (True, True), ([1, 0, 0], 120)),
        # The longer one would have said that it can never be.
        ((600, 50), (False, True), ([1, 0, 0], 120)),
        ((600, 50), (True, False), ([0, 1, 0], None)),
        # Both are over at 9:02:10.
        ((120, 60), (True, False), ([1, 0, 0], 130)),
        ((120, 60), (False, True), ([1, 0, 0], 130)),
    ],
)
def test_of_contacts_that_overlap_the_first_to_be_over_ends_the_matter(talks, resolved, ends):
    """Program and oracle, with which the days of the demo centre are compared."""
    queue = a_queue()
    for minute, talk, is_resolved in zip((0, 1), talks, resolved, strict=True):
        at = NINE + timedelta(minutes=minute)
        said = {"resolved": is_resolved, "resolvable": is_resolved}
        from_caller(queue, "ann", at, talk=talk, **said)
    the_end(queue, NINE + 40 * DAY)
    told = asked(queue.site)
    assert (parts(told), told.value) == ends
    day = NINE.date()
    assert compare_matters(queue.site, day, day, "queue").found == []


@pytest.mark.django_db
def test_what_is_said_of_a_matter_after_thirty_days_is_said_too_late():
    """Contacts on days 0, 7, ..., 35: of the last alone somebody says that it was resolved."""
    queue = a_queue()
    for day in range(0, 36, 7):
        from_caller(queue, "ann", NINE + day * DAY, resolved=True if day == 35 else None)
    the_end(queue, NINE + 60 * DAY)
    told = asked(queue.site)
    assert (told.n, [n for _words, n, *_ in told.left_out]) == (0, [1])


@pytest.mark.django_db
def test_a_number_is_shared_or_not_when_the_matter_begins():
    """Ann's first contact is 35 days before a day of eleven, her second, which resolves it, 28."""
    queue = a_queue()
    from_caller(queue, "ann", NINE, resolved=False)
    from_caller(queue, "ann", NINE + 7 * DAY, resolved=True)
    for hour in range(11):
        from_caller(queue, "ann", NINE + 35 * DAY + hour * HOUR, resolved=True)
    the_end(queue, NINE + 80 * DAY)
    told = asked(queue.site, last=NINE.date() + 60 * DAY)
    assert (told.value, told.n) == (7 * 24 * 3600, 1)


@pytest.mark.django_db
def test_a_matter_at_the_end_of_a_record_is_watched_on_when_it_goes_on_months_later():
    """Open since the day before the newest: a day is known of it. In June 30 days are."""
    queue = a_queue()
    from_caller(queue, "ann", NINE, resolved=False)
    from_caller(queue, "bob", NINE + DAY, resolved=False)
    rollups.rebuild()
    assert matters_of(queue.site, NINE.date(), NINE.date() + DAY) == {(OPEN, 54_000): 1}
    a_call(queue, NINE + 90 * DAY, caller_hash="")
    day = NINE.date() + 90 * DAY
    rollups.refresh(rollups.Stretch(queue.site, day, day))
    repeats.recount(queue.site)
    found = matters_of(queue.site, NINE.date(), NINE.date() + DAY)
    assert found == {(OPEN, 30 * 24 * 3600): 2}


def matters_of(site, first, last):
    return matters(Selection([site.pk], first, last), ("total",))[(None,)]["queue"].ended


@pytest.mark.django_db
def test_what_is_one_matter_can_be_chosen():
    """The second call is on another queue: by the queue the first matter is open; of any, not."""
    sales = a_queue()
    help_ = a_queue(sales.site)
    from_caller(sales, "ann", NINE, resolved=False)
    from_caller(help_, "ann", NINE + DAY, resolved=True)
    the_end(sales, NINE + 40 * DAY)
    assert parts(asked(sales.site)) == [1, 0, 1]
    KpiChoice.objects.create(kpi="resolution_time", parameters={"matter": "any"}, valid_from=MARCH)
    told = asked(sales.site)
    assert (parts(told), told.value) == ([1, 0, 0], 24 * 3600)


@pytest.mark.django_db
def test_a_day_on_which_a_matter_begins_by_topic_alone_has_its_row():
    """By the queue the second call goes on with the first; it is the first of its topic."""
    queue = a_queue()
    from_caller(queue, "ann", NINE, resolved=False)
    from_caller(queue, "ann", NINE + DAY, resolved=True, topic=Topic.objects.create(name="Bill"))
    the_end(queue, NINE + 40 * DAY)
    KpiChoice.objects.create(
        kpi="resolution_time", parameters={"matter": "topic"}, valid_from=MARCH
    )
    rows = answer(
        Question([queue.site], MARCH, MARCH + 9 * DAY, by="day", kpis=["resolution_time"])
    )
    assert [one.figures["resolution_time"].value for one in rows] == [None, ONE_CALL]


@pytest.mark.django_db
def test_fewer_than_half_resolved_is_not_yet_known_and_so_is_an_unfinished_day():
    queue = a_queue()
    from_caller(queue, "ann", NINE, resolved=True)
    for caller in ("bob", "cid"):
        from_caller(queue, caller, NINE, resolved=False)
    from_caller(queue, "dan", NINE + DAY, resolved=True)
    rollups.rebuild()
    told = asked(queue.site)
    assert (told.value, told.n) == (None, 3)
    assert told.reason == "not yet known: fewer than half of them are resolved"
    assert [n for _words, n, *_ in told.left_out] == [1]
    # A month later nothing is watched any longer: what was open after 30 days stays so.
    the_end(queue, NINE + 60 * DAY)
    assert (asked(queue.site).value, parts(asked(queue.site))) == (ONE_CALL, [2, 0, 2])


@pytest.mark.django_db
def test_of_an_agent_and_by_the_hour_no_matter_is_told():
    queue = a_queue()
    from_caller(queue, "ann", NINE, resolved=True)
    the_end(queue, NINE + DAY)
    (row,) = answer(Question([queue.site], MARCH, NINE.date(), by="hour", kpis=["resolution_time"]))
    assert row.figures["resolution_time"].reason == (
        "this is not known by such rows and columns: a caller's matter is told by site, queue,"
        " channel and day"
    )
    rows = answer(Question([queue.site], MARCH, NINE.date(), by="day", kpis=["resolution_time"]))
    assert [one.figures["resolution_time"].value for one in rows] == [ONE_CALL]


def by_hand(site, first, last, scope):
    """Matters of the site from the words: entries of each caller in order, one after the other."""
    calendar = site.calendar
    rows = Call.objects.filter(site=site).select_related("queue", "topic")
    by_contact = defaultdict(list)
    for one in rows.order_by("offered_at", "id"):
        by_contact[one.linked_id].append(one)
    newest = max(one.offered_at for one in rows)
    last_whole = day_of(newest, calendar) - DAY
    until = site_day(last_whole, calendar).end
    known = []
    for visits in by_contact.values():
        entered = [one for one in visits if one.outcome != "busy"]
        if entered:
            told = [{"caller": one.caller_hash, "topic": one.topic_id} for one in visits]
            known.append((visits, entered, first_told(told, "caller"), first_told(told, "topic")))
    a_day = Counter(
        (caller, day_of(entered[0].offered_at, calendar)) for _v, entered, caller, _t in known
    )
    entries = defaultdict(list)
    for visits, entered, caller, topic in known:
        own_day = day_of(entered[0].offered_at, calendar)
        crowded = any(
            n > 10 and who == caller and abs((busy - own_day).days) <= 30
            for (who, busy), n in a_day.items()
        )
        if not caller or (scope == "topic" and topic is None):
            continue
        if scope == "queue":
            for queue in {one.queue_id for one in entered}:
                of_queue = [one for one in entered if one.queue_id == queue]
                of = (of_queue[0].offered_at, visits[0].id, of_queue, crowded)
                entries[caller, queue].append(of)
        else:
            about = topic if scope == "topic" else None
            entries[caller, about].append((entered[0].offered_at, visits[0].id, entered, crowded))
    ended, untold, young = Counter(), 0, 0
    for many in entries.values():
        chains, before = [], None
        for moment, _id, visits, crowded in sorted(many, key=lambda one: one[:2]):
            if before is None or moment - before > 7 * DAY:
                chains.append((crowded, []))
            if moment - (chains[-1][1] or [(moment,)])[0][0] <= 30 * DAY:
                chains[-1][1].append((moment, visits))
            before = moment
        for begun_crowded, chain in chains:
            if begun_crowded:
                continue
            begun = chain[0][0]
            day = day_of(begun, calendar)
            if not first <= day <= last:
                continue
            chain = [
                (moment, visits, [one for one in visits if one.outcome == "answered"])
                for moment, visits in chain
            ]
            is_told = any(one.resolved is not None for *_m, spoke in chain for one in spoke)
            if day > last_whole:
                young += 1
                continue
            if not is_told:
                untold += 1
                continue
            how, at = OPEN, min(begun + 30 * DAY, until)
            for _moment, visits, spoke in chain:
                end = max(one.ended_at or one.offered_at for one in visits)
                some = [one.resolvable for one in spoke if one.resolvable is not None]
                if any(one.resolved for one in spoke) and (end, HAPPENED) < (at, how):
                    how, at = HAPPENED, end
                elif some and not any(some) and (end, RULED_OUT) < (at, how):
                    how, at = RULED_OUT, end
            seconds = (at - begun) // timedelta(seconds=1)
            grain = 1 if seconds < 3600 else 60 if seconds < 86_400 else 3600
            ended[how, seconds // grain * grain] += 1
    return Matters(dict(ended), untold, young)


@pytest.mark.django_db
@settings(max_examples=examples(6), deadline=None)
@given(st.lists(contacts(), min_size=1, max_size=12), CROWDS, st.sampled_from(CLOCKS))
def test_every_count_is_what_following_each_caller_says(drawn, crowd, clock):
    zone, begin = clock
    with transaction.atomic():
        site = a_site(zone=zone)
        lay_down(site, begin, drawn, crowd)
        rollups.rebuild([site])
        begun = day_of(begin, site.calendar)
        for first, last in ((-2, 60), (5, 20)):
            days = begun + first * DAY, begun + last * DAY
            found = matters(Selection([site.pk], *days), ("total",)).get((None,), {})
            for scope in SCOPES:
                told = found.get(scope, Matters())
                assert told == by_hand(site, *days, scope), scope
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_contacts_that_begin_matters_are_listed_with_how_long_these_took():
    """As many as were counted, the first contact of each for all; of other days none."""
    queue, reader = a_queue(), a_user("admin")
    for caller, at, told in (
        ("ann", NINE, {"resolved": True}),
        ("bob", NINE, {"resolved": False}),
        ("bob", NINE + 2 * DAY, {"resolved": True}),
        ("cid", NINE, {"resolved": False, "resolvable": False}),
        ("dan", NINE, {"resolved": False}),
        ("eve", NINE, {}),
        ("fay", NINE + 20 * DAY, {"resolved": True}),
        ("gil", NINE + 20 * DAY, {}),
    ):
        from_caller(queue, caller, at, external_id=f"{caller}{at:%d}", **told)
    the_end(queue, NINE + 20 * DAY)

    def listed(first=MARCH, last=date(2026, 3, 31), **more):
        made = passport.issue("resolution_time", Scope(queue.site, first, last, **more))
        found = listing.page(made, reader, Narrowed(), 0, 100)
        assert made.figure.n == found.on(DENOMINATOR)
        for note in made.figure.left_out:
            assert note.n == found.on(LEFT_OUT, frozenset(note.reasons))
        return {row.external_id: (row.on, row.why) for row in found.rows}

    assert listed() == {
        "ann02": (NUMERATOR, "begins a matter that was resolved 2:10 later"),
        "bob02": (NUMERATOR, "begins a matter that was resolved 48:02:10 later"),
        "cid02": (
            REST, "begins a matter that could not be resolved, as was known 2:10 later"
        ),
        "dan02": (
            REST, "begins a matter that is open, as far as it was watched: for 471:00:00"
        ),
        "eve02": (
            LEFT_OUT, "begins a matter of which nobody says whether it was resolved"
        ),
        **dict.fromkeys(
            ("fay22", "gil22"),
            (LEFT_OUT, "begins a matter on a day that is not over: not yet known"),
        ),
    }  # fmt: skip
    assert listed(queue=queue) == listed()
    assert listed(NINE.date() + DAY, NINE.date() + 3 * DAY) == {}
    # Of agents nothing is told, and nothing listed.
    ours = Scope(queue.site, MARCH, NINE.date(), agent=an_agent(queue.site))
    made = passport.issue("resolution_time", ours)
    assert listing.sides_of(made) == ()
