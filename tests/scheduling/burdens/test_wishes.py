"""What was wished of rosters when they were published, and by which rules it was refused."""

import pytest
from django.utils import timezone

from ccm.signals import names_merged
from scheduling import tasks
from scheduling.models import KeptRoster, KeptWish
from scheduling.rosters import services, wishes
from tests.builders import a_site, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_shift
from tests.scheduling.terms.builders import a_template, an_availability

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def roster(site):
    return a_roster(site)


def given(roster, agent, template, day=MONDAY):
    start = template.first_start
    return a_shift(roster, agent, day, shape=f"{template.pk}-{start}-480", template=template)


def publish(roster):
    services.publish(roster, a_user("planner", roster.site), NOW, revision=0)
    return {
        (one.agent.name, one.day.day, one.wants): one
        for one in roster.wishes.select_related("agent")
    }


def test_wishes_are_kept_as_they_are_when_a_roster_is_published(site, roster):
    """Ada would rather not work on Mondays and does; Bea would like to and does; Cid would like to
    on the Tuesday, and is off."""
    day = a_template(site)
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    said = an_availability(ada)
    an_availability(bea, "likes")
    an_availability(cid, "likes", weekday=1)
    given(roster, ada, day)
    given(roster, bea, day)
    kept = publish(roster)
    assert {key: one.is_refused for key, one in kept.items()} == {
        ("Ada", 16, False): True,
        ("Bea", 16, True): False,
        ("Cid", 17, True): True,
    }
    said.delete()
    assert KeptWish.objects.filter(agent=ada).exists()


def test_of_two_shifts_that_somebody_would_like_on_a_day_one_grants_the_wish(site, roster):
    early, late = a_template(site), a_template(site, "Late", first_start=840, last_start=840)
    ada = an_agent(site, "Ada")
    an_availability(ada, "likes", template=early)
    an_availability(ada, "likes", template=late)
    given(roster, ada, late)
    kept = publish(roster)
    assert [one.is_refused for key, one in kept.items() if key[1] == 16] == [False]
    assert len(kept) == 1


def test_a_worker_finds_out_which_rule_refused_a_wish(site, roster):
    """Ada likes Mondays and cannot work on them: no rule but that stands against it. Bea likes
    them, too, and is off though nothing binds her: it would have made the roster dearer."""
    day = a_template(site)
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    an_availability(ada, "likes", weekday=0)
    an_availability(ada, "must_not", weekday=0)
    an_availability(bea, "likes", weekday=0)
    given(roster, cid, day, MONDAY + DAY)
    kept = publish(roster)
    assert {one.rule for one in kept.values()} == {""}
    tasks.explain_refusals()
    found = dict(KeptWish.objects.values_list("agent__name", "rule"))
    assert found == {"Ada": "closed", "Bea": wishes.DEARER}


def of_making(site, roster):
    """A draft on days to come, made by hand: Ada likes its first day and cannot work on it."""
    day = a_template(site)
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    first = roster.first_day.weekday()
    an_availability(ada, "likes", weekday=first)
    an_availability(ada, "must_not", weekday=first)
    return given(roster, bea, day, roster.first_day + DAY)


def why(roster):
    roster.refresh_from_db()
    return {one["day"]: [rule["name"] for rule in one["rules"]] for one in roster.refused}


def test_a_worker_finds_out_what_a_draft_made_by_hand_refuses(site):
    roster = a_roster(site, first_day=timezone.localdate() + DAY)
    of_making(site, roster)
    tasks.explain_refusals()
    assert why(roster) == {0: ["closed"]}
    assert roster.refused_revision == 0


def test_it_is_found_out_anew_once_the_roster_is_another(site):
    roster = a_roster(site, first_day=timezone.localdate() + DAY, refused_revision=0)
    of_making(site, roster)
    tasks.explain_refusals()
    assert why(roster) == {}
    KeptRoster.objects.update(revision=1)
    tasks.explain_refusals()
    assert why(roster) == {0: ["closed"]}
    assert roster.refused_revision == 1


def test_nobody_looks_at_drafts_of_the_past_nor_at_those_without_shifts(site):
    past = a_roster(site, first_day=timezone.localdate() - 9 * DAY)
    of_making(site, past)
    a_roster(site, first_day=timezone.localdate() + DAY)
    tasks.explain_refusals()
    assert {*KeptRoster.objects.values_list("refused_revision", flat=True)} == {None}


def test_what_was_not_found_out_in_time_is_not_said_to_have_changed(site, roster, monkeypatch):
    day = a_template(site)
    ada = an_agent(site, "Ada")
    an_availability(ada)
    given(roster, ada, day)
    publish(roster)
    monkeypatch.setattr(wishes, "_SECONDS_OF_WORKER", -1.0)
    tasks.explain_refusals()
    assert KeptWish.objects.get().rule == ""
    monkeypatch.undo()
    tasks.explain_refusals()
    assert KeptWish.objects.get().rule == wishes.DEARER


def test_what_changed_before_anybody_found_out_says_so(site, roster):
    day = a_template(site)
    ada = an_agent(site, "Ada")
    said = an_availability(ada)
    given(roster, ada, day)
    publish(roster)
    said.delete()
    tasks.explain_refusals()
    assert KeptWish.objects.get().rule == wishes.CHANGED


def test_wishes_follow_a_name_that_becomes_another(site, roster):
    loser, keeper = an_agent(site, "A. Lovelace"), an_agent(site, "Ada Lovelace")
    of = {"roster": roster, "wants": True, "is_refused": False}
    for agent, day in ((loser, MONDAY), (keeper, MONDAY), (loser, MONDAY + DAY)):
        KeptWish.objects.create(agent=agent, day=day, **of)
    names_merged.send(sender=type(loser), loser=loser.pk, keeper=keeper.pk)
    assert [one.agent for one in KeptWish.objects.all()] == [keeper, keeper]
