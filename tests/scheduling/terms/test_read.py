"""What rosters are made of, read from what planners and people say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ccm.special_days import SpecialDay
from scheduling.models import AgentContract, LeaveRequest, ShiftTemplate, SiteRules
from scheduling.shifts import Kind, Limits, Pairing, Pause, Wish
from scheduling.terms import binding, law, limits, read, shapes
from tests.builders import a_leave, a_queue, a_queue_group, a_site, an_agent
from tests.scheduling.absences.builders import a_kind
from tests.scheduling.terms.builders import (
    SAID_AT,
    a_contract,
    a_pairing,
    a_rotation,
    a_template,
    an_availability,
    in_rotation,
    skilled,
    with_contract,
)

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 16)
SUNDAY = date(2026, 3, 22)
DAY = 1440


def person(agent, first=MONDAY, count=7):
    found = {one.id: one for one in read.people(agent.site, first, count)}
    return found[str(agent.pk)]


def is_there(agent, first=MONDAY, count=7):
    return str(agent.pk) in {one.id for one in read.people(agent.site, first, count)}


def wish(day, wants, what="", weight=None):
    return Wish(day, wants, weight or (10 if wants else 20), what)


# Shapes.


def test_a_template_is_each_of_its_starts_as_long_as_each_of_its_lengths():
    """From 7:00 to 8:00 every half hour, eight or nine hours: six shapes."""
    one = a_template(
        a_site(), first_start=420, last_start=480, step_minutes=30, lengths=[540, 480],
        weekdays=[0, 4], pauses=[
            {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}
        ],
    )  # fmt: skip
    found = shapes.of_template(one)
    assert [(shape.start, shape.minutes) for shape in found] == [
        (420, 480), (420, 540), (450, 480), (450, 540), (480, 480), (480, 540),
    ]  # fmt: skip
    assert found[0].pauses == (Pause("Lunch", 30, 180, 300, False),)
    assert found[0].weekdays == {0, 4}
    assert found[0].worked_minutes == 450
    assert {shape.template for shape in found} == {str(one.pk)}
    assert len({shape.id for shape in found}) == 6
    assert {shapes.template_of(shape.id) for shape in found} == {one.pk}


def test_a_split_shift_has_unpaid_hours_between_and_on_call_covers_nothing():
    site = a_site()
    split = a_template(site, "Split", spells=[[0, 240], [480, 720]])
    [shape] = shapes.of_template(split)
    assert (shape.is_split, shape.worked_minutes, shape.minutes) == (True, 480, 720)
    [call] = shapes.of_template(a_template(site, "Standby", kind="on_call"))
    assert (call.kind, call.worked_minutes) == (Kind.ON_CALL, 0)


def test_a_template_that_is_not_in_use_is_given_to_nobody():
    site = a_site()
    a_template(site)
    a_template(site, "Old", is_active=False)
    a_template(a_site())
    assert len(read.shapes(site)) == 1
    assert len(read.shapes(site, every=True)) == 2


# Limits.


def test_a_contract_says_what_its_columns_say():
    contract = a_contract(a_site(), most_week_minutes=2400, most_week_days=5)
    assert limits.of_contract(contract) == Limits(
        most_week_minutes=2400, most_week_days=5, rest_minutes=660
    )


def test_every_field_of_limits_that_is_one_number_has_a_column():
    apart = {"most_of_template", "pause_after"}  # by template, and by length
    assert set(limits.columns()) == {*Limits.__dataclass_fields__} - apart


def test_of_a_contract_and_the_law_beside_it_the_stricter_holds(monkeypatch):
    law = Limits(most_day_minutes=600, rest_minutes=660, pause_after=((360, 30),))
    monkeypatch.setattr("scheduling.terms.law.limits", {"DE": law}.__getitem__)
    contract = a_contract(a_site(), law="DE", most_day_minutes=540, rest_minutes=600)
    assert limits.of_contract(contract) == Limits(
        most_day_minutes=540, rest_minutes=660, pause_after=((360, 30),)
    )


def test_a_law_is_that_of_its_country_or_region_and_one_that_nobody_knows_says_nothing():
    assert law.limits("DE").rest_minutes == 660  # ArbZG s. 5(1)
    assert law.limits("US-OR").rest_minutes == 600  # ORS 653.442
    assert law.limits("") == law.limits("XX") == Limits()
    assert {"DE", "US-OR"} <= {key for key, _title in law.known()}


def test_what_binds_is_told_rule_by_rule_with_where_the_law_says_it():
    """Ten hours of rest by contract, eleven by German law; five days a week by contract alone."""
    contract = a_contract(a_site(), law="DE", rest_minutes=600, most_week_days=5)
    told = {one.rule: one for one in binding.bounds(contract)}
    rest, days = told["Rest between shifts"], told["Most days a week"]
    assert (rest.own, rest.law, rest.holds) == ("10:00", "11:00", "11:00")
    assert "5" in rest.source.article
    assert (days.own, days.law, days.holds, days.source) == ("5", "", "5", None)
    # s. 4: half an hour after six hours.
    assert told["Pauses of more than 6:00"].holds == "0:30 in all"


def test_who_has_no_contract_rests_eleven_hours_and_works_the_hours_that_lists_tell():
    ann = an_agent(a_site())
    assert person(ann).limits == Limits(rest_minutes=660)
    ann.contract_hours = Decimal("38.5")
    ann.save()
    assert person(ann).limits == Limits(rest_minutes=660, most_week_minutes=2310)


def test_the_contract_of_the_first_day_holds_for_the_span():
    ann = an_agent(site := a_site())
    half, full = a_contract(site, "Half", most_week_minutes=1200), a_contract(site)
    with_contract(ann, half, ends_on=MONDAY + timedelta(days=2))
    with_contract(ann, full, starts_on=MONDAY + timedelta(days=2))
    assert person(ann).limits.most_week_minutes == 1200
    assert person(ann).days_off == frozenset()
    assert person(ann, MONDAY + timedelta(days=2)).limits.most_week_minutes is None


def test_a_day_that_no_contract_covers_is_off_for_who_has_had_one():
    ann = an_agent(site := a_site())
    with_contract(ann, a_contract(site), starts_on=MONDAY + timedelta(days=1), ends_on=SUNDAY)
    assert person(ann).days_off == {0, 6}
    assert not is_there(ann, SUNDAY)
    AgentContract.objects.all().delete()
    assert is_there(ann, SUNDAY)


# Who is there.


def test_who_was_hired_or_left_within_the_span_is_there_on_some_of_its_days():
    site = a_site()
    new, gone, past, later = (an_agent(site) for _ in range(4))
    for who, hired, left in (
        (new, MONDAY + timedelta(days=2), None),
        (gone, None, MONDAY + timedelta(days=3)),
        (past, None, MONDAY),
        (later, SUNDAY + timedelta(days=1), None),
    ):
        who.hired_on, who.left_on = hired, left
        who.save()
    assert person(new).present == (2, 6)
    # Who left on Thursday worked on Wednesday last.
    assert person(gone).present == (0, 2)
    assert (is_there(past), is_there(later)) == (False, False)
    assert person(an_agent(site)).present is None


def test_a_name_that_an_import_met_is_given_shifts_once_somebody_says_whose_contract_it_has():
    ann = an_agent(site := a_site())
    ann.is_new = True
    ann.save()
    assert not is_there(ann)
    with_contract(ann, a_contract(site))
    assert is_there(ann)


def test_one_is_new_for_the_weeks_that_the_site_says():
    ann = an_agent(a_site())
    assert not person(ann).is_new  # nobody knows since when
    ann.hired_on = MONDAY - timedelta(weeks=8)
    ann.save()
    assert not person(ann).is_new
    assert person(ann, MONDAY - timedelta(days=1)).is_new
    SiteRules.objects.create(site=ann.site, new_weeks=10)
    assert person(ann).is_new


# Skills.


def test_who_has_skills_by_queue_takes_these_alone():
    site = a_site()
    sales, support = a_queue(site), a_queue(site)
    ann, ben = an_agent(site), an_agent(site)
    skilled(ann, sales, "0.8")
    skilled(ann, support, starts_on=MONDAY + timedelta(days=1))
    assert person(ann).skills == {f"q{sales.pk}": 0.8}
    assert person(ann, MONDAY + timedelta(days=1)).skills == {
        f"q{sales.pk}": 0.8,
        f"q{support.pk}": 1.0,
    }
    # Of whom nothing is said by queue every queue is taken.
    assert person(ben).skills == {f"q{sales.pk}": 1.0, f"q{support.pk}": 1.0}


def test_else_the_queues_that_are_among_the_skills_of_lists():
    site = a_site()
    sales, _support = a_queue(site, "Sales"), a_queue(site, "Support")
    ann = an_agent(site)
    ann.skills = ["SALES", "French"]
    ann.save()
    assert person(ann).skills == {f"q{sales.pk}": 1.0}


def test_lists_hold_until_the_first_day_of_which_something_is_said():
    """Billing is said from Tuesday on: on Monday she takes what lists name, on Tuesday what is
    said."""
    site = a_site()
    claims, billing = a_queue(site, "Claims"), a_queue(site, "Billing")
    ann = an_agent(site)
    ann.skills = ["Claims"]
    ann.save()
    skilled(ann, billing, "0.5", starts_on=MONDAY + timedelta(days=1))
    assert person(ann).skills == {f"q{claims.pk}": 1.0}
    assert person(ann, MONDAY + timedelta(days=1)).skills == {f"q{billing.pk}": 0.5}


def test_who_takes_a_queue_of_a_group_serves_the_group_as_well_as_the_worst_of_its_queues():
    site = a_site()
    queues = [a_queue(site) for _ in range(3)]
    group = a_queue_group(*queues)
    ann = an_agent(site)
    skilled(ann, queues[0], "0.9")
    skilled(ann, queues[1], "0.6")
    assert person(ann).skills[f"g{group.pk}"] == 0.6


# When they cannot.


def test_an_absence_closes_its_days():
    ann = an_agent(a_site())
    a_leave(ann, first_on=MONDAY + timedelta(days=1), last_on=MONDAY + timedelta(days=2))
    assert person(ann).closed == ((DAY, 3 * DAY),)


def test_an_absence_goes_by_the_days_of_its_site():
    """Days from six in the morning: a night shift into the first morning is worked to its end."""
    ann = an_agent(a_site(day_begins=6))
    a_leave(ann, first_on=MONDAY + timedelta(days=1), last_on=MONDAY + timedelta(days=1))
    assert person(ann).closed == ((DAY + 360, 2 * DAY + 360),)
    # That of the day before the span lasts into its first morning.
    assert person(ann, MONDAY + timedelta(days=2)).closed == ((-DAY + 360, 360),)


def test_an_absence_whose_end_nobody_knows_closes_what_a_last_night_reaches_into():
    ann = an_agent(a_site())
    a_leave(ann, first_on=MONDAY)
    assert person(ann).closed == ((0, 8 * DAY),)


# What an absence counts for.


def hours_off(agent, day, since, to):
    """Granted from a minute of the clock to another."""
    LeaveRequest.objects.create(
        agent=agent, kind=a_kind(agent.site, f"Kind {since}"), first_on=day, last_on=day,
        from_minute=since, to_minute=to, asked_at=SAID_AT, state="approved", decided_at=SAID_AT,
    )  # fmt: skip


def off(agent, first=MONDAY, count=7):
    one = person(agent, first, count)
    return one.credited, one.away


def test_a_day_of_absence_counts_for_a_day_of_the_contract_and_one_without_work_for_nothing():
    """30 hours in five days are six hours a day; Saturday is none of them."""
    ann = an_agent(a_site())
    with_contract(ann, a_contract(ann.site, week_minutes=1800, fewest_week_minutes=1800))
    a_leave(ann, first_on=MONDAY + timedelta(days=3), last_on=MONDAY + timedelta(days=5))
    assert off(ann) == ({3: 360, 4: 360}, {3, 4})


def test_a_holiday_of_an_absence_counts_as_any_other_day():
    site = a_site()
    site.special_days = [SpecialDay(MONDAY, "Holiday", "holiday", False).row]
    site.save()
    ann = an_agent(site)
    a_leave(ann, first_on=MONDAY, last_on=MONDAY + timedelta(days=1))
    assert off(ann) == ({0: 480, 1: 480}, {0, 1})


def test_hours_off_by_request_count_as_many_minutes_and_no_day():
    ann = an_agent(a_site())
    hours_off(ann, MONDAY, 600, 720)
    # Twelve hours of a day of eight.
    hours_off(ann, MONDAY + timedelta(days=1), 480, 1200)
    assert off(ann) == ({0: 120, 1: 480}, frozenset())


def test_an_absence_of_the_two_weeks_before_counts_for_the_period():
    ann = an_agent(a_site())
    a_leave(ann, first_on=MONDAY - timedelta(days=20), last_on=MONDAY - timedelta(days=13))
    assert off(ann) == ({-14: 480, -13: 480}, {-14, -13})


def test_of_a_week_that_somebody_is_away_all_of_nothing_is_asked():
    """A contract of six days that says nothing of its hours, of whom lists tell 20 a week."""
    ann = an_agent(a_site())
    ann.contract_hours = Decimal(20)
    ann.save()
    held = a_contract(ann.site, is_full_time=False, fewest_week_minutes=1800, fewest_week_days=6)
    with_contract(ann, held)
    a_leave(ann, first_on=MONDAY, last_on=SUNDAY)
    credited, away = off(ann)
    assert (sum(credited.values()), len(away)) == (1800, 7)


def test_an_absence_whose_end_nobody_knows_counts_to_the_end_of_the_span():
    ann = an_agent(a_site())
    a_leave(ann, first_on=MONDAY + timedelta(days=2))
    credited, away = off(ann, count=10)
    assert sorted(credited) == [2, 3, 4, 7, 8, 9]
    assert away == {2, 3, 4, *range(7, 10)}


def test_what_somebody_cannot_work_is_no_absence():
    ann = an_agent(a_site())
    an_availability(ann, "must_not", weekday=2)
    assert off(ann) == ({}, frozenset())


def test_what_somebody_cannot_is_closed_by_the_weekday_and_by_the_clock():
    ann = an_agent(a_site())
    an_availability(ann, "must_not", weekday=2)
    # Friday from 22:00 to 6:00 of Saturday.
    an_availability(ann, "must_not", weekday=4, from_minute=1320, to_minute=1800)
    assert person(ann).closed == ((2 * DAY, 3 * DAY), (4 * DAY + 1320, 5 * DAY + 360))


def test_what_was_said_of_the_evening_before_reaches_into_the_span():
    ann = an_agent(a_site())
    an_availability(ann, "must_not", weekday=6, from_minute=1320, to_minute=1800)
    assert person(ann, count=1).closed == ((-120, 360),)


def test_said_of_days_it_holds_from_the_first_to_the_last():
    ann = an_agent(a_site())
    an_availability(
        ann, "must_not", first_on=MONDAY + timedelta(days=1), last_on=MONDAY + timedelta(days=2)
    )
    assert person(ann).closed == ((DAY, 3 * DAY),)
    assert person(ann, SUNDAY).closed == ()


def test_hours_are_of_the_clock_where_clocks_are_put():
    """In Berlin clocks go from 2:00 to 3:00 on 29 March 2026: noon is eleven hours after
    midnight."""
    ann = an_agent(a_site(zone="Europe/Berlin"))
    sunday = date(2026, 3, 29)
    an_availability(ann, "must_not", weekday=6, from_minute=720, to_minute=840)
    an_availability(ann, "must_not", weekday=0)
    assert person(ann, sunday, 2).closed == ((660, 780), (1380, 1380 + DAY))


# What they would like.


def test_a_wish_is_about_each_day_that_it_holds_on_and_costs_what_the_site_says():
    ann = an_agent(site := a_site())
    an_availability(ann, "rather_not", weekday=0)
    an_availability(ann, "likes", first_on=SUNDAY, last_on=SUNDAY)
    assert set(person(ann, count=8).wishes) == {
        wish(0, False), wish(7, False), wish(6, True),
    }  # fmt: skip
    SiteRules.objects.create(site=site, rather_not=7, likes=3)
    assert set(person(ann, count=7).wishes) == {
        wish(0, False, weight=7), wish(6, True, weight=3)
    }  # fmt: skip


def test_a_shift_is_wished_for_on_days_that_have_it():
    ann = an_agent(site := a_site())
    early = a_template(site, weekdays=[0, 1])
    old = a_template(site, "Old", is_active=False)
    an_availability(ann, "likes", weekday=None, template=early)
    an_availability(ann, "likes", weekday=None, template=old)
    what = str(early.pk)
    assert person(ann).wishes == (wish(0, True, what), wish(1, True, what))


def test_hours_one_would_rather_not_work_are_wishes_against_each_shift_with_some_of_them():
    """Rather not from 22:00 on Tuesday to 6:00: the late shift of Tuesday ends at 22:00 and has
    none of it; the nights of Monday, to 6:00 of Tuesday, and of Wednesday have none either."""
    ann = an_agent(site := a_site())
    a_template(site, "Late", first_start=840, last_start=840)
    night = a_template(site, "Night", first_start=1320, last_start=1320)
    dawn = a_template(site, "Dawn", first_start=300, last_start=360, step_minutes=60, lengths=[240])
    an_availability(ann, weekday=1, from_minute=1320, to_minute=1800)
    assert set(person(ann).wishes) == {
        wish(1, False, str(night.pk)),  # of which there is no other start
        wish(2, False, f"{dawn.pk}-300-240"),  # from 5:00 on Wednesday, but not that from 6:00
    }


def test_hours_that_every_shift_of_a_day_has_are_a_wish_against_working_on_it():
    ann = an_agent(site := a_site())
    a_template(site)
    a_template(site, "Late", first_start=720, last_start=780, step_minutes=60)
    an_availability(ann, weekday=1, from_minute=780, to_minute=900)
    assert person(ann).wishes == (wish(1, False),)


def test_hours_one_likes_are_wishes_against_each_shift_of_the_day_that_is_not_within():
    ann = an_agent(site := a_site())
    a_template(site)  # from 6:00 to 14:00
    late = a_template(site, "Late", first_start=840, last_start=840)
    an_availability(ann, "likes", weekday=3, from_minute=360, to_minute=900)
    assert person(ann).wishes == (wish(3, False, str(late.pk), weight=10),)


# Rotations.


def test_a_rotation_says_of_each_day_what_it_allows_and_begins_with_the_week_that_is_said():
    """Two weeks: Monday early and Saturday off in the first, Monday late in the second."""
    ann = an_agent(site := a_site())
    early, late = a_template(site), a_template(site, "Late")
    rotation = a_rotation(site, {(1, 0): [early], (1, 5): [], (2, 0): [late, early]})
    # From a Thursday on: its week is the second.
    in_rotation(ann, rotation, starts_on=MONDAY + timedelta(days=3), first_week=2)
    both, one = {str(early.pk), str(late.pk)}, {str(early.pk)}
    assert person(ann).rotation == {}
    assert person(ann, count=15).rotation == {7: one, 12: frozenset(), 14: both}


def test_a_rotation_that_ends_says_nothing_of_the_days_after_it():
    ann = an_agent(site := a_site())
    rotation = a_rotation(site, {(1, day): [] for day in range(7)}, weeks=1)
    in_rotation(ann, rotation, ends_on=MONDAY + timedelta(days=2))
    assert set(person(ann).rotation) == {0, 1}


# The whole.


def test_a_problem_has_its_days_holidays_pairs_and_rules():
    site = a_site()
    site.special_days = [SpecialDay(SUNDAY, "Founders' day", "holiday", False).row]
    site.save()
    ann, ben, gone = an_agent(site), an_agent(site), an_agent(site)
    gone.left_on = MONDAY
    gone.save()
    a_pairing(ann, ben, together=False)
    a_pairing(ann, gone)
    a_template(site)
    SiteRules.objects.create(
        site=site, weights={"pairing": 50}, mix="1.5", night_from=1320, night_to=1740,
        night_minutes=60, late_from=1260,
    )  # fmt: skip
    problem = read.problem_terms(site, MONDAY, 7)
    assert [day.date for day in problem.days if day.is_holiday] == [SUNDAY]
    assert problem.pairings == (Pairing(str(ann.pk), str(ben.pk), False),)
    assert {one.id for one in problem.people} == {str(ann.pk), str(ben.pk)}
    assert len(problem.shapes) == 1
    assert (problem.weights.weight("pairing"), problem.weights.weight("mix")) == (50, None)
    assert (problem.mix, problem.night, problem.night_minutes) == (1.5, (1320, 1740), 60)
    assert problem.late == 1260


def test_where_nobody_said_so_every_rule_is_hard_and_a_night_is_from_eleven_to_six():
    problem = read.problem_terms(a_site(), MONDAY, 7)
    assert problem.weights.of == {}
    assert (problem.mix, problem.night, problem.night_minutes) == (None, (1380, 1800), 120)
    assert (problem.late, problem.people, problem.shapes) == (1200, (), ())


@pytest.mark.parametrize("many", [1, 20])
def test_it_takes_as_many_queries_for_one_as_for_twenty(django_assert_num_queries, many):
    site = a_site()
    a_queue_group(a_queue(site), a_queue(site))
    for n in range(many):
        ann, template = an_agent(site), a_template(site, f"Shift {n}")
        with_contract(ann, a_contract(site, f"Contract {n}"))
        in_rotation(ann, a_rotation(site, {(1, 0): [template]}, name=f"Rotation {n}"))
        an_availability(ann)
        a_leave(ann)
    with django_assert_num_queries(1):
        problem = read.problem_terms(site, MONDAY, 28)
    assert len(problem.people) == len(problem.shapes) == many
    assert ShiftTemplate.objects.count() == many
