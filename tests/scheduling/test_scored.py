"""The ledger: what versions said held against what came, by numbers worked by hand.

The queue is open for two hours, by the hour. On the three days that are scored came 10 and 20, 10
and 10, 20 and 0 calls. Two versions told of them:

| version, day (ahead) | said | naive | planned | 80 % | 95 % |
|---|---|---|---|---|---|
| 1, 16 March (1) | 12, 18 | 10, 30 | | 11-13, 17-21 | 8-16, 15-22 |
| 1, 17 March (2) | 8, 8 | 10, 10 | 10, 11 | 7-9, 7-10 | 6-10, 6-10 |
| 1, 24 March (9) | 15, 5 | 10, 10 | 30, 5 | none | none |
| 2, 17 March (1) | 11, 9 | 10, 10 | | 10-12, 8-10 | 10-12, 8-10 |
| 2, 24 March (8) | 20, 4 | 10, 10 | | 18-22, 1-5 | 17-23, 0.5-6 |

All are handled, and take 60 and 120 seconds, 60 and 60, 90 seconds. Of that was told

| version, day | said | naive |
|---|---|---|
| 1, 16 March | 50, 130 | 100 |
| 1, 17 March | 70, nothing | 50 |
| 1, 24 March | 99, 99 | 90 |
| 2, 17 March | 60, 60 | nothing |
| 2, 24 March | 100, 50 | 81 |
"""

import csv
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.urls import reverse

from ccm.models import LiveSource
from kpis import rollups
from scheduling.made import ledger
from scheduling.models import Forecast, ForecastDay, ScoredDay
from scheduling.shown import scored
from tests.builders import a_queue, a_site, a_user, many_calls, unsaved_call

pytestmark = pytest.mark.django_db

MON, TUE, NEXT_TUE = date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 24)
CAME = {MON: (10, 20), TUE: (10, 10), NEXT_TUE: (20, 0)}
TOOK = {MON: (60, 120), TUE: (60, 60), NEXT_TUE: (90, 0)}
NOW = datetime(2026, 3, 25, 8, tzinfo=UTC)
OPENS = 9


def of_day(*values):
    """The two hours that are open, of a day of 24."""
    return [0.0] * OPENS + list(values) + [0.0] * (24 - OPENS - len(values))


def a_version(queue, number, known_until):
    return Forecast.objects.create(
        queue=queue, made_at=NOW, known_until=known_until, interval_minutes=60, method="usual",
        by_trial=True, has_own_tails=True, history_days=70, version=number, published_at=NOW,
    )  # fmt: skip


def says(
    version, day, said, naive, planned=None, within80=None, within95=None, aht=(None, None, None)
):
    *seconds, naive_aht = aht
    edges = {}
    for level, band in ((80, within80), (95, within95)):
        low, high = zip(*(band or ((None, None), (None, None))), strict=True)
        edges |= {f"low{level}": of_day(*low), f"high{level}": of_day(*high)}
    ForecastDay.objects.create(
        forecast=version, day=day, open=of_day(1, 1), calls=of_day(*said), naive=of_day(*naive),
        planned=None if planned is None else of_day(*planned), total=sum(said),
        aht_seconds=[None] * OPENS + seconds + [None] * 13, naive_aht_seconds=naive_aht, **edges,
    )  # fmt: skip


@pytest.fixture
def queue():
    site = a_site()
    site.opening = {str(day): [["09:00", "11:00"]] for day in range(5)}
    site.save()
    queue = a_queue(site)
    calls = []
    for day, came in CAME.items():
        for hour, many in enumerate(came):
            begins = datetime(day.year, day.month, day.day, OPENS + hour, tzinfo=UTC)
            calls += [
                unsaved_call(
                    queue, begins + number * timedelta(minutes=2), wait=5, talk=TOOK[day][hour]
                )
                for number in range(many)
            ]
    many_calls(calls)
    LiveSource.objects.create(site=site, source="test", heard_at=NOW, newest_at=NOW)
    rollups.rebuild()
    one = a_version(queue, 1, date(2026, 3, 15))
    says(
        one,
        MON,
        (12, 18),
        (10, 30),
        None,
        [(11, 13), (17, 21)],
        [(8, 16), (15, 22)],
        (50, 130, 100),
    )
    says(
        one, TUE, (8, 8), (10, 10), (10, 11), [(7, 9), (7, 10)], [(6, 10), (6, 10)], (70, None, 50)
    )
    says(one, NEXT_TUE, (15, 5), (10, 10), (30, 5), aht=(99, 99, 90))
    two = a_version(queue, 2, MON)
    says(
        two, TUE, (11, 9), (10, 10), None, [(10, 12), (8, 10)], [(10, 12), (8, 10)], (60, 60, None)
    )
    says(
        two,
        NEXT_TUE,
        (20, 4),
        (10, 10),
        None,
        [(18, 22), (1, 5)],
        [(17, 23), (0.5, 6)],
        (100, 50, 81),
    )
    with time_machine.travel(NOW, tick=False):
        assert ledger.score_site(site, NOW) == 5
        yield queue


def shares(score):
    return [
        score.days, score.wape, score.naive_wape, score.bias, score.within80, score.within95,
    ]  # fmt: skip


# Version 1: errors 2 + 2, 2 + 2, 5 + 5; naive 10, 0, 20; said 30 + 16 + 20 of 30 + 20 + 20 that
# came; of four intervals with a band two lay in that of 80 %.
ONE = [3, 18 / 70, 30 / 70, -4 / 70, 2 / 4, 4 / 4]
# Version 2: errors 1 + 1, 0 + 4; naive 0, 20; said 20 + 24 of 40; one of four lay outside either.
TWO = [2, 6 / 40, 20 / 40, 4 / 40, 3 / 4, 3 / 4]
BOTH = [5, 24 / 110, 50 / 110, 0, 5 / 8, 7 / 8]
# One to seven days ahead: 30 + 16 + 20 of 70; a week later 20 + 24 of 40, and but one has bands.
WEEK_1 = [3, 10 / 70, 10 / 70, -4 / 70, 4 / 6, 6 / 6]
WEEK_2 = [2, 14 / 40, 40 / 40, 4 / 40, 1 / 2, 1 / 2]


def test_all_versions_are_scored_by_weeks_ahead_and_together(queue):
    told = scored.ledger(queue, NOW)
    assert [week for week, _score in told.weeks] == [1, 2]
    assert shares(told.weeks[0][1]) == pytest.approx(WEEK_1)
    assert shares(told.weeks[1][1]) == pytest.approx(WEEK_2)
    assert shares(told.whole) == pytest.approx(BOTH)
    assert told.whole.last == NEXT_TUE
    assert told.lately is None


def test_each_version_is_scored_alone(queue):
    told = scored.ledger(queue, NOW)
    assert list(told.versions) == [1, 2]
    assert shares(told.versions[1].whole) == pytest.approx(ONE)
    assert shares(told.versions[2].whole) == pytest.approx(TWO)
    near, far = (score for _week, score in told.versions[1].weeks)
    assert shares(near) == pytest.approx([2, 8 / 50, 10 / 50, -4 / 50, 2 / 4, 4 / 4])
    # Nothing was said of between what the far day was to lie.
    assert shares(far)[:4] == pytest.approx([1, 10 / 20, 20 / 20, 0])
    assert (far.within80, far.within95) == (None, None)


def test_of_a_version_no_day_of_which_is_over_nothing_is_said(queue):
    a_version(queue, 3, date(2026, 3, 24))
    assert scored.ledger(queue, NOW).of_version(3) == scored.Scores([], None)


def test_the_planners_word_is_held_against_what_the_forecast_said_on_their_days(queue):
    """On 17 March they were off by 0 + 1 and the forecast by 2 + 2, on the 24th by 10 + 5 and by
    5 + 5; 40 calls came. Version 2 nobody contradicted."""
    told = scored.ledger(queue, NOW)
    both = told.versions[1].whole
    assert (both.overridden_days, both.overridden_wape, both.model_wape) == (2, 16 / 40, 14 / 40)
    near, far = (score for _week, score in told.versions[1].weeks)
    assert (near.overridden_wape, near.model_wape) == (1 / 20, 4 / 20)  # it helped
    assert (far.overridden_wape, far.model_wape) == (15 / 20, 10 / 20)  # it harmed
    other = told.versions[2].whole
    assert (other.overridden_days, other.overridden_wape, other.model_wape) == (0, None, None)
    assert (told.whole.overridden_days, told.whole.overridden_wape) == (2, 16 / 40)
    assert both.helped is None  # of two days nobody knows


@pytest.mark.parametrize(("planned_error", "helped"), [(3, True), (5, False), (4, False)])
def test_over_five_days_it_is_said_whether_the_human_helped(queue, planned_error, helped):
    version = a_version(queue, 3, MON)
    for number in range(5):
        ScoredDay.objects.create(
            forecast=version, day=TUE + timedelta(days=number), lead=1 + number, scored_at=NOW,
            intervals=2, banded=0, actual=20, expected=20, error=4, naive_error=4, within80=0,
            within95=0, planned_error=planned_error,
        )  # fmt: skip
    assert scored.ledger(queue, NOW).versions[3].whole.helped is helped


def test_handle_times_are_held_against_the_contacts_that_were_handled(queue):
    """Version 1: 10 of 60 s and 20 of 120 were to take 10 s less and more each, naive 40 more and
    20 less; then 10 of 60 s, 10 more and 10 less; then 20 of 90 s, 9 more and naive none. Of what
    nothing was said, or nothing can be held against it, is left out: of version 2 the 20 of 90 s
    are left, 10 more and 9 less."""
    told = scored.ledger(queue, NOW)
    first = (300 + 100 + 180, 800 + 100 + 0, 600 + 2400 + 600 + 1800)
    second = (200, 180, 1800)
    both = [one + other for one, other in zip(first, second, strict=True)]
    for score, (error, naive, seconds) in (
        (told.versions[1].whole, first), (told.versions[2].whole, second), (told.whole, both),
    ):  # fmt: skip
        assert score.aht_wape == pytest.approx(error / seconds)
        assert score.naive_aht_wape == pytest.approx(naive / seconds)
    assert told.versions[2].weeks[0][1].aht_wape is None
    handled = ScoredDay.objects.order_by("forecast__version", "day").values_list(
        "handled", flat=True
    )
    assert [*handled] == [30, 10, 20, 0, 20]


@pytest.fixture
def planner(client, queue):
    client.force_login(a_user("planner", queue.site))
    return client


def page_of(client, queue, **asked):
    return client.get(reverse("forecast", args=[queue.pk]), asked)


def test_the_page_has_each_versions_own_score(planner, queue):
    a_version(queue, 3, date(2026, 3, 24))
    page = page_of(planner, queue)
    told = {one.version: score for one, score in page.context["versions"]}
    assert list(told) == [3, 2, 1]
    assert shares(told[1]) == pytest.approx(ONE)
    assert shares(told[2]) == pytest.approx(TWO)
    assert told[3] is None
    text = page.content.decode()
    # 18 / 70, 30 / 70 and 4 / 70 too few; 6 / 40, 20 / 40 and 4 / 40 too many.
    for share in ("25.7", "42.9", "5.7", "15.0", "50.0", "10.0"):
        assert f">{share}\xa0%" in text
    # The planners' 16 / 40 beside 14 / 40; handle times off by 580 / 5,400, naive by 900.
    assert re.search(r">40\.0\xa0% <br><small>forecast 35\.0\xa0%, 2 days<", text)
    assert re.search(r">10\.7\xa0% <br><small>naive 16\.7\xa0%<", text)
    assert "no day of it is scored yet" in text


def test_a_version_that_is_looked_at_has_its_own_ledger(planner, queue):
    page = page_of(planner, queue, version=2)
    assert shares(page.context["scores"].whole) == pytest.approx(TWO)
    text = page.content.decode()
    assert "How version 2 did" in text
    assert "On no scored day had planners said otherwise." in text
    assert shares(page_of(planner, queue).context["scores"].whole) == pytest.approx(BOTH)


def rows_of(answer):
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_the_file_of_scores_has_them_by_version_and_by_weeks_ahead(planner, queue):
    rows = rows_of(planner.get(page_of(planner, queue).context["scores_url"]))
    keys = [(row["version"], row["weeks ahead"]) for row in rows]
    assert keys == [(version, week) for version in ("all", "1", "2") for week in ("1", "2", "all")]
    for place, expected in ((0, WEEK_1), (1, WEEK_2), (2, BOTH), (5, ONE), (8, TWO)):
        row = rows[place]
        found = [
            row["days"], row["off by"], row["naive off by"], row["too many or too few"],
            row["in 80 %"], row["in 95 %"],
        ]  # fmt: skip
        assert [float(one) for one in found] == pytest.approx(expected)
    assert float(rows[5]["planners off by"]) == 16 / 40
    assert float(rows[5]["forecast off by on these"]) == 14 / 40
    assert float(rows[5]["handle time off by"]) == pytest.approx(580 / 5400)
    of_one = rows_of(planner.get(page_of(planner, queue, version=1).context["scores_url"]))
    assert of_one == rows[3:6]


def test_scores_over_the_api_are_those_of_the_page(planner, queue, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        found = planner.get(reverse("api_forecast_scores"), {"queue": queue.pk}).json()
    names = ("days", "wape", "naive_wape", "bias", "within80", "within95")

    def told(score):
        return [score[name] for name in names]

    assert told(found["whole"]) == pytest.approx(BOTH)
    assert [one["week"] for one in found["weeks"]] == [1, 2]
    assert told(found["weeks"][1]) == pytest.approx(WEEK_2)
    assert found["night_before"] is None
    two, one = found["versions"]
    assert (two["version"], two["known_until"], one["version"]) == (2, "2026-03-16", 1)
    assert told(two["whole"]) == pytest.approx(TWO)
    assert one["whole"]["overridden_wape"] == 16 / 40
    assert one["whole"]["naive_aht_wape"] == pytest.approx(900 / 5400)
    of_two = planner.get(reverse("api_forecast_scores"), {"queue": queue.pk, "version": 2}).json()
    assert told(of_two["whole"]) == pytest.approx(TWO)
    assert [row["version"] for row in of_two["versions"]] == [2]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"queue": "x"}, 400),
        ({"queue": 10**20}, 400),
        ({"version": "0"}, 400),
        ({"version": "a\0"}, 400),
        ({"version": 9}, 404),
        ({"week": 1}, 400),
    ],
)
def test_scores_that_cannot_be_answered_are_refused_by_the_field(planner, queue, query, status):
    asked = {"queue": queue.pk} | query
    assert planner.get(reverse("api_forecast_scores"), asked).status_code == status


@pytest.mark.parametrize("versions", [0, 30])
def test_the_page_asks_as_much_of_many_versions(
    planner, queue, versions, django_assert_max_num_queries
):
    page_of(planner, queue)
    for number in range(versions):
        version = a_version(queue, 3 + number, MON)
        says(version, TUE, (11, 9), (10, 10))
    ledger.score_site(queue.site, NOW)
    with django_assert_max_num_queries(12):
        assert len(page_of(planner, queue).context["versions"]) == 2 + versions
