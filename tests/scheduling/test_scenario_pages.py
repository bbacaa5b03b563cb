"""Scenarios and the recruiter's view: what they show, who changes them, and what cannot be."""

import calendar
import csv
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from time import sleep

import numpy as np
import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from ccm.models import Agent, AuditEntry
from scheduling import tasks
from scheduling.made import making
from scheduling.models import QueueMonths, Scenario, StaffingPlan
from scheduling.scenarios import reckoned, record
from tests import once
from tests.builders import a_headcount, a_queue, a_queue_group, a_site, a_team, a_user, an_agent
from tests.scheduling.centre import FIRST, a_centre
from tests.scheduling.test_making import DAY, NOW, WEEKS
from tests.scheduling.test_scenarios import erlang_c_positions

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)
# Of April's 22 weekdays each is open for eight hours, and a call or three in half an hour of 100 s
# take one position.
APRIL_HOURS = 22 * 8
WEEKDAYS = (4, 4, 5, 5, 4)  # of April 2026, which begins on a Wednesday
BY_WEEKDAY = (40, 30, 25, 25, 30)


def months_ahead(queue, rates=()):
    """What a night keeps of a queue of which ten weeks are known, each the same."""
    firsts = [date(2026 + month // 12, month % 12 + 1, 1) for month in range(3, 21)]
    is_open = [[1.0 if 18 <= place < 34 else 0.0 for place in range(48)] for _day in range(5)]
    closed = [[0.0] * 48] * 2
    calls = [
        [many / 16 * there for there in day] for many, day in zip(BY_WEEKDAY, is_open, strict=True)
    ]
    return QueueMonths.objects.create(
        queue=queue,
        made_at=NOW,
        known_until=date(2026, 3, 13),
        interval_minutes=30,
        months=[[str(first), float(usual_of(first))] for first in firsts],
        rates=rates,
        by_trend=False,
        calls=calls + closed,
        open=is_open + closed,
        aht_seconds=[[100.0 if there else None for there in day] for day in is_open + closed],
    )


def usual_of(first):
    """Calls of a month of usual weeks."""
    days = calendar.monthrange(first.year, first.month)[1]
    weekdays = [date(first.year, first.month, day + 1).weekday() for day in range(days)]
    return sum(BY_WEEKDAY[day] for day in weekdays if day < 5)


@pytest.fixture
def night():
    """A centre of which forecasts were made."""
    with time_machine.travel(NOW, tick=False):
        site, queue = a_centre(WEEKS * 7)
        making.make_site(site, NOW)
        yield site, queue


@once.fixture
def reckoned_centre():
    site = a_site()
    site.opening = {str(day): [["09:00", "17:00"]] for day in range(5)}
    site.save()
    queue = a_queue(site)
    months_ahead(queue)
    reckoned.renew(site, NOW)
    return site, queue


@pytest.fixture
def centre(reckoned_centre):
    with time_machine.travel(NOW, tick=False):
        yield reckoned_centre


@pytest.fixture
def manager(client, centre):
    client.force_login(a_user("manager", centre[0]))
    return client


def base_of(site):
    return Scenario.objects.get(site=site, is_base=True)


def made(client, site, **said):
    """Sent by form; the scenario, or the form that was refused."""
    answer = client.post(f"{reverse('scenario_new')}?site={site.slug}", {"name": "More", **said})
    return Scenario.objects.get(name="More") if answer.status_code == 302 else answer


def side(client, site, **asked):
    return client.get(reverse("scenarios"), {"site": site.slug, **asked})


def hiring(client, site, **asked):
    return client.get(reverse("hiring"), {"site": site.slug, **asked})


def rows_of(answer):
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


class TestMonths:
    def test_a_night_keeps_the_months_and_the_usual_week_of_a_queue(self, night):
        _site, queue = night
        kept = QueueMonths.objects.get(queue=queue)
        assert [len(kept.months), kept.months[0][0]] == [18, "2026-04-01"]
        for day, usual in zip(kept.calls, BY_WEEKDAY, strict=False):
            assert sum(day) == pytest.approx(usual, abs=2)
        assert kept.calls[6] == [0.0] * 48
        assert sum(kept.open[0]) == 16
        # Two whole months are too few for a course of their own: each is of usual weeks.
        assert not kept.by_trend
        assert usual_of(APRIL) == 4 * 40 + 4 * 30 + 5 * 25 + 5 * 25 + 4 * 30
        assert kept.months[0][1] == pytest.approx(usual_of(APRIL), rel=0.05)

    def test_made_twice_there_is_one(self, night):
        site, queue = night
        reckoned.renew(site, NOW)
        making.make_site(site, NOW)
        reckoned.renew(site, NOW)
        assert QueueMonths.objects.filter(queue=queue).count() == 1
        assert Scenario.objects.filter(site=site).count() == 1

    def test_of_half_a_year_there_is_a_course(self):
        site, queue = a_centre(200)
        making.make_site(site, FIRST + 200 * DAY)
        kept = QueueMonths.objects.get(queue=queue)
        assert kept.by_trend
        assert [first for first, _rate in kept.rates][:2] == ["2026-01-01", "2026-02-01"]
        # Each month is as the last ones were, by its days: August has 21 weekdays, five Mondays.
        august = dict(kept.months)["2026-08-01"]
        assert august == pytest.approx(5 * 40 + 4 * 30 + 4 * 25 + 4 * 25 + 4 * 30, rel=0.1)

    def test_the_nightly_task_reckons_scenarios_too(self):
        with time_machine.travel(NOW, tick=False):
            site, _queue = a_centre(WEEKS * 7)
            tasks.forecast_site(site.pk)
            tasks.forecast_site(site.pk)
        assert base_of(site).work is not None


class TestReckoned:
    def test_as_it_is_takes_the_hours_of_its_positions(self, centre):
        site, _queue = centre
        kept = base_of(site)
        work = reckoned.Work.of(kept.work)
        assert kept.known_until == date(2026, 3, 13)
        assert work.months[0] == APRIL
        busiest = erlang_c_positions(2.6 * 100 / 1800, 100.0, 0.8, 20.0)
        assert (busiest, work.hours[0]) == (1, APRIL_HOURS)
        # Ten weeks tell of no month how far it may be off.
        assert work.sure is None

    def test_ten_times_the_calls_take_what_they_take(self, manager, centre):
        site, _queue = centre
        found = reckoned.Work.of(made(manager, site, volume="900").work)
        every = [
            erlang_c_positions(calls * 10 / 16 * 100 / 1800, 100.0, 0.8, 20.0)
            for calls in BY_WEEKDAY
        ]
        assert found.hours[0] == sum(n * many * 8 for n, many in zip(WEEKDAYS, every, strict=True))

    def test_other_hours_are_reckoned(self, manager, centre):
        """Open until one: half the hours, and all calls come in them."""
        site, _queue = centre
        half = {f"day{day}": "09:00-13:00" for day in range(5)}
        kept = made(manager, site, **half)
        assert kept.hours["0"] == [["09:00", "13:00"]]
        every = [
            erlang_c_positions(calls / 8 * 100 / 1800, 100.0, 0.8, 20.0) for calls in BY_WEEKDAY
        ]
        assert {*every} == {1, 2}
        found = reckoned.Work.of(kept.work).hours[0]
        assert found == sum(n * many * 4 for n, many in zip(WEEKDAYS, every, strict=True))

    def test_some_queues_are_reckoned_alone_and_others_left_out_are_told(self, manager, centre):
        site, queue = centre
        empty = a_queue(site, "New")
        kept = made(manager, site, queues=[queue.pk, empty.pk])
        work = reckoned.Work.of(kept.work)
        assert (work.queues, work.left_out) == (1, [(empty.pk, "none")])
        page = side(manager, site, show=kept.pk)
        assert "New (no forecast)" in page.content.decode()

    def test_queues_that_the_same_people_serve_are_reckoned_as_one(self, manager, centre):
        """Of twice the calls each interval takes what twice the load does, which is less than twice
        what each takes alone."""
        site, queue = centre
        other, third = a_queue(site, "Other"), a_queue(site, "Third")
        months_ahead(other)
        months_ahead(third)

        def hours(*loads):
            every = [
                sum(
                    erlang_c_positions(times * calls * 10 / 16 * 100 / 1800, 100.0, 0.8, 20.0)
                    for times in loads
                )
                for calls in BY_WEEKDAY
            ]
            return sum(n * many * 8 for n, many in zip(WEEKDAYS, every, strict=True))

        apart = made(manager, site, volume="900")
        assert reckoned.Work.of(apart.work).hours[0] == hours(1, 1, 1)
        a_queue_group(queue, other, name="Front")
        a_queue_group(other, name="Alone")
        reckoned.renew(site, NOW)
        apart.refresh_from_db()
        work = reckoned.Work.of(apart.work)
        assert work.hours[0] == hours(2, 1) < hours(1, 1, 1)
        assert (work.queues, work.as_one) == (3, ["Front"])
        assert "Reckoned as one: Front" in side(manager, site, show=apart.pk).content.decode()
        # Of one of its queues alone it is no group.
        some = {"name": "Some", "volume": "900", "queues": [queue.pk, third.pk]}
        manager.post(f"{reverse('scenario_new')}?site={site.slug}", some)
        work = reckoned.Work.of(Scenario.objects.get(name="Some").work)
        assert (work.hours[0], work.as_one) == (hours(1, 1), [])

    def test_what_somebody_saves_or_removes_meanwhile_stays_so(self, manager, centre, monkeypatch):
        site, _queue = centre
        saved, gone = made(manager, site, volume="10"), base_of(site)
        manager.post(f"{reverse('scenario_new')}?site={site.slug}", {"name": "Plain"})
        reckon = reckoned.reckon
        told = {**saved.work, "hours": [1.0] * 18}

        def meanwhile(scenario, *rest):
            if scenario.pk == saved.pk:
                Scenario.objects.filter(pk=saved.pk).update(work=told, changed_at=NOW + DAY)
            if scenario.pk == gone.pk:
                Scenario.objects.filter(pk=gone.pk).delete()
            return reckon(scenario, *rest)

        monkeypatch.setattr(reckoned, "reckon", meanwhile)
        assert reckoned.renew(site, NOW + 2 * DAY) == 1
        saved.refresh_from_db()
        assert (saved.work["hours"], saved.reckoned_at) == ([1.0] * 18, NOW)
        assert not Scenario.objects.filter(pk=gone.pk).exists()
        assert Scenario.objects.get(name="Plain").reckoned_at == NOW + 2 * DAY

    def test_shrinkage_of_plans_is_taken_by_their_hours(self, centre):
        site, queue = centre
        StaffingPlan.objects.create(queue=queue, shrinkage_kinds=[["", "0.3"]])
        reckoned.renew(site, NOW)
        work = reckoned.Work.of(base_of(site).work)
        assert work.shrinkage == pytest.approx(0.3)
        assert work.paid[0] == pytest.approx(APRIL_HOURS / 0.7)


def hired(site, **said):
    agent = an_agent(site)
    Agent.objects.filter(pk=agent.pk).update(**said)


class TestRecord:
    def test_the_newest_headcount_of_the_site_goes_before_its_teams(self):
        site = a_site()
        team = a_team(site, a_user("supervisor", site))
        today = date(2026, 3, 16)
        assert record.of(site, today).fte is None
        a_headcount(site, team=team, starts_on=date(2026, 3, 1), actual_fte=Decimal("7.5"))
        assert record.of(site, today).fte == 7.5
        a_headcount(site, starts_on=date(2026, 2, 1), actual_fte=Decimal(20))
        a_headcount(site, starts_on=date(2026, 4, 1), actual_fte=Decimal(99))  # yet to come
        found = record.of(site, today)
        assert (found.fte, found.fte_on) == (20.0, date(2026, 2, 1))

    def test_heads_stand_where_no_equivalents_are_told(self):
        site = a_site()
        a_headcount(site, starts_on=date(2026, 3, 1), actual_heads=12)
        assert record.of(site, date(2026, 3, 16)).fte == 12.0

    def test_paid_hours_are_of_most_contracts_and_who_left_counts_by_who_was_there(self):
        site, today = a_site(), date(2026, 3, 16)
        for number in range(12):
            hired(
                site,
                contract_hours=Decimal(40 if number < 8 else 20),
                hired_on=date(2020, 1, 1),
                left_on=today - timedelta(days=30) if number >= 9 else None,
            )
        found = record.of(site, today)
        # 40 hours on 365 / 7 / 12 weeks.
        assert found.paid_hours == pytest.approx(173.8)
        # Three left, who were there on 334 of 365 days; nine on all of them.
        there = (9 * 365 + 3 * 334) / 365
        assert found.attrition == pytest.approx(3 / there / 12)

    def test_who_left_is_told_by_the_days_of_which_it_is_known(self):
        """Of twenty one left on the last of 146 days, which are two fifths of a year; of fewer than
        90 days nothing is told."""
        today = date(2026, 3, 16)
        agents = [(None, None, None)] * 19 + [(None, today, None)]
        since = today - timedelta(days=145)
        there = 19 + 145 / 146
        assert record._attrition(agents, today, since) == pytest.approx(1 / there * 2.5 / 12)
        assert record._attrition(agents, today, today - timedelta(days=88)) is None

    def test_each_team_has_its_newest_headcount(self):
        site, today = a_site(), date(2026, 3, 16)
        first, second = (a_team(site, a_user("supervisor", site)) for _ in range(2))
        a_headcount(site, team=first, starts_on=date(2026, 1, 1), actual_fte=Decimal(30))
        a_headcount(site, team=first, starts_on=date(2026, 2, 1), actual_fte=Decimal(10))
        a_headcount(site, team=second, starts_on=date(2026, 3, 1), actual_fte=Decimal(5))
        found = record.of(site, today)
        assert (found.fte, found.fte_on) == (15.0, date(2026, 3, 1))
        assert {*found.counted} == {(date(2026, 2, 1), 10.0), (date(2026, 3, 1), 5.0)}

    def test_who_comes_and_goes_within_a_year_was_there_too(self):
        """Ten in the middle of the year, 120 from the next day until yesterday; all are gone."""
        today = date(2026, 3, 16)
        yesterday, middle = today - DAY, today - timedelta(days=182)
        agents = [(None, yesterday, None)] * 10 + [(middle + DAY, yesterday, None)] * 120
        # On 363 days the ten, and on 180 the others.
        there = (10 * 363 + 120 * 180) / 365
        assert record._attrition(agents, today) == pytest.approx(130 / there / 12)

    def test_where_half_leave_in_a_month_it_is_no_steady_rate(self):
        """Ten stay; each day three begin, who leave a day later."""
        today = date(2026, 3, 16)
        days = [today - timedelta(days=number) for number in range(1, 365)]
        agents = [(None, None, None)] * 10 + [(day - DAY, day, None) for day in days * 3]
        assert record._attrition(agents, today) is None
        # Ten stay and one more is there on the mean; 73 leave in the year, 0.55 a month.
        some = [(None, None, None)] * 10 + [(day - 5 * DAY, day, None) for day in days[::5]]
        assert record._attrition(some, today) is None
        some = [(None, None, None)] * 20 + [(day - 5 * DAY, day, None) for day in days[::5]]
        assert record._attrition(some, today) == pytest.approx(73 / 21 / 12, rel=0.01)

    def test_of_few_people_it_is_not_told_how_many_leave(self):
        site, today = a_site(), date(2026, 3, 16)
        for left in (today - DAY, None, None):
            hired(site, left_on=left)
        assert record.of(site, today).attrition is None


class TestSideBySide:
    def test_as_it_is_stands_first_and_what_nobody_told_is_asked_for(self, manager, centre):
        site, _queue = centre
        page = side(manager, site)
        [column] = page.context["columns"]
        assert column.scenario.is_base
        row = column.rows[0]
        # 160 hours stand for those that nobody told.
        assert (row.first, row.month.needed) == (APRIL, APRIL_HOURS / 160)
        assert not column.people.has_people
        text = page.content.decode()
        assert "Nobody has told yet" in text
        for words in ("how many people there are", "shrinkage", "160", "weeks to recruit"):
            assert words in text
        assert "too few months tell" in text

    def test_what_is_told_of_how_it_is_holds_for_all(self, manager, centre):
        site, _queue = centre
        a_headcount(site, starts_on=date(2026, 3, 1), actual_fte=Decimal(2))
        said = {
            "name": "As it is", "shrinkage": "30", "paid_hours": "100", "attrition": "0",
            "training_months": "1", "ramp": "50", "lead_weeks": "4", "cost_per_hour": "20",
        }  # fmt: skip
        base = base_of(site)
        assert manager.post(reverse("scenario_edit", args=[base.pk]), said).status_code == 302
        made(manager, site, shrinkage="50")
        first, second = side(manager, site).context["columns"]
        # 1.76 people without shrinkage; 1.76 / 0.7 and 1.76 / 0.5 with it.
        assert first.rows[0].month.needed_on_calls == pytest.approx(1.76)
        assert first.rows[0].month.needed == pytest.approx(2.514, abs=0.001)
        assert second.rows[0].month.needed == pytest.approx(3.52)
        assert first.rows[0].month.gap == pytest.approx(2 - 2.514, abs=0.001)
        # What is needed works 176 hours by 0.7, of April, at 20.
        assert first.cost_of(first.rows[0]) == pytest.approx(176 / 0.7 * 20)
        # Two people, a hundred hours, eighteen months at 20.
        assert first.cost == pytest.approx(2 * 100 * 18 * 20)
        assert first.people.unknown == []

    def test_people_leave_from_the_month_on_in_which_they_were_counted(self, manager, centre):
        site, _queue = centre
        a_headcount(site, starts_on=date(2026, 2, 1), actual_fte=Decimal(20))
        kept = made(manager, site, attrition="10")
        page = side(manager, site, show=kept.pk)
        [column] = page.context["columns"]
        # April is two months later.
        assert column.rows[0].month.there == pytest.approx(20 * 0.9**2)
        for one in (page, hiring(manager, site, scenario=kept.pk)):
            assert "1 Feb 2026" in one.content.decode()
        Scenario.objects.filter(pk=kept.pk).update(fte=20)
        page = side(manager, site, show=kept.pk)
        assert page.context["columns"][0].rows[0].month.there == 20
        assert "1 Feb 2026" not in page.content.decode()

    def test_who_began_after_the_count_is_there_beside_them(self, manager, centre):
        """Twenty in January, and of those who begin later four in February and three in March; who
        began in January was counted."""
        site, _queue = centre
        a_headcount(site, starts_on=date(2026, 1, 1), actual_fte=Decimal(20))
        form = manager.get(f"{reverse('scenario_new')}?site={site.slug}").context["form"]
        assert [form.months[0], form.months[2]] == [date(2026, 2, 1), APRIL]
        kept = made(manager, site, hire_2026_02="4", hire_2026_03="3", hire_2026_05="2")
        Scenario.objects.filter(pk=kept.pk).update(hires=kept.hires | {"2026-01": 9})
        page = side(manager, site, show=kept.pk)
        rows = page.context["columns"][0].rows
        assert [row.month.there for row in rows[:3]] == pytest.approx([27, 29, 29])
        assert rows[0].month.hired == 0
        # Somebody's word is of those who are there then.
        Scenario.objects.filter(pk=kept.pk).update(fte=20)
        rows = side(manager, site, show=kept.pk).context["columns"][0].rows
        assert [row.month.there for row in rows[:2]] == pytest.approx([20, 22])

    def test_queues_known_for_too_short_to_have_a_trend_are_named(self, manager, centre):
        site, queue = centre
        words = f"Too few whole months are known of {queue.name} for a trend"
        assert words in side(manager, site).content.decode()
        QueueMonths.objects.filter(queue=queue).update(by_trend=True)
        reckoned.renew(site, NOW)
        assert words not in side(manager, site).content.decode()

    def test_teams_that_were_counted_sooner_have_lost_people_since(self, manager, centre):
        site, _queue = centre
        for month, many in ((2, 10), (3, 5)):
            team = a_team(site, a_user("supervisor", site))
            a_headcount(site, team=team, starts_on=date(2026, month, 1), actual_fte=Decimal(many))
        kept = made(manager, site, attrition="10")
        [column] = side(manager, site, show=kept.pk).context["columns"]
        assert column.people.staff.people == pytest.approx(10 * 0.9 + 5)
        assert column.rows[0].month.there == pytest.approx((10 * 0.9 + 5) * 0.9)

    def test_where_nobody_would_be_ready_in_time_it_says_so(self, manager, centre):
        site, _queue = centre
        late = made(manager, site, fte="1", shrinkage="0", paid_hours="88", training_months="18")
        text = side(manager, site, show=late.pk).content.decode()
        assert "nobody would be ready in time" in text
        Scenario.objects.filter(pk=late.pk).update(fte=9)
        text = side(manager, site, show=late.pk).content.decode()
        assert "nobody" in text
        assert "ready in time" not in text

    def test_costs_name_the_sites_currency_and_without_one_that_of_the_paid_hour(
        self, manager, centre
    ):
        site, _queue = centre
        a_headcount(site, starts_on=date(2026, 3, 1), actual_fte=Decimal(2))
        kept = made(manager, site, cost_per_hour="20", training_months="1")
        edit = reverse("scenario_edit", args=[kept.pk])
        assert (
            "In any currency: what it comes to is in the same."
            in manager.get(edit).content.decode()
        )
        text = side(manager, site).content.decode()
        assert "Cost: of those needed, in the currency of the paid hour." in text
        assert "1 month of training" in text
        site.currency = "EUR"
        site.save()
        assert "Cost of a paid hour, EUR" in manager.get(edit).content.decode()
        assert "Cost of those needed <small>EUR</small>" in side(manager, site).content.decode()
        header = rows_of(side(manager, site, export="csv"))[0]
        assert {"cost of needed, EUR", "cost of there, EUR"} <= {*header}

    def test_only_who_manages_the_site_sees_costs(self, client, manager, centre):
        site, _queue = centre
        a_headcount(site, starts_on=date(2026, 3, 1), actual_fte=Decimal(2))
        one = made(manager, site, cost_per_hour="20")
        assert "cost of needed" in rows_of(side(manager, site, export="csv"))[0]
        client.force_login(a_user("planner", site))
        page = side(client, site)
        assert page.status_code == 200
        assert not page.context["shows_cost"]
        header = rows_of(side(client, site, export="csv"))[0]
        assert not [name for name in header if "cost" in name]
        for name in ("scenario_edit", "scenario_remove"):
            assert client.get(reverse(name, args=[one.pk])).status_code == 404
        assert client.post(reverse("scenario_copy", args=[one.pk])).status_code == 404
        assert client.get(f"{reverse('scenario_new')}?site={site.slug}").status_code == 404

    def test_at_most_four_stand_side_by_side(self, manager, centre):
        site, _queue = centre
        for number in range(5):
            manager.post(f"{reverse('scenario_new')}?site={site.slug}", {"name": f"S{number}"})
        every = list(Scenario.objects.filter(site=site))
        page = side(manager, site, show=[one.pk for one in every])
        assert len(page.context["columns"]) == 4
        assert "At most 4 are shown" in page.content.decode()
        two = side(manager, site, show=[every[0].pk, every[3].pk])
        assert [one.scenario for one in two.context["columns"]] == [every[0], every[3]]
        assert [len(rows) for _first, rows in two.context["months"]] == [2] * 18

    def test_the_file_has_every_month_of_every_scenario(self, manager, centre):
        site, _queue = centre
        made(manager, site, volume="900")
        rows = rows_of(manager.get(side(manager, site).context["csv_url"]))
        assert [len(rows), rows[0]["month"], rows[18]["scenario"]] == [36, "2026-04-01", "More"]
        assert float(rows[0]["needed"]) == pytest.approx(1.1)

    def test_what_newer_forecasts_left_behind_says_so(self, manager, centre):
        site, queue = centre
        assert "Newer forecasts" not in side(manager, site).content.decode()
        QueueMonths.objects.filter(queue=queue).update(known_until=date(2026, 3, 16))
        for page in (side(manager, site), hiring(manager, site)):
            assert "Newer forecasts" in page.content.decode()
        reckoned.renew(site, NOW + 2 * DAY)
        assert "Newer forecasts" not in side(manager, site).content.decode()

    def test_when_its_first_month_has_begun_it_says_so(self, client, centre):
        site, _queue = centre
        with time_machine.travel(NOW + 20 * DAY, tick=False):
            client.force_login(a_user("manager", site))
            a_headcount(site, starts_on=date(2026, 3, 1), actual_fte=Decimal(2))
            for page in (side(client, site), hiring(client, site)):
                assert "The first of these months has begun" in page.content.decode()
                assert "Newer forecasts" not in page.content.decode()
            told = client.get(reverse("api_scenarios"), {"site": site.slug}).json()
            assert told["scenarios"][0]["is_stale"]

    def test_before_any_forecast_there_is_nothing_and_it_is_said(self, client):
        site = a_site()
        client.force_login(a_user("manager", site))
        for page in (side(client, site), hiring(client, site)):
            assert "No months ahead are known yet" in page.content.decode()

    def test_a_scenario_made_before_any_forecast_is_reckoned_when_there_is_one(self, client):
        site = a_site()
        client.force_login(a_user("manager", site))
        kept = made(client, site, fte="5")
        assert kept.work is None
        page = side(client, site)
        assert "not reckoned yet" in page.content.decode()
        assert hiring(client, site, scenario=kept.pk).status_code == 200

    @pytest.mark.parametrize("asked", [{"show": "x"}, {"show": "9" * 40}, {"export": "csv"}])
    def test_an_address_that_makes_no_sense_is_no_fault(self, client, asked):
        site = a_site()
        client.force_login(a_user("manager", site))
        assert side(client, site, **asked).status_code == 200

    def test_the_pages_ask_the_same_of_few_as_of_many(
        self, manager, centre, django_assert_num_queries
    ):
        site, queue = centre
        a_headcount(site, starts_on=date(2026, 3, 1), actual_fte=Decimal(2))
        side(manager, site)
        for turn in range(2):
            with django_assert_num_queries(10):
                side(manager, site)
            with django_assert_num_queries(9):
                hiring(manager, site)
            for number in range(30):
                one = Scenario.objects.create(
                    site=site, name=f"S{turn}-{number}", changed_at=NOW, work=base_of(site).work
                )
                one.queues.add(queue)


class TestForm:
    def test_what_is_said_is_kept_in_shares_and_audited(self, manager, centre):
        site, queue = centre
        said = {
            "volume": "10", "growth": "-1.5", "aht_seconds": "5:00", "service_level": "90",
            "target_seconds": "30", "patience_seconds": "120", "occupancy": "85", "fte": "12.5",
            "paid_hours": "150", "shrinkage": "32.5", "attrition": "2", "overtime": "5",
            "cost_per_hour": "21.50", "lead_weeks": "6", "training_months": "2",
            "ramp": "50, 80%", "hire_2026_05": "3", "queues": [queue.pk],
        }  # fmt: skip
        kept = made(manager, site, **said)
        assert kept.volume == Decimal("0.1")
        assert kept.growth == Decimal("-0.015")
        assert kept.aht_seconds == 300
        assert kept.ramp == [Decimal("0.5"), Decimal("0.8")]
        assert kept.shrinkage == Decimal("0.325")
        assert kept.hires == {"2026-05": 3}
        entry = AuditEntry.objects.get(model="scheduling.scenario")
        assert (entry.action, entry.after["queues"]) == ("created", [queue.pk])
        assert entry.after["volume"] == "0.1000"
        assert "work" not in entry.after
        # Opened and sent again as it stands nothing changes, and nothing is noted.
        page = manager.get(reverse("scenario_edit", args=[kept.pk]))
        form = page.context["form"]
        sent = {
            name: field.widget.format_value(
                field.prepare_value(form.get_initial_for_field(field, name))
            )
            for name, field in form.fields.items()
        }
        again = {name: value for name, value in sent.items() if value not in (None, [], [""])}
        again["drawn"] = form.as_drawn
        answer = manager.post(reverse("scenario_edit", args=[kept.pk]), again)
        assert answer.status_code == 302
        assert AuditEntry.objects.filter(model="scheduling.scenario").count() == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""), ("name", "x" * 81), ("name", "as it IS"),
            ("volume", "-100"), ("volume", "x"), ("volume", "1e999"), ("volume", "nan"),
            ("growth", "50"), ("aht_seconds", "0"), ("aht_seconds", "5:99"),
            ("service_level", "100"), ("target_seconds", "-1"), ("occupancy", "0"),
            ("shrinkage", "100"), ("attrition", "-1"), ("ramp", "50;x"), ("ramp", "0"),
            ("ramp", "nan"), ("ramp", ",".join(["50"] * 13)), ("lead_weeks", "1.5"),
            ("training_months", "9" * 30), ("fte", "-1"), ("paid_hours", "0"),
            ("cost_per_hour", "1e30"), ("hire_2026_04", "-1"), ("day0", "09:00"),
            ("day0", "12:00-09:00"), ("queues", "0"), ("queues", "x"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said_at_its_field(self, client, field, value):
        site = a_site()
        Scenario.objects.create(site=site, name="As it is", is_base=True, changed_at=NOW)
        client.force_login(a_user("manager", site))
        with time_machine.travel(NOW, tick=False):
            page = made(client, site, **{field: value})
        assert page.status_code == 200
        errors = page.context["form"].errors
        assert errors
        assert [*errors] == [field if value != "as it IS" else "__all__"]
        assert not Scenario.objects.filter(site=site, is_base=False).exists()

    def test_handle_times_are_told_in_one_way(self, client):
        site = a_site()
        client.force_login(a_user("manager", site))
        page = made(client, site, aht="10", aht_seconds="200")
        assert [*page.context["form"].errors] == ["aht_seconds"]

    def test_a_queue_of_another_site_is_none(self, client):
        site = a_site()
        client.force_login(a_user("manager", site))
        page = made(client, site, queues=[a_queue().pk])
        assert [*page.context["form"].errors] == ["queues"]

    def test_how_it_is_changes_nothing_of_the_work(self, manager, centre):
        site, _queue = centre
        base = base_of(site)
        url = reverse("scenario_edit", args=[base.pk])
        assert "volume" not in manager.get(url).context["form"].fields
        manager.post(url, {"name": "Now", "volume": "50", "day0": "09:00-10:00", "fte": "4"})
        base.refresh_from_db()
        assert (base.name, base.volume, base.hours, base.fte) == ("Now", None, {}, 4)

    def test_a_copy_is_like_it_under_a_name_of_its_own(self, manager, centre):
        site, queue = centre
        one = made(manager, site, volume="10", queues=[queue.pk])
        for name in ("More (copy)", "More (copy 2)"):
            answer = manager.post(reverse("scenario_copy", args=[one.pk]))
            copied = Scenario.objects.get(name=name)
            assert answer["location"] == reverse("scenario_edit", args=[copied.pk])
            assert (copied.volume, [*copied.queues.all()]) == (one.volume, [queue])
        manager.post(reverse("scenario_copy", args=[base_of(site).pk]))
        assert Scenario.objects.filter(site=site, is_base=True).count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_who_copy_at_once_make_two(self, monkeypatch):
        site = a_site()
        one = Scenario.objects.create(site=site, name="More", changed_at=NOW)
        who, keep = a_user("manager", site), reckoned.keep

        def slowly(*said):
            sleep(1)
            keep(*said)

        def copy(_number):
            try:
                return reckoned.copy(one, who, NOW).name
            finally:
                connection.close()

        monkeypatch.setattr(reckoned, "keep", slowly)
        with ThreadPoolExecutor(2) as both:
            names = sorted(both.map(copy, range(2)))
        assert names == ["More (copy 2)", "More (copy)"]

    def test_what_is_removed_before_it_is_copied_is_not_found(self, manager, centre, monkeypatch):
        site, _queue = centre
        one, copy = made(manager, site), reckoned.copy

        def late(scenario, *said):
            Scenario.objects.filter(pk=scenario.pk).delete()
            return copy(scenario, *said)

        monkeypatch.setattr(reckoned, "copy", late)
        assert manager.post(reverse("scenario_copy", args=[one.pk])).status_code == 404

    def test_a_name_that_somebody_took_just_now_is_said(self, manager, centre, monkeypatch):
        site, _queue = centre
        keep = reckoned.keep

        def late(scenario, *said):
            Scenario.objects.create(site=site, name="more", changed_at=NOW)
            keep(scenario, *said)

        monkeypatch.setattr(reckoned, "keep", late)
        url = f"{reverse('scenario_new')}?site={site.slug}"
        page = manager.post(url, {"name": "More"})
        assert "There is a scenario of this name already." in page.content.decode()

    def test_what_else_must_never_be_is_not_called_a_name(self, manager, centre, monkeypatch):
        site, _queue = centre

        def wrong(*_said):
            with transaction.atomic():
                Scenario.objects.create(site=site, name="Wrong", changed_at=NOW, fte=-1)

        monkeypatch.setattr(reckoned, "keep", wrong)
        with pytest.raises(IntegrityError, match="scenario_of_people_that_can_be"):
            manager.post(f"{reverse('scenario_new')}?site={site.slug}", {"name": "More"})

    def test_removed_it_is_gone_and_how_it_is_stays(self, manager, centre):
        site, _queue = centre
        one = made(manager, site)
        url = reverse("scenario_remove", args=[one.pk])
        assert "Remove More?" in manager.get(url).content.decode()
        assert manager.post(url).status_code == 302
        assert not Scenario.objects.filter(pk=one.pk).exists()
        assert AuditEntry.objects.filter(model="scheduling.scenario", action="removed").exists()
        base = reverse("scenario_remove", args=[base_of(site).pk])
        assert manager.post(base).status_code == 404

    def test_another_sites_scenario_is_out_of_reach(self, client, centre):
        site, _queue = centre
        base = base_of(site)
        client.force_login(a_user("manager", a_site()))
        assert client.get(reverse("scenario_edit", args=[base.pk])).status_code == 404
        for page in (side(client, site), hiring(client, site)):
            assert page.status_code == 404


class TestHiring:
    """1.1 people are needed in April, of 160 hours."""

    def told(self, manager, site, **said):
        kept = made(manager, site, **{"shrinkage": "0", "paid_hours": "88", **said})
        return hiring(manager, site, scenario=kept.pk)

    def test_who_is_missing_is_recruited_so_long_before(self, manager, centre):
        """Two whole people are needed in April (176 hours of 88), one is there. Somebody who is
        recruited on 16 March begins on 1 May after six weeks, and is trained in May."""
        site, _queue = centre
        page = self.told(manager, site, fte="1", lead_weeks="6", training_months="1")
        told = page.context["told"]
        # 22 weekdays of April and 21 of May, of 8 hours each, by 88.
        assert [step.need for step in told.steps][:2] == pytest.approx([2.0, 21 * 8 / 88])
        assert told.next.first == date(2026, 5, 1)
        # Six weeks before 1 May.
        assert (told.next.recruit_by, told.next.hire) == (date(2026, 3, 20), 1)
        assert [step.first.month for step in told.late] == [4, 5]
        assert told.steps[1].gap == pytest.approx(1 - 21 * 8 / 88)
        text = page.content.decode()
        assert "Begin recruiting by 20 March 2026: 1 person, who begins on 1 May 2026" in text
        assert "Too few until then" in text

    def test_what_is_shown_of_needed_there_and_gap_agrees(self, manager, centre):
        """May takes 168 hours of 88, 1.909 people, of whom 1 is there: 1.9, 1.0 and -0.9."""
        site, _queue = centre
        page = self.told(manager, site, fte="1", lead_weeks="6", training_months="1")
        text = page.content.decode()
        row = text[text.index("May 2026</th>") :].split("</tr>")[0]
        cells = re.findall(r"<td>([^<]*)", row)
        assert (cells[0], cells[4]) == ("1.9", "1.0")
        assert cells[5].strip() == "\N{MINUS SIGN}0.9"

    def test_where_it_must_begin_today_it_says_now(self, manager, centre):
        site, _queue = centre
        with time_machine.travel(date(2026, 3, 18), tick=False):
            page = self.told(manager, site, fte="1", lead_weeks="2")
        assert page.context["told"].next.recruit_by == date(2026, 3, 18)
        assert "Begin recruiting now: 1 person, who begins on 1 April 2026" in page.content.decode()

    def test_who_is_planned_to_begin_need_not_be_hired(self, manager, centre):
        site, _queue = centre
        page = self.told(manager, site, fte="1", hire_2026_04="2")
        told = page.context["told"]
        assert told.hires == 0
        assert told.steps[0].planned == 2
        assert "Nobody needs to be hired" in page.content.decode()

    def test_who_is_to_begin_anyway_is_so_in_every_scenario(self, manager, centre):
        site, _queue = centre
        base = base_of(site)
        said = {"name": "As it is", "fte": "1", "hire_2026_04": "2"}
        manager.post(reverse("scenario_edit", args=[base.pk]), said)
        assert self.told(manager, site).context["told"].steps[0].planned == 2

    def test_who_leaves_is_made_up_for(self, manager, centre):
        site, _queue = centre
        few = self.told(manager, site, fte="4", attrition="10").context["told"]
        assert few.hires > 0
        assert not few.late
        assert all(step.there >= step.need - 1 for step in few.steps)

    def test_without_people_it_asks_for_them(self, manager, centre):
        page = hiring(manager, centre[0])
        assert page.context["told"] is None
        assert "Nobody has told how many people there are" in page.content.decode()

    def test_some_queues_need_their_own_people_told(self, manager, centre):
        site, queue = centre
        a_headcount(site, starts_on=date(2026, 3, 1), actual_fte=Decimal(2))
        kept = made(manager, site, queues=[queue.pk])
        page = hiring(manager, site, scenario=kept.pk)
        assert "say in the scenario how many people they have" in page.content.decode()

    def test_to_be_sure_takes_months_that_tell(self, manager, centre):
        site, _queue = centre
        kept = made(manager, site, fte="1")
        page = hiring(manager, site, **{"scenario": kept.pk, "for": "80"})
        assert "Too few months are known" in page.content.decode()

    def test_to_be_sure_more_are_hired(self, client):
        """Three years of months that move by a fifth."""
        with time_machine.travel(NOW, tick=False):
            site = a_site()
            rates = np.random.default_rng(1).normal(20, 4, 36)
            firsts = [date(2023 + month // 12, month % 12 + 1, 1) for month in range(2, 38)]
            told = [[str(first), rate] for first, rate in zip(firsts, rates, strict=True)]
            months_ahead(a_queue(site), told)
            client.force_login(a_user("manager", site))
            kept = made(client, site, fte="1", volume="900", paid_hours="40")
            work = reckoned.Work.of(kept.work)
            assert all(more >= plain for more, plain in zip(work.sure, work.hours, strict=True))
            even = hiring(client, site, scenario=kept.pk).context["told"]
            sure = hiring(client, site, **{"scenario": kept.pk, "for": "80"}).context["told"]
            assert sure.hires > even.hires > 0
            assert "band" in side(client, site, show=kept.pk).context["chart"]["json"]

    def test_the_file_has_every_month(self, manager, centre):
        site, _queue = centre
        page = self.told(manager, site, fte="1", lead_weeks="6", training_months="1")
        rows = rows_of(manager.get(page.context["csv_url"]))
        assert len(rows) == 18
        assert (rows[1]["month"], rows[1]["to hire"]) == ("2026-05-01", "1")
        assert (rows[1]["recruit from"], rows[0]["recruit from"]) == ("2026-03-20", "")

    @pytest.mark.parametrize("asked", ["0", "x", "9" * 40])
    def test_a_scenario_that_is_none_is_not_found(self, manager, centre, asked):
        assert hiring(manager, centre[0], scenario=asked).status_code == 404


class TestApi:
    def asked(self, client, site, **more):
        return client.get(reverse("api_scenarios"), {"site": site.slug, **more})

    def test_it_has_the_numbers_of_the_pages(self, manager, centre):
        site, _queue = centre
        kept = made(
            manager, site, fte="1", paid_hours="88", shrinkage="0", lead_weeks="6",
            training_months="1", cost_per_hour="10",
        )  # fmt: skip
        base, told = self.asked(manager, site).json()["scenarios"]
        assert (base["is_base"], told["id"], told["known_until"]) == (True, kept.pk, "2026-03-13")
        assert (base["months"][0]["there"], base["months"][0]["to_hire"]) == (None, None)
        may = told["months"][1]
        assert (may["month"], may["to_hire"]) == ("2026-05-01", 1)
        assert may["recruit_from"] == "2026-03-20"
        # 21 weekdays of eight hours, at 10 an hour.
        assert may["needed"] == pytest.approx(168 / 88)
        assert may["cost_of_needed"] == pytest.approx(1680)
        assert told["not_told"] == ["attrition", "ramp"]

    def test_who_does_not_manage_the_site_is_told_no_costs(self, client, manager, centre):
        site, _queue = centre
        made(manager, site, cost_per_hour="10")
        client.force_login(a_user("planner", site))
        every = self.asked(client, site).json()["scenarios"]
        assert {month["cost_of_needed"] for one in every for month in one["months"]} == {None}

    def test_what_makes_no_sense_is_refused(self, client):
        site = a_site()
        client.force_login(a_user("manager", site))
        assert client.get(reverse("api_scenarios")).status_code == 400
        assert self.asked(client, site, sites="x").status_code == 400
        assert client.get(reverse("api_scenarios"), {"site": "a b"}).status_code == 400
        assert client.get(reverse("api_scenarios"), {"site": "none"}).status_code == 404
        assert self.asked(client, site).json() == {"scenarios": []}
