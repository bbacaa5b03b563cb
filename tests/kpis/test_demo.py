"""The demo centre's money, people and aims: what is made of them is alive, and equal both ways."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from django.core.management import call_command

from ccm.demo import load
from ccm.demo.ledger import ledger_of
from ccm.demo.load import Wanted
from ccm.models import AgentState, AuditEntry, Cost, Headcount, Leave, PaidTime, Sale, Site, Target
from ccm.plans import aims
from kpis import demo, report
from kpis.declaration import PRIVATE
from kpis.models import KpiChoice
from kpis.report import Question
from kpis.standing import target_words

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 6, 11, 15, 0, tzinfo=UTC)  # a Wednesday
SMALL = Wanted(seed=2, days=3, agents=30)
FIRST, YESTERDAY = date(2025, 6, 9), date(2025, 6, 10)
MONEY = {"leeds": "GBP", "bogota": "COP", "pune": "INR"}


@pytest.fixture
def loaded(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return load.load(SMALL, NOW)


def test_the_demo_centre_spends_pays_sells_and_plans(loaded):
    asked = [
        "cost_per_call", "revenue:per_agent", "revenue:per_paid_hour", "conversion", "pipeline",
        "utilisation", "shrinkage", "turnover", "occupancy", "abandon_rate", "asa", "csat", "fcr",
        "calls_per_hour", "contacts_per_hour", "nps", "ces", "fcr:F4", "nps_response",
        "ces_response",
    ]  # fmt: skip
    for site in Site.objects.all():
        (row,) = report.answer(Question([site], FIRST, YESTERDAY, kpis=asked, knows=PRIVATE))
        told = row.figures
        # Whether callers came again within a week is not known of three days.
        assert [name for name in asked if told[name].value is None] == ["fcr"], site
        for name in ("cost_per_call", "revenue:per_agent", "pipeline"):
            assert told[name].currency == site.currency == MONEY[site.slug]
        assert 0.03 < told["shrinkage"].value < 0.5
        assert 0.2 < told["utilisation"].value < 1
        # Everybody who answers is asked the one, some the others.
        assert told["fcr:F4"].n == told["csat"].n > told["nps"].n > 0
        assert told["csat"].n > told["ces"].n > 0
        assert target_words(told["abandon_rate"]) == "target 5\N{NO-BREAK SPACE}%"
    # Work that nobody can ring is work: coaching, letters, calling out.
    question = Question([Site.objects.get(slug="pune")], FIRST, YESTERDAY, knows=PRIVATE)
    (pune,) = report.answer(question)
    assert "Coaching" in pune.figures["utilisation"].parameters.productive
    # Calls out of two whole days, as the centre itself tells them.
    centre = load.make_centre(SMALL.seed, SMALL.days, SMALL.agents, NOW.date(), NOW)
    dials = centre.records["pune"].dials
    day = pl.col("offered_at").dt.convert_time_zone("Asia/Kolkata").dt.date()
    dials = dials.filter(day.is_between(FIRST, YESTERDAY))
    reached = dials.filter(outcome="answered")
    assert pune.figures["dials"].value == len(dials) > 50
    assert pune.figures["connect_rate"].value == len(reached) / len(dials)
    talked = (reached["talk_ms"] >= 30_000).sum()
    assert pune.figures["conversations"].value == talked > 10
    for name in ("dials_per_hour", "conversations_per_hour", "called_back_rate"):
        assert pune.figures[name].value > 0
    # People are paid by the calendar of their site, for days that are over, worked or not.
    assert set(PaidTime.objects.values_list("day", flat=True)) <= {
        FIRST, YESTERDAY,
    }  # fmt: skip
    spells = AgentState.objects.filter(state="logged_in").values_list(
        "agent", "agent__site__zone", "starts_at", "ends_at"
    )
    worked = {
        (agent, moment.astimezone(ZoneInfo(zone)).date())
        for agent, zone, *edges in spells
        for moment in edges
    }
    paid = set(PaidTime.objects.values_list("agent", "day"))
    assert {one for one in worked if FIRST <= one[1] <= YESTERDAY} <= paid
    assert paid - worked  # somebody was ill
    # A month's salaries are its paid hours at the site's wage: more than those of two days.
    hours = defaultdict(int)
    for site, minutes in PaidTime.objects.values_list("agent__site__slug", "minutes"):
        hours[site] += minutes / 60
    june = Cost.objects.filter(kind="Salaries", first_on=date(2025, 6, 1))
    assert {one.queue_id is None for one in june} == {False}
    salaries = sum(one.amount for one in june if one.site.slug == "leeds")
    assert salaries > Decimal(hours["leeds"] * 13.4) * 8
    for rows in (Cost, Leave, PaidTime, Sale, Headcount):
        assert rows.objects.exists()
    assert set(Target.objects.values_list("kpi", flat=True)) <= set(aims.known())
    # Once more changes nothing.
    before = {rows: rows.objects.count() for rows in (Cost, Leave, PaidTime, Sale, Target)}
    leeds = Site.objects.get(slug="leeds")
    load.keep_books(centre, centre.records["leeds"], leeds)
    assert {rows: rows.objects.count() for rows in before} == before
    again = ledger_of(centre, centre.records["leeds"], NOW.date())
    assert again == ledger_of(centre, centre.records["leeds"], NOW.date())
    # And the second path tells the same, of every cell.
    out = StringIO()
    call_command("verify", "--site", "pune", stdout=out)
    assert "0 differences: all of" in out.getvalue()


def test_what_the_demo_chose_is_in_the_audit_log_by_the_program_with_why(loaded):
    (row,) = KpiChoice.objects.all()
    (entry,) = AuditEntry.objects.filter(model="kpis.kpichoice")
    assert (entry.object_id, entry.action, entry.who_id) == (str(row.pk), "created", None)
    assert entry.why == row.note
    assert row.note.startswith("The demo centre chose it")
    assert (row.variant, row.chosen_by) == ("U1", None)
    assert "Coaching" in entry.after["parameters"]["productive_pauses"]
    demo.counts_and_walls()
    assert AuditEntry.objects.filter(model="kpis.kpichoice").count() == 1
