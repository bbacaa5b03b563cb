"""Findings are made, changed and ended; what was said stays."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ccm.models import AuditEntry
from qa.findings import reads, services
from qa.models import Finding, FindingNote
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.qa.findings.builders import a_finding
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db


def unsaved(site, **more):
    return Finding(site=site, **{"kind": "process", "title": "Two systems for one note"} | more)


def test_it_is_kept_with_who_made_it_and_the_log_has_no_word_of_what_was_written():
    site = a_site()
    who = a_user("qa_analyst", site)
    made = services.make(unsaved(site, words="Ann says so", owner=who), who, NINE)
    assert (made.made_by, made.made_at, made.state) == (who, NINE, "open")
    (entry,) = AuditEntry.objects.all()
    assert (entry.model, entry.object_id) == ("qa.finding", str(made.pk))
    assert "Ann" not in str(entry.after)
    assert entry.after["owner"] == who.pk


def test_a_post_that_comes_twice_makes_one():
    site = a_site()
    who = a_user("manager", site)
    first = services.make(unsaved(site), who, NINE)
    assert services.make(unsaved(site), who, NINE + timedelta(seconds=3)) == first
    later = services.make(unsaved(site), who, NINE + timedelta(hours=1))
    assert later != first
    assert services.make(unsaved(site, title="Else"), who, NINE) != first


def test_nothing_is_due_on_a_day_that_is_over_and_what_became_overdue_is_written_on():
    """By the day of the site: at NINE it is the second of March there."""
    site = a_site()
    who = a_user("manager", site)
    with pytest.raises(ValidationError, match="It is due today or later"):
        services.make(unsaved(site, due_on=NINE.date() - timedelta(days=1)), who, NINE)
    made = services.make(unsaved(site, due_on=NINE.date()), who, NINE)
    later = NINE + timedelta(days=9)
    said = {name: getattr(made, name) for name in services.FIELDS}
    services.change(made.pk, said | {"title": "Else"}, 0, who, later)
    with pytest.raises(ValidationError, match="It is due today or later"):
        services.change(made.pk, said | {"due_on": NINE.date() + timedelta(days=1)}, 1, who, later)


def test_of_two_who_change_it_the_second_is_told():
    site = a_site()
    who = a_user("manager", site)
    one = a_finding(site)
    said = {name: getattr(one, name) for name in services.FIELDS}
    services.change(one.pk, said | {"title": "First"}, 0, who, NINE)
    with pytest.raises(services.Stale):
        services.change(one.pk, said | {"title": "Second"}, 0, who, NINE)
    one.refresh_from_db()
    assert (one.title, one.revision) == ("First", 1)


def test_what_is_left_as_it_is_changes_nothing():
    site = a_site()
    one = a_finding(site)
    said = {name: getattr(one, name) for name in services.FIELDS}
    services.change(one.pk, said, 0, a_user("manager", site), NINE)
    one.refresh_from_db()
    assert one.revision == 0
    assert not AuditEntry.objects.exists()


def test_it_ends_and_goes_on_again_and_its_notes_say_when():
    site = a_site()
    who = a_user("manager", site)
    one = a_finding(site)
    services.note(one.pk, "Trained all", who, NINE, state="done", revision=0)
    one.refresh_from_db()
    assert (one.state, one.ended_at, one.revision) == ("done", NINE, 1)
    later = NINE + timedelta(days=1)
    services.note(one.pk, "", who, later, state="doing", revision=1)
    one.refresh_from_db()
    assert (one.state, one.ended_at) == ("doing", None)
    services.note(one.pk, "Only words", who, later, state="doing", revision=0)
    assert [(note.words, note.state) for note in one.notes.all()] == [
        ("Trained all", "done"), ("", "doing"), ("Only words", ""),
    ]  # fmt: skip
    # What comes again within two minutes came twice.
    services.note(one.pk, "Only words", who, later + timedelta(seconds=1), state="doing")
    services.note(one.pk, "", who, later + timedelta(seconds=1), state="doing", revision=1)
    assert one.notes.count() == 3
    later += timedelta(minutes=3)
    with pytest.raises(ValidationError, match="Say something"):
        services.note(one.pk, "", who, later, state="doing", revision=2)
    with pytest.raises(services.Stale):
        services.note(one.pk, "", who, later, state="done", revision=0)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_it_at_once_one_does():
    site = a_site()
    first, second, one = a_user("manager", site), a_user("manager", site), a_finding(site)

    def end(who):
        services.note(one.pk, "", who, NINE, state="done", revision=0)

    said = elsewhere(lambda: end(first), lambda: end(second))
    assert sorted(words == "done" for words in said) == [False, True]
    assert FindingNote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_posts_at_once_one_makes_it():
    site = a_site()
    who = a_user("manager", site)

    def make():
        services.make(unsaved(site), who, NINE)

    assert elsewhere(make, make) == ["done", "done"]
    assert Finding.objects.count() == 1


def test_an_owner_is_somebody_who_sees_what_it_is_about():
    site, other = a_site(), a_site()
    lead, elsewhere_lead = a_user("supervisor"), a_user("supervisor")
    led, stranger = an_agent(site), an_agent(site)
    a_team(site, lead, led)
    a_team(site, elsewhere_lead, stranger)
    who = a_user("manager", site)
    for owner, agent, may in (
        (lead, led, True),
        (lead, stranger, False),
        (lead, None, True),
        (a_user("qa_analyst", site), stranger, True),
        (a_user("qa_analyst", other), None, False),
        (a_user("planner", site), None, False),
        (a_user("admin"), stranger, True),
    ):
        finding = unsaved(site, owner=owner, agent=agent, title=f"{owner} {agent}")
        if may:
            assert services.make(finding, who, NINE).owner == owner
        else:
            with pytest.raises(ValidationError):
                services.make(finding, who, NINE)
    of_themselves = an_agent(site, user=who)
    with pytest.raises(ValidationError):
        services.make(unsaved(site, owner=who, agent=of_themselves), who, NINE)
    assert {lead, elsewhere_lead, who} <= {*reads.owners(site, NINE)}
    assert not reads.owners(other, NINE).filter(pk=lead.pk).exists()


def test_overdue_is_by_the_day_of_the_site():
    kiritimati = a_site(zone="Pacific/Kiritimati")
    london = a_site(zone="Europe/London")
    # 3 March in Kiritimati (UTC+14), still 2 March in London.
    now = NINE + timedelta(hours=3)
    far = a_finding(kiritimati, due_on=NINE.date())
    near = a_finding(london, due_on=NINE.date())
    over = a_finding(kiritimati, due_on=NINE.date(), state="done", ended_at=NINE)
    assert [reads.is_overdue(one, now) for one in (far, near, over)] == [True, False, False]
    asked = reads.Asked(is_overdue=True)
    assert [*reads.found(a_user("admin"), asked, now)] == [far]


def test_a_training_gap_is_seen_to_by_a_trainer_of_its_site():
    site, other = a_site(), a_site()
    who, trainer, far = a_user("manager", site), a_user("trainer", site), a_user("trainer", other)
    agent = an_agent(site)
    gap = unsaved(site, kind="training", owner=trainer, agent=agent)
    assert services.make(gap, who, NINE).owner == trainer
    for kind, owner in (("training", far), ("process", trainer), ("praise", trainer)):
        with pytest.raises(ValidationError, match="may not see"):
            services.make(unsaved(site, kind=kind, owner=owner, title=kind), who, NINE)
    # Nor does it become something else while it is theirs.
    said = {name: getattr(gap, name) for name in services.FIELDS}
    with pytest.raises(ValidationError, match="may not see"):
        services.change(gap.pk, said | {"kind": "process"}, 0, who, NINE)
    assert trainer in reads.owners(site, NINE)
    assert trainer not in reads.owners(site, NINE, kind="process")
    assert far not in reads.owners(site, NINE)


def test_owners_of_what_is_about_an_agent_are_those_who_lead_or_see_all():
    site = a_site()
    lead, other = a_user("supervisor"), a_user("supervisor")
    led = an_agent(site, user=a_user("manager", site))
    a_team(site, lead, led)
    a_team(site, other, an_agent(site))
    manager = a_user("manager", site)
    offered = {*reads.owners(site, timezone.now(), led)}
    assert {lead, manager} <= offered
    assert not offered & {other, led.user}
