"""Another definition beside the chosen one, and marks where the chosen one changed.

Each day of a queue: 8 answered after 10 s, 2 after 25 s, 2 given up after 15 s and 3 after 30 s.
SL4 (chosen): 8 / 13; SL3: 8 / 15; SL2: 8 / 10.
"""

import csv
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from django.urls import reverse

from kpis import rollups
from kpis.choices import Choices
from kpis.choosing import beside, fields, marks
from kpis.definitions import KPIS, UnknownKpi, parse, pinned
from kpis.models import KpiChoice
from kpis.parameters import NUMBERS
from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent

pytestmark = pytest.mark.django_db

MONDAY = NINE.date()
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def queue(site):
    """A queue called on Monday and on Tuesday."""
    queue, agent = a_queue(site, "Sales"), an_agent(site, "Ada")
    for day in (NINE, NINE + timedelta(days=1)):
        for wait in (10,) * 8 + (25,) * 2:
            a_call(queue, day, wait=wait, agent=agent)
        for wait in (15,) * 2 + (30,) * 3:
            a_call(queue, day, wait=wait, outcome="abandoned")
    rollups.rebuild()
    return queue


@pytest.fixture
def manager(client, site):
    user = a_user("manager", site)
    client.force_login(user)
    return user


def chosen(variant, on, kpi="service_level", **more):
    return KpiChoice.objects.create(kpi=kpi, variant=variant, valid_from=on, **more)


def asked(first=MONDAY, last=MONDAY, **more):
    return {"period": "custom", "from": first, "to": last} | more


# Reading.


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", ()),
        ("service_level:SL3", ("service_level:SL3",)),
        (" asa:W2, service_level:SL3,,asa:W2", ("asa:W2", "service_level:SL3")),
    ],
)
def test_definitions_are_named_by_kpi_and_variant(said, found):
    assert beside.read(said) == found


@pytest.mark.parametrize(
    "said",
    [
        "x", "service_level", "service_level:", "asa:SL3", ":SL3", "x:y", "service_level@20",
        "service_level:SL4@", "service_level:SL4@3601", "fcr:F3@31", "fcr:F3@0",
        "service_level:SL4@-1", "service_level:SL4@020", "service_level:SL4@²", "aht:H2@5",
    ],
)  # fmt: skip
def test_a_definition_that_is_none_is_unknown(said):
    with pytest.raises(UnknownKpi):
        beside.read(said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("fcr@3", "a number goes with a definition: write one of fcr:F3@3, fcr:F1@3, fcr:F2@3"),
        ("service_level@x", "write one of service_level:SL4@20, service_level:SL1@20, "),
        ("abandon_rate:A4@5", "no number can be said of A4: of abandon_rate it can of A1"),
        ("aht:H2@5", "no number can be said of aht: none of its definitions reads one"),
        ("asa@5", "no number can be said of asa: none of its definitions reads one"),
    ],
)
def test_a_number_without_its_definition_is_answered_with_what_to_write(said, why):
    with pytest.raises(UnknownKpi, match=re.escape(why)):
        parse(said)


def test_a_number_has_the_same_bounds_where_it_is_chosen_and_where_it_is_asked_for():
    every = [(kpi, one) for kpi in KPIS.values() for one in kpi.variants if one.number is not None]
    assert {variant.number for _kpi, variant in every} == {*NUMBERS}
    for kpi, variant in every:
        chosen_by = fields.field(NUMBERS[variant.number])
        for number in (chosen_by.min_value, chosen_by.max_value):
            assert number in pinned(f"{kpi.id}:{variant.id}@{number}").values()
        for number in (chosen_by.min_value - 1, chosen_by.max_value + 1):
            with pytest.raises(UnknownKpi):
                pinned(f"{kpi.id}:{variant.id}@{number}")


def test_within_0_seconds_is_without_waiting_whatever_else_is_chosen(client, manager, queue, site):
    """Of one call more that waited for nothing 1 of 16: no wait is shorter than 0 s, so that one of
    exactly that is within it."""
    a_call(queue, NINE, wait=0, agent=site.agents.get())
    rollups.rebuild()
    chosen("SL3", date(2026, 1, 1), parameters={"threshold_seconds": 30, "boundary": "<"})
    page = client.get(reverse("home"), asked(definition="service_level:SL3@0"))
    assert ("Service level (SL3, 0 s)", 1 / 16) in tile_figures(page)


def test_another_definition_stands_after_its_own_kpi_and_nowhere_else():
    others = ("asa:W2", "service_level:SL3", "service_level:SL2", "occupancy:O2")
    assert beside.columns(("offered", "service_level", "asa"), others) == (
        "offered", "service_level", "service_level:SL3", "service_level:SL2", "asa", "asa:W2",
    )  # fmt: skip


# On pages.


def tile_figures(page):
    return [
        (tile.name, tile.value)
        for tile in page.context["tiles"]
        if tile.id.startswith(("service_level", "offered"))
    ]


def test_home_shows_both_figures_and_names_both(client, manager, queue):
    page = client.get(reverse("home"), asked(definition="service_level:SL3"))
    assert tile_figures(page) == [
        ("Service level (SL4)", 8 / 13),
        ("Service level (SL3)", 8 / 15),
        ("Offered", 15),
    ]
    without = client.get(reverse("home"), asked())
    assert tile_figures(without) == [("Service level", 8 / 13), ("Offered", 15)]


def headings(page):
    return [str(column.header) for column in page.context["table"].columns]


def test_queues_have_a_column_of_each_and_both_sort(client, manager, queue, site):
    quiet = a_queue(site, "Quiet")
    a_call(quiet, NINE, wait=10)
    rollups.rebuild()
    query = asked(definition="service_level:SL2", sort="-service_level_SL2")
    page = client.get(reverse("queues"), query)
    assert headings(page)[4:6] == ["Service level (SL4)", "Service level (SL2)"]
    rows = [row.record for row in page.context["table"].rows]
    told = [(row["name"], row["figures"]["service_level:SL2"].value) for row in rows]
    assert told == [("Quiet", 1.0), ("Sales", 8 / 10)]
    # Where queues differ it is that of most of them, with what it reads; of as many, the first.
    chosen("SL1", date(2026, 1, 1), site=site, queue=quiet)
    page = client.get(reverse("queues"), query)
    assert headings(page)[4:6] == ["Service level (SL1, 20 s)", "Service level (SL2)"]


def test_a_definition_has_the_number_it_is_asked_for_with_and_no_two_columns_are_named_alike(
    client, manager, queue, site
):
    # Chosen are 30 s: all 10 answered of these and of nobody who gave up later. Within 20 s 8 / 13.
    chosen("SL4", date(2026, 1, 1), parameters={"threshold_seconds": 30})
    query = asked(definition="service_level:SL4,service_level:SL4@20,service_level:SL2@20")
    page = client.get(reverse("queues"), query)
    assert headings(page)[4:8] == [
        "Service level (SL4, 30 s, as chosen)",
        "Service level (SL4, 30 s, with the numbers chosen)",
        "Service level (SL4, 20 s)",
        "Service level (SL2, 20 s)",
    ]
    (row,) = [row.record for row in page.context["table"].rows]
    assert [row["figures"][one].value for one in list(row["figures"])[2:6]] == [
        1, 1, 8 / 13, 8 / 10,
    ]  # fmt: skip
    at_home = [value for _name, value in tile_figures(client.get(reverse("home"), query))]
    assert at_home[:4] == [1, 1, 8 / 13, 8 / 10]
    lines = b"".join(client.get(reverse("queues"), query | {"export": "csv"}).streaming_content)
    header, values = csv.reader(StringIO(lines.decode("utf-8-sig")))
    exported = dict(zip(header, values, strict=True))
    assert exported["service_level:SL4@20 definition"] == "SL4, 20 s"
    assert float(exported["service_level:SL4@20 (fraction)"]) == 8 / 13
    scope = {"kpi": "service_level:SL4@20", "site": site.slug, "from": MONDAY, "to": MONDAY}
    made = client.get(reverse("passport"), scope | {"definition": "service_level:SL4"})
    told = made.context["passport"]
    assert (told["value"], "within 20 s" in told["words"]) == (8 / 13, True)
    assert [(one["id"], one["value"]) for one in told["beside"]] == [("SL4, 30 s", 1)]
    listed = client.get(reverse("passport_calls"), scope | {"side": "numerator"})
    assert listed.context["page"].paginator.count == 8


def test_csv_has_both_columns(client, manager, queue):
    query = asked(definition="service_level:SL3", export="csv")
    lines = b"".join(client.get(reverse("queues"), query).streaming_content)
    header, values = csv.reader(StringIO(lines.decode("utf-8-sig")))
    exported = dict(zip(header, values, strict=True))
    assert float(exported["service_level (fraction)"]) == 8 / 13
    assert float(exported["service_level:SL3 (fraction)"]) == 8 / 15
    assert exported["service_level variant"] == "SL4"
    assert exported["service_level:SL3 variant"] == "SL3"


def test_agents_and_an_agent_show_both(client, manager, queue, site):
    query = asked(definition="missed_rate:per_call")
    agent = site.agents.get(name="Ada")
    page = client.get(reverse("agents"), query)
    names = ["Missed rings (per_offer)", "Missed rings (per_call)"]
    assert [heading for heading in headings(page) if heading.startswith("Missed")] == names
    page = client.get(reverse("agent", args=[agent.pk]), query)
    assert headings(page)[-2:] == names
    assert [tile.name for tile in page.context["tiles"]][-2:] == names


def test_a_passport_shows_the_other_figure_and_names_it(client, manager, queue, site):
    query = {
        "kpi": "service_level", "site": site.slug, "from": MONDAY, "to": MONDAY,
        "definition": "service_level:SL3,asa:W2",
    }  # fmt: skip
    page = client.get(reverse("passport"), query)
    (other,) = page.context["passport"]["beside"]
    assert (other["id"], other["value"]) == ("SL3, 20 s", 8 / 15)
    assert "under SL3, 20 s, beside SL4" in page.content.decode()


def test_the_choice_goes_along_to_other_pages_and_stays_in_the_bar(client, manager, queue):
    query = asked(definition="service_level:SL3")
    page = client.get(reverse("queues"), query)
    body = page.content.decode()
    kept = "definition=service_level%3ASL3"
    assert f'href="{reverse("home")}?period=custom' in body
    assert body.count(kept) >= 6  # sidebar, rows, export, passports
    assert '<option value="service_level:SL3" selected>' in body
    # A page that has no such figure keeps it, too.
    assert (
        '<option value="service_level:SL3" selected>'
        in client.get(reverse("agents"), query).content.decode()
    )
    calls = client.get(reverse("calls"), query).content.decode()
    assert '<input type="hidden" name="definition" value="service_level:SL3">' in calls


@pytest.mark.parametrize("definition", ["x", "service_level", "service_level:SL99", "a" * 999])
@pytest.mark.parametrize("name", ["home", "queues", "agents"])
def test_a_definition_that_there_is_none_of_is_left_out_with_a_word(
    client, manager, name, definition
):
    page = client.get(reverse(name), {"definition": f"{definition},service_level:SL3"})
    assert f"Not understood, so left out: {definition[:60]}" in page.content.decode()
    assert page.context["filters"].definition in ("service_level:SL3", "")  # cut off at 200


def test_passport_and_files_do_not_know_it(client, manager, queue, site):
    query = {"definition": "service_level:SL99"}
    agent = site.agents.get(name="Ada")
    page = client.get(reverse("agent", args=[agent.pk]), query)
    words = page.content.decode()
    assert "Not understood, so left out: service_level:SL99 (service_level has no variant" in words
    assert "it has SL4, SL1, SL2, SL3, SL5, SL6, SL7, SL7b, SL8)." in words
    assert client.get(reverse("queues"), query | {"export": "csv"}).status_code == 404
    scope = {"kpi": "asa", "site": site.slug, "from": MONDAY, "to": MONDAY}
    passport = client.get(reverse("passport"), scope | query)
    said = "Of the definition beside: service_level has no variant &#x27;SL99&#x27;; it has SL4, "
    assert (passport.status_code, said in passport.content.decode()) == (404, True)


def test_the_api_gives_both_and_says_what_it_cannot(client, manager, queue, site):
    def ask(**more):
        query = {"first": MONDAY, "last": MONDAY, "site": site.slug} | more
        return client.get(reverse("api_kpis"), query)

    (row,) = ask(kpi="service_level", definition="service_level:SL3").json()["rows"]
    told = {words: (one["variant"], one["value"]) for words, one in row["kpis"].items()}
    assert told == {"service_level": ("SL4", 8 / 13), "service_level:SL3": ("SL3", 8 / 15)}
    assert "service_level:SL3" in ask(definition="service_level:SL3").json()["rows"][0]["kpis"]
    refused = ask(kpi="asa", definition="service_level:SL3")
    assert refused.status_code == 400
    assert "stands beside nothing" in str(refused.json())
    refused = ask(definition="service_level:SL99")
    assert refused.status_code == 400
    assert "it has SL4, SL1" in str(refused.json())


# Marks.


def test_a_mark_says_from_when_what_and_where(site, queue):
    support = a_queue(site, "Support")
    chosen("SL3", TUESDAY, parameters={"threshold_seconds": 30})
    chosen("SL2", TUESDAY, site=site, queue=support)
    chosen("A2", TUESDAY, kpi="abandon_rate")
    chosen("SL1", MONDAY)  # from the first day on: nothing changes within
    shown = ["offered", "service_level", "service_level:SL2"]
    choices = Choices(TUESDAY)
    rows = [queue, support]
    assert [mark.words for mark in marks.of(choices, shown, MONDAY, site.pk, rows=rows)] == [
        f"Service level from {TUESDAY}: SL2, 30 s (Support)",  # T is that of all
        f"Service level from {TUESDAY}: SL3, 30 s",
    ]
    assert [str(mark) for mark in marks.of(choices, shown, MONDAY, site.pk, support.pk)] == [
        f"Service level from {TUESDAY}: SL2, 30 s"
    ]
    assert marks.of(choices, shown, TUESDAY, site.pk, rows=rows) == []


def test_pages_mark_the_day_of_a_change_within_their_period(client, manager, queue, site):
    chosen("SL3", TUESDAY)
    told = f"Service level from {TUESDAY}: SL3, 20 s"
    for name in ("home", "queues"):
        assert told in client.get(reverse(name), asked(MONDAY, TUESDAY)).content.decode()
        assert told not in client.get(reverse(name), asked(TUESDAY, TUESDAY)).content.decode()
    (level,) = [
        tile
        for tile in client.get(reverse("home"), asked(MONDAY, TUESDAY)).context["tiles"]
        if tile.id == "service_level"
    ]
    assert (level.values, level.marks) == ([8 / 13, 8 / 15], [1])
    assert level.value == 16 / 30  # the whole by what holds on its last day


def test_a_days_row_says_what_began_with_it(client, manager, queue, site):
    agent = site.agents.get(name="Ada")
    chosen("H2", TUESDAY, kpi="aht")
    page = client.get(reverse("agent", args=[agent.pk]), asked(MONDAY, TUESDAY))
    monday, tuesday = sorted(page.context["table"].rows, key=lambda row: row.record["name"])
    assert "H2" not in str(monday.get_cell("name"))
    assert f"{KPIS['aht'].name} from {TUESDAY}: H2" in str(tuesday.get_cell("name"))


def test_a_passport_says_since_when_and_what_changed_within(client, manager, queue, site):
    chosen("SL3", TUESDAY)
    scope = {"kpi": "service_level", "site": site.slug, "from": MONDAY}
    made = client.get(reverse("passport"), scope | {"to": TUESDAY}).context["passport"]
    assert made["since"] == TUESDAY
    assert made["marks"] == [f"Service level from {TUESDAY}: SL3, 20 s"]
    made = client.get(reverse("passport"), scope | {"to": MONDAY}).context["passport"]
    assert (made["since"], made["marks"]) == (None, [])


def test_the_api_tells_of_the_changes_within(client, manager, queue, site):
    chosen("SL2", TUESDAY, parameters={"threshold_seconds": 30})
    query = {
        "first": MONDAY, "last": TUESDAY, "site": site.slug, "kpi": "service_level", "by": "day",
    }  # fmt: skip
    told = client.get(reverse("api_kpis"), query).json()
    assert [row["kpis"]["service_level"]["variant"] for row in told["rows"]] == ["SL4", "SL2"]
    (change,) = told["changes"]
    assert (change["day"], change["kpi"], change["variant"]) == (
        TUESDAY.isoformat(), "service_level", "SL2",
    )  # fmt: skip
    assert change["parameters"]["threshold_seconds"] == 30
