"""The pages of rosters."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from ccm.models import Job
from scheduling.models import BidRound, KeptRoster, QueueGroup, RosterRun
from scheduling.rosters import asked, making
from tests.builders import a_leave, a_queue, a_site, a_team, a_user, an_agent
from tests.scheduling.kept.builders import (
    DAY,
    MONDAY,
    NOW,
    a_forecast,
    a_roster,
    a_run,
    a_shift,
    published,
)
from tests.scheduling.terms.builders import (
    a_contract,
    a_rotation,
    a_session,
    a_template,
    an_availability,
    in_rotation,
    with_contract,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
# 10:00 by half hours.
TEN = 20


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def planner(client, site):
    client.force_login(a_user("planner", site))
    with time_machine.travel(NOW, tick=False):
        yield client


def page_of(client, roster, query=""):
    return client.get(reverse("roster", args=[roster.pk]) + query)


def days_of(client, roster, query=""):
    return client.get(reverse("roster_days", args=[roster.pk]) + query)


def account_of(client, roster, query=""):
    """The account of a roster, by what is asked of it by now where nobody read that before."""
    if roster.asked is None:
        asked.by_now(roster, NOW)
    return client.get(reverse("roster_account", args=[roster.pk]) + query)


def given(roster, agent, template, day=MONDAY, **more):
    """A shift of a template from nine to five."""
    return a_shift(roster, agent, day, shape=f"{template.pk}-540-480", template=template, **more)


@pytest.fixture
def day(site):
    return a_template(site, "Day", first_start=540, last_start=540, lengths=[480], colour="c3")


def test_where_there_is_no_roster_the_list_says_how_one_comes(planner):
    page = planner.get(reverse("rosters")).content.decode()
    assert "No roster yet" in page
    assert reverse("roster_new") in page


def test_a_new_roster_is_kept_and_its_making_asked_for(planner, site):
    a_forecast(a_queue(site), {TEN: 100}, days=14)
    said = {"site": site.pk, "first_day": "2026-03-16", "days": "14", "group": "", "seconds": "30"}
    page = planner.post(reverse("roster_new"), said)
    roster = KeptRoster.objects.get()
    assert page.url == reverse("roster", args=[roster.pk])
    assert (roster.first_day, roster.days, roster.state) == (MONDAY, 14, "draft")
    run = RosterRun.objects.get()
    assert (run.seconds, run.job.state) == (30, Job.State.QUEUED)
    assert "2 weeks" in planner.get(reverse("rosters")).content.decode()


def new_of(planner, site, first_day, **more):
    said = {"site": site.pk, "first_day": f"{first_day}", "days": "7", "seconds": "30"}
    return planner.post(reverse("roster_new"), said | more)


def test_what_is_odd_of_a_new_roster_is_said_before_it_is_made(planner, site):
    """Today is Thursday 12 March; the week from the 16th alone is forecast, and has a draft."""
    a_forecast(a_queue(site, "Orders"), {TEN: 100})
    a_roster(site)
    said = [
        # Monday to Wednesday are over.
        (MONDAY - 7 * DAY, ["3 of its days are past.", "Nothing is forecast on these days: nobody"
                            " would be asked for."]),
        (MONDAY - 14 * DAY, ["All of its days are past.", "Nothing is forecast on these days:"
                             " nobody would be asked for."]),
        (MONDAY, ["There is a draft of these days: from Mon 16 Mar 2026, 1 week, all queues."]),
        (MONDAY + DAY, ["Orders: not all days are forecast", "There is a draft of these days: from"
                        " Mon 16 Mar 2026, 1 week, all queues."]),
    ]  # fmt: skip
    for first_day, expected in said:
        form = new_of(planner, site, first_day).context["form"]
        assert [*form.non_field_errors()] == expected, first_day
    assert KeptRoster.objects.count() == 1
    page = new_of(planner, site, MONDAY).content.decode()
    assert 'name="sure"' in page
    assert new_of(planner, site, MONDAY, sure="yes").status_code == 302
    assert KeptRoster.objects.count() == 2


def test_a_roster_of_a_group_is_not_in_the_way_of_another_group_s(planner, site):
    orders, claims = a_queue(site, "Orders"), a_queue(site, "Claims")
    groups = [QueueGroup.objects.create(site=site, name=one.name) for one in (orders, claims)]
    for group, queue in zip(groups, (orders, claims), strict=True):
        group.queues.add(queue)
        a_forecast(queue, {TEN: 100})
    published(a_roster(site, group=groups[0]))
    assert new_of(planner, site, MONDAY, group=groups[1].pk).status_code == 302
    form = new_of(planner, site, MONDAY, group=groups[0].pk).context["form"]
    assert [*form.non_field_errors()] == [
        "A roster of these days is published: from Mon 16 Mar 2026, 1 week, Orders."
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"first_day": "soon"}, "first_day"), ({"days": "5"}, "days"), ({"site": "0"}, "site")],
)
def test_what_is_wrong_with_a_new_roster_is_said_beside_it(planner, site, wrong, field):
    said = {"site": site.pk, "first_day": "2026-03-16", "days": "7", "seconds": "30"} | wrong
    page = planner.post(reverse("roster_new"), said)
    assert set(page.context["form"].errors) == {field}
    assert not KeptRoster.objects.exists()


def test_nobody_looks_for_a_roster_for_ever(planner, site):
    said = {"site": site.pk, "first_day": "2026-03-16", "days": "7", "seconds": "9000"}
    page = planner.post(reverse("roster_new"), said)
    assert set(page.context["making"].errors) == {"seconds"}
    assert not KeptRoster.objects.exists()


def test_while_it_is_made_its_page_asks_how_far_it_is(planner, site):
    roster = a_roster(site)
    run = a_run(roster)
    page = page_of(planner, roster).content.decode()
    progress = reverse("roster_progress", args=[roster.pk])
    assert f'hx-get="{progress}"' in page
    assert "Publish" not in page
    assert "hx-get" in planner.get(progress).content.decode()
    planner.post(reverse("roster_stop", args=[roster.pk]))
    run.job.refresh_from_db()
    assert run.job.state == Job.State.CANCELLED
    assert planner.get(progress)["HX-Refresh"] == "true"


def test_what_failed_says_why(planner, site):
    roster = a_roster(site)
    making.run(a_run(roster).job_id)
    page = page_of(planner, roster).content.decode()
    assert "Nobody is there on these days who can be given shifts." in page
    assert "It has no shifts yet" in page


def test_a_roster_shows_who_works_when_and_what_that_covers(planner, site, day):
    """100 calls of 180 s at ten take 14 positions for half an hour, 7 hours in all. One is there
    for eight hours, half an hour of which is asked for."""
    a_forecast(a_queue(site), {TEN: 100})
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    given(roster, ada, day)
    told = account_of(planner, roster).context["told"]
    monday = told.days[0]
    assert (monday.required, monday.there, monday.short, monday.over) == (7, 8, 6.5, 7.5)
    assert (told.days[1].required, told.days[1].there, told.days[1].short) == (7, 0, 7)
    ten = {one.clock: one for one in told.slots}["10:00"]
    assert (ten.required, ten.there, ten.short, ten.over) == (14, 1, 13, 0)
    # A quarter of an hour without somebody costs 10, with one too many 1: at ten 13 are missing.
    assert ten.costs == 130
    # Two such quarters, and 30 with one too many.
    assert monday.costs == 2 * 130 + 30
    assert told.whole.costs == told.cost.short + told.cost.over
    page = days_of(planner, roster)
    [row] = page.context["rows"]
    assert row.hours == 8
    assert row.cells[0].clock == "09:00–17:00"
    assert (row.cells[0].name, row.cells[0].colour) == ("Day", "c3")
    assert row.cells[1] is None
    text = page.content.decode()
    assert "Ada" in text
    assert 'data-tone="c3"' in text


def test_who_has_two_shifts_at_once_is_told_how_long_and_rests_not_at_all(planner, site):
    """A night until 13:30 and a day from nine: four hours and a half of both."""
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, rest_minutes=660))
    begins = datetime(2026, 3, 16, 21, 30, tzinfo=UTC)
    a_shift(roster, ada, shape="0-1290-960", begins_at=begins, ends_at=begins + timedelta(hours=16))
    a_shift(roster, ada, MONDAY + DAY)
    hard = account_of(planner, roster).context["told"].hard
    assert "Ada has two shifts at once, Tue 17 Mar: 4:30" in hard
    assert "Ada rests too shortly between two shifts, Tue 17 Mar: 0:00, allowed 11:00" in hard


def test_another_day_is_shown_slot_by_slot(planner, site, day):
    roster = a_roster(site)
    a_forecast(a_queue(site), {TEN: 100}, first=MONDAY + DAY, days=1)
    given(roster, an_agent(site), day)
    slots = account_of(planner, roster, "?day=2026-03-17").context["told"].slots
    assert [one.clock for one in slots] == ["10:00", "10:15"]
    for other in ("?day=2026-04-17", "?day=2026-13-41", "?day=x"):
        assert account_of(planner, roster, other).context["told"].day == MONDAY


def test_rules_broken_and_wishes_refused_are_said_in_words(planner, site, day):
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, most_week_days=1))
    an_availability(ada, "rather_not", weekday=1)
    for number in range(2):
        at = given(roster, ada, day, MONDAY + number * DAY)
        assert at.begins_at.hour == 9
    a_queue(site, "Orders")
    page = account_of(planner, roster)
    told = page.context["told"]
    assert told.hard == ["Ada works on too many days of a week, Tue 17 Mar: 2, allowed 1"]
    [refused] = told.refused
    assert refused.startswith("Ada would rather not work on Tue 17 Mar, and does: ")
    assert told.left_out == ["Orders: nothing is forecast on these days"]
    assert "I know that it breaks 1 rule" in page.content.decode()


@pytest.mark.parametrize(
    ("rules", "dearer", "expected", "later"),
    [
        (
            ["rest_minutes", "closed"],
            0,
            "Rest between shifts, what they cannot, or an absence",
            "Rest between shifts, what they cannot, or an absence",
        ),
        (
            [],
            120.0,
            "granting it would cost 120 more",
            "before the last changes, granting it would have cost 120 more",
        ),
        (
            [],
            0.0,
            "nothing that is counted stands against granting it: a longer search, or a change by"
            " hand, can",
            "before the last changes, nothing that is counted stood against granting it",
        ),
    ],
)
def test_a_wish_refused_says_what_was_found_out_and_after_a_change_that_it_was_then(
    planner, site, day, rules, dearer, expected, later
):
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    an_availability(ada, "rather_not", weekday=1)
    given(roster, ada, day, MONDAY + DAY)
    said = [{"name": name, "person": str(ada.pk)} for name in rules]
    wish = {"person": str(ada.pk), "day": 1, "wants": False, "what": ""}
    roster.refused, roster.refused_revision = [wish | {"rules": said, "dearer": dearer}], 0
    roster.save()
    wished = "Ada would rather not work on Tue 17 Mar, and does"
    assert account_of(planner, roster).context["told"].refused == [f"{wished}: {expected}"]
    # Rules of somebody's own hold whatever others work; what it would cost may be another now.
    KeptRoster.objects.update(revision=1)
    assert account_of(planner, roster).context["told"].refused == [f"{wished}: {later}"]


@pytest.mark.parametrize(
    ("revision", "expected"),
    [(None, "why is found out within some minutes"), (0, "why could not be found out in time")],
)
def test_a_wish_of_which_nobody_knows_why_it_was_refused_says_so(
    planner, site, day, revision, expected
):
    roster = a_roster(site, refused_revision=revision)
    ada = an_agent(site, "Ada")
    an_availability(ada, "rather_not", weekday=1)
    given(roster, ada, day, MONDAY + DAY)
    [said] = account_of(planner, roster).context["told"].refused
    assert said == f"Ada would rather not work on Tue 17 Mar, and does: {expected}"


def test_who_has_no_shift_at_all_is_named(planner, site, day):
    """Ben could work all week; Cleo is away for all of it, Dan's contract ended, and Eve is off by
    her rotation."""
    roster = a_roster(site)
    ada, ben, cleo, dan, eve = (an_agent(site, one) for one in ("Ada", "Ben", "Cleo", "Dan", "Eve"))
    contract = a_contract(site)
    for one in (ada, ben, cleo, eve):
        with_contract(one, contract)
    with_contract(dan, contract, ends_on=MONDAY)
    a_leave(cleo, kind="Holiday", first_on=MONDAY - DAY, last_on=MONDAY + 6 * DAY)
    off = {(week, weekday): [] for week in (1, 2) for weekday in range(7)}
    in_rotation(eve, a_rotation(site, off))
    assert account_of(planner, roster).context["told"].idle == ()
    given(roster, ada, day)
    page = account_of(planner, roster)
    assert page.context["told"].idle == ["Ben"]
    assert "Who has no shift at all" in page.content.decode()


def test_many_rules_of_a_kind_are_told_folded(planner, site, day):
    """On each of seven days a pause that is not of the shift; and one day too many."""
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, most_week_days=6))
    for number in range(7):
        at = f"{MONDAY + number * DAY}T12:"
        lunch = {"kind": "pause", "name": "Lunch", "start": f"{at}00:00+00:00",
                 "end": f"{at}30:00+00:00", "is_pause": True, "is_paid": False}  # fmt: skip
        given(roster, ada, day, MONDAY + number * DAY, activities=[lunch])
    page = account_of(planner, roster)
    told = page.context["told"]
    kinds = {one.words: (len(one.first), len(one.rest)) for one in told.broken}
    assert kinds == {
        "Somebody works on too many days of a week": (1, 0),
        "Somebody has a pause that is not of the shift": (3, 4),
    }
    assert len(told.hard) == 8
    text = page.content.decode()
    assert "7 times" in text
    assert "<summary>4 more</summary>" in text


def test_a_roster_of_which_nobody_read_what_is_asked_says_so(planner, site, day):
    roster = a_roster(site)
    a_forecast(a_queue(site), {TEN: 100})
    given(roster, an_agent(site), day)
    page = planner.get(reverse("roster_account", args=[roster.pk]))
    assert "What is asked for was not read yet" in page.content.decode()


def test_who_works_while_they_cannot_is_told_with_the_hours(planner, site, day):
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    an_availability(ada, "must_not", weekday=0, from_minute=960, to_minute=1440)
    lunch = {"kind": "pause", "name": "Lunch", "start": "2026-03-16T12:00:00+00:00",
             "end": "2026-03-16T12:30:00+00:00", "is_pause": True, "is_paid": False}  # fmt: skip
    given(roster, ada, day, activities=[lunch])
    told = account_of(planner, roster).context["told"]
    # From four to five; the shift has no such pause.
    assert told.hard == [
        "Ada works while they cannot, or are absent, Mon 16 Mar: 1:00",
        "Ada has a pause that is not of the shift, Mon 16 Mar",
    ]


def test_a_forecast_that_is_newer_than_what_is_asked_for_is_said(planner, site, day):
    forecast = a_forecast(a_queue(site), {TEN: 100})
    roster = a_roster(site)
    words = "forecast anew since"
    assert words not in page_of(planner, roster).content.decode()  # never asked
    asked.by_now(roster, NOW)
    assert words not in page_of(planner, roster).content.decode()
    forecast.made_at = NOW + DAY
    forecast.save()
    assert words in page_of(planner, roster).content.decode()
    planner.post(reverse("roster_ask", args=[roster.pk]))
    KeptRoster.objects.update(asked_at=NOW + 2 * DAY)
    assert words not in page_of(planner, roster).content.decode()


def test_who_publishes_while_people_bid_is_warned(planner, site, day):
    roster = a_roster(site)
    given(roster, an_agent(site), day)
    assert reverse("bid_new", args=[roster.pk]) in page_of(planner, roster).content.decode()
    assert "People bid on its shifts" not in account_of(planner, roster).content.decode()
    held = BidRound.objects.create(
        roster=roster, revision=0, criteria=["draw"], seed=1, opened_at=NOW, closes_at=NOW + DAY
    )
    page = account_of(planner, roster).content.decode()
    assert "People bid on its shifts" in page
    assert reverse("bid_round", args=[held.pk]) in page
    published(roster)
    assert "People bid on its shifts" not in account_of(planner, roster).content.decode()
    assert reverse("bid_new", args=[roster.pk]) not in page_of(planner, roster).content.decode()


def test_who_cannot_keep_their_rules_is_told_with_ways_out(planner, site, day):
    """Of nobody else there are shifts, either."""
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    rest = {"name": "rest_minutes", "person": str(ada.pk), "day": None, "span": None, "what": ""}
    off = rest | {"name": "closed", "span": [0, 1440]}
    said = [{"rules": [rest, off], "ways": [[rest], [off]]}]
    run = a_run(roster, took_seconds=1, conflicts=said)
    Job.objects.filter(pk=run.job_id).update(state=Job.State.DONE)
    page = account_of(planner, roster)
    assert "Whose rules contradict each other" in page.content.decode()
    [(said, rules, ways)] = page.context["told"].conflicts
    assert said == (
        "These cannot all be kept, so that there are no shifts but those that are to stay:"
    )
    assert rules == ways
    assert rules[0] == "Ada: Rest between shifts"
    assert rules[1].startswith("Ada: what they cannot")


def test_people_whom_rules_tie_are_told_what_contradicts_or_that_it_is_not_known(
    planner, site, day
):
    roster = a_roster(site)
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    people = [str(ada.pk), str(bea.pk)]
    rule = {"day": None, "span": None, "what": ""}
    pair = rule | {"name": "pairing", "person": people[0], "what": people[1]}
    mix = rule | {"name": "mix", "person": ""}
    said = [
        {"rules": [pair, mix], "ways": [[pair], [mix]], "people": people},
        {"rules": [], "ways": [], "people": people},
    ]
    run = a_run(roster, took_seconds=1, conflicts=said)
    Job.objects.filter(pk=run.job_id).update(state=Job.State.DONE)
    page = account_of(planner, roster)
    found, unknown = page.context["told"].conflicts
    rules = ["Ada: the pairing with Bea", "Everybody: experienced people beside new ones"]
    assert found == ("These cannot all be kept, so that one of them is broken:", rules, rules)
    assert unknown[0].endswith("was not found out in the time there was: Ada, Bea")
    assert page.content.decode().count("Ways out") == 1


def test_a_shift_of_a_template_that_changed_since_is_one_like_those_by_hand(planner, site, day):
    roster = a_roster(site)
    given(roster, an_agent(site, "Ada"), day)
    day.lengths = [420]
    day.save()
    assert account_of(planner, roster).context["told"].hard == []
    page = days_of(planner, roster)
    assert page.context["rows"][0].cells[0].clock == "09:00–17:00"
    day.delete()
    assert days_of(planner, roster).context["rows"][0].cells[0].clock == "09:00–17:00"


def test_a_roster_is_published_as_it_was_looked_at(planner, site, day):
    roster = a_roster(site)
    given(roster, an_agent(site), day)
    publish = reverse("roster_publish", args=[roster.pk])
    planner.post(publish, {"revision": "3"})
    planner.post(publish)
    roster.refresh_from_db()
    assert roster.is_draft
    planner.post(publish, {"revision": "0"})
    roster.refresh_from_db()
    assert not roster.is_draft
    text = page_of(planner, roster).content.decode()
    assert "Make it anew" not in text
    assert planner.get(reverse("roster_remove", args=[roster.pk])).status_code == 404


def test_one_that_breaks_hard_rules_is_published_when_that_is_known(planner, site, day):
    roster = a_roster(site)
    ada = an_agent(site, "Ada")
    with_contract(ada, a_contract(site, most_week_days=0))
    given(roster, ada, day)
    publish = reverse("roster_publish", args=[roster.pk])
    planner.post(publish, {"revision": "0"})
    roster.refresh_from_db()
    assert roster.is_draft
    planner.post(publish, {"revision": "0", "confirmed": "yes"})
    roster.refresh_from_db()
    assert not roster.is_draft


def test_it_is_made_anew_only_within_some_seconds(planner, site):
    roster = a_roster(site)
    make = reverse("roster_make", args=[roster.pk])
    planner.post(make, {"seconds": "1"})
    assert not RosterRun.objects.exists()
    planner.post(make, {"seconds": "20"})
    planner.post(make, {"seconds": "20"})
    assert RosterRun.objects.get().seconds == 20


def test_of_rosters_of_several_zones_it_is_said_by_whose_clock_they_were_made(client, site):
    """Nine in the morning, UTC, is half past two in the afternoon at Pune."""
    pune = a_site("Pune", zone="Asia/Kolkata")
    client.force_login(a_user("planner", site, pune))
    a_roster(site)
    assert "12 Mar 2026 09:00<" in client.get(reverse("rosters")).content.decode()
    a_roster(pune)
    page = client.get(reverse("rosters")).content.decode()
    assert "12 Mar 2026 09:00 UTC<" in page
    assert "12 Mar 2026 14:30 IST<" in page


def test_a_draft_is_removed_after_it_was_asked(planner, site):
    roster = a_roster(site)
    remove = reverse("roster_remove", args=[roster.pk])
    assert planner.get(remove).status_code == 200
    assert KeptRoster.objects.exists()
    planner.post(remove)
    assert not KeptRoster.objects.exists()


def test_who_leads_a_team_sees_its_people_and_no_costs(client, site, day):
    lead = a_user("supervisor", site)
    mine, other = an_agent(site, "Ada"), an_agent(site, "Ben")
    a_team(site, lead, mine)
    roster = published(a_roster(site))
    given(roster, mine, day)
    given(roster, other, day)
    draft = a_roster(site)
    client.force_login(lead)
    page = days_of(client, roster)
    assert [row.agent.name for row in page.context["rows"]] == ["Ada"]
    assert "Ben" not in page.content.decode()
    assert page_of(client, roster).context["has_people"]
    assert "It costs" not in page_of(client, roster).content.decode()
    assert days_of(client, draft).status_code == 404
    assert page_of(client, draft).status_code == 404
    assert client.post(reverse("roster_stop", args=[roster.pk])).status_code == 404
    assert "New roster" not in client.get(reverse("rosters")).content.decode()


@pytest.mark.parametrize("many", [1, 12])
def test_a_page_asks_no_more_for_many_people_than_for_one(
    planner, site, day, many, django_assert_num_queries
):
    a_forecast(a_queue(site), {TEN: 100})
    roster = a_roster(site)
    for number in range(many):
        agent = an_agent(site, f"A{number}")
        an_availability(agent, "likes", weekday=0)
        given(roster, agent, day, MONDAY + DAY)
    asked.by_now(roster, NOW)
    page_of(planner, roster)  # what is read once in a process
    with django_assert_num_queries(10):
        page_of(planner, roster)
    for query in ("?view=month", "?view=month&paper=yes"):
        with django_assert_num_queries(6):
            days_of(planner, roster, query)


def test_who_works_when_is_read_by_the_page_of_people_and_on_paper_whole(planner, site, day):
    roster = a_roster(site)
    for number in range(21):
        given(roster, an_agent(site, f"A{number:02}"), day)
    an_agent(site, "A21 who has no shifts")
    first, second = days_of(planner, roster), days_of(planner, roster, "?page=2")
    assert [row.agent.name for row in first.context["rows"]] == [f"A{n:02}" for n in range(20)]
    assert "1–20 of 21 people" in first.content.decode()
    assert [row.agent.name for row in second.context["rows"]] == ["A20"]
    paper = days_of(planner, roster, "?paper=yes")
    # Where it is narrow each shift stands under its day.
    assert 'data-label="Mon 16 Mar"' in paper.content.decode()
    assert len(paper.context["rows"]) == 21
    assert "People after" not in paper.content.decode()


def test_somebody_is_found_by_name_on_the_list_of_days(planner, site, day):
    roster = a_roster(site)
    for name in ("Ada", "Ben"):
        given(roster, an_agent(site, name), day)
    found = days_of(planner, roster, "?q=bE")
    assert [row.agent.name for row in found.context["rows"]] == ["Ben"]
    assert "Nobody like that" in days_of(planner, roster, "?q=Cleo").content.decode()
    nobody = a_roster(site)
    assert "Nobody works on these days yet" in days_of(planner, nobody).content.decode()
    for odd in ("?page=x", "?page=99", "?page=-1", "?view=x&day=9", "?paper=maybe"):
        assert days_of(planner, roster, odd).status_code == 200, odd


def test_a_part_of_the_page_gets_the_list_alone(planner, site, day):
    roster = a_roster(site)
    given(roster, an_agent(site, "Ada"), day)
    address = reverse("roster_days", args=[roster.pk])
    part = planner.get(address, headers={"HX-Request": "true", "HX-Target": "who"})
    assert "Ada" in part.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize("many", [1, 12])
def test_an_account_asks_no_more_for_many_people_than_for_one(
    planner, site, day, many, django_assert_num_queries
):
    a_forecast(a_queue(site), {TEN: 100})
    roster = a_roster(site)
    asked.by_now(roster, NOW)
    for number in range(many):
        agent = an_agent(site, f"A{number}")
        an_availability(agent, "likes", weekday=0)
        given(roster, agent, day, MONDAY + DAY)
        a_session(site, f"Training {number}", people=[agent], team=a_team(site, None, agent))
    account_of(planner, roster)  # what is read once in a process
    with django_assert_num_queries(11):
        account_of(planner, roster)


def test_the_audit_log_tells_what_was_published_and_which_rules_it_broke(client, site, day):
    admin = a_user("admin", site)
    client.force_login(admin)
    with time_machine.travel(NOW, tick=False):
        roster = a_roster(site)
        ada = an_agent(site, "Ada")
        with_contract(ada, a_contract(site, most_week_days=0))
        given(roster, ada, day)
        publish = reverse("roster_publish", args=[roster.pk])
        client.post(publish, {"revision": "0", "confirmed": "yes"})
        text = client.get(reverse("audit")).content.decode()
    assert f"Roster: {site}, 16 Mar 2026" in text
    assert "Ada works on too many days of a week" in text
