"""What the laws say, by values read in their texts, and files that are not as they should be."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from scheduling.presets import Preset, known, load
from scheduling.presets.reading import BESIDE, LIMITS, preset
from scheduling.shifts import Limits

ROOT = Path(__file__).resolve().parents[3]
HOUR = 60
ALL = known()


def name(one: Preset) -> str:
    return "-".join(filter(None, (one.country, one.region)))


def values(one: Preset) -> dict[str, object]:
    """Everything a preset says, by its field's name."""
    of_limits = {key: getattr(one.limits, key) for key in LIMITS}
    return {
        key: value
        for key, value in {**of_limits, **{key: getattr(one, key) for key in BESIDE}}.items()
        if value not in (None, "", ())
    }


# Read by hand in the laws' own texts, in minutes.
READ = {
    # 2003/88/EC: art. 3, 5 (24 and 11), 4, 6(b), 16(b), 2(3), 2(4), 8(a).
    "EU": {
        "rest_minutes": 11 * HOUR,
        "week_rest_minutes": 35 * HOUR,
        "longest_without_pause": 6 * HOUR,
        "average_week_minutes": 48 * HOUR,
        "average_weeks": 17,
        "night": (0, 5 * HOUR),
        "night_minutes": 3 * HOUR,
        "average_night_minutes": 8 * HOUR,
    },
    # ArbZG: § 5(1), § 3, § 4, § 11(1), § 2(3), § 2(4) "more than two hours", § 6(2).
    "DE": {
        "rest_minutes": 660,
        "most_day_minutes": 600,
        "pause_after": ((360, 30), (540, 45)),
        "longest_without_pause": 360,
        "week_rest_minutes": 2100,
        "average_week_minutes": 2880,
        "average_weeks": 24,
        "fewest_sundays_off": 15,
        "night": (23 * HOUR, 30 * HOUR),
        "night_minutes": 121,
        "most_night_minutes": 600,
        "average_night_minutes": 480,
        "notice_days": 4,
    },
    # S.I. 1998/1833: reg. 10(1), 11(1) and (7), 12(1) and (3), 4(1) and (3), 2(1), 6(1).
    "GB": {
        "rest_minutes": 660,
        "week_rest_minutes": 2100,
        "pause_after": ((360, 20),),
        "average_week_minutes": 2880,
        "average_weeks": 17,
        "night": (1380, 1800),
        "night_minutes": 180,
        "average_night_minutes": 480,
    },
    # Arbeidstijdenwet: art. 5:3, 5:5, 5:7, 5:4, 5:6(3), 1:7, 5:8(1), (5) and (6), 4:2(2).
    "NL": {
        "rest_minutes": 660,
        "week_rest_minutes": 36 * HOUR,
        "most_day_minutes": 12 * HOUR,
        "most_week_minutes": 60 * HOUR,
        "average_week_minutes": 48 * HOUR,
        "average_weeks": 16,
        "pause_after": ((330, 30), (600, 45)),
        "fewest_sundays_off": 13,
        "night": (0, 360),
        "night_minutes": 61,
        "most_night_minutes": 600,
        "most_nights_in_row": 7,
        "rest_after_nights_minutes": 46 * HOUR,
        "notice_days": 28,
    },
    # Code du travail: L. 3131-1, 3132-2, 3132-1, 3121-18, -20, -22, -27, -16, 3122-20, -5, -6,
    # 3121-47.
    "FR": {
        "rest_minutes": 660,
        "week_rest_minutes": 2100,
        "most_week_days": 6,
        "most_day_minutes": 600,
        "most_week_minutes": 48 * HOUR,
        "average_week_minutes": 44 * HOUR,
        "average_weeks": 12,
        "overtime_week_minutes": 35 * HOUR,
        # Six hours are enough, where Germany asks for more than six.
        "pause_after": ((359, 20),),
        "night": (21 * HOUR, 30 * HOUR),
        "night_minutes": 180,
        "most_night_minutes": 480,
        "notice_days": 7,
    },
    # ORS 653.436 and 653.442, 29 U.S.C. 207(a)(1), OAR 839-020-0050.
    "US-OR": {
        "notice_days": 14,
        "rest_minutes": 600,
        "overtime_week_minutes": 2400,
        "pause_after": ((359, 30),),
    },
    # 29 U.S.C. 207(a)(1), and nothing else.
    "US": {"overtime_week_minutes": 2400},
}


@pytest.mark.parametrize("code", READ)
def test_what_the_law_says(code):
    told = values(load(*code.split("-")))
    told.pop("on_call", None)
    assert told == READ[code]


@pytest.mark.parametrize("one", ALL, ids=name)
def test_every_value_has_its_source(one):
    assert set(one.said) == set(values(one)), "a source for each, and for nothing else"
    assert one.said, "a file that says nothing is none"
    for source in one.said.values():
        assert source.text
        assert source.article
        assert re.fullmatch(r"https://[^\s]+", source.url)
        assert date(2024, 1, 1) <= source.as_of
    assert one.title
    assert one.binds


@pytest.mark.parametrize("one", ALL, ids=name)
def test_values_do_not_contradict_each_other(one):
    limits = one.limits
    weekly = limits.most_week_minutes or 7 * 24 * HOUR
    assert (limits.most_day_minutes or 0) <= weekly
    assert (one.average_week_minutes or 0) <= weekly
    assert (one.average_night_minutes or 0) <= (one.most_night_minutes or 24 * HOUR)
    assert (limits.rest_minutes or 0) <= (limits.week_rest_minutes or 7 * 24 * HOUR)
    pauses = [minutes for _after, minutes in limits.pause_after]
    assert pauses == sorted(pauses), "a longer shift has no shorter pauses"


@pytest.mark.parametrize("country", ["AT", "DE", "ES", "FR", "IE", "IT", "NL", "PL", "PT"])
def test_members_grant_the_minimum_of_the_union(country):
    one, union = load(country), load("EU")
    assert one.country == country
    assert one.limits.rest_minutes >= union.limits.rest_minutes
    assert one.limits.week_rest_minutes >= union.limits.week_rest_minutes
    assert one.average_week_minutes <= union.average_week_minutes
    assert one.limits.pause_after


def test_a_region_is_its_own_or_its_countrys():
    assert load("us", "or").title == "United States, Oregon"
    assert load("US", "TX") == load("US")
    assert load("DE", "BY") == load("DE")
    # Provinces make these laws, so that there is none of all of Canada.
    assert load("CA", "ON").region == "ON"
    assert load("CA") is None
    assert load("CA", "BC") is None


def test_a_member_without_a_file_has_the_unions_minimum():
    assert load("SE") == load("EU")
    assert load("NO") is None
    assert load("IN") is None
    assert load("../../pyproject") is None


def test_a_contract_is_held_to_its_law():
    contract = Limits(rest_minutes=600, most_day_minutes=540, most_days_in_row=5)
    both = contract.strictest(load("NL").limits)
    assert (both.rest_minutes, both.most_day_minutes, both.most_days_in_row) == (660, 540, 5)
    assert both.pause_after == ((330, 30), (600, 45))


FILE = """
country = "XX"
title = "Nowhere"
binds = "Everybody"
[laws.ACT]
text = "The Act"
url = "https://example.org/act"
as_of = 2025-01-01
[rest_minutes]
value = "11:00"
law = "ACT"
article = "s. 1"
"""


def test_a_file_is_read():
    one = preset("xx.toml", FILE)
    assert one.limits == Limits(rest_minutes=660)
    source = one.said["rest_minutes"]
    assert (source.text, source.article, source.url) == (
        "The Act", "s. 1", "https://example.org/act",
    )  # fmt: skip
    assert source.as_of == date(2025, 1, 1)


def a_value(key: str, value: str) -> str:
    return f'{FILE}[{key}]\nvalue = {value}\nlaw = "ACT"\narticle = "s. 2"\n'


def test_a_value_may_link_to_its_own_article():
    one = preset("xx.toml", a_value("notice_days", "3") + 'url = "https://example.org/2"\n')
    assert one.said["notice_days"].url == "https://example.org/2"
    assert one.said["rest_minutes"].url == "https://example.org/act"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (a_value("rest_minuets", '"11:00"'), "xx.toml: rest_minuets: no such field"),
        (a_value("most_of_template", "{}"), "xx.toml: most_of_template: no such field"),
        (a_value("most_day_minutes", "600"), "xx.toml: most_day_minutes: 600 are no hours"),
        (a_value("most_day_minutes", '"10:75"'), "xx.toml: most_day_minutes: '10:75' are no hours"),
        (a_value("notice_days", '"14"'), "xx.toml: notice_days: has to be a whole number"),
        (a_value("notice_days", "true"), "xx.toml: notice_days: has to be a whole number"),
        (a_value("notice_days", "-1"), "xx.toml: notice_days: has to be a whole number"),
        (a_value("pause_after", '["6:00", "0:30"]'), "xx.toml: pause_after: has to be a list"),
        (a_value("pause_after", '[["6:00"]]'), "xx.toml: pause_after: has to be pairs"),
        (a_value("night", '"23:00"'), "xx.toml: night: has to be a list"),
        (a_value("on_call", "3"), "xx.toml: on_call: has to be words"),
        (a_value("average_weeks", "17"), "xx.toml: average_weeks: goes with"),
        (FILE.replace('article = "s. 1"', ""), "xx.toml: rest_minutes: misses article"),
        (FILE.replace('law = "ACT"', 'law = "ATC"'), "xx.toml: rest_minutes: no law 'ATC'"),
        (FILE + 'source = "hearsay"\n', "xx.toml: rest_minutes: does not know source"),
        (FILE.replace("as_of = 2025-01-01", ""), "xx.toml: laws.ACT: misses as_of"),
        (FILE.replace("2025-01-01", '"lately"'), "xx.toml: laws.ACT: as_of has to be a date"),
        (FILE.replace('title = "Nowhere"', ""), "xx.toml: title: has to be words"),
        (FILE.replace('"XX"', '"YY"'), "xx.toml: country: is not that of the file's name"),
        (FILE + "[", "xx.toml: "),
        ("rest_minutes = 660", "xx.toml: rest_minutes: has to be a table"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_key(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        preset("xx.toml", text)


def test_the_files_are_installed_with_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (pattern,) = project["tool"]["setuptools"]["package-data"]["scheduling"]
    assert len(list((ROOT / "scheduling").glob(pattern))) == len(ALL)


def hours(minutes: int | None) -> str:
    """How a table tells minutes: 11 h, or 5:30 h; a dash where the law says nothing."""
    if minutes is None:
        return "–"
    whole, rest = divmod(minutes, HOUR)
    return f"{whole}:{rest:02} h" if rest else f"{whole} h"


def row(one: Preset) -> list[str]:
    """A preset as a row of the table in docs/rostering.md."""
    limits = one.limits
    # "5:59" is how a file says "of six hours and more".
    pauses = [
        f"{minutes} min {'from' if after % 5 else 'over'} {hours(after + (after % 5 > 0))}"
        for after, minutes in limits.pause_after
    ]
    average = one.average_week_minutes and (
        f"{hours(one.average_week_minutes)} over {one.average_weeks} weeks"
    )
    overtime = [
        f"{hours(minutes)} a {span}"
        for minutes, span in (
            (one.overtime_day_minutes, "day"),
            (one.overtime_week_minutes, "week"),
        )
        if minutes
    ]
    clock = one.night and "–".join(f"{at // HOUR % 24:02}:{at % HOUR:02}" for at in one.night)
    days = {None: "–", 1: "1 day"}.get(one.notice_days, f"{one.notice_days} days")
    return [
        one.title,
        hours(limits.rest_minutes),
        hours(limits.week_rest_minutes),
        hours(limits.most_day_minutes),
        hours(limits.most_week_minutes),
        average or "–",
        ", ".join(overtime) or "–",
        ", ".join(pauses) or "–",
        clock or "–",
        days,
    ]


def test_the_table_of_the_document_is_what_the_files_say():
    text = (ROOT / "docs" / "rostering.md").read_text(encoding="utf-8")
    _before, _header, table = text.partition("| where | ")
    lines = [line for line in table.split("\n\n")[0].splitlines()[2:] if line.startswith("|")]
    told = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert told == [row(one) for one in sorted(ALL, key=lambda one: one.title)]
