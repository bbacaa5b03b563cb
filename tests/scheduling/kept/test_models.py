"""What must never be false of rosters, and what planners do with them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ccm import audit
from ccm.models import AuditEntry, Job
from ccm.signals import names_merged
from scheduling.models import KeptRoster, KeptShift
from scheduling.rosters import services, words
from scheduling.rules import Broken, Rule
from scheduling.shifts.days import days_of
from tests.builders import a_queue, a_queue_group, a_site, a_team, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_run, a_shift, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def planner(site):
    return a_user("planner", site)


def test_a_shift_ends_after_it_begins_and_is_one_a_day(site):
    roster, agent = a_roster(site), an_agent(site)
    one = a_shift(roster, agent)
    with pytest.raises(IntegrityError, match="kept_shift_once_a_day"), transaction.atomic():
        a_shift(roster, agent)
    one.ends_at = one.begins_at
    with pytest.raises(IntegrityError, match="kept_shift_ends"), transaction.atomic():
        one.save()


def test_rosters_of_some_days_are_those_with_a_day_among_them(site):
    a_roster(site)  # 16 to 22 March
    within = KeptRoster.objects.within
    sunday = MONDAY + 6 * DAY
    assert within(sunday, sunday).exists()
    assert not within(sunday + DAY, sunday + 9 * DAY).exists()
    assert not within(MONDAY - DAY, MONDAY - DAY).exists()
    assert within(MONDAY - DAY, MONDAY).exists()


def test_who_leads_a_team_sees_its_people_in_published_rosters_alone(site):
    lead = a_user("supervisor", site)
    mine, other = an_agent(site, "Ada"), an_agent(site, "Ben")
    a_team(site, lead, mine)
    roster = a_roster(site)
    shift = a_shift(roster, mine)
    a_shift(roster, other)
    assert not KeptRoster.objects.visible_to(lead).exists()
    assert not KeptShift.objects.visible_to(lead).exists()
    published(roster)
    assert list(KeptRoster.objects.visible_to(lead)) == [roster]
    assert list(KeptShift.objects.visible_to(lead)) == [shift]
    assert not KeptRoster.objects.managed_by(lead).exists()
    assert KeptShift.objects.visible_to(a_user("planner", site)).count() == 2
    assert not KeptRoster.objects.visible_to(a_user("planner", a_site())).exists()


def test_a_draft_is_begun_and_removed_and_the_audit_log_has_both(site, planner):
    roster = KeptRoster(site=site, first_day=MONDAY, days=14)
    services.begin(roster, planner, NOW)
    run = a_run(roster, planner)
    assert not services.remove(roster, planner, NOW)  # it is being made
    Job.objects.filter(pk=run.job_id).update(state=Job.State.DONE)
    assert services.remove(roster, planner, NOW)
    assert not KeptRoster.objects.exists()
    assert not Job.objects.exists()
    entries = AuditEntry.objects.filter(model="scheduling.keptroster").order_by("pk")
    assert [one.action for one in entries] == ["created", "removed"]
    assert entries[0].after["first_day"] == "2026-03-16"


def test_the_audit_log_says_of_which_roster_it_tells(site, planner):
    roster = a_roster(site)
    # As of a change that a round of bids has made.
    entry = audit.record(planner, roster, before={"revision": 0}, after={"revision": 1}, now=NOW)
    names = audit.Names([entry])
    assert audit.told([entry], names)[entry.pk].words == f"Roster: {site}, 16 Mar 2026"
    KeptRoster.objects.filter(pk=roster.pk).delete()
    assert audit.told([entry], names)[entry.pk].words == f"Roster {entry.object_id}"


def test_a_group_of_another_site_is_refused(site, planner):
    group = a_queue_group(a_queue(a_site()))
    with pytest.raises(ValidationError):
        services.begin(KeptRoster(site=site, first_day=MONDAY, days=7, group=group), planner, NOW)


def test_a_roster_is_made_once_at_a_time_and_only_as_a_draft(site, planner):
    roster = a_roster(site)
    run = services.make(roster, 30, planner)
    assert (run.seconds, run.job.kind, run.job.created_by) == (30, services.KIND, planner)
    assert services.make(roster, 30, planner) is None
    services.stop(roster)
    run.job.refresh_from_db()
    assert run.job.state == Job.State.CANCELLED  # it had not begun
    assert services.make(roster, 30, planner) is not None
    assert services.make(published(a_roster(site)), 30, planner) is None


def test_what_is_published_stays_and_says_who_published_it(site, planner):
    roster = a_roster(site)
    a_shift(roster, an_agent(site))
    services.publish(roster, planner, NOW, revision=0)
    roster.refresh_from_db()
    assert (roster.state, roster.published_by, roster.published_at) == ("published", planner, NOW)
    assert not services.remove(roster, planner, NOW)
    entry = AuditEntry.objects.get(model="scheduling.keptroster")
    assert (entry.before["state"], entry.after["state"]) == ("draft", "published")


def test_a_roster_that_breaks_hard_rules_is_published_only_knowingly(site, planner):
    roster = a_roster(site)
    a_shift(roster, an_agent(site))
    hard = ["Ada rests too shortly between two shifts"]
    with pytest.raises(services.Breaks):
        services.publish(roster, planner, NOW, revision=0, hard=hard)
    services.publish(roster, planner, NOW, revision=0, hard=hard, is_confirmed=True)
    assert AuditEntry.objects.get().after["breaks"] == hard


def test_nothing_is_published_unseen_unfinished_or_twice(site, planner):
    roster, agent = a_roster(site), an_agent(site, "Ada")
    with pytest.raises(ValidationError, match="no shifts"):
        services.publish(roster, planner, NOW, revision=0)
    a_shift(roster, agent)
    with pytest.raises(ValidationError, match="changed"):
        services.publish(roster, planner, NOW, revision=1)
    run = a_run(roster)
    with pytest.raises(ValidationError, match="being made"):
        services.publish(roster, planner, NOW, revision=0)
    Job.objects.filter(pk=run.job_id).update(state=Job.State.DONE)
    services.publish(roster, planner, NOW, revision=0)
    with pytest.raises(ValidationError, match="already"):
        services.publish(roster, planner, NOW, revision=0)
    # Of the next one a day is the same.
    later = a_roster(site, first_day=MONDAY - 3 * DAY)
    a_shift(later, agent)
    with pytest.raises(ValidationError, match="Ada"):
        services.publish(later, planner, NOW, revision=0)


def test_shifts_follow_a_name_that_becomes_another(site):
    roster = a_roster(site)
    loser, keeper = an_agent(site, "A. Lovelace"), an_agent(site, "Ada Lovelace")
    a_shift(roster, loser)
    stays = a_shift(roster, keeper)
    a_shift(roster, loser, MONDAY + DAY)
    names_merged.send(sender=type(loser), loser=loser.pk, keeper=keeper.pk)
    shifts = KeptShift.objects.order_by("day")
    assert [(one.agent, one.day) for one in shifts] == [(keeper, MONDAY), (keeper, MONDAY + DAY)]
    assert shifts[0] == stays


# Words.


def test_every_rule_has_words():
    assert set(words.RULES) == set(Rule)


def test_a_broken_rule_says_by_whom_when_and_how_far():
    one = Broken(Rule.REST_MINUTES, "7", 1, (0, 1), True, 0, amount=480, limit=660)
    told = words.broken(one, {"7": "Ada"}, MONDAY)
    assert told == ("Ada rests too shortly between two shifts, Tue 17 Mar: 8:00, allowed 11:00")
    days = Broken(Rule.MOST_WEEK_DAYS, "7", 6, (0, 6), True, 0, amount=6, limit=5)
    assert words.broken(days, {"7": "Ada"}, MONDAY).endswith(": 6, allowed 5")


RULE = {"name": "rest_minutes", "person": "7", "day": None, "span": None, "what": ""}


def bound(*rules, days=14, zone="UTC"):
    names = {"7": "Ada", "8": "Ben"}
    return words.bindings([RULE | one for one in rules], names, days_of(MONDAY, days, zone))


def test_a_contradiction_names_its_rules_and_how_much_they_ask_for():
    assert bound({}) == ["Ada: Rest between shifts"]
    assert bound({"limit": 660}) == ["Ada: Rest between shifts, 11:00"]
    fewest = {"name": "fewest_week_days", "limit": 4}
    assert bound(fewest) == ["Ada: Fewest days a week, 4"]
    assert bound({"name": "pairing", "what": "8"}) == ["Ada: the pairing with Ben"]


def test_days_of_a_rule_that_follow_each_other_are_told_together():
    rotation = [{"name": "rotation", "day": day} for day in (10, 0, 1, 2, 4)]
    assert bound({}, *rotation) == [
        "Ada: Rest between shifts",
        "Ada: the rotation, Mon 16 to Wed 18 Mar, Fri 20 Mar, Thu 26 Mar",
    ]
    many = [{"name": "days_off", "day": day} for day in range(0, 14, 2)]
    [told] = bound(*many)
    assert told.endswith("Mon 16 Mar, Wed 18 Mar, Fri 20 Mar, Sun 22 Mar, Tue 24 Mar, 2 days more")


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        # Three days from midnight to midnight, and from four o'clock to four o'clock.
        ([1440, 4 * 1440], "Tue 17 to Thu 19 Mar"),
        ([1440 + 240, 4 * 1440 + 240], "Tue 17 to Thu 19 Mar"),
        ([1440, 2 * 1440], "Tue 17 Mar"),
        ([1500, 1600], "Tue 17 Mar 01:00–02:40"),
        ([1440 + 840, 2 * 1440], "Tue 17 Mar 14:00–24:00"),
        ([1440 + 840, 3 * 1440 + 600], "Tue 17 Mar 14:00 to Thu 19 Mar 10:00"),
        # Before the roster, and beyond it.
        ([-1440, 1440], "Mon 16 Mar"),
        ([26 * 1440, 30 * 1440], "Sat 11 to Sun 12 Apr"),
        # London puts its clocks forward on Sunday 29 March, so that Monday begins an hour sooner.
        ([14 * 1440 - 60, 18 * 1440 - 60], "Mon 30 Mar to Thu 2 Apr"),
        ([14 * 1440 + 540, 14 * 1440 + 600], "Mon 30 Mar 10:00–11:00"),
    ],
)
def test_what_somebody_cannot_is_told_with_all_its_days_and_hours(span, expected):
    zone = "Europe/London"
    [told] = bound({"name": "closed", "span": span}, days=28, zone=zone)
    assert told == f"Ada: what they cannot, or an absence, {expected}"


def test_a_pairing_that_is_broken_names_both_and_what_they_were_to():
    names = {"7": "Ada", "8": "Ben"}
    together = Broken(Rule.PAIRING, "7", 1, (1,), True, 0, amount=0, limit=1, what="8")
    apart = Broken(Rule.PAIRING, "7", 1, (1,), True, 0, amount=1, limit=0, what="8")
    assert [words.broken(one, names, MONDAY) for one in (together, apart)] == [
        "Ada and Ben are to work the same shifts, and do not, Tue 17 Mar",
        "Ada and Ben are never to work the same shift, and do, Tue 17 Mar",
    ]
    # To whom the other is not to be told.
    own = {"7": "Ada"}
    assert [words.broken(one, own, MONDAY) for one in (together, apart)] == [
        "Ada is not on the same shift as whom they are to work with, Tue 17 Mar",
        "Ada is on the same shift as whom they are never to work with, Tue 17 Mar",
    ]
