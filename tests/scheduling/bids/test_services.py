"""Rounds of bids: opened, ranked, closed, given out."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Delivery
from ccm.signals import names_merged
from scheduling import tasks
from scheduling.bids import reckoned, services, words
from scheduling.models import Bid, BidRound, KeptShift, RosterEdit
from scheduling.rosters import edits, making
from scheduling.rosters.edits import Stale, Wanted
from tests.builders import a_queue, a_site, a_team, a_user, an_agent
from tests.scheduling.bids.builders import (
    AFTER,
    CLOSES,
    a_day,
    a_round,
    at,
    chosen,
    line_of,
    three,
    weekends_borne,
)
from tests.scheduling.kept.builders import MONDAY, NOW, a_forecast, a_roster, a_run, published
from tests.scheduling.terms.builders import (
    a_contract,
    a_pairing,
    an_availability,
    skilled,
    with_contract,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(zone="UTC")


@pytest.fixture
def planner(site):
    return a_user("planner", site)


def closed(held):
    assert services.close(held, AFTER)
    held.refresh_from_db()
    return held


def given_out(held, who):
    closed(held)
    assert services.give(held, who, AFTER, seen=services.mark(held))
    held.refresh_from_db()
    return held


def gets(held):
    """Whose line each gets, by name."""
    rows = held.bids.select_related("agent", "line__holder")
    return {one.agent.name: one.line.holder.name for one in rows}


def begins(roster):
    return {
        one.agent.name: f"{one.begins_at:%H:%M}" for one in roster.shifts.select_related("agent")
    }


def refused(call):
    with pytest.raises(ValidationError) as refusal:
        call()
    return refusal.value.messages[0]


def test_a_round_makes_a_line_of_each_ones_shifts_in_numbers_that_tell_nothing(site):
    roster, agents = three(site)
    held = a_round(roster)
    assert [one.number for one in held.lines.all()] == [1, 2, 3]
    assert {one.holder for one in held.lines.all()} == {*agents}
    line = held.lines.get(holder=agents[0])
    assert list(line.shifts) == ["2026-03-16"]
    assert line.counts == {"days": 1, "minutes": 480}
    assert held.bids.count() == 3
    assert AuditEntry.objects.filter(model="scheduling.bidround", action="created").count() == 1


def test_weekends_and_lates_of_a_line_are_counted(site):
    """Saturday is the sixth day; from two to ten in the evening ends after eight."""
    roster, agents = three(site)
    at(roster, agents[2], a_day(site), 14, 5)
    held = a_round(roster)
    assert held.lines.get(holder=agents[2]).counts == {
        "days": 2, "minutes": 960, "late": 2, "weekend": 1,
    }  # fmt: skip


def test_whom_a_round_is_for_is_said_by_team_contract_and_queue(site):
    roster, (ann, bob, cid) = three(site)
    team = a_team(site, None, ann, bob)
    assert {one.agent for one in a_round(roster, team=team).bids.all()} == {ann, bob}
    BidRound.objects.all().delete()
    contract = a_contract(site)
    for one in (bob, cid):
        with_contract(one, contract)
    assert {one.agent for one in a_round(roster, contract=contract).bids.all()} == {bob, cid}
    BidRound.objects.all().delete()
    queue, other = a_queue(site), a_queue(site)
    skilled(ann, other)
    skilled(bob, queue)
    assert {one.agent for one in a_round(roster, queue=queue).bids.all()} == {bob, cid}


def test_of_one_person_alone_there_is_no_round(site):
    roster, (ann, *_others) = three(site)
    team = a_team(site, None, ann)
    assert "nothing to choose" in refused(lambda: a_round(roster, team=team))
    assert not BidRound.objects.exists()


def test_a_round_is_on_a_draft_that_is_not_being_made_and_closes_later(site):
    roster, _agents = three(site)
    assert "over" in refused(lambda: a_round(roster, closes_at=NOW))
    late = datetime(2026, 3, 23, 0, tzinfo=UTC)
    assert "over by then" in refused(lambda: a_round(roster, closes_at=late))
    run = a_run(roster)
    assert "being made" in refused(lambda: a_round(roster))
    run.job.delete()
    published(roster)
    assert "published" in refused(lambda: a_round(roster))


def test_nobody_is_in_two_rounds_of_a_roster_at_once(site, planner):
    roster, _agents = three(site)
    held = a_round(roster)
    assert "Ann, Bob, Cid" in refused(lambda: a_round(roster))
    services.call_off(held, planner, NOW)
    a_round(roster)


def test_who_was_hired_first_has_their_choice_and_the_others_what_is_left(site, planner):
    """Ann wants Cid's, Bob too and else Ann's, Cid has not chosen: Bob's is left."""
    roster, (ann, bob, cid) = three(site)
    held = a_round(roster)
    chosen(held, ann, cid)
    chosen(held, bob, cid, ann)
    given_out(held, planner)
    assert gets(held) == {"Ann": "Cid", "Bob": "Ann", "Cid": "Bob"}
    assert begins(roster) == {"Ann": "14:00", "Bob": "06:00", "Cid": "09:00"}
    assert roster.edits.get().why == RosterEdit.Why.BID
    bid = held.bids.get(agent=bob)
    assert words.place(bid, 3) == "Number 2 of 3, by seniority"
    assert words.choices(bid, MONDAY) == [
        f"Choice 1, line {line_of(held, cid)}: somebody who chose before has it",
        f"Choice 2, line {line_of(held, ann)}: given",
    ]
    assert words.choices(held.bids.get(agent=cid), MONDAY) == [
        "Nothing was chosen: what was left when all others had chosen."
    ]


def test_a_day_off_goes_along_with_a_line(site, planner):
    """Ann worked on Monday and Tuesday, and Bob on Monday."""
    roster, (ann, bob, _cid) = three(site)
    at(roster, ann, a_day(site), 6, 1)
    held = a_round(roster)
    chosen(held, ann, bob)
    chosen(held, bob, ann)
    given_out(held, planner)
    days = roster.shifts.order_by("day")
    assert [one.day for one in days.filter(agent=ann)] == [MONDAY]
    assert [one.day for one in days.filter(agent=bob)] == [MONDAY, MONDAY + timedelta(days=1)]


def test_a_line_that_breaks_a_rule_of_somebody_is_not_open_to_them(site):
    """Bob cannot work before nine on Mondays: Ann begins at six."""
    roster, (ann, bob, cid) = three(site)
    an_availability(bob, "must_not", from_minute=0, to_minute=540, weekday=0)
    held = a_round(roster)
    bid = held.bids.get(agent=bob)
    assert list(bid.against) == [str(line_of(held, ann))]
    [said] = words.against(bid.against[str(line_of(held, ann))], MONDAY)
    assert said.startswith("works while they cannot, or are absent, Mon 16 Mar")
    with pytest.raises(ValidationError):
        chosen(held, bob, ann)
    assert held.bids.get(agent=cid).against == {}


def test_what_somebodys_own_shifts_break_already_keeps_nothing_from_them(site):
    """Nobody may work longer than six hours, and all three do."""
    roster, agents = three(site)
    short = a_contract(site, most_day_minutes=360)
    for one in agents:
        with_contract(one, short)
    held = a_round(roster)
    assert [one.against for one in held.bids.all()] == [{}, {}, {}]


def test_what_is_wrong_with_a_shift_whoever_has_it_keeps_nobody_from_it(site):
    """A lunch is of the template that nobody has."""
    roster, _agents = three(site)
    day = a_day(site)
    day.pauses = [{"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300}]
    day.save()
    bobs = roster.shifts.get(agent__name="Bob")
    lunch = {"name": "Lunch", "start": "2026-03-16T12:00:00+00:00"}
    lunch |= {"end": "2026-03-16T12:30:00+00:00", "kind": "pause", "is_pause": True}
    bobs.activities = [lunch | {"name": "Supper", "is_paid": False}]
    bobs.save()
    held = a_round(roster)
    assert [one.against for one in held.bids.all()] == [{}, {}, {}]


def test_days_on_which_a_rule_would_be_broken_are_counted_beyond_the_first(site):
    """Bob cannot work before nine on three days; Ann begins at six on all of them."""
    roster, (ann, bob, _cid) = three(site)
    at(roster, ann, a_day(site), 6, 1, 2)
    for weekday in range(3):
        an_availability(bob, "must_not", from_minute=0, to_minute=540, weekday=weekday)
    [said] = words.against(
        a_round(roster)
        .bids.get(agent=bob)
        .against[str(BidRound.objects.get().lines.get(holder=ann).number)],
        MONDAY,
    )
    assert said.startswith("works while they cannot, or are absent, Mon 16 Mar")
    assert said.endswith("(and 2 more times)")


def test_a_line_of_contacts_that_somebody_does_not_take_is_not_open_to_them(site):
    """Ann takes both queues, Bob the first alone: hers are not for him, but his are for her."""
    roster, (ann, bob, cid) = three(site)
    first, second = a_queue(site), a_queue(site)
    for agent, queue in ((ann, first), (ann, second), (bob, first), (cid, first)):
        skilled(agent, queue)
    held = a_round(roster)
    assert held.bids.get(agent=ann).against == {}
    against = held.bids.get(agent=bob).against
    assert list(against) == [str(line_of(held, ann))]
    assert words.against(against[str(line_of(held, ann))], MONDAY) == [
        "it takes contacts that are not all yours"
    ]


def test_the_only_line_that_somebody_can_work_is_left_to_them(site):
    """Cid cannot work before two; Ann, who chooses first, would like his."""
    roster, (ann, bob, cid) = three(site)
    an_availability(cid, "must_not", from_minute=0, to_minute=840, weekday=0)
    held = a_round(roster)
    chosen(held, ann, cid, bob)
    closed(held)
    assert gets(held) == {"Ann": "Bob", "Bob": "Ann", "Cid": "Cid"}
    assert words.choices(held.bids.get(agent=ann), MONDAY)[0].endswith(
        "without it somebody would have no line that they can work"
    )


def test_what_people_said_since_counts_when_the_round_is_closed(site):
    roster, (ann, bob, _cid) = three(site)
    held = a_round(roster)
    chosen(held, bob, ann)
    an_availability(bob, "must_not", from_minute=0, to_minute=540, weekday=0)
    closed(held)
    assert gets(held)["Bob"] == "Bob"
    [said, placed] = words.choices(held.bids.get(agent=bob), MONDAY)
    assert "not open to you: works while they cannot" in said
    assert placed.startswith("None of these was left")


def test_what_comes_out_otherwise_than_it_was_shown_is_shown_again_first(site, planner):
    roster, (ann, bob, _cid) = three(site)
    held = a_round(roster)
    chosen(held, bob, ann)
    chosen(held, ann, bob)
    closed(held)
    shown = services.mark(held)
    assert gets(held)["Bob"] == "Ann"
    an_availability(bob, "must_not", from_minute=0, to_minute=540, weekday=0)
    assert not services.give(held, planner, AFTER, seen=shown)
    assert gets(held) == {"Ann": "Bob", "Bob": "Cid", "Cid": "Ann"}
    assert begins(roster)["Bob"] == "09:00"
    assert services.give(held, planner, AFTER, seen=services.mark(held))


def test_who_chose_last_chooses_first_the_next_time(site, planner):
    """By seniority Ann, Bob, Cid; in the next week by turn Cid, Bob, Ann."""
    roster, agents = three(site)
    given_out(a_round(roster), planner)
    again = a_roster(site, first_day=MONDAY + timedelta(days=7))
    for agent in agents:
        at(again, agent, a_day(site), 9, 7)
    held = closed(a_round(again, criteria=["turn"]))
    assert [one.agent.name for one in held.bids.order_by("place")] == ["Cid", "Bob", "Ann"]
    assert reckoned.turns_of(held, [one.pk for one in agents]) == {
        agents[0].pk: 0, agents[1].pk: 0.5, agents[2].pk: 1,
    }  # fmt: skip


def test_by_fairness_who_bore_most_chooses_first_and_reads_by_how_much(site, planner):
    """The worked example of `weekends_borne`: Cid 2 - 1, Bob 1 - 1, Ann 0 - 1."""
    roster, agents = three(site)
    weekends_borne(site, agents)
    held = a_round(roster, criteria=["fairness"])
    chosen(held, agents[2], agents[0])
    given_out(held, planner)
    bids = list(held.bids.select_related("agent").order_by("place"))
    assert [(one.agent.name, one.beyond) for one in bids] == [("Cid", 1), ("Bob", 0), ("Ann", -1)]
    assert gets(held)["Cid"] == "Ann"
    assert words.place(bids[0], 3) == "Number 1 of 3, by fairness"
    assert [words.fairness(one, held) for one in bids] == [
        "burdens borne: 1.0 above the fair share, by the ledger to 14 Mar",
        "burdens borne: just the fair share, by the ledger to 14 Mar",
        "burdens borne: 1.0 below the fair share, by the ledger to 14 Mar",
    ]


def test_what_says_something_of_few_others_is_not_told_to_whom_it_is_about(site):
    """A fair share of three people tells what the other two bore; of five it does not."""
    roster, agents = three(site)
    weekends_borne(site, agents)
    held = closed(a_round(roster, criteria=["fairness"]))
    cids = held.bids.get(agent=agents[2])
    assert "fewer than five" in words.own_fairness(cids, held)
    BidRound.objects.all().delete()
    for name in ("Dee", "Eve"):
        an_agent(site, name)
    held = closed(a_round(roster, criteria=["fairness"]))
    cids = held.bids.get(agent=agents[2])
    assert words.own_fairness(cids, held).startswith("burdens borne: 1.4 above the fair share")


def test_who_bore_as_much_is_told_apart_by_what_is_stated_next(site):
    """Nobody bore anything: by seniority Ann is first, and the ledger is told as well."""
    roster, agents = three(site)
    held = closed(a_round(roster, criteria=["fairness", "seniority"]))
    first = held.bids.get(place=1)
    assert first.agent == agents[0]
    assert words.place(first, 3) == "Number 1 of 3, by fairness, then seniority"
    assert "just the fair share" in words.fairness(first, held)


def test_what_is_published_after_it_was_closed_gives_nothing_otherwise_than_it_was_shown(
    site, planner
):
    """The ledger is that of the day on which the round closed: a week later too."""
    roster, agents = three(site)
    weekends_borne(site, agents)
    held = closed(a_round(roster, criteria=["fairness"]))
    shown = services.mark(held)
    assert services.give(held, planner, AFTER + timedelta(days=200), seen=shown)
    assert held.bids.get(place=1).beyond == 1


def test_fairness_is_no_word_of_a_round_that_does_not_go_by_it(site):
    roster, agents = three(site)
    weekends_borne(site, agents)
    held = closed(a_round(roster))
    bid = held.bids.get(agent=agents[2])
    assert bid.beyond is None
    assert words.fairness(bid, held) == words.own_fairness(bid, held) == ""


def mailed(agent):
    agent.user = a_user("agent")
    agent.user.email = f"{agent.name.lower()}@example.org"
    agent.user.save()
    agent.save()


def mails():
    return {one.address: one for one in Delivery.objects.all()}


def test_who_takes_part_is_told_by_mail_until_when_they_can_choose(site):
    roster, (ann, _bob, _cid) = three(site)
    mailed(ann)  # the others have no account
    a_round(roster, criteria=["turn"], note="Choose well!")
    [mail] = mails().values()
    assert (mail.address, mail.subject) == ("ann@example.org", "Choose your shifts from 16 Mar")
    for said in ("until Sat 14 Mar 2026", "turn, then draw.", "Choose well!", "/my-bids/"):
        assert said in mail.body


def test_each_is_told_by_mail_what_they_got_and_why_and_nothing_of_others(site, planner):
    """Ann gets Cid's as she wanted; Bob, who wanted that alone, what is left; Cid chose nothing."""
    roster, agents = three(site)
    ann, bob, cid = agents
    held = a_round(roster)
    for one in agents:
        mailed(one)
    chosen(held, ann, cid)
    chosen(held, bob, cid)
    given_out(held, planner)
    told = mails()
    assert {address: one.subject for address, one in told.items()} == {
        "ann@example.org": (
            f"You got line {line_of(held, cid)} of the shifts from 16 Mar, your choice 1"
        ),
        "bob@example.org": (
            f"No line that you chose of the shifts from 16 Mar was left: line {line_of(held, bob)}"
        ),
        "cid@example.org": (
            f"You had chosen none of the shifts from 16 Mar, and got line {line_of(held, ann)}"
        ),
    }
    body = told["bob@example.org"].body
    assert "Number 2 of 3, by seniority." in body
    assert "somebody who chose before has it" in body
    assert "Ann" not in body


def test_a_mail_of_fairness_says_the_figure(site, planner):
    roster, agents = three(site)
    weekends_borne(site, agents)
    for name in ("Dee", "Eve"):
        an_agent(site, name)
    held = a_round(roster, criteria=["fairness"])
    mailed(agents[2])
    given_out(held, planner)
    [mail] = mails().values()
    assert "Number 1 of 3, by fairness: burdens borne: 1.4 above the fair share" in mail.body


def test_the_numbers_of_lines_are_no_matter_of_the_seed_that_is_shown(site):
    """Whoever knew them from it would know whose a line was."""
    roster, agents = three(site)
    orders = set()
    for _again in range(40):
        held = a_round(roster)
        BidRound.objects.filter(pk=held.pk).update(seed=1)
        orders.add(tuple(line_of(held, one) for one in agents))
        held.delete()
    assert len(orders) > 1


def test_nobody_chooses_after_the_closing_moment_be_it_noted_or_not(site):
    roster, (ann, bob, _cid) = three(site)
    held = a_round(roster)
    chosen(held, ann, bob, now=CLOSES - timedelta(seconds=1))
    assert "closed" in refused(lambda: chosen(held, ann, ann, now=CLOSES))
    assert held.bids.get(agent=ann).ranked == [line_of(held, bob)]


@pytest.mark.parametrize("ranked", [[1, 1], [0], [4], [30_000]])
def test_no_line_is_chosen_twice_or_that_is_not_there(site, ranked):
    roster, (ann, *_others) = three(site)
    held = a_round(roster)
    bid = held.bids.get(agent=ann)
    assert "cannot choose" in refused(
        lambda: services.rank(bid, ranked, a_user("agent"), NOW, seen=0)
    )


def test_of_two_pages_the_older_one_says_so(site):
    roster, (ann, bob, cid) = three(site)
    held = a_round(roster)
    bid = held.bids.get(agent=ann)
    services.rank(bid, [line_of(held, bob)], a_user("agent"), NOW, seen=0)
    assert "another page" in refused(
        lambda: services.rank(bid, [line_of(held, cid)], a_user("agent"), NOW, seen=0)
    )
    entry = AuditEntry.objects.get(model="scheduling.bid")
    assert (entry.before["ranked"], entry.after["ranked"]) == ("", str(line_of(held, bob)))


def test_a_round_is_closed_once_when_its_moment_is_over(site):
    roster, _agents = three(site)
    held = a_round(roster)
    assert not services.close(held, CLOSES - timedelta(seconds=1))
    assert services.close(held, CLOSES)
    assert not services.close(held, AFTER)


def test_beat_closes_what_is_due_and_may_ask_twice(site):
    roster, _agents = three(site)
    held = a_round(roster)
    with time_machine.travel(NOW, tick=False):
        tasks.close_bids()
    held.refresh_from_db()
    assert held.is_open
    with time_machine.travel(AFTER, tick=False):
        tasks.close_bids()
        tasks.close_bids()
    held.refresh_from_db()
    assert held.state == BidRound.State.CLOSED
    assert held.closes_at == CLOSES
    assert held.bids.filter(line=None).count() == 0


def test_a_planner_closes_earlier_and_that_is_the_closing_moment(site, planner):
    roster, _agents = three(site)
    held = a_round(roster)
    early = NOW + timedelta(hours=1)
    assert services.close(held, early, planner)
    held.refresh_from_db()
    assert held.closes_at == early


def test_a_roster_that_somebody_changed_since_is_not_overwritten(site, planner):
    roster, (ann, _bob, _cid) = three(site)
    held = a_round(roster)
    edits.apply(roster, [Wanted(ann.pk, MONDAY, None)], planner, NOW, seen=0)
    closed(held)
    with pytest.raises(Stale):
        services.give(held, planner, AFTER, seen=services.mark(held))
    assert begins(roster) == {"Bob": "09:00", "Cid": "14:00"}


def test_nothing_is_given_out_twice_or_before_it_is_closed_or_in_what_people_work_by(site, planner):
    roster, _agents = three(site)
    held = a_round(roster)
    assert "not closed" in refused(lambda: services.give(held, planner, NOW, seen=""))
    closed(held)
    published(roster)
    mark = services.mark(held)
    assert "published" in refused(lambda: services.give(held, planner, AFTER, seen=mark))
    roster.state, roster.published_at = "draft", None
    roster.save()
    assert services.give(held, planner, AFTER, seen=mark)
    assert "over" in refused(lambda: services.give(held, planner, AFTER, seen=mark))
    assert not services.call_off(held, planner, AFTER)


def test_a_shift_that_is_to_stay_stays_with_whom_it_is_of(site, planner):
    """Ann's Monday stays: no other line has it, so that she keeps hers and nobody else can."""
    roster, (ann, bob, cid) = three(site)
    KeptShift.objects.filter(agent=ann).update(is_fixed=True)
    held = a_round(roster)
    assert len(held.bids.get(agent=ann).against) == 2
    chosen(held, bob, ann, cid)
    given_out(held, planner)
    assert gets(held) == {"Ann": "Ann", "Bob": "Cid", "Cid": "Bob"}


def test_what_was_given_out_stays_when_the_draft_is_made_anew(site, planner):
    """Ann gets the line that begins at two and Cid hers; nobody asks for any shift of the day, and
    of Bob, whose shift planners say may be changed, nothing is left. Days off stay open."""
    roster, (ann, bob, cid) = three(site)
    held = a_round(roster)
    chosen(held, ann, cid)
    given_out(held, planner)
    assert roster.shifts.filter(is_fixed=True).count() == 3
    roster.shifts.filter(agent=bob).update(is_fixed=False)
    a_forecast(a_queue(site), {}, days=7)
    making.run(a_run(roster).job_id)
    assert begins(roster) == {"Ann": "14:00", "Cid": "06:00"}


def test_who_has_left_since_keeps_their_own_and_nobody_else_has_it(site):
    roster, (ann, _bob, cid) = three(site)
    held = a_round(roster)
    chosen(held, ann, cid)
    cid.left_on = date(2026, 3, 10)
    cid.save()
    closed(held)
    assert gets(held)["Cid"] == "Cid"


def test_a_pair_that_is_parted_is_told_before_it_is_given_out(site):
    """Ann and Bob work together, from nine both; Ann would rather have Cid's afternoon."""
    roster, (ann, bob, cid) = three(site)
    roster.shifts.filter(agent=ann).delete()
    at(roster, ann, roster.shifts.get(agent=bob).template, 9)
    a_pairing(ann, bob)
    held = a_round(roster)
    chosen(held, ann, cid)
    closed(held)
    names = {str(one.pk): one.name for one in (ann, bob, cid)}
    [said] = words.breaks(held, names)
    assert said.startswith("Ann and Bob are to work the same shifts, and do not, ")


def test_of_two_names_of_one_person_in_a_round_nothing_comes(site):
    roster, (ann, bob, cid) = three(site)
    held = a_round(roster)
    names_merged.send(sender=type(ann), loser=bob.pk, keeper=ann.pk)
    held.refresh_from_db()
    assert held.state == BidRound.State.CALLED_OFF
    assert {one.agent for one in held.bids.all()} == {ann, cid}


def test_somebody_who_is_merged_chooses_on_as_whom_they_become(site):
    roster, (ann, _bob, cid) = three(site)
    held = a_round(roster)
    chosen(held, ann, cid)
    known = an_agent(site, "Ann Other")
    names_merged.send(sender=type(ann), loser=ann.pk, keeper=known.pk)
    bid = Bid.objects.get(agent=known)
    assert bid.ranked == [line_of(held, cid)]
    assert held.lines.filter(holder=known).exists()
    assert BidRound.objects.get().is_open
