"""Whether a trade may be: rules that would be newly broken, and cover."""

from datetime import timedelta

import pytest

from scheduling.models import SiteRules, Trade
from scheduling.rosters import given
from scheduling.trades import judging, words
from tests.builders import a_queue, a_site
from tests.scheduling.kept.builders import DAY, MONDAY, NOW
from tests.scheduling.mine.test_my_schedule import TRAINING
from tests.scheduling.trades.builders import HOUR, Centre

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre():
    return Centre(a_site())


def a_trade(centre, shift, kind="cover", **more):
    """Not kept: what is judged is what would be."""
    return Trade(
        roster=centre.roster, kind=kind, giver=shift.agent, day=shift.day,
        shift=given.of_row(shift).values(), until=shift.begins_at - 24 * HOUR, **more,
    )  # fmt: skip


def judge(centre, trade, taker, now=NOW):
    return judging.judge(
        trade, None if taker is None else taker.pk, judging.Table(centre.roster), now
    )


def said(centre, judged, *people, reader=None):
    names = {one.pk: one.name for one in people}
    return words.rule(judged.code, judged.facts, names, MONDAY, reader)


def test_a_free_colleague_of_the_same_skill_may_take_a_shift(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    judged = judge(centre, a_trade(centre, centre.gives(ada)), bob)
    assert (judged.may_be, judged.short_hours) == (True, 0)


def test_one_who_does_not_take_the_queue_leaves_its_hours_short(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob", takes=a_queue(centre.site))
    trade = a_trade(centre, centre.gives(ada))
    judged = judge(centre, trade, bob)
    # One position, from nine to five.
    assert (judged.code, judged.facts) == (judging.SHORT, {"hours": 8.0, "limit": 0.0})
    assert said(centre, judged) == "It leaves 8:00 hours short of people, allowed 0:00."
    SiteRules.objects.update(trade_short_hours=8)
    assert judge(centre, trade, bob).short_hours == 8


def test_a_shift_is_given_up_where_as_many_as_are_asked_for_stay(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    trade = a_trade(centre, centre.gives(ada), "give_up")
    assert judge(centre, trade, None).facts == {"hours": 8.0, "limit": 0.0}
    centre.gives(bob)
    assert judge(centre, trade, None).may_be


def test_an_hour_too_many_elsewhere_makes_up_for_none_that_is_missing(centre):
    """A late shift from four to midnight instead of nine to five: seven hours are missing, and one
    is there."""
    ada, bob = centre.person("Ada"), centre.person("Bob")
    trade = a_trade(
        centre, centre.gives(ada), "swap", taker=bob, back_day=MONDAY,
        back=given.of_row(centre.gives(bob, template=centre.late)).values(),
    )  # fmt: skip
    # They change places, and all is covered as it was.
    assert judge(centre, trade, bob).short_hours == 0
    bob.queue_skills.all().delete()
    bob.skills = [a_queue(centre.site).name]
    bob.save()
    # Bob does not take the queue: he is there from nine to five, and Ada from four on.
    assert judge(centre, trade, bob).facts == {"hours": 7.0, "limit": 0.0}


def test_where_nothing_is_asked_for_a_shift_is_not_given_up_unseen(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    shift = centre.gives(ada)
    centre.roster.asked = None
    centre.roster.save()
    assert judge(centre, a_trade(centre, shift, "give_up"), None).code == judging.UNKNOWN
    assert judge(centre, a_trade(centre, shift), bob).may_be


def test_a_rest_that_would_be_too_short_refuses_and_says_so(centre):
    """From midnight to nine o'clock are nine hours; eleven are the rest between shifts."""
    ada, bob = centre.person("Ada"), centre.person("Bob")
    centre.gives(bob, 0, centre.late)
    judged = judge(centre, a_trade(centre, centre.gives(ada, 1)), bob)
    assert judged.code == judging.BREAKS
    full = "Bob rests too shortly between two shifts, Tue 17 Mar: 9:00, allowed 11:00"
    assert said(centre, judged, bob) == full
    assert said(centre, judged, bob, reader=bob.pk) == full
    # Of the other one is told no more than that.
    assert said(centre, judged, bob, reader=ada.pk) == "It would break a rule of the other."


def test_what_was_broken_already_refuses_nothing(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    centre.gives(bob, 3, centre.late)
    centre.gives(bob, 4)
    assert judge(centre, a_trade(centre, centre.gives(ada, 0)), bob).may_be


def test_what_was_broken_already_and_would_be_further_refuses(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    centre.contract.most_week_minutes = 480
    centre.contract.save()
    centre.gives(bob, 2)
    centre.gives(bob, 4)
    judged = judge(centre, a_trade(centre, centre.gives(ada, 0)), bob)
    assert [one["rule"] for one in judged.facts["broken"]] == ["most_week_minutes"]
    assert judged.facts["broken"][0]["amount"] == 1440


def test_a_soft_rule_refuses_nothing(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    SiteRules.objects.update(weights={"rest_minutes": 50})
    centre.gives(bob, 0, centre.late)
    assert judge(centre, a_trade(centre, centre.gives(ada, 1)), bob).may_be


def test_the_giver_keeps_their_rules_too(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    centre.contract.fewest_week_minutes = 480
    centre.contract.save()
    centre.gives(bob, 1)
    judged = judge(centre, a_trade(centre, centre.gives(ada, 0)), bob)
    assert said(centre, judged, ada).startswith("Ada works too few hours in a week")


def test_what_is_to_stay_with_somebody_is_not_traded(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    judged = judge(centre, a_trade(centre, centre.gives(ada, is_fixed=True)), bob)
    assert [one["rule"] for one in judged.facts["broken"]] == ["fixed"]


def test_a_pair_that_works_together_is_not_parted(centre):
    from tests.scheduling.terms.builders import a_pairing

    ada, bob, cy = (centre.person(name) for name in ("Ada", "Bob", "Cy"))
    a_pairing(ada, cy)
    centre.gives(cy)
    judged = judge(centre, a_trade(centre, centre.gives(ada)), bob)
    assert {one["rule"] for one in judged.facts["broken"]} == {"pairing"}


def test_a_rule_of_all_together_is_held_too(centre):
    """Somebody new is there with one who is not: who gives up leaves them alone."""
    SiteRules.objects.update(mix=1, trade_short_hours=8)
    ada, new = centre.person("Ada"), centre.person("New")
    new.hired_on = MONDAY - DAY
    new.save()
    centre.gives(new)
    trade = a_trade(centre, centre.gives(ada), "give_up")
    judged = judge(centre, trade, None)
    assert [one["rule"] for one in judged.facts["broken"]] == ["mix"]
    assert "experienced" in said(centre, judged)


def test_who_works_on_the_day_already_takes_no_second_shift(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    centre.gives(bob, 0, centre.late)
    judged = judge(centre, a_trade(centre, centre.gives(ada)), bob)
    assert judged.code == judging.HAS_SHIFT
    assert said(centre, judged, bob) == "Bob has a shift on Mon 16 Mar already."
    assert said(centre, judged, reader=bob.pk) == "You have a shift on Mon 16 Mar already."


def test_a_shift_with_training_in_it_is_nobody_elses(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    shift = centre.gives(ada, activities=[TRAINING])
    assert judge(centre, a_trade(centre, shift), bob).code == judging.PARTS


def test_a_shift_that_was_changed_since_is_not_traded(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    shift = centre.gives(ada)
    trade = a_trade(centre, shift)
    shift.delete()
    assert judge(centre, trade, bob).code == judging.CHANGED


def test_it_ends_a_day_before_the_shift_to_the_second(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    trade = a_trade(centre, centre.gives(ada))
    # Monday, nine o'clock, less 24 hours.
    last = trade.until - timedelta(seconds=1)
    assert f"{trade.until:%a %H:%M}" == "Sun 09:00"
    assert judge(centre, trade, bob, last).may_be
    assert judge(centre, trade, bob, trade.until).code == judging.LATE


def test_an_absence_is_no_time_to_take_a_shift(centre):
    from tests.builders import a_leave

    ada, bob = centre.person("Ada"), centre.person("Bob")
    a_leave(bob, first_on=MONDAY, last_on=MONDAY)
    judged = judge(centre, a_trade(centre, centre.gives(ada)), bob)
    assert said(centre, judged, bob) == "Bob is away on Mon 16 Mar."
