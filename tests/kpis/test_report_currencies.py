"""Money is never without its currency: in files, in the table of the command, beside figures."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from ccm.access import MANAGER
from ccm.models import Site
from kpis import rollups
from tests import once
from tests.builders import a_call, a_cost, a_queue, a_sale, a_site, a_user

pytestmark = pytest.mark.django_db

FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 3)
DAY = {"period": "custom", "from": "2026-03-03", "to": "2026-03-03"}


def sold(site: Site, day: date, value: int) -> None:
    """One call of a day, and what it sold."""
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    call = a_call(site.queues.get(), at)
    a_sale(site, call=call, value=value, currency=site.currency, reference=f"{site.pk} {day}")


@once.fixture
def sites() -> list[Site]:
    """Bogota sold for 500 COP on the second day, Leeds for 8 GBP on the first and 12 on the
    second."""
    made = []
    for name, currency in (("Bogota", "COP"), ("Leeds", "GBP")):
        site = a_site(name)
        site.currency = currency
        site.save()
        a_queue(site, f"{name} sales")
        made.append(site)
    bogota, leeds = made
    sold(bogota, SECOND, 500)
    sold(leeds, FIRST, 8)
    sold(leeds, SECOND, 12)
    rollups.rebuild()
    return made


def told(client, **asked):
    """The lines of a CSV file, by heading."""
    page = client.get(reverse("report"), DAY | asked | {"export": "csv"})
    return list(csv.DictReader(StringIO(page.getvalue().decode("utf-8-sig"))))


def test_a_file_of_several_currencies_has_each_beside_its_money(client, sites):
    client.force_login(a_user(MANAGER, *sites))
    asked = {"by": "site", "kpi": ["revenue", "offered"]}
    lines = told(client, **asked)
    assert [
        (line["site"], line["revenue (money)"], line["revenue currency"]) for line in lines
    ] == [("Bogota", "500.0", "COP"), ("Leeds", "12.0", "GBP")]
    # What is no money has none.
    assert "offered currency" not in lines[0]
    file = client.get(reverse("report"), DAY | asked | {"export": "xlsx"})
    header, *rows = load_workbook(BytesIO(file.content)).worksheets[0].values
    at = header.index("revenue (money)")
    assert header[at + 1] == "revenue currency"
    assert [row[at : at + 2] for row in rows] == [(500, "COP"), (12, "GBP")]


def test_a_file_of_one_currency_names_it_in_the_heading_alone(client, sites):
    client.force_login(a_user(MANAGER, sites[1]))
    (line,) = told(client, by="site", kpi=["revenue"])
    assert line["revenue (GBP)"] == "12.0"
    assert "revenue currency" not in line


@pytest.mark.parametrize("across", ["total", "day"])
def test_behind_a_dash_stands_no_currency(client, sites, across):
    """Nobody known answered at Leeds, so nothing was sold by each: not "– GBP"."""
    site = sites[1]
    asked = DAY | {"by": "queue", "across": across, "site": site.slug}
    client.force_login(a_user(MANAGER, site))
    page = client.get(reverse("report"), asked | {"kpi": "revenue:per_agent"})
    (table,) = page.context["tables"]
    (figure,) = [one.value for one in table.rows[0].record.get("figures", {}).values()] or [
        cell.value for cell in table.rows[0].record["cells"].values()
    ]
    assert figure is None
    name = "c0" if across == "day" else "revenue_per_agent"
    cell = str(table.rows[0].get_cell(name))
    assert "no value" in cell
    assert "GBP" not in cell
    out = StringIO()
    words = ("--from", "2026-03-03", "--to", "2026-03-03", "--kpi", "revenue:per_agent")
    call_command("report", *words, "--site", "Leeds", stdout=out)
    assert "GBP" not in out.getvalue()


def test_money_that_stands_beside_money_has_its_currency(client, sites):
    """Leeds: 12 GBP, the day before 8; Bogota: 500 COP, and nothing before."""
    client.force_login(a_user(MANAGER, *sites))
    asked = DAY | {"by": "site", "kpi": ["revenue"], "compare": "previous"}
    page = client.get(reverse("report"), asked)
    (table,) = page.context["tables"]
    cells = [str(row.get_cell("revenue_beside")) for row in table.rows]
    assert "8.00" in cells[1]
    assert cells[1].endswith("<small>GBP</small>")
    out = StringIO()
    days = ("--from", "2026-03-03", "--to", "2026-03-03")
    call_command("report", *days, "--by", "site", "--kpi", "revenue", "--compare", "previous",
                 "--site", "Leeds", stdout=out)  # fmt: skip
    _name, line, *_notes = out.getvalue().splitlines()
    assert "12.00 GBP" in line
    assert "previous 8.00 GBP" in line


def test_what_was_in_another_currency_is_not_compared(client, sites):
    """Ten EUR were spent on the first day, and twenty GBP on the second, of a call each."""
    leeds = sites[1]
    for day, amount, currency in ((FIRST, 10, "EUR"), (SECOND, 20, "GBP")):
        a_cost(leeds, first_on=day, last_on=day, amount=amount, currency=currency)
    client.force_login(a_user(MANAGER, leeds))
    (line,) = told(client, by="total", kpi=["cost_per_call"], compare="previous")
    assert line["cost_per_call (GBP)"] == "20.0"
    assert line["cost_per_call compared with"] == ""
    assert "cost_per_call compared with: it was in EUR" in line["reasons"]
