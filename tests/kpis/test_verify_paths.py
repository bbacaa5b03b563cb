"""The second path: its files, its views, and its answers beside what pages show."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.models import Agent, Queue, Site
from ccm.models import SurveyResponse as Response
from kpis import rollups
from kpis.definitions import KPIS
from kpis.models import KpiChoice
from kpis.second import books, compare, paths, statements, views
from kpis.second.compare import Cell, Difference, Place
from kpis.second.paths import Stretch
from tests.builders import NINE, a_call, a_queue, a_site, a_team, an_agent
from tests.examples import examples
from tests.kpis.test_against_oracle import (
    WITHOUT_SHRINKING,
    Centre,
    centres,
    elsewhere,
    hang_on,
    lose_waits,
    recount,
    taken_back,
    write,
)
from tests.kpis.test_presence import a_ring, a_spell, at

pytestmark = pytest.mark.django_db
__all__ = ["elsewhere"]

DAY = NINE.date()


def differing(site: Site, first: date, last: date) -> list[Difference]:
    stretch = Stretch(site, first, last)
    found: list[Difference] = []
    with connection.cursor() as cursor:
        paths.lay_out(cursor, stretch)
        second = paths.second(cursor, stretch)
        for day in paths.days_told(site):
            if first <= day <= last:
                both = paths.to_compare(paths.shown(site, day), second.get(day, {}))
                found += compare.differences(*both)
        lines = books.of_days(cursor, stretch)
        assert [line for line in lines if not line.balances] == []
        paths.clear(cursor)
    return found


def second_path(site: Site, day: date = DAY) -> Callable[..., Cell]:
    """What the second path says of a day: a KPI's cell of the site, or of a queue."""
    with connection.cursor() as cursor:
        paths.lay_out(cursor, Stretch(site, day, day))
        cells = paths.second(cursor, Stretch(site, day, day))[day]
        paths.clear(cursor)
    return lambda kpi, queue=None: cells[Place(day, kpi, queue)]


def second_of(site: Site, kpi: str, queue: int | None = None, day: date = DAY) -> Cell:
    return second_path(site, day)(kpi, queue)


def test_every_kpi_has_a_second_path_or_a_reason_to_have_none():
    made = statements.kpis()
    assert {*made} <= {*KPIS}, "a file for no KPI"
    reasons = {name.partition(":")[0] for name in statements.WITHOUT_VIEW if ":" not in name}
    assert {*KPIS} - {*made} == reasons
    for name, one in made.items():
        assert one.words, f"{name}.sql begins with no words"
        for variant in KPIS[name].variants:
            told = f"'{variant.id}'" in one.sql
            assert told == statements.compared(name, variant.id), f"{name}:{variant.id}"


def test_the_second_path_reads_no_rollup():
    for one in (*statements.base(), *statements.kpis().values()):
        read = set(re.findall(r"\bkpis_\w+", one.sql))
        assert read <= ({"kpis_kpichoice"} if one.name == "parameter" else set()), one.name


PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "threshold_seconds": st.integers(1, 90),
        "boundary": st.sampled_from(("<=", "<")),
        "short_abandon_seconds": st.integers(0, 10),
        "lost": st.booleans(),
        "clock_start_seconds": st.integers(0, 10),
        "transfers_in": st.booleans(),
        "business_hours": st.booleans(),
        "callbacks": st.sampled_from(("request", "success", "return")),
    },
)


@st.composite
def choices(draw: st.DrawFn) -> tuple[str, str, int, dict[str, object]]:
    """A KPI, of what, how many days after the middle one it begins, and its parameters."""
    kpi = draw(st.sampled_from(("service_level", "abandon_rate", "asa")))
    whose = draw(st.sampled_from(("all", "site", "queue")))
    return kpi, whose, draw(st.integers(-1, 1)), draw(PARAMETERS)


# An example's time is that of asking, so few and large ones find most.
@settings(max_examples=examples(4), phases=WITHOUT_SHRINKING)
@given(centres(most_contacts=24), st.lists(choices(), max_size=4, unique_by=lambda one: one[:3]))
def test_every_cell_of_a_random_centre_is_the_same_both_ways(
    centre: Centre, chosen: list[tuple[str, str, int, dict[str, object]]]
) -> None:
    with taken_back(centre.zone, centre.begins) as site:
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        hang_on(site, centre.visits)
        Site.objects.filter(pk=site.pk).update(opening=centre.opening)
        Queue.objects.filter(site=site, name="Sales").update(hours=centre.queue_hours)
        site.refresh_from_db()
        recount()
        a_team(site, None, *Agent.objects.filter(site=site).order_by("name")[:2])
        queue = Queue.objects.filter(site=site).first()
        for kpi, whose, days, parameters in chosen:
            KpiChoice.objects.get_or_create(
                kpi=kpi,
                site=site if whose == "site" else None,
                queue=queue if whose == "queue" else None,
                valid_from=centre.day + timedelta(days=days),
                defaults={"parameters": parameters},
            )
        found = differing(site, *centre.span())
        assert not found, "\n".join(map(str, found))


@settings(max_examples=2, phases=WITHOUT_SHRINKING)
@given(centres(most_contacts=24))
def test_a_day_of_a_site_asked_for_alone_is_what_the_views_say_of_it(centre: Centre) -> None:
    columns = "queue, agent, day, variant, numerator::float8, denominator::float8, value::float8"
    with taken_back(centre.zone, centre.begins) as site, connection.cursor() as cursor:
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        a_call(a_queue(a_site()), NINE)
        first, last = centre.day, centre.day + timedelta(days=1)
        for kpi in statements.kpis():
            cursor.execute(
                f"SELECT {columns} FROM kpi.of(%s, %s, %s, %s)", [kpi, site.slug, first, last]
            )
            alone = sorted(cursor.fetchall(), key=repr)
            cursor.execute(
                f'SELECT {columns} FROM kpi."{kpi}" WHERE site_id = %s AND day BETWEEN %s AND %s',
                [site.pk, first, last],
            )
            assert alone == sorted(cursor.fetchall(), key=repr), kpi


def test_a_day_of_a_site_knows_what_callers_did_a_month_around_it():
    """Calls of one caller on 2 March, 18 days later, and 22 days after that."""
    site = a_site("Leeds")
    sales = a_queue(site, "Sales")
    ann = an_agent(site, "Ann")
    for days in (0, 18, 40):
        a_call(sales, NINE + timedelta(days=days), wait=10, agent=ann, caller_hash="x" * 20)
    with connection.cursor() as cursor:
        for kpi in ("fcr", "offered", "service_level"):
            cursor.execute(f"SELECT * FROM kpi.of('{kpi}', 'Leeds', '2026-03-20', '2026-03-20')")
            alone = sorted(cursor.fetchall(), key=repr)
            cursor.execute(f"SELECT * FROM kpi.{kpi} WHERE site = 'Leeds' AND day = '2026-03-20'")
            assert alone == sorted(cursor.fetchall(), key=repr)
            assert alone


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("ahtt", "Leeds"), "there is no KPI ahtt"),
        (("aht", "York"), "there is no site named York"),
    ],
)
def test_a_day_of_what_there_is_none_of_is_refused_by_its_name(asked, words):
    a_site("Leeds")
    with (
        pytest.raises(DatabaseError, match=words),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM kpi.of(%s, %s, '2026-03-02', '2026-03-02')", asked)


def test_nobody_may_ask_for_a_day_who_was_not_granted_to():
    """It reads with its owner's rights, as views do, which nobody may select from unasked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proacl::text FROM pg_proc"
            " WHERE oid = 'kpi.of(text, text, date, date)'::regprocedure"
        )
        # An entry that begins with "=" would be everybody's.
        (granted,) = cursor.fetchone()
    assert [one for one in granted.strip("{}").split(",") if one.startswith("=")] == []


def test_a_threshold_holds_for_its_queue_from_its_day():
    """Three waits of 10, 30 and 50 s. T is 20 s, at the site 40 s from Tuesday, on Sales 60 s."""
    site = a_site()
    sales, service = a_queue(site, "Sales"), a_queue(site, "Service")
    for queue in (sales, service):
        for day in (0, 1):
            for wait in (10, 30, 50):
                a_call(queue, NINE + timedelta(days=day, minutes=wait), wait=wait)
    tuesday = DAY + timedelta(days=1)
    for queue, seconds in ((None, 40), (sales, 60)):
        KpiChoice.objects.create(
            kpi="service_level", site=site, queue=queue, valid_from=tuesday,
            parameters={"threshold_seconds": seconds},
        )  # fmt: skip
    level = "service_level:SL4"
    assert second_of(site, level, sales.pk) == Cell(1 / 3, 3, 1)
    assert second_of(site, level, sales.pk, tuesday) == Cell(1, 3, 3)
    assert second_of(site, level, service.pk, tuesday) == Cell(2 / 3, 3, 2)
    assert second_of(site, level, None, tuesday) == Cell(4 / 6, 6, 4)
    rollups.rebuild()
    assert differing(site, DAY, tuesday) == []


def test_occupancy_of_a_morning_by_hand():
    """Logged in 9:00 to 11:00: 9:10 to 9:25 and 9:58 to 10:04 on calls and in wrap-up, 9:09 to 9:10
    ringing, 10:04 to 10:30 paused; so 21 + 1 handling minutes, 72 ready, 120 in all."""
    queue = a_queue()
    ann = an_agent(queue.site, "Ann")
    a_spell(ann, "logged_in", at(0), at(120))
    a_spell(ann, "paused", at(60), at(90), "Lunch")
    first = a_call(queue, at(9), wait=60, talk=600, acw_ms=120_000, agent=ann)
    a_ring(first, ann, at(9), 60, "answered")
    a_call(queue, at(15), wait=0, talk=600, agent=ann)
    a_call(queue, at(58), wait=0, talk=360, agent=ann)
    assert second_of(queue.site, "occupancy:O1") == Cell(22 / 94, 94 * 60, 22 * 60)
    assert second_of(queue.site, "occupancy:O2") == Cell(22 / 120, 120 * 60, 22 * 60)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY) == []


def test_who_says_that_it_was_settled_at_once_counts_both_ways():
    """Two of three on a scale of no and yes."""
    queue = a_queue()
    for number, score in enumerate((1, 0, 1)):
        call = a_call(queue, NINE, agent=None)
        Response.objects.create(
            id=call.pk, source="test", site=queue.site, call=call, kind="fcr", scale_min=0,
            scale_max=1, score=score, answered_at=at(number),
        )  # fmt: skip
    assert second_of(queue.site, "fcr:F4") == Cell(2 / 3, 3, 2)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY) == []


STATES = ("logged_in", "available", "ringing", "on_call", "hold", "acw", "paused", "other")
SPELLS = st.lists(
    st.tuples(
        st.sampled_from(("Ann", "Ben")), st.sampled_from(STATES), st.integers(-600, 1500),
        st.one_of(st.none(), st.integers(1, 700)),
    ),
    max_size=14, unique_by=lambda one: one[:3],
)  # fmt: skip
TALKS = st.lists(
    st.tuples(st.sampled_from(("Ann", "Ben")), st.integers(-300, 1400), st.integers(1, 90)),
    max_size=9,
)


@settings(max_examples=7, phases=WITHOUT_SHRINKING)
@given(SPELLS, TALKS, st.sampled_from(("UTC", "America/Havana", "Australia/Lord_Howe")))
def test_occupancy_of_random_work_is_the_same_both_ways(spells, talks, zone) -> None:
    with taken_back(zone) as site:
        people = {name: an_agent(site, name) for name in ("Ann", "Ben")}
        lines = [a_queue(site), a_queue(site)]
        for name, state, starts, lasts in spells:
            ends = None if lasts is None else at(starts + lasts)
            a_spell(people[name], state, at(starts), ends, "Lunch")
        for number, (name, starts, minutes) in enumerate(talks):
            a_call(lines[number % 2], at(starts), talk=minutes * 60, agent=people[name])
        rollups.rebuild([site])
        days = paths.days_told(site)
        found = differing(site, days[0], days[-1]) if days else []
        assert not found, "\n".join(map(str, found))


def test_the_views_say_what_is_compared_and_what_they_hold():
    site = a_site("Leeds")
    sales = a_queue(site, "Sales")
    ann = an_agent(site, "Ann")
    a_call(sales, NINE, wait=10, agent=ann)
    a_call(sales, NINE, wait=30, outcome="abandoned")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue, agent, numerator, denominator, value FROM kpi.service_level"
            " WHERE variant = 'SL4' AND site = 'Leeds' AND day = '2026-03-02' ORDER BY 1, 2"
        )
        assert cursor.fetchall() == [
            ("Sales", None, 1, 2, 0.5),
            (None, None, 1, 2, 0.5),
        ]
        # Who was not answered is of no agent: an agent's level is that of the answered.
        cursor.execute(
            "SELECT variant, value FROM kpi.service_level"
            " WHERE agent = 'Ann' AND site = 'Leeds' AND day = '2026-03-02'"
        )
        assert cursor.fetchall() == [("SL2", 1.0)]
        cursor.execute(
            "SELECT c.relname, obj_description(c.oid) FROM pg_class c"
            " WHERE relnamespace = 'kpi'::regnamespace AND relkind = 'v'"
        )
        told = dict(cursor.fetchall())
        assert {*told} == {*(one.name for one in statements.base()), *statements.kpis()}
        assert all(told.values())
        for name in statements.kpis():
            cursor.execute(f'SELECT * FROM kpi."{name}" LIMIT 1')


def test_views_go_before_a_migration_and_come_back_after_it_or_when_they_are_needed():
    def how_many() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_views WHERE schemaname = 'kpi'")
            return cursor.fetchone()[0]

    before = how_many()
    assert before == len(statements.base()) + len(statements.kpis())
    for again in (views.make, views.there):
        views.drop()
        assert how_many() == 0
        again()
        assert how_many() == before
    views.make()  # they are as they should be: nothing is done


@pytest.mark.parametrize(
    ("shown", "second", "same"),
    [
        (Cell(0.8, 10), Cell(0.8, 10, 8), True),
        (Cell(0.8, 10), Cell(0.8, 11, 8), False),
        (Cell(None, 0), Cell(0.0, 0), True),
        (Cell(None, 4), Cell(0.5, 4), False),
        (Cell(0, 0), compare.NOTHING, True),  # a count of nothing and no row
        (Cell(3, 3), Cell(3, None, 3), True),
        (Cell(3, 3), Cell(4, None, 4), False),
        (Cell(12.5, 9, approximate=True), Cell(12.013, 9), True),
        (Cell(12.5, 9, approximate=True), Cell(13.0, 9), False),
        (Cell(12.0, 9), Cell(12.013, 9), False),
        (Cell(0.1 + 0.2, 3), Cell(0.3, 3), True),
    ],
)
def test_two_answers_agree(shown, second, same):
    assert compare.agree(shown, second) == same
