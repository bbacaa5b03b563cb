"""`callcenter report`: its JSON, its table, and what it refuses."""

import csv
import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from ccm.access import ADMIN
from ccm.models import Site
from kpis import rollups
from kpis.models import KpiChoice
from tests import once
from tests.builders import NINE, a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db

DAY = ("--from", "2026-03-02", "--to", "2026-03-02")
LEVEL = ("--kpi", "offered", "--kpi", "service_level", "--kpi", "service_level:SL1")


def said(*words: str) -> str:
    out = StringIO()
    call_command("report", *DAY, *words, stdout=out)
    return out.getvalue()


def rows(*words: str) -> list[dict[str, Any]]:
    """Without its definition in words, where each figure explains itself, and why there is none
    where there is none. All are whole, of calls, and known exactly."""
    found = json.loads(said(*words, "--json"))["rows"]
    for row in found:
        assert row.pop("not_whole") == ""
        for one in row["kpis"].values():
            in_time = one.pop("n_unit") == "seconds"
            assert in_time == (one["variant"] in ("O1", "O2", "U1", "U2", "sum", "product"))
            assert one.pop("precision") == ""
            del one["definition"], one["passport_url"]
            assert bool(one.pop("reason")) == (one["value"] is None)
    return found


def refused(*words: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as error:
        said(*words)
    return error.value.returncode, str(error.value)


@once.fixture
def leeds() -> Site:
    """Sales: answered after 10 and after 30 s, and one who gave up after 10 s."""
    site = a_site("Leeds", "Europe/London")
    sales = a_queue(site, "Sales")
    a_call(sales, NINE, wait=10, talk=60)
    a_call(sales, NINE, wait=30, talk=90)
    a_call(sales, NINE, wait=10, outcome="abandoned")
    rollups.rebuild()
    return site


def test_json_has_what_was_asked_under_the_words_it_was_asked_with(leeds: Site) -> None:
    assert rows(*LEVEL) == [
        {
            "key": {},
            "kpis": {
                "offered": {"value": 3, "n": 3, "unit": "count", "variant": "count"},
                "service_level": {
                    "value": 1 / 2, "n": 2, "unit": "fraction", "variant": "SL4",
                },
                "service_level:SL1": {
                    "value": 2 / 3, "n": 3, "unit": "fraction", "variant": "SL1",
                },
            },
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("queue", {"queue": "Sales"}),
        ("day", {"day": "2026-03-02"}),
        ("interval", {"start": "2026-03-02T09:00:00+00:00"}),
    ],
)
def test_rows_are_told_apart_by_their_key(leeds: Site, by: str, key: dict[str, str]) -> None:
    *earlier, row = rows("--by", by, "--kpi", "offered")
    # From the midnight before up to the newest call each quarter hour has its row.
    assert len(earlier) == (36 if by == "interval" else 0)
    assert row == {
        "key": key,
        "kpis": {"offered": {"value": 3, "n": 3, "unit": "count", "variant": "count"}},
    }


def test_nothing_is_a_total_of_zeros_and_no_level(leeds: Site) -> None:
    call = ["--from", "2026-03-03", "--to", "2026-03-03", *LEVEL, "--json"]
    out = StringIO()
    call_command("report", *call, stdout=out)
    [row] = json.loads(out.getvalue())["rows"]
    assert [(one["value"], one["n"]) for one in row["kpis"].values()] == [
        (0, 0),
        (None, 0),
        (None, 0),
    ]


def test_a_figure_without_a_value_says_why_on_its_line(leeds: Site) -> None:
    lines = said("--kpi", "cost_per_call", "--kpi", "offered").splitlines()
    [cost] = [line for line in lines if "cost_per_call" in line]
    assert cost.endswith("(not every day with calls has its costs)")
    assert not lines[-1].endswith(")")


def test_without_a_kpi_all_are_told_in_their_default_variant(leeds: Site) -> None:
    [row] = rows()
    assert {"offered", "asa", "csat", "wait_p50", "ring_no_answer"} <= row["kpis"].keys()
    assert row["kpis"]["abandon_rate"]["variant"] == "A1"
    assert row["kpis"]["asa"]["value"] == 20


def test_each_figure_says_where_it_explains_itself(leeds: Site) -> None:
    sales = leeds.queues.get(name="Sales")
    found = json.loads(said("--kpi", "asa", "--by", "queue", "--across", "clock", "--json"))
    assert [row["kpis"]["asa"]["passport_url"] for row in found["rows"]] == [
        "/passport/?kpi=asa&from=2026-03-02&to=2026-03-02"
        f"&site={leeds.slug}&queue={sales.pk}&only=clock%3A9"
    ]


def test_rows_and_columns_are_chosen_by_name(leeds: Site) -> None:
    assert rows("--kpi", "offered", "--by", "clock", "--across", "queue", "--queue", "Sales") == [
        {
            "key": {"clock": "09:00", "queue": "Sales"},
            "kpis": {"offered": {"value": 3, "n": 3, "unit": "count", "variant": "count"}},
        }
    ]


def test_people_read_a_table(leeds: Site) -> None:
    assert said("--kpi", "asa", "--by", "queue").splitlines() == [
        "Sales",
        f"  {'asa':24} {'0:20':>12}   n 2   W1",
    ]


def test_a_name_alone_is_the_definition_chosen_as_over_the_api_and_on_the_page(
    leeds: Site, client: Client
) -> None:
    """H2 is over all calls: 150 s of talk over three, H1 over the two that were answered."""
    KpiChoice.objects.create(kpi="aht", variant="H2", valid_from=date(2026, 1, 1))
    several = ("--kpi", "aht", "--kpi", "aht:H1", "--kpi", "csat")
    [row] = rows(*several)
    told = {words: (one["value"], one["variant"]) for words, one in row["kpis"].items()}
    assert told == {"aht": (50, "H2"), "aht:H1": (75, "H1"), "csat": (None, "C1")}
    assert [line.split() for line in said(*several).splitlines()[1:3]] == [
        ["aht", "0:50", "n", "3", "H2"], ["aht:H1", "1:15", "n", "2", "H1"]
    ]  # fmt: skip
    client.force_login(a_user(ADMIN))
    asked = {"first": "2026-03-02", "last": "2026-03-02", "kpi": ["aht", "aht:H1", "csat"]}
    [over_api] = client.get(reverse("api_kpis"), asked).json()["rows"]
    assert {words: one["value"] for words, one in over_api["kpis"].items()} == {
        words: value for words, (value, _variant) in told.items()
    }
    asked = {"by": "total", "from": "2026-03-02", "kpi": ["aht", "aht:H1", "csat"]}
    page = client.get(reverse("report"), asked | {"export": "csv"}).getvalue().decode()
    header, line = csv.reader(page.removeprefix("\ufeff").splitlines())
    shown = dict(zip(header, line, strict=True))
    assert float(shown["aht (seconds)"]) == 50
    assert shown["aht variant"] == "H2"
    assert float(shown["aht:H1 (seconds)"]) == 75


def test_how_fast_is_told_with_how_good_to_people_and_to_machines(leeds: Site) -> None:
    _total, fast, good, content, note = said("--kpi", "aht").splitlines()
    assert fast.split()[:2] == ["aht", "1:15"]
    assert (good.split()[0], content.split()[0]) == ("fcr", "csat")
    assert note.startswith("Also shown: First contact resolution, Customer satisfaction. How fast")
    assert "fcr" not in said("--kpi", "aht", "--kpi", "csat")
    answer = json.loads(said("--kpi", "aht", "--json"))
    assert list(answer["rows"][0]["kpis"]) == ["aht", "fcr", "csat"]
    assert answer["notes"] == [note]


@pytest.mark.parametrize("how", ["", "previous", "usual", "target"])
@pytest.mark.parametrize(("by", "count"), [("total", 1), ("agent", 0), ("topic", 1)])
def test_json_is_what_the_api_answers_key_for_key(
    leeds: Site, client: Client, by: str, count: int, how: str
) -> None:
    """Nobody known took the calls, so by agent there are no rows."""
    client.force_login(a_user(ADMIN))
    kpis = ["calls_per_hour", "answered"]
    asked = {"first": DAY[1], "last": DAY[3], "by": by, "kpi": kpis}
    compared = ("--compare", how) if how else ()
    words = [word for kpi in kpis for word in ("--kpi", kpi)]
    printed = json.loads(said("--by", by, *words, *compared, "--json"))
    answer = client.get("/api/v1/kpis/", asked | ({"compare": how} if how else {})).json()
    for row in answer["rows"]:
        for one in row["kpis"].values():
            one["passport_url"] = one["passport_url"].removeprefix("http://testserver")
    assert printed == answer
    assert len(answer["rows"]) == count
    assert ("compared" in answer) == bool(how)
    assert answer["notes"][0].startswith("Also shown: First contact resolution, Customer")


def test_days_before_stand_beside_as_on_the_page_and_over_the_api(leeds: Site) -> None:
    a_call(leeds.queues.get(), NINE - timedelta(days=1))
    rollups.rebuild()
    words = ("--kpi", "offered", "--compare", "previous")
    line, before, *_notes = said(*words).splitlines()[1:]
    assert line == f"  {'offered':24} {'3':>12}   n 3   count   previous 1"
    assert before == "Before: 1 Mar 2026."
    (told,) = json.loads(said(*words, "--json"))["compared"]
    assert (told["first"], told["kpis"]["offered"]["value"]) == ("2026-03-01", 1)


def test_sites_in_several_zones_count_each_its_own_day(leeds: Site) -> None:
    pune = a_queue(a_site("Pune", "Asia/Kolkata"), "Returns")
    a_call(pune, NINE.replace(hour=18, minute=29))  # 23:59 of the day there
    a_call(pune, NINE.replace(hour=18, minute=30))  # the day after
    rollups.rebuild()
    assert rows("--kpi", "offered")[0]["kpis"]["offered"]["value"] == 4
    for named in ("Leeds", leeds.slug):
        assert rows("--site", named, "--kpi", "offered")[0]["kpis"]["offered"]["value"] == 3


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--site", "Atlantis"), "There is no site named Atlantis."),
        (("--queue", "Nobody"), "There is no queue named Nobody."),
        (("--kpi", "happiness"), "happiness"),
        (("--kpi", "asa:W9"), "W9"),
        (("--to", str(date(2026, 3, 1))), "The last day is before the first."),
        (("--to", "9999-12-31", "--by", "interval"), "Ask for days between 1990 and today, "),
        (("--from", "0001-01-01", "--by", "interval"), "Ask for days between 1990 and today, "),
    ],
)
def test_a_question_without_an_answer_exits_2_and_says_why(
    leeds: Site, words: tuple[str, ...], error: str
) -> None:
    code, why = refused(*words)
    assert code == 2
    assert error in why


@pytest.mark.parametrize("by", ["total", "interval", "day", "queue", "agent"])
def test_an_empty_record_has_an_empty_report(by: str) -> None:
    found = rows("--by", by, "--kpi", "offered")
    nothing = {"value": 0, "n": 0, "unit": "count", "variant": "count"}
    assert found == ([{"key": {}, "kpis": {"offered": nothing}}] if by == "total" else [])


def test_a_table_by_interval_says_what_it_cannot_show(leeds: Site) -> None:
    a_call(leeds.queues.get(), NINE.replace(hour=0), wait=None, talk=5, time_precision="day")
    rollups.rebuild()
    text = said("--kpi", "offered", "--by", "interval")
    assert "n 3   count" in text
    assert text.endswith("1 call tells only its day: it counts there and in no interval.\n")
    by_day = said("--kpi", "offered", "--by", "day")
    assert "n 4   count" in by_day
    assert "only its day" not in by_day
