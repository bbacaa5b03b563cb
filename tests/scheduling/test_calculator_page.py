"""The calculator's page and its twin over the API: the same numbers, words for what cannot be."""

import base64
import csv
import json
from datetime import date
from io import StringIO

import numpy as np
import pytest
from django.urls import reverse

from kpis.models import KpiChoice
from tests.builders import a_user

pytestmark = pytest.mark.django_db

# CloudTalk's guide: 14 positions, 92.18 %, ASA 13.06 s, occupancy 71.43 %.
CASE = {"calls": "120", "per": "60", "aht": "300", "level": "90", "within": "60"}


@pytest.fixture
def reader(client):
    client.force_login(a_user("trainer"))
    return client


def opened(reader, **asked):
    return reader.get(reverse("calculator"), asked)


def test_the_address_tells_what_is_asked_and_the_page_what_it_takes(reader):
    page = opened(reader, **CASE)
    answer = page.context["answer"]
    assert (answer.needed.positions, answer.asked.variant) == (14, "SL4")
    text = page.content.decode()
    for words in ("92.2", "0:13", "71.4", "Erlang C", "<small>SL4</small>"):
        assert words in text


def test_before_anything_is_asked_nothing_is_told(reader):
    page = opened(reader)
    assert page.context["answer"] is None
    assert page.context["form"].errors == {}
    assert "Say how many calls" in page.content.decode()


def test_what_the_address_leaves_out_is_as_the_house_counts(reader):
    KpiChoice.objects.create(
        kpi="service_level",
        variant="SL3",
        parameters={"threshold_seconds": 30, "target": 0.7},
        valid_from=date(2026, 1, 1),
    )
    asked = opened(reader, calls="120", aht="300").context["answer"].asked
    assert (asked.variant, asked.target_seconds, asked.service_level) == ("SL3", 30, 0.7)


def test_of_a_way_to_count_that_no_formula_tells_another_stands_in_and_it_is_said(reader):
    KpiChoice.objects.create(kpi="service_level", variant="SL8", valid_from=date(2026, 1, 1))
    page = opened(reader, calls="120", aht="300")
    assert page.context["answer"].asked.variant == "SL4"
    assert "Figures here are SL8" in page.content.decode()


def test_a_length_may_be_written_as_a_clock_tells_it(reader):
    asked = opened(reader, **CASE | {"aht": "5:00", "patience": "2:30"}).context["answer"].asked
    assert (asked.aht_seconds, asked.patience_seconds, asked.model) == (300, 150, "Erlang A")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"aht": ""}, "aht"),
        ({"aht": "0"}, "aht"),
        ({"aht": "5:99"}, "aht"),
        ({"aht": "-1:00"}, "aht"),
        ({"aht": "9" * 400 + ":00"}, "aht"),
        ({"within": "9" * 5000 + ":00"}, "within"),
        ({"calls": "nan"}, "calls"),
        ({"calls": "1e400"}, "calls"),
        ({"calls": "-1"}, "calls"),
        ({"calls": "9999999", "aht": "86400"}, "calls"),
        ({"per": "7"}, "per"),
        ({"level": "100"}, "level"),
        ({"level": "0"}, "level"),
        ({"level": "NaN"}, "level"),
        ({"level": ""}, "level"),
        ({"variant": "SL9"}, "variant"),
        ({"again": "20"}, "patience"),
        ({"abandon": "5"}, "patience"),
        ({"abandon": "0", "patience": "60"}, "abandon"),
        ({"shrinkage": "100"}, "shrinkage"),
        ({"positions": "1.5"}, "positions"),
        ({"busy": "0"}, "busy"),
        ({"within": "soon"}, "within"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(reader, asked, field):
    page = opened(reader, **CASE | asked)
    assert page.status_code == 200
    assert page.context["answer"] is None
    assert [*page.context["form"].errors] == [field]


def test_the_table_is_a_file_with_the_same_numbers(reader):
    page = opened(reader, **CASE)
    answer = reader.get(page.context["csv_url"])
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [int(row["positions"]) for row in rows] == [
        step.positions for step in page.context["answer"].steps
    ]
    [needed] = [row for row in rows if row["positions"] == "14"]
    assert float(needed["service level (SL4)"]) == pytest.approx(0.9218, abs=5e-5)
    # Ten positions have ten erlangs to do: the wait has no end, which is no number.
    [endless] = [row for row in rows if row["positions"] == "10"]
    assert endless["mean wait W1, s"] == ""


def numbers(packed):
    """What Plotly packed, as numbers."""
    return np.frombuffer(base64.b64decode(packed["bdata"]), dtype=packed["dtype"]).tolist()


def test_the_curve_has_the_tables_numbers_and_names_its_variant(reader):
    page = opened(reader, **CASE | {"cost": "20"})
    steps = page.context["answer"].steps
    level, cost = json.loads(page.context["chart"]["json"])["data"]
    assert (level["name"], cost["name"]) == ("Service level (SL4)", "Cost an hour")
    assert numbers(level["x"]) == [step.positions for step in steps]
    assert numbers(level["y"]) == [step.level for step in steps]
    assert numbers(cost["y"]) == [20 * step.people for step in steps]


def test_of_no_calls_nobody_is_needed_and_nothing_else_is_told(reader):
    page = opened(reader, **CASE | {"calls": "0"})
    text = page.content.decode()
    assert page.context["answer"].needed.positions == 0
    assert "missed" not in text
    assert "100.0" not in text
    rows = b"".join(reader.get(page.context["csv_url"]).streaming_content).decode()
    assert "nan" not in rows
    assert "inf" not in rows


def test_the_page_asks_a_fixed_number_of_queries(reader, django_assert_num_queries):
    opened(reader)  # what is read once
    with django_assert_num_queries(4):
        opened(reader, **CASE)
    with django_assert_num_queries(4):
        opened(reader, **CASE | {"calls": "50000"})


class TestApi:
    def test_the_same_numbers_in_fractions_and_seconds(self, reader):
        asked = {"calls": 120, "aht_seconds": 300, "service_level": 0.9, "target_seconds": 60}
        told = reader.get(reverse("api_staffing"), asked).json()
        needed = told["needed"]
        assert (told["model"], told["variant"], told["load_erlangs"]) == ("Erlang C", "SL4", 10.0)
        assert (needed["positions"], needed["people"], needed["is_enough"]) == (14, 14, True)
        assert needed["SL4"] == pytest.approx(0.9218, abs=5e-5)
        assert needed["asa_w1_seconds"] == pytest.approx(13.06, abs=0.005)
        endless = next(step for step in told["steps"] if step["positions"] == 10)
        assert (endless["asa_w1_seconds"], endless["queue_length"]) == (None, None)

    def test_of_no_calls_there_is_no_service_level(self, reader):
        asked = {"calls": 0, "aht_seconds": 300, "service_level": 0.9}
        needed = reader.get(reverse("api_staffing"), asked).json()["needed"]
        assert (needed["positions"], needed["service_level"], needed["occupancy"]) == (
            0,
            None,
            None,
        )

    @pytest.mark.parametrize(
        ("more", "pointer"),
        [
            ({"aht_seconds": ""}, "/aht_seconds"),
            ({"calls": "inf"}, "/calls"),
            ({"level": "80"}, "/level"),
            ({"abandonment": "0.05"}, "/abandonment"),
            ({"calls": "9999999", "aht_seconds": "86400"}, "/calls"),
            ({"service_level": ""}, "/service_level"),
        ],
    )
    def test_what_cannot_be_has_a_pointer(self, reader, more, pointer):
        asked = {"calls": "100", "aht_seconds": "180", "service_level": "0.8"} | more
        answer = reader.get(reverse("api_staffing"), asked)
        assert answer.status_code == 400
        assert answer["content-type"].startswith("application/problem+json")
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_the_rest_of_the_form_is_open_where_something_of_it_is_told(reader):
    usual = {"shrinkage": "0", "busy": "1", "patience": "", "variant": "SL4"}
    assert not opened(reader, **CASE | usual).context["form"].has_more
    for more in ({"patience": "60"}, {"shrinkage": "30"}, {"busy": "2"}, {"occupancy": "0"}):
        assert opened(reader, **CASE | usual | more).context["form"].has_more


def test_kinds_of_shrinkage_are_printed_as_they_come_to_one(reader):
    page = reader.get(
        reverse("calculator"),
        {"calls": "120", "aht": "300", "level": "90", "within": "60",
         "shrinkage": "leave 20 + breaks 10", "together": "rest"},
    )  # fmt: skip
    # 1 - 0.8 x 0.9 is 28 %; 14 positions are 19.4 people.
    assert page.context["answer"].needed.people == 20
    assert "1 − (1 − leave 20 %) × (1 − breaks 10 %)" in page.content.decode()
