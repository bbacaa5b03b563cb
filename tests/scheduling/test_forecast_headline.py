"""What a queue's page says first: what comes, whom it takes, and whether it is to be believed; and
that its chart, its table, its words and its files say the same."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape

import numpy as np
import pytest
from django.urls import reverse

from scheduling.models import DayAhead, Forecast, QueueProof
from scheduling.models.forecasts import Strayed
from scheduling.shown import drawn, scored
from tests.builders import a_queue, an_override
from tests.scheduling.centre import BY_WEEKDAY
from tests.scheduling.test_forecast_pages import centre, forecast, page_of, planner, rows_of
from tests.scheduling.test_making import NOW

__all__ = ["centre", "forecast", "planner"]
MONDAY = date(2026, 3, 16)


def hours_there(queue, each):
    """A proof that knows so many hours of people on each of the last days with calls."""
    last = MONDAY - timedelta(days=3)
    days = [
        {"day": str(last - timedelta(days=back)), "calls": 1, "hours": hours, "was": 1, "said": {}}
        for back, hours in reversed(list(enumerate(each)))
    ]
    QueueProof.objects.update_or_create(
        queue=queue,
        defaults={
            "made_at": NOW, "first": days[0]["day"], "last": last, "interval_minutes": 15,
            "by_day": days, "variant": "SL1", "chosen": "SL1", "target_seconds": 20,
        },
    )  # fmt: skip


@pytest.mark.django_db
def test_it_begins_with_the_week_whom_it_takes_and_how_far_it_was_off(planner, centre):
    _site, queue = centre
    told = page_of(planner, queue).context["headline"]
    assert (told.first, told.last) == (MONDAY, MONDAY + timedelta(days=6))
    assert told.calls == pytest.approx(sum(BY_WEEKDAY), abs=6)
    assert told.expected is None
    assert told.low80 <= told.calls <= told.high80
    # The same that Requirements says, and the most of its cells.
    week = planner.get(reverse("requirements"), {"queue": queue.pk}).context["shown"]
    cells = [cell.told for _clock, row in week.rows for cell in row if cell.told]
    assert told.takes.busiest == week.busiest
    assert told.takes.busiest.positions == max(one.positions for one in cells)
    assert told.takes.paid_hours == pytest.approx(sum(week.hours)) == week.whole
    # Half an hour each, and nobody said how much of it is shrinkage.
    assert told.takes.hours == sum(one.positions for one in cells) / 2
    # What planners say goes before, and the forecast's own is said beside it.
    an_override(queue, first=MONDAY, last=MONDAY, factor=None, calls=140)
    other = page_of(planner, queue).context["headline"]
    assert other.expected == pytest.approx(told.calls)
    monday = page_of(planner, queue).context["days"][0].row
    assert other.calls == pytest.approx(told.calls - monday.total + 140)


@pytest.mark.django_db
def test_who_was_there_is_held_against_what_the_week_takes(planner, centre):
    _site, queue = centre
    takes = page_of(planner, queue).context["headline"].takes.hours
    for hours, enough in ((takes / 5, True), (takes / 5 - 1, False)):
        hours_there(queue, [hours] * 5)
        page = page_of(planner, queue)
        assert page.context["headline"].is_covered is enough
        assert ("fewer than it takes" in page.content.decode()) is not enough
    # Of a day nobody knows, and of weeks long gone, nothing is told.
    hours_there(queue, [8, None, 8, 8, 8])
    assert page_of(planner, queue).context["headline"].is_covered is None
    hours_there(queue, [8] * 5)
    long_ago = MONDAY - timedelta(days=15)
    QueueProof.objects.update(first=long_ago, last=long_ago)
    assert page_of(planner, queue).context["headline"].is_covered is None


@pytest.mark.django_db
def test_whether_to_believe_it_is_of_the_last_weeks_where_they_tell_enough(planner, centre):
    _site, queue = centre
    trials = [{"method": "usual", "wape": 0.1, "bias": -0.109, "origins": 9}]
    trials += [{"method": "naive", "wape": 0.2, "bias": 0.05, "origins": 9}]
    Forecast.objects.update(method="usual", by_trial=True, trials=trials)
    told = page_of(planner, queue).context["trust"]
    assert (told.wape, told.days, told.words) == (0.1, None, "to be believed")
    for number in range(5):
        DayAhead.objects.create(
            queue=queue, day=(NOW - timedelta(days=number)).date(), lead=1, intervals=1, banded=1,
            actual=100, expected=90, error=30, naive_error=20, within80=0, within95=0,
            is_outside=False,
        )  # fmt: skip
    told = page_of(planner, queue).context["trust"]
    assert (told.wape, told.naive_wape, told.days) == (0.3, 0.2, 5)
    assert (told.level, told.words) == ("warn", "naive was nearer")
    Strayed.objects.create(queue=queue, raised_at=NOW, days=5, of=7)
    assert page_of(planner, queue).context["trust"].words == "leaves its band"


@pytest.mark.django_db
def test_chart_and_table_show_the_same_days_and_the_file_all(planner, centre):
    _site, queue = centre
    for asked, many in (({}, 28), ({"days": "all"}, 91), ({"days": "x"}, 28)):
        page = page_of(planner, queue, **asked)
        traces = {one.get("name"): one for one in json.loads(page.context["chart"]["json"])["data"]}
        days = [str(one.day) for one in page.context["days"]]
        assert [one[:10] for one in traces["Expected"]["x"]] == days
        assert len(days) == many
        links = re.findall(r'href="([^"]*)#interval-heading"', page.content.decode())
        assert len(links) == many
        # A day that is looked at leaves as many shown.
        again = planner.get(unescape(links[2]))
        assert len(again.context["days"]) == many
        assert again.context["day"].day == MONDAY + timedelta(days=2)
        assert [n for n, _url, is_shown in page.context["spans"] if is_shown] == [many]
        assert len({row["day"] for row in rows_of(planner.get(page.context["csv_url"]))}) == 65


@pytest.mark.django_db
def test_it_says_too_few_for_too_few_and_why_the_nearest_is_not_taken(planner, centre):
    _site, queue = centre
    mean = {"method": "usual+mean", "wape": 0.0995, "bias": 0.109, "origins": 9}
    trials = [{"method": "usual", "wape": 0.1, "bias": -0.109, "origins": 9}]
    Forecast.objects.update(method="usual", by_trial=True, trials=[*trials, mean])
    text = page_of(planner, queue).content.decode()
    assert "10.9\xa0% too few" in text
    assert "10.9\xa0% too many" in text
    assert "the nearest is taken" in text
    Forecast.objects.update(trials=[mean, *trials])
    text = page_of(planner, queue).content.decode()
    assert "the nearest is taken" not in text
    assert "by more than a hundredth" in text


@pytest.mark.django_db
def test_without_any_band_it_says_why(planner, centre):
    _site, queue = centre
    Forecast.objects.update(has_own_tails=False, error_days=0, borrowed_from=0)
    for one in Forecast.objects.get().days.all():
        none = [None] * len(one.calls)
        one.low80 = one.high80 = one.low95 = one.high95 = none
        one.total_low80 = one.total_high80 = one.total_low95 = one.total_high95 = None
        one.save()
    page = page_of(planner, queue)
    assert "it has no bands" in page.context["outer_band"]
    assert "the largest of them" not in page.content.decode()
    legend = [words for _tone, words in page.context["chart"]["legend"]]
    assert not any("95" in words for words in legend)


@pytest.mark.django_db
def test_no_two_landmarks_have_one_name(planner, centre):
    _site, queue = centre
    Forecast.objects.update(
        outliers=[{"day": "2026-03-02", "calls": 90, "deviations": 5.1}], has_own_tails=True
    )
    for page in (
        page_of(planner, queue),
        planner.get(reverse("requirements")),
        planner.get(reverse("intraday")),
    ):
        text = page.content.decode()
        heads = dict(re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', text))
        regions = re.findall(r'<section[^>]*aria-labelledby="([^"]+)"', text)
        regions += re.findall(r'role="region" aria-labelledby="([^"]+)"', text)
        names = [re.sub(r"<[^>]*>", "", heads.get(one, one)).strip() for one in regions]
        names += re.findall(r'role="region" aria-label="([^"]+)"', text)
        assert [name for name, many in Counter(names).items() if many > 1] == []


@pytest.mark.django_db
def test_a_file_of_what_is_not_known_yet_has_its_headings(planner, centre):
    site, _queue = centre
    new = a_queue(site, "New")
    for url, heading in (
        (reverse("forecast", args=[new.pk]) + "?export=csv", "planned by"),
        (reverse("requirements") + f"?queue={new.pk}&export=csv", "positions"),
        (reverse("intraday") + f"?queue={new.pk}&export=csv", "came"),
        (reverse("proof", args=[new.pk]) + "?export=models", "predicted"),
        (reverse("proof", args=[new.pk]) + "?export=days", "service level"),
        (reverse("proof", args=[new.pk]) + "?export=patience", "seconds"),
        (reverse("proof", args=[new.pk]) + "?export=handling", "share"),
    ):
        answer = planner.get(url)
        assert answer["Content-Type"].startswith("text/csv"), url
        [line] = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert heading in line.split(","), url


@pytest.mark.django_db
def test_what_planners_say_is_the_same_number_in_each_file(planner, centre):
    _site, queue = centre
    forecast = Forecast.objects.get()
    monday = forecast.days.get(day=MONDAY)
    # Halves of a thousandth, which what is added and taken off again would move.
    monday.calls = [
        64.314 + 0.01 * place if there else 0 for place, there in enumerate(monday.open)
    ]
    monday.save()
    an_override(queue, first=MONDAY, last=MONDAY, factor=1.25)
    said = rows_of(page_of(planner, queue, export="csv"))
    asked = {"queue": queue.pk, "export": "csv"}
    needed = rows_of(planner.get(reverse("requirements"), asked))
    for one, other in zip(said[:16], needed[:16], strict=True):
        assert (one["day"], one["from"]) == (other["day"], other["from"])
        assert one["planned by"] == other["calls"]


@dataclass
class Day:
    """A day whose band of 95 % reaches so high."""

    high: float | None
    day: date = MONDAY
    total: float = 100.0
    calls: list[float] = field(default_factory=lambda: [100.0])
    open: list[float] = field(default_factory=lambda: [1.0])

    def __post_init__(self):
        self.total_low80, self.total_high80 = (None, None) if self.high is None else (90, 110)
        self.total_low95, self.total_high95 = None if self.high is None else 80, self.high


@pytest.mark.parametrize(
    ("high", "top", "words"),
    [
        (150.0, None, "In 80 and 95 of 100 such days"),
        # 120 came, and a chart has room for half as much more.
        (8409.0, 180, "In 80 and 95 of 100 such days (cut: it reaches up to 8,409)"),
        (None, None, None),
    ],
)
def test_the_axis_goes_by_what_comes_and_is_expected_not_by_a_wide_band(high, top, words):
    chart = drawn.days_curve([Day(high)], {MONDAY - timedelta(days=1): 120}, {}, {})
    axis = json.loads(chart["json"])["layout"].get("yaxis", {})
    assert axis.get("range") == (None if top is None else [0, top])
    assert dict(chart["legend"]).get("band") == words


def test_of_few_calls_the_inner_band_has_room():
    """Chance alone may double one call: that is no absurd band."""
    day = Day(9.0, total=1.0)
    day.total_low80, day.total_high80 = 0, 1.9
    chart = drawn.days_curve([day], {}, {}, {})
    assert json.loads(chart["json"])["layout"]["yaxis"]["range"] == [0, 1.9]


def test_what_planners_say_has_room_too():
    planned = {MONDAY: np.array([400.0])}
    chart = drawn.days_curve([Day(500.0)], {}, planned, {})
    assert "range" not in json.loads(chart["json"])["layout"].get("yaxis", {})


@pytest.mark.parametrize(
    ("bias", "words"),
    [
        (-0.109, "10.9\xa0% too few"),
        (0.05, "5.0\xa0% too many"),
        (0.0002, "neither"),
        (None, "–"),
    ],
)
def test_a_bias_is_said_in_words(bias, words):
    assert scored.bias_words(bias) == words


@pytest.mark.parametrize(
    ("wape", "naive", "strays", "level", "words"),
    [
        (0.1, 0.2, False, "ok", "to be believed"),
        (0.2, 0.2, False, "ok", "as near as naive"),
        (0.3, 0.2, False, "warn", "naive was nearer"),
        (0.1, 0.2, True, "warn", "leaves its band"),
        (None, None, False, "none", "not known yet"),
    ],
)
def test_a_forecast_is_believed_as_far_as_it_was_nearer_than_naive(
    wape, naive, strays, level, words
):
    told = scored.Trust(wape, naive, None, strays)
    assert (told.level, told.words) == (level, words)
