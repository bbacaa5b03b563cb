"""Recaps: only what is more than noise, of all that was looked at; and what is missing is said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ccm.models import Call, Delivery
from kpis.mailings import sending
from kpis.mailings.models import Mailing, MailingRun
from kpis.rollups import rebuild
from tests.builders import (
    NINE,
    a_queue,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TUESDAY_7 = datetime(2026, 3, 3, 7, tzinfo=UTC)


def a_recap(site, role="manager", every="day"):
    """A mailing to somebody of the role, who is returned."""
    reader = a_user(role, site)
    reader.email = f"{reader.username}@example.com"
    reader.save()
    made = Mailing.objects.create(
        site=site, owner=reader, zone="UTC", hour=7, every=every, weekday=1,
        since=TUESDAY_7 - MINUTE, next_at=TUESDAY_7,
    )  # fmt: skip
    made.told.add(reader)
    return reader


def nine_mondays(late_on_the_last, agents=(None, None)):
    """Two queues of twenty calls each Monday, two of them late; so many of the last at Sales."""
    site = a_site("Leeds")
    calls = []
    for name, agent in zip(("Sales", "Support"), agents, strict=True):
        queue = a_queue(site, name)
        person = agent and an_agent(site, agent)
        for week in range(9):
            late = late_on_the_last if name == "Sales" and week == 0 else 2
            for number in range(20):
                at = NINE - timedelta(weeks=week) + number * MINUTE
                wait = 60 if number < late else 5
                calls.append(unsaved_call(queue, at, wait=wait, agent=person))
    many_calls(calls)
    rebuild()
    return site


def mailed():
    sending.send_due(TUESDAY_7)
    return Delivery.objects.get()


def test_what_differs_is_told_with_what_is_usual_and_how_many_were_looked_at():
    """90 % of 20 by nine weeks; now 25 %: p 0.004. The site, 57.5 % of 40: p 0.012. Looked at are
    calls offered, service level, abandons and transfers of three; what never varies is not."""
    a_recap(nine_mondays(15))
    sent = mailed()
    assert sent.subject == "Leeds, 2026-03-02: 2 off target, 2 of them unlike usual"
    said = sent.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "- Leeds: Service level 57.5 % (of 40; target 80 %; worse than usual: 90.0 %" in said
    assert "- Sales: Service level 25.0 % (of 20; target 80 %; worse than usual: 90.0 %" in said
    off = said[said.index("Off target") : said.index("On target: Support (Service level")]
    assert (off.count("\n- "), "Support" in off) == (2, False)
    assert "12 figures were looked at" in said
    assert "http://localhost:8000/passport/?kpi=service_level&from=2026-03-02" in said


def test_what_would_be_marked_alone_is_not_told_among_twelve():
    """55 % of 20 where 90 % is usual has p 0.04: of twelve figures one as rare is chance. What is
    not on its target comes first, what is on it is named at the end."""
    site = nine_mondays(9)
    a_target(site, value=Decimal("0.7"))
    a_recap(site)
    sent = mailed()
    assert sent.subject == "Leeds, 2026-03-02: 1 off target, nothing unusual"
    said = sent.body.replace("\N{NO-BREAK SPACE}", " ")
    off = said.index("Off target\n- Sales: Service level 55.0 % (of 20; target 70 %)")
    usual = said.index("Nothing unusual: 12 figures were looked at.")
    met = said.index("On target: Leeds (Service level), Support (Service level)\n")
    assert off < usual < met


def test_what_is_short_of_its_target_by_little_is_near_it_as_on_every_page():
    """75 % of 20 where 78 % is the target: by no more than 6 % of it, 73.3 %. Leeds has 82.5 %."""
    site = nine_mondays(5)
    a_target(site, value=Decimal("0.78"))
    a_recap(site)
    sent = mailed()
    for said in (sent.body, sent.html):
        assert "Off target" not in said
        assert "Near target" in said
    said = sent.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "Near target\n- Sales: Service level 75.0 % (of 20; target 78 %)" in said


def test_a_supervisor_s_recap_names_no_other_team():
    site = nine_mondays(2, ("Ann", "Bob"))
    ann, bob = site.agents.order_by("name")
    lead = a_recap(site, role="supervisor")
    own, other = a_team(site, lead, ann), a_team(site, None, bob)
    for team in (own, other):
        a_target(site, kpi="missed_rate", value=Decimal("0.5"), team=team)
        a_target(site, kpi="transfer_rate", value=Decimal("0.5"), team=team)
    sent = mailed()
    assert other.name not in sent.body


def test_days_that_are_not_there_are_said_and_no_figures_shown():
    site = nine_mondays(2)
    a_recap(site)
    Mailing.objects.update(since=TUESDAY_7 + timedelta(days=1) - MINUTE)
    wednesday = TUESDAY_7 + timedelta(days=1)
    for minutes in (0, 5, 20, 50):
        sending.send_due(wednesday + minutes * MINUTE)
    assert MailingRun.objects.get().state == "sent"
    waited, sent = Delivery.objects.order_by("pk")
    assert waited.subject == "Not sent yet: Recap of Leeds"
    assert sent.subject == "Leeds, 2026-03-03: no figures yet"
    assert "the calls of 2026-03-03 have not come in" in sent.body
    assert "looked at" not in sent.body


def test_a_week_is_the_one_before_and_a_holiday_is_said():
    site = nine_mondays(15)
    site.country, site.region = "US", "IL"  # where the first Monday of March is a holiday
    site.save()
    a_recap(site, every="week")
    sending.send_due(TUESDAY_7)
    sent = Delivery.objects.get()
    # Of the seven weeks before, three have a holiday there.
    assert sent.subject == "Leeds, 2026-02-23 – 2026-03-01: nothing held against usual"
    assert "fewer than 6 such weeks before are known" in sent.body
    Delivery.objects.all().delete()
    a_recap(site)
    sent = mailed()
    assert sent.subject == "Leeds, 2026-03-02: 2 off target, nothing held against usual"
    assert "Nothing is held against usual: there was a holiday." in sent.body


def test_a_queue_and_a_team_of_one_name_are_told_apart():
    """The queue has a target of service level, its namesake of what was resolved: all was."""
    site = nine_mondays(2, ("Ann", "Bob"))
    ann, bob = site.agents.order_by("name")
    a_team(site, None, bob)
    namesake = a_team(site, None, ann)
    namesake.name = "Sales"
    namesake.save()
    a_target(site, value=Decimal("0.5"))
    a_target(site, kpi="resolved_rate", value=Decimal("0.5"))
    Call.objects.update(resolved=True)
    rebuild()
    a_recap(site)
    sent = mailed()
    for said in (sent.body, sent.html):
        assert "queue Sales (Service level)" in said
        assert "team Sales (Resolved rate)" in said
        assert ", Support (Service level)" in said
        assert "queue Support" not in said


def test_what_could_be_held_against_nothing_is_not_called_usual():
    """Five Mondays before are known, and six are needed."""
    site = a_site("Pune")
    queue = a_queue(site, "Sales")
    weeks = [NINE - timedelta(weeks=week) for week in range(6)]
    many_calls([unsaved_call(queue, at + n * MINUTE) for at in weeks for n in range(20)])
    rebuild()
    a_recap(site)
    sent = mailed()
    assert sent.subject == "Pune, 2026-03-02: nothing held against usual"
    for said in (sent.body, sent.html):
        assert "Nothing is held against usual: fewer than 6 such weeks before are known." in said
        assert "unusual" not in said
        assert "looked at" not in said


def test_each_figure_is_told_once_whatever_is_said_of_it():
    """25 % at Sales and 57.5 % at the site are off their target of 80 % and worse than usual. Of
    Support, 90 % of 20 as ever, the target is 95 %: near it, though its abandons are on theirs.
    """
    site = nine_mondays(15)
    a_target(site, value=Decimal("0.8"))
    a_target(site, queue=site.queues.get(name="Support"), value=Decimal("0.95"))
    for name in ("Sales", "Support"):
        queue = site.queues.get(name=name)
        a_target(site, queue=queue, kpi="abandon_rate", value=Decimal("0.5"))
    a_recap(site)
    sent = mailed()
    assert sent.subject == "Leeds, 2026-03-02: 2 off target, 1 near target, 2 of them unlike usual"
    said = sent.body.replace("\N{NO-BREAK SPACE}", " ")
    assert said.count("Sales: Service level 25.0 %") == said.count("Service level 25.0 %") == 1
    assert "- Sales: Service level 25.0 % (of 20; target 80 %; worse than usual: 90.0 %, " in said
    assert "Worse than usual" not in said
    assert "On target:" not in said
    met = "Of those named above, on target: Sales (Abandon rate), Support (Abandon rate)"
    assert met in said


def test_what_is_unlike_usual_says_how_it_stands_to_its_target():
    """25 % of Sales is worse than ever, and on a target of 20 %."""
    site = nine_mondays(15)
    a_target(site, queue=site.queues.get(name="Sales"), value=Decimal("0.2"))
    a_recap(site)
    said = mailed().body.replace("\N{NO-BREAK SPACE}", " ")
    (line,) = [line for line in said.splitlines() if line.startswith("- Sales: Service level")]
    assert line.endswith("; target 20 %, on target)")
    assert "On target: Sales" not in said
