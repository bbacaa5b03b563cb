"""Rosters mended after absences."""

import pytest
import time_machine
from django.core import signing
from django.urls import reverse

from scheduling.models import RosterEdit
from scheduling.rosters import asked, mending
from tests.builders import a_leave, a_queue, a_site, a_user, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    NOW,
    a_forecast,
    a_roster,
    a_shift,
)
from tests.scheduling.terms.builders import a_contract, a_template, skilled, with_contract

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def roster(site):
    """Ada works on Monday and Tuesday and is then said to be ill on Monday; Ben could fill in, and
    one is asked for all of Monday."""
    queue = a_queue(site)
    day = a_template(site, "Day", first_start=540, last_start=540, lengths=[480])
    a_forecast(queue, dict.fromkeys(range(18, 34), 0.5), days=1)
    roster = a_roster(site, days=2)
    contract = a_contract(site)
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    for one in (ada, ben):
        with_contract(one, contract)
        skilled(one, queue)
    for number in range(2):
        a_shift(roster, ada, MONDAY + number * DAY, shape=f"{day.pk}-540-480", template=day)
    a_leave(ada, kind="Illness", first_on=MONDAY, last_on=MONDAY)
    asked.by_now(roster, NOW)
    return roster


def said(proposal):
    return [(one.name, one.day, one.before, one.after) for one in proposal.changes]


def has(roster):
    return [*roster.shifts.order_by("day", "agent__name").values_list("agent__name", "day")]


def test_who_is_absent_from_a_shift_is_told_from_today_on(roster):
    assert [mending.words_of(one) for one in mending.away(roster, NOW)] == ["Ada, Mon 16 Mar"]
    assert mending.away(roster, NOW + 5 * DAY) == []


def test_somebody_fills_in_for_who_is_absent_and_nothing_else_is_changed(roster, site):
    proposal = mending.propose(roster, NOW, seconds=8)
    assert said(proposal) == [
        ("Ada", MONDAY, "09:00–17:00", ""),
        ("Ben", MONDAY, "", "09:00–17:00"),
    ]
    assert [one.is_away for one in proposal.changes] == [True, False]
    assert has(roster) == [("Ada", MONDAY), ("Ada", MONDAY + DAY)]
    edit = mending.take(roster, proposal.words, a_user("planner", site), NOW)
    assert edit.why == RosterEdit.Why.REPAIR
    assert has(roster) == [("Ben", MONDAY), ("Ada", MONDAY + DAY)]


def test_a_proposal_is_of_its_roster_and_nobody_else_s_words(roster, site):
    words = mending.propose(roster, NOW, seconds=8).words
    other, planner = a_roster(site), a_user("planner", site)
    with pytest.raises(signing.BadSignature):
        mending.take(other, words, planner, NOW)
    with pytest.raises(signing.BadSignature):
        mending.take(roster, words + "x", planner, NOW)


def test_a_planner_looks_at_a_proposal_and_takes_it(client, roster, site, monkeypatch):
    monkeypatch.setattr(mending, "SECONDS", 8.0)
    client.force_login(a_user("planner", site))
    address = reverse("roster_repair", args=[roster.pk])
    with time_machine.travel(NOW):
        assert "Ada, Mon 16 Mar" in client.get(address).content.decode()
        page = client.post(address, {"do": "propose"})
        assert "fills in" in page.content.decode()
        words = page.context["proposal"].words
        client.post(address, {"do": "take", "proposal": words})
        assert has(roster) == [("Ben", MONDAY), ("Ada", MONDAY + DAY)]
        assert "Nobody is absent from a shift" in client.get(address).content.decode()
        again = client.post(address, {"do": "take", "proposal": "made up"}, follow=True)
        assert "too old" in again.content.decode()
