"""Like stands beside like: the same part of a day, whole months beside whole months, and where
nothing can stand there, the reason."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm.access import MANAGER
from ccm.models import SurveyResponse
from kpis import rollups
from kpis.reports import alike, holidays, links, making, reach
from kpis.reports.asked import Asked
from tests.builders import a_call, a_queue, a_site, a_user, an_agent
from tests.kpis.test_presence import a_spell

TODAY = date(2026, 3, 5)
"""A Thursday."""
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("how", "period", "first", "last", "before"),
    [
        ("previous", "last_month", "2026-03-01", "2026-03-31", "2026-02-01 2026-02-28"),
        ("previous", "last_month", "2026-01-01", "2026-01-31", "2025-12-01 2025-12-31"),
        ("previous", "custom", "2026-01-01", "2026-03-31", "2025-10-01 2025-12-31"),  # a quarter
        ("previous", "custom", "2024-01-01", "2024-12-31", "2023-01-01 2023-12-31"),  # a leap year
        ("previous", "last_week", "2026-03-02", "2026-03-08", "2026-02-23 2026-03-01"),
        ("previous", "week", "2026-03-02", "2026-03-05", "2026-02-23 2026-02-26"),
        ("previous", "month", "2026-03-01", "2026-03-05", "2026-02-01 2026-02-05"),
        # Of March's 31 days February has 28.
        ("previous", "month", "2026-03-01", "2026-03-30", "2026-02-01 2026-02-28"),
        ("previous", "custom", "2026-03-02", "2026-03-31", "2026-01-31 2026-03-01"),
        # Just 28 days that happen to be a February.
        ("previous", "28d", "2026-02-01", "2026-02-28", "2026-01-04 2026-01-31"),
        ("previous", "today", "2026-03-01", "2026-03-01", "2026-02-28 2026-02-28"),
        ("weekdays", "last_month", "2026-03-01", "2026-03-31", "2026-01-25 2026-02-24"),
        ("weekdays", "today", "2026-03-05", "2026-03-05", "2026-02-26 2026-02-26"),
    ],
)
def test_whole_months_stand_beside_whole_months_and_days_beside_as_many(
    how, period, first, last, before
):
    made = alike.before(how, period, date.fromisoformat(first), date.fromisoformat(last))
    assert f"{made.first} {made.last}" == before


def test_a_day_of_a_month_stands_beside_the_one_of_its_number():
    made = alike.before("previous", "last_month", date(2026, 3, 1), date(2026, 3, 31))
    assert made.beside[date(2026, 2, 28)] == date(2026, 3, 28)
    assert date(2026, 3, 29) not in made.beside.values()


@pytest.fixture
def leeds():
    return a_site("Leeds", "Europe/London")


@pytest.fixture
def sales(leeds):
    return a_queue(leeds, "Sales")


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def calls(queue, day, hour, minute, many, **more):
    for second in range(many):
        a_call(queue, at(day, hour, minute) + timedelta(seconds=second), **more)


def asked_of(site, now, **asked):
    rollups.rebuild()
    words = {name: one if isinstance(one, list) else [one] for name, one in asked.items()}
    user = a_user("manager", *(site if isinstance(site, list) else [site]))
    wanted = Asked.of({"by": ["total"], "compare": ["previous"], "kpi": ["offered"]} | words)
    made = making.make(wanted, reach.answerable(wanted, reach.of(user), now))
    assert made.problems == []
    return made


def beside(made, kpi="offered", row=None):
    one = made.comparison.get(row, kpi)
    return one.value, one.now


def drawn_cells(made, kpi="offered"):
    """The first row's figure as the page draws it, and what stands beside it."""
    (table,) = making.drawn(made, lambda row, words: "")
    row = table.rows[0]
    return row.get_cell(kpi), row.get_cell(f"{kpi}_beside")


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("how", "before"), [("previous", 12), ("weekdays", 7)])
def test_today_is_compared_up_to_the_end_of_the_last_whole_quarter_hour(leeds, sales, how, before):
    """At 14:22: what came in since 14:15 is in the figure of today and in no comparison."""
    for hour, minute, many in ((9, 0, 10), (14, 5, 3), (14, 20, 2)):
        calls(sales, TODAY, hour, minute, many)
    for hour, minute, many in ((9, 0, 8), (14, 14, 4), (14, 15, 20), (16, 0, 30)):
        calls(sales, TODAY - DAY, hour, minute, many)
    for hour, many in ((9, 7), (15, 40)):
        calls(sales, TODAY - 7 * DAY, hour, 0, many)
    made = asked_of(leeds, at(TODAY, 14, 22), period="today", compare=how)
    assert made.rows[0].figures["offered"].value == 15
    assert beside(made) == (before, 13)
    assert made.comparison.cut == "14:15"
    assert "compared up to 14:15" in " ".join(making.notes(made))
    # What is cut stands with today's own figure, never with that of the day before.
    assert drawn_cells(made) == ("15 <small>(13 by 14:15)</small>", str(before))
    header, line = making.lines(made, "")
    told = dict(zip(header, line, strict=True))
    assert (told["offered compared with"], told["offered up to then"]) == (before, 13)
    then = TODAY - (DAY if how == "previous" else 7 * DAY)
    assert told["compared from"] == told["compared to"] == then.isoformat()
    assert told["compared until"] == "14:15"


def test_a_record_that_stopped_is_compared_up_to_where_it_goes(leeds, sales):
    """The newest call of today ends at 11:37, though it is 14:22: two of yesterday's are of then
    and before."""
    calls(sales, TODAY, 9, 0, 1)
    calls(sales, TODAY, 11, 35, 1, wait=0, talk=120)
    for hour, minute in ((9, 0), (11, 29), (11, 31), (13, 0)):
        calls(sales, TODAY - DAY, hour, minute, 1)
    made = asked_of(leeds, at(TODAY, 14, 22), period="today")
    assert (made.comparison.cut, beside(made)) == ("11:30", (2, 1))
    assert drawn_cells(made) == ("2 <small>(1 by 11:30)</small>", "2")


def test_before_anything_of_today_is_counted_days_are_compared_without_it(leeds, sales):
    for day, many in ((1, 5), (2, 6), (8, 3), (9, 4), (7, 90)):
        calls(sales, TODAY - day * DAY, 9, 0, many)
    made = asked_of(leeds, at(TODAY, 7), period="7d")
    # The day that today stands beside has 90 calls, and is left out as today is.
    assert (made.comparison.cut, beside(made)) == ("", (7, 11))
    assert "Nothing of today is counted yet" in " ".join(making.notes(made))


def test_brackets_stand_only_where_the_figure_up_to_then_is_another(leeds, sales):
    """Of today, a Thursday, two calls came in after 14:15; Friday is over, and chat had none."""
    chat = a_queue(leeds, "Chat")
    for queue, minute in ((sales, 20), (chat, 0)):
        calls(queue, TODAY, 14, minute, 2)
        calls(queue, TODAY - 7 * DAY, 9, 0, 1)
    for day in (6, 13):
        calls(sales, TODAY - day * DAY, 9, 0, 4)
    drawn = {}
    for by in ("weekday", "queue"):
        made = asked_of(leeds, at(TODAY, 14, 22), period="7d", by=by)
        (table,) = making.drawn(made, lambda row, words: "")
        drawn |= {row.record["name"]: row.get_cell("offered") for row in table.rows}
    assert drawn == {
        "Thursday": "4 <small>(2 by 14:15)</small>",
        "Friday": "4",
        "Sales": "6 <small>(4 by 14:15)</small>",
        "Chat": "2",
    }


def test_sites_are_each_cut_by_their_own_clock(leeds, sales):
    """At 14:22 in Leeds it is 19:52 in Pune: yesterday up to 14:15 here, up to 19:45 there."""
    pune = a_site("Pune", "Asia/Kolkata")
    there = a_queue(pune)
    for queue in (sales, there):
        calls(queue, TODAY, 14, 20, 1)
        calls(queue, TODAY - DAY, 14, 14, 1)
        calls(queue, TODAY - DAY, 14, 16, 5)
    made = asked_of([leeds, pune], at(TODAY, 14, 22), period="today", by="site")
    assert made.comparison.cut == "Leeds 14:15, Pune 19:45"
    assert "up to then)</small>" in drawn_cells(made)[0]
    assert [made.comparison.get(row.id, "offered").value for row in made.rows] == [1, 1]


def test_usual_of_today_is_that_of_the_same_weekdays_up_to_then(leeds, sales):
    calls(sales, TODAY, 9, 0, 12)
    calls(sales, TODAY, 14, 20, 1)
    for week in range(1, 9):
        calls(sales, TODAY - 7 * week * DAY, 9, 0, 12)
        calls(sales, TODAY - 7 * week * DAY, 15, 0, 30)
    for by in ("total", "day", "queue"):
        made = asked_of(leeds, at(TODAY, 14, 22), period="today", compare="usual", by=by)
        assert beside(made, row=made.rows[-1].id) == (12, 12)


def test_usual_of_a_day_that_is_over_is_that_of_whole_days_though_today_is_asked_for_too(
    leeds, sales
):
    """Each week 42 calls, 12 of them by then. Of last week's day the weeks before are usual, whole,
    though of today it is a week before itself, and then in part."""
    calls(sales, TODAY, 9, 0, 12)
    calls(sales, TODAY, 14, 20, 1)
    for week in range(1, 10):
        calls(sales, TODAY - 7 * week * DAY, 9, 0, 12)
        calls(sales, TODAY - 7 * week * DAY, 15, 0, 30)
    made = asked_of(leeds, at(TODAY, 14, 22), period="7d", compare="usual", by="day")
    assert beside(made, row=TODAY) == (12, 12)
    days = {"period": "custom", "from": str(TODAY - 8 * DAY), "to": str(TODAY)}
    made = asked_of(leeds, at(TODAY, 14, 22), **days, compare="usual", by="day")
    assert beside(made, row=TODAY - 7 * DAY) == (42, None)
    assert beside(made, row=TODAY) == (12, 12)


def test_agents_time_by_queue_has_its_figure_before_and_today_none_of_a_part(leeds, sales):
    """A quarter of an hour handled of one that was there, on the day before half of one."""
    ann = an_agent(leeds, "Ann")
    for day, talk in ((1, 900), (2, 1800)):
        nine = at(TODAY - day * DAY, 9)
        a_call(sales, nine, wait=0, talk=talk, agent=ann)
        a_spell(ann, "available", nine, nine + timedelta(hours=1))
    calls(sales, TODAY, 14, 20, 1)
    asked = {"by": "queue", "kpi": ["occupancy", "calls_per_agent", "offered"]}
    made = asked_of(leeds, at(TODAY, 14, 22), period="yesterday", **asked)
    (row,) = made.rows
    assert row.figures["occupancy"].value == 0.25
    assert beside(made, "occupancy", sales.pk) == (0.5, None)
    assert beside(made, "calls_per_agent", sales.pk) == (1, None)
    # Of queues time is kept by the day.
    made = asked_of(leeds, at(TODAY, 14, 22), period="today", **asked)
    for kpi in ("occupancy", "calls_per_agent"):
        one = made.comparison.get(sales.pk, kpi)
        assert (one.value, one.reason) == (
            None, "today is not over, and this is known of whole days alone"
        )  # fmt: skip
    assert beside(made, "offered", sales.pk) == (1, 0)


def test_a_week_is_called_neither_better_nor_worse_and_says_why(leeds, sales):
    for day in range(1, 15):
        calls(sales, TODAY - day * DAY, 9, 0, 5, wait=60 if day < 8 else 5)
    asked = {"kpi": "service_level", "period": "before_7d"}
    made = asked_of(leeds, at(TODAY, 14), **asked)
    one = made.comparison.get(None, "service_level")
    assert (made.rows[0].figures["service_level"].value, one.value, one.p) == (0, 1, None)
    words = "Better or worse is told of at least 8 days, or beside what is usual."
    assert words in making.notes(made)
    # Nothing is cut: no bracket.
    assert "<small>" not in drawn_cells(made, "service_level")[0]


def rated(queue, agent, day, many, score):
    """Answers of that score out of five to so many calls of an agent."""
    for second in range(many):
        call = a_call(queue, at(day, 9) + timedelta(seconds=second), agent=agent)
        SurveyResponse.objects.create(
            id=call.pk, source="test", call=call, site=queue.site, queue=queue, agent=agent,
            kind="csat", scale_min=1, scale_max=5, score=score, answered_at=call.offered_at,
        )  # fmt: skip


def test_a_change_of_satisfaction_is_told_of_few_days_too(leeds, sales):
    """Ann's answers of a day: 10 good of 10, then none of 10. Wilson's inner ends lie at
    z² / (10 + z²) from 1 and 0: by Newcombe the difference reaches 0 where √2 z² = 10 + z²,
    z = 4.913, p = 9e-7. Of Bob's, 5 of 10 then 6 of 10, nothing is said."""
    ann, bob = an_agent(leeds, "Ann"), an_agent(leeds, "Bob")
    for day, good in ((TODAY - 2 * DAY, 10), (TODAY - DAY, 0)):
        rated(sales, ann, day, good, 5)
        rated(sales, ann, day, 10 - good, 1)
    for day, good in ((TODAY - 2 * DAY, 5), (TODAY - DAY, 6)):
        rated(sales, bob, day, good, 4)
        rated(sales, bob, day, 10 - good, 3)
    made = asked_of(leeds, at(TODAY, 14), by="agent", kpi="csat", period="yesterday")
    of_ann, of_bob = (made.comparison.get(one.pk, "csat") for one in (ann, bob))
    assert (of_ann.value, of_ann.marked) == (1, True)
    assert of_ann.p == pytest.approx(9e-7, rel=0.05)
    assert (of_bob.value, of_bob.marked) == (0.5, False)
    assert of_bob.p > 0.3


def test_the_address_in_a_mail_of_this_month_is_compared_as_the_mail_is(leeds, sales):
    calls(sales, date(2026, 2, 2), 9, 0, 4)
    calls(sales, TODAY - DAY, 9, 0, 1)
    mailed = asked_of(leeds, at(TODAY, 14), period="month")
    opened = Asked.of(mailed.asked.on("2026-03-01", "2026-03-05").parameters())
    again = asked_of(leeds, at(TODAY, 14), **opened.parameters())
    first, last = date(2026, 2, 1), date(2026, 2, 5)
    for made in (mailed, again):
        assert (made.comparison.before.first, made.comparison.before.last) == (first, last)
        assert beside(made) == (4, 1)
    # Chosen by hand the same days stand beside as many just before them.
    by_hand = asked_of(leeds, at(TODAY, 14), **{"from": "2026-03-01", "to": "2026-03-05"})
    assert by_hand.comparison.before.first == date(2026, 2, 24)


def test_dates_of_the_month_before_are_said(leeds, sales):
    for month in (1, 2):
        calls(sales, date(2026, month, 10), 9, 0, month)
    calls(sales, TODAY, 9, 0, 1)
    made = asked_of(leeds, at(TODAY, 14), period="last_month")
    assert beside(made) == (1, None)
    assert "Before: 1 Jan 2026 – 31 Jan 2026, 31 days beside 28." in making.notes(made)


def test_where_nothing_stands_beside_any_row_a_line_says_why(leeds, sales):
    """Calls came on this Monday and on the five before it; six have to be known."""
    monday = date(2026, 3, 2)
    for week in range(6):
        calls(sales, monday - 7 * week * DAY, 9, 0, 4, agent=None)
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-02", "compare": "usual"}
    few = "fewer than 6 such weeks before are known"
    of_all = f"Nothing stands beside these figures: {few}."
    made = asked_of(leeds, at(TODAY, 14), by="queue", kpi=["offered", "abandon_rate"], **asked)
    assert made.comparison.get(sales.pk, "offered").reason == few
    assert of_all in making.notes(made)
    # The files say it among what is to be known.
    assert ("Note", of_all) in made.told
    made = asked_of(leeds, at(TODAY, 14), by="queue", kpi=["offered", "cost_per_call"], **asked)
    assert [one for one in making.notes(made) if one.startswith("Nothing stands beside")] == [
        f"Nothing stands beside Offered: {few}.",
        "Nothing stands beside Cost per call: it is not told of past weeks.",
    ]
    calls(sales, monday - 42 * DAY, 9, 0, 4)
    made = asked_of(leeds, at(TODAY, 14), by="queue", **asked)
    assert beside(made, row=sales.pk)[0] == 4
    assert not any(one.startswith("Nothing stands beside") for one in making.notes(made))


def test_below_a_compared_table_the_whole_says_that_it_is_not_compared(leeds, sales):
    """Two queues of two calls a day."""
    claims = a_queue(leeds, "Claims")
    for queue in (sales, claims):
        for day in (TODAY - DAY, TODAY - 2 * DAY):
            calls(queue, day, 9, 0, 2, caller_hash="caller")
    asked = {"period": "custom", "from": "2026-03-04", "to": "2026-03-04", "by": "queue"}
    made = asked_of(leeds, at(TODAY, 14), kpi=["offered", "fcr"], **asked)
    (table,) = making.drawn(made, lambda row, words: "")
    foot = {bound.name: str(bound.footer) for bound in table.columns}
    why = "rows alone are compared; the whole is where rows are “Nothing: one total”"
    for beside_ in ("offered_beside", "fcr_beside"):
        assert f'aria-label="no value: {why}"' in foot[beside_]
    assert ">4</a>" in foot["offered"] or foot["offered"] == "4"


@pytest.mark.parametrize("by", ["queue", "day"])
def test_the_whole_is_the_same_beside_other_days_as_without(leeds, sales, by):
    """Also of what is read beside the counts: who came again, what calls cost and sold."""
    claims, agent = a_queue(leeds, "Claims"), an_agent(leeds)
    for queue in (sales, claims):
        for day in (TODAY - DAY, TODAY - 2 * DAY):
            calls(queue, day, 9, 0, 2, agent=agent, caller_hash=f"caller {queue.pk}")
    kpis = ["offered", "fcr", "revenue", "cost_per_call", "calls_per_agent"]
    asked = {"period": "custom", "from": "2026-03-03", "to": "2026-03-04", "by": by, "kpi": kpis}
    alone, beside_ = (
        asked_of(leeds, at(TODAY, 14), compare=how, **asked).together.row.figures
        for how in ("", "previous")
    )
    for words in kpis:
        one, other = alone[words], beside_[words]
        assert (one.value, one.n, one.reason) == (other.value, other.n, other.reason), words
    assert (beside_["offered"].value, beside_["calls_per_agent"].value) == (8, 8)


@pytest.mark.parametrize(("by", "offered"), [("queue", 8), ("week", None)])
def test_where_nothing_can_stand_beside_the_whole_is_told_as_without_a_comparison(
    leeds, sales, by, offered
):
    """What is usual is told of at most 28 days, and of weeks not at all."""
    claims = a_queue(leeds, "Claims")
    for queue in (sales, claims):
        for day in (date(2026, 2, 3), date(2026, 2, 10)):
            calls(queue, day, 9, 0, 2, caller_hash="caller")
    rollups.rebuild()
    user = a_user("manager", leeds)
    figures = []
    for how in ("", "usual"):
        asked = {"by": [by], "compare": [how], "kpi": ["offered", "fcr"], "period": ["custom"],
                 "from": ["2026-02-02"], "to": ["2026-03-04"]}  # fmt: skip
        wanted = Asked.of(asked)
        made = making.make(wanted, reach.answerable(wanted, reach.of(user), at(TODAY, 14)))
        assert bool(made.problems) == bool(how)
        assert not [one for one in making.notes(made) if "Together" in one]
        told = made.together.row.figures
        figures.append([(told[one].value, told[one].n) for one in ("offered", "fcr")])
    plain, beside_usual = figures
    assert plain == beside_usual
    assert plain[0] == (8, 8)


def test_what_no_row_tells_says_so_once(leeds, sales):
    """By agent conversion has no value on any days, so of those before it is not said again."""
    people = [an_agent(leeds, name) for name in ("Ann", "Ben")]
    for day in (TODAY - DAY, TODAY - 2 * DAY):
        for agent in people:
            calls(sales, day, 9, 0, 2, agent=agent)
    asked = {"period": "custom", "from": "2026-03-04", "to": "2026-03-04", "by": "agent"}
    made = asked_of(leeds, at(TODAY, 14), kpi=["answered", "conversion"], **asked)
    (words,) = [one for one in making.notes(made) if "Conversion" in one]
    assert words.startswith("Conversion: it counts calls that nobody answered")
    aimed = asked_of(
        leeds, at(TODAY, 14), kpi=["answered", "conversion"], **asked | {"compare": "target"}
    )
    assert [one for one in making.notes(aimed) if "target" in one] == [
        "Without a target: Answered."
    ]


def test_a_report_that_could_not_be_compared_does_not_say_what_it_stands_beside(leeds, sales):
    calls(sales, TODAY - DAY, 9, 0, 2)
    rollups.rebuild()
    user = a_user("manager", leeds)
    for by, words in (
        ("queue", "The same weekdays before"),
        ("hour", "nothing; asked for: The same weekdays before"),
    ):
        asked = {"by": [by], "compare": ["weekdays"], "kpi": ["offered"], "period": ["custom"],
                 "from": ["2026-03-04"], "to": ["2026-03-04"]}  # fmt: skip
        wanted = Asked.of(asked)
        made = making.make(wanted, reach.answerable(wanted, reach.of(user), at(TODAY, 14)))
        assert dict(made.facts)["Beside"] == words
        assert ("Beside", words) in made.told
        assert bool(made.problems) == (by == "hour")


def test_of_a_holiday_nothing_is_usual_and_its_name_says_why(leeds, sales):
    leeds.country, leeds.region = "US", "IL"
    leeds.save()
    monday = date(2026, 3, 2)  # Casimir Pulaski Day
    for week in range(9):
        calls(sales, monday - 7 * week * DAY, 9, 0, 4)
    calls(sales, TODAY, 9, 0, 4)
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-04", "compare": "usual"}
    made = asked_of(leeds, at(TODAY, 14), by="day", **asked)
    assert made.comparison.get(monday, "offered").reason == (
        "of a holiday nothing is usual: 2026-03-02 Casimir Pulaski Day"
    )
    # A day of nothing has its row; the holiday stands beside its name.
    (table,) = making.drawn(made, lambda row, words: "")
    assert [(row["name"], row["mark"]) for row in table.data.data] == [
        ("2026-03-02", "Casimir Pulaski Day"), ("2026-03-03", ""), ("2026-03-04", ""),
    ]  # fmt: skip
    assert "Holidays among these days: 2026-03-02 Casimir Pulaski Day." in making.notes(made)


def test_of_several_sites_a_holiday_is_named_with_its_site_and_tells_nothing_of_all(leeds, sales):
    """Monday 2 March is a holiday in Chicago: Leeds by itself has its usual 4, both have none."""
    chicago = a_site("Chicago", "America/Chicago")
    chicago.country, chicago.region = "US", "IL"
    chicago.save()
    there = a_queue(chicago)
    monday = date(2026, 3, 2)
    for week in range(11):
        for day in (monday, monday + DAY):
            calls(sales, day - 7 * week * DAY, 15, 0, 4)
            calls(there, day - 7 * week * DAY, 15, 0, 2 if week else 1)
    asked = {"period": "custom", "from": "2026-03-02", "to": "2026-03-03", "compare": "usual"}
    both = [leeds, chicago]
    made = asked_of(both, at(TODAY, 14), by="day", **asked)
    one = made.comparison.get(monday, "offered")
    words = "2026-03-02 Chicago: Casimir Pulaski Day"
    assert (one.value, one.reason) == (None, f"of a holiday nothing is usual: {words}")
    assert beside(made, row=monday + DAY)[0] == 6
    (table,) = making.drawn(made, lambda row, words: "")
    assert [row["mark"] for row in table.data.data] == ["Chicago: Casimir Pulaski Day", ""]
    assert f"Holidays among these days: {words}." in making.notes(made)
    made = asked_of(both, at(TODAY, 14), by="site", **asked | {"to": "2026-03-02"})
    assert [beside(made, row=site.pk)[0] for site in both] == [4, None]


@pytest.mark.parametrize(
    ("by", "across", "said"),
    [
        ("weekday", "total", "2026-03-02 Casimir Pulaski Day"),
        ("clock", "weekday", "Monday 2026-03-02 Casimir Pulaski Day"),
        ("queue", "total", ""),
    ],
)
def test_where_the_days_of_a_weekday_stand_together_holidays_are_named(
    leeds, sales, by, across, said
):
    leeds.country, leeds.region = "US", "IL"
    leeds.save()
    calls(sales, date(2026, 2, 23), 9, 0, 4)
    calls(sales, TODAY, 9, 0, 1)
    asked = {"period": "custom", "from": "2026-02-23", "to": "2026-03-02", "compare": ""}
    made = asked_of(leeds, at(TODAY, 14), by=by, across=across, **asked)
    words = f"Holidays among these days: {said}."
    assert (words in making.notes(made), ("Note", words) in made.told) == (bool(said), bool(said))


def test_rows_by_weekday_say_which_holidays_fell_in_each(leeds, sales):
    """In Illinois 15 February is no holiday, the 12th (a Thursday), the 16th and 2 March (both
    Mondays) are."""
    leeds.country, leeds.region = "US", "IL"
    leeds.save()
    for day in (12, 13, 16):
        calls(sales, date(2026, 2, day), 9, 0, 1)
    calls(sales, date(2026, 3, 2), 9, 0, 1)
    asked = {"period": "custom", "from": "2026-02-12", "to": "2026-03-02", "compare": ""}
    for across in ("total", "clock"):
        made = asked_of(leeds, at(TODAY, 14), by="weekday", across=across, **asked)
        (table,) = making.drawn(made, lambda row, words: "")
        assert {row["name"]: row["mark"] for row in table.data.data} == {
            "Monday": "2026-02-16 Washington's Birthday, 2026-03-02 Casimir Pulaski Day",
            "Thursday": "2026-02-12 Lincoln's Birthday",
            "Friday": "",
        }


def test_the_hour_that_comes_twice_is_one_cell_by_weekday_and_so_is_its_passport(
    leeds, sales, client
):
    """On Sunday 26 October 2025 it is 1:30 in Leeds at 0:30 and at 1:30 UTC."""
    sunday = datetime(2025, 10, 26, tzinfo=UTC)
    for minute in (30, 90, 150):
        a_call(sales, sunday + timedelta(minutes=minute))
    rollups.rebuild()
    words = ("2025-10-26 01:00 has 120 minutes", "both are counted in it")
    asked = {"period": "custom", "from": "2025-10-20", "to": "2025-10-26", "compare": ""}
    made = asked_of(leeds, at(TODAY, 14), by="clock", across="weekday", **asked)
    cells = {(row.name, row.column): row for row in made.rows}
    assert {key: row.figures["offered"].value for key, row in cells.items()} == {
        ("01:00", "Sunday"): 2, ("02:00", "Sunday"): 1
    }  # fmt: skip
    assert all(any(one in note for note in making.notes(made)) for one in words)
    client.force_login(a_user(MANAGER, leeds))
    link = links.of(made.question)
    for hour, calls_, is_twice in (("01:00", 2, True), ("02:00", 1, False)):
        page = client.get(link(cells[hour, "Sunday"], "offered"))
        assert page.context["passport"]["value"] == calls_
        assert len(page.context["passport"]["calls"]) == calls_
        assert [one in page.content.decode() for one in words] == [is_twice] * 2


def test_by_hour_of_the_day_it_is_said_whose_clock_that_is_and_where_it_was_changed(leeds, sales):
    """In Leeds 01:00 comes twice on Sunday 26 October 2025, and not at all on 29 March 2026."""
    pune = a_site("Pune", "Asia/Kolkata")
    for queue in (sales, a_queue(pune)):
        for day in (date(2025, 10, 20), date(2026, 3, 31)):
            calls(queue, day, 9, 0, 1)
    asked = {"period": "custom", "to": "2026-03-31", "compare": "", "by": "clock"}
    now = at(date(2026, 4, 1), 14)
    made = asked_of(leeds, now, across="weekday", **asked, **{"from": "2025-10-20"})
    assert (
        "Clocks were changed among these days: 2025-10-26 01:00 has 120 minutes,"
        " 2026-03-29 01:00 has 0 minutes."
    ) in making.notes(made)
    twice = "What the clock showed twice is one hour of the day: both are counted in it."
    assert twice in making.notes(made)
    made = asked_of([leeds, pune], now, **asked, **{"from": "2026-03-01"})
    words = "Clocks were changed among these days: 2026-03-29 01:00 has 0 minutes (Leeds)."
    assert words in making.notes(made)
    assert twice not in making.notes(made)
    zone = dict(made.told)["Zone"]
    assert zone.endswith("; hours are those of each site's own clock")
    made = asked_of([leeds, pune], now, **asked | {"by": "queue"}, **{"from": "2026-03-01"})
    assert dict(made.told)["Zone"].endswith("; moments are told in UTC")


def test_of_more_holidays_than_a_line_holds_it_is_said_how_many_more_there_are():
    named = [f"2026-01-{day:02} Holiday" for day in range(1, 16)]
    assert holidays.few(named[:12]) == ", ".join(named[:12])
    assert holidays.few(named) == ", ".join(named[:12]) + " and 3 more"


def test_page_and_api_say_why_there_is_no_value_and_what_stands_beside(client, leeds, sales):
    day = timezone.now().date() - 3 * DAY
    calls(sales, day, 9, 0, 4)
    calls(sales, day - DAY, 9, 0, 3)
    rollups.rebuild()
    client.force_login(a_user("manager", leeds))
    asked = {"kpi": ["offered", "csat"], "compare": "previous"}
    days = {"period": "custom", "from": day.isoformat(), "to": day.isoformat()}
    page = client.get(reverse("report"), asked | days | {"by": "total"}).content.decode()
    assert 'aria-label="no value: ' in page
    assert "Nothing: one total</a>" not in page
    file = client.get(reverse("report"), asked | days | {"by": "total", "export": "csv"})
    (line,) = csv.DictReader(StringIO(file.getvalue().decode("utf-8-sig")))
    assert line["reasons"].startswith("csat: ")
    assert "csat compared with: " in line["reasons"]
    said = client.get(reverse("api_kpis"), asked | {"first": day, "last": day}).json()
    assert said["rows"][0]["kpis"]["csat"]["reason"]
    assert said["rows"][0]["kpis"]["offered"]["reason"] == ""
    (row,) = said["compared"]
    assert (row["first"], row["until"], row["kpis"]["offered"]["value"]) == (
        (day - DAY).isoformat(), None, 3,
    )  # fmt: skip
    assert row["kpis"]["csat"]["reason"]


@pytest.mark.parametrize("by", ["site", "total"])
def test_what_is_known_of_whole_days_alone_is_compared_without_today_as_the_note_says(
    leeds, sales, by
):
    """Two days beside the two before. Ann answers 4 calls yesterday and 1 today, 3 and then 9 on
    the days before: yesterday's 4 stand beside the 3, and not beside 9 more."""
    ann = an_agent(leeds, "Ann")
    for day, many in ((0, 1), (1, 4), (2, 9), (3, 3)):
        calls(sales, TODAY - day * DAY, 9, 0, many, agent=ann, talk=30)
    calls(sales, TODAY, 14, 20, 1, outcome="abandoned")
    asked = {"from": (TODAY - DAY).isoformat(), "to": TODAY.isoformat()}
    kpis = ["calls_per_agent", "offered"]
    made = asked_of(leeds, at(TODAY, 14, 22), period="custom", by=by, kpi=kpis, **asked)
    row = made.rows[0].id
    assert beside(made, "calls_per_agent", row) == (3, 4)
    assert beside(made, "offered", row)[0] == 12
    name = str(made.rows[0].figures["calls_per_agent"].kpi.name)
    assert f"so compared without today: {name}." in " ".join(making.notes(made))
    assert drawn_cells(made, "calls_per_agent") == ("5.0 <small>(4.0 without today)</small>", "3.0")
    # Of today by itself there is nothing to compare, and by day it is so said of its row alone.
    made = asked_of(leeds, at(TODAY, 14, 22), period="custom", by="day", kpi=kpis, **asked)
    found = [made.comparison.get(one.id, "calls_per_agent") for one in made.rows]
    assert [one.value for one in found] == [3, None]
    assert found[1].reason == "today is not over, and this is known of whole days alone"
    assert f"so not compared of today: {name}." in " ".join(making.notes(made))
