"""Who bore what of what there was to bear, by examples that a reader can work out."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from scheduling.fairness import (
    Asked,
    Burden,
    Given,
    Member,
    burdens_of,
    ledger,
    own,
    prices,
    quartiles,
)
from scheduling.shifts import Problem, Shape
from scheduling.shifts.days import days_of

FIRST = date(2026, 3, 2)  # a Monday
LAST = FIRST + timedelta(days=27)
NIGHTS = frozenset({Burden.NIGHT})


def a_night(person, day=0, wished=False, **more):
    """A night from 22:00 to 06:00 that begins on a day of the period."""
    begin = datetime.combine(FIRST + timedelta(days=day), time(22))
    told = Given(person, begin.date(), begin, begin + timedelta(hours=8), NIGHTS, wished=wished)
    return replace(told, **more)


def nights(*people, **more):
    """One night a day, in this order."""
    return [a_night(person, day, **more) for day, person in enumerate(people)]


def of_nights(members, given, **more):
    return ledger(members, given, first=FIRST, last=LAST, **more).accounts[Burden.NIGHT]


def price(members, given, unit=60):
    book = ledger(members, given, first=FIRST, last=LAST)
    return {person: of["night"] for person, of in prices(book, unit).items()}


def test_half_time_with_half_the_nights_is_as_fair_as_full_time():
    # Six nights; Full could have borne six, Half counts for three of them: four and two are fair.
    members = [Member("full"), Member("half", share=0.5)]
    given = nights("full", "full", "half", "full", "half", "full")
    account = of_nights(members, given)
    full, half = account.lines["full"], account.lines["half"]
    assert (full.burden, full.eligible, half.burden, half.eligible) == (4, 6.0, 2, 3.0)
    assert full.ratio == half.ratio == account.fair == pytest.approx(2 / 3)
    assert (full.expected, half.expected) == (pytest.approx(4), pytest.approx(2))
    assert price(members, given) == {"full": 60, "half": 60}


def test_who_was_away_had_no_opportunity():
    # Bo was on leave for the first two of four nights: two opportunities to Al's four.
    away = (datetime(2026, 3, 2), datetime(2026, 3, 4))
    account = of_nights(
        [Member("al"), Member("bo", closed=(away,))], nights("al", "al", "al", "bo")
    )
    # The night of 3 March goes on into the 4th, but begins within the leave.
    assert account.lines["bo"].eligible == 2.0
    assert (account.lines["al"].ratio, account.lines["bo"].ratio) == (0.75, 0.5)
    assert account.lines["bo"].expected == pytest.approx(4 * 2 / 6)


def test_leave_that_ends_as_the_night_begins_leaves_it_open():
    edge = (datetime(2026, 3, 1), datetime(2026, 3, 2, 22))
    account = of_nights([Member("al"), Member("bo", closed=(edge,))], [a_night("al")])
    assert account.lines["bo"].eligible == 1.0


def test_an_opportunity_takes_the_skill_and_the_template():
    members = [
        Member("al", skills=frozenset({"sales", "help"})),
        Member("bo", skills=frozenset({"help"})),
        Member("cy", skills=frozenset({"help"}), templates=frozenset({"day"})),
    ]
    given = [
        a_night("al", 0, skills=frozenset({"sales"}), template="night"),
        a_night("bo", 1, skills=frozenset({"help"}), template="night"),
    ]
    lines = of_nights(members, given).lines
    assert [lines[one].eligible for one in ("al", "bo", "cy")] == [2.0, 1.0, 0.0]
    assert lines["cy"].ratio is None
    assert lines["cy"].expected == 0


def test_who_cannot_work_nights_is_charged_for_none_but_for_weekends():
    members = [Member("al"), Member("bo", cannot=NIGHTS)]
    given = [
        a_night("al"),
        a_night("bo", 5, burdens=frozenset({Burden.WEEKEND})),
        a_night("al", 6, burdens=frozenset({Burden.WEEKEND})),
    ]
    book = ledger(members, given, first=FIRST, last=LAST)
    line = book.accounts[Burden.NIGHT].lines["bo"]
    assert (line.burden, line.eligible, line.ratio, line.expected, line.standing) == (
        0, 0.0, None, 0.0, None,
    )  # fmt: skip
    assert prices(book, 60)["bo"] == {
        "night": 0, "weekend": 60, "late": 60, "split": 60, "holiday": 60,
    }  # fmt: skip
    # Nor before anything was given out.
    empty = ledger(members, [], first=FIRST, last=LAST)
    assert prices(empty, 60)["bo"]["night"] == 0
    assert prices(empty, 60)["al"]["night"] == 60


def test_what_was_wished_for_is_nobodys_burden_and_nobodys_opportunity():
    given = [*nights("al", "bo"), a_night("bo", 2, wished=True), a_night("bo", 3, wished=True)]
    account = of_nights([Member("al"), Member("bo")], given)
    assert account.given == 2
    line = account.lines["bo"]
    assert (line.burden, line.wished, line.eligible) == (1, 2, 2.0)
    assert account.lines["al"].eligible == 2.0


def test_who_worked_a_shift_could_whatever_the_records_say():
    leave = (datetime(2026, 3, 2), datetime(2026, 3, 30))
    lines = of_nights([Member("al"), Member("bo", closed=(leave,))], nights("bo", "al")).lines
    assert (lines["bo"].burden, lines["bo"].eligible) == (1, 1.0)
    assert lines["al"].eligible == 2.0


def test_a_contract_that_changes_counts_from_its_day():
    member = Member("al", share=1.0, shares=((FIRST + timedelta(days=2), 0.5),))
    lines = of_nights([member, Member("bo")], nights("bo", "bo", "bo", "bo")).lines
    assert lines["al"].eligible == 1 + 1 + 0.5 + 0.5


# Three who bore 1, 2 and 3 of six nights: ratios of 1/6, 2/6 and 3/6, median and fair 1/3.
THREE = [Member("a"), Member("b"), Member("c")]
SIX = nights("a", "b", "b", "c", "c", "c")


def test_new_people_stand_at_the_median_on_their_first_day():
    newcomer = Member("new", since=FIRST + timedelta(days=6))
    account = of_nights([*THREE, newcomer], SIX)
    line = account.lines["new"]
    assert (line.ratio, line.eligible, line.missed) == (None, 0.0, 6.0)
    assert line.standing == pytest.approx(1 / 3) == account.lines["b"].standing
    charged = price([*THREE, newcomer], SIX)
    assert charged == {"a": 30, "b": 60, "c": 90, "new": 60}


def test_new_people_go_from_the_median_to_their_own():
    # They came after three of the six nights and worked one of the others: one, and a third (the
    # median) of each of the three they missed, is two of six.
    newcomer = Member("new", since=FIRST + timedelta(days=3))
    given = nights("a", "b", "c", "new", "b", "c")
    account = of_nights([*THREE, newcomer], given)
    # 1/6, 2/6, 2/6 and 1/3.
    assert account.median == pytest.approx(1 / 3)
    line = account.lines["new"]
    assert (line.ratio, line.missed) == (pytest.approx(1 / 3), 3.0)
    assert line.standing == pytest.approx(2 / 6)
    # Had it been somebody else's, they would stand halfway between nothing and the median.
    without = of_nights([*THREE, newcomer], nights("a", "b", "c", "b", "b", "c"))
    assert without.lines["new"].ratio == 0
    # 0, 1/6, 2/6 and 3/6: the median is a quarter.
    assert without.lines["new"].standing == pytest.approx(0.125)


def test_who_was_away_all_the_while_comes_back_at_the_median():
    back = Member("d", closed=((datetime(2026, 3, 1), datetime(2026, 4, 1)),))
    line = of_nights([*THREE, back], SIX).lines["d"]
    assert line.ratio is None
    assert line.standing == pytest.approx(1 / 3)


def test_who_has_left_has_no_opportunities_after():
    lines = of_nights([*THREE, Member("d", until=FIRST + timedelta(days=1))], SIX).lines
    assert (lines["d"].eligible, lines["d"].missed) == (2.0, 0.0)


def test_other_days_and_other_people_are_left_out():
    account = of_nights(THREE, [*SIX, a_night("a", -1), a_night("a", 28), a_night("somebody", 3)])
    assert account.given == 6
    assert account.lines["a"].eligible == 6.0


def test_one_shift_may_be_several_burdens():
    both = a_night("a", 4, burdens=frozenset({Burden.NIGHT, Burden.HOLIDAY}))
    accounts = ledger(THREE, [both], first=FIRST, last=LAST).accounts
    assert {one.value for one in Burden if accounts[one].given} == {"night", "holiday"}


def test_refusals_are_told_with_their_rule():
    asked = [
        Asked("a", FIRST),
        Asked("a", FIRST, "rest between shifts"),
        Asked("a", FIRST, "cover"),
        Asked("a", FIRST, "cover"),
        Asked("a", FIRST - timedelta(days=1), "cover"),
        Asked("somebody", FIRST, "cover"),
    ]
    book = ledger(THREE, SIX, asked, first=FIRST, last=LAST)
    a, b = book.refusals["a"], book.refusals["b"]
    assert (a.asked, a.refused, a.ratio) == (4, 3, 0.75)
    assert a.rules == {"cover": 2, "rest between shifts": 1}
    assert (b.asked, b.refused, b.ratio) == (0, 0, None)


def test_a_group_of_four_has_no_distribution_and_one_of_five_has():
    four = [*THREE, Member("d")]
    assert quartiles(of_nights(four, SIX)) is None
    # Ratios 0, 0, 1/6, 2/6, 3/6: of five, the second, the third and the fourth.
    told = quartiles(of_nights([*four, Member("e")], SIX))
    assert told.people == 5
    assert (told.lower, told.middle, told.upper) == (0, pytest.approx(1 / 6), pytest.approx(1 / 3))
    # The fifth has no ratio: four are told of.
    assert quartiles(of_nights([*four, Member("e", cannot=NIGHTS)], SIX)) is None


def test_an_agent_sees_their_own_and_nothing_of_four_others():
    seen, refused = own(ledger([*THREE, Member("d")], SIX, first=FIRST, last=LAST), "c")
    line = seen[Burden.NIGHT]
    assert (line.burden, line.wished, line.eligible, line.ratio) == (3, 0, 6.0, 0.5)
    assert line.group is None
    assert not {"expected", "standing", "median", "fair"} & set(type(line).__slots__)
    assert refused.asked == 0
    with pytest.raises(KeyError):
        own(ledger(THREE, SIX, first=FIRST, last=LAST), "somebody")


def test_prices_have_a_ceiling():
    book = ledger(THREE, SIX, first=FIRST, last=LAST)
    assert {who: of["night"] for who, of in prices(book, 60, most=80).items()} == {
        "a": 30, "b": 60, "c": 80,
    }  # fmt: skip
    with pytest.raises(ValueError, match="from 0 to 50"):
        prices(book, 60, most=50)


def test_contradictions_are_refused():
    with pytest.raises(ValueError, match="two members have one id"):
        of_nights([Member("a"), Member("a")], [])
    with pytest.raises(ValueError, match="a contracted share is above 0"):
        Member("a", share=0)
    with pytest.raises(ValueError, match="a contracted share is above 0"):
        Member("a", shares=((FIRST, -0.5),))
    with pytest.raises(ValueError, match="ends on"):
        ledger([], [], first=LAST, last=FIRST)


def test_shapes_say_what_of_a_burden_they_are():
    days = days_of(date(2026, 3, 6), 3, holidays=[date(2026, 3, 8)])  # Friday to Sunday
    night = Shape("night", 22 * 60, ((0, 480),))
    late = Shape("late", 14 * 60, ((0, 480),))
    split = Shape("split", 8 * 60, ((0, 240), (480, 720)))
    problem = Problem(days, (night, late, split), ())
    assert burdens_of(problem, 0, night) == {Burden.NIGHT}
    assert burdens_of(problem, 1, late) == {Burden.WEEKEND, Burden.LATE}
    assert burdens_of(problem, 2, split) == {Burden.WEEKEND, Burden.HOLIDAY, Burden.SPLIT}


def periods():
    """Groups, some new, at part time or kept from nights, and nights that were given to them."""
    member = st.tuples(
        st.sampled_from([0.25, 0.5, 0.8, 1.0]),
        st.none() | st.integers(0, 30),
        st.booleans(),
    )
    night = st.tuples(st.integers(0, 5), st.integers(0, 27), st.booleans())
    return st.tuples(st.lists(member, min_size=6, max_size=6), st.lists(night, max_size=40))


def built(period):
    people, given = period
    members = [
        Member(
            str(n),
            share=share,
            since=None if since is None else FIRST + timedelta(days=since),
            cannot=NIGHTS if kept else frozenset(),
        )
        for n, (share, since, kept) in enumerate(people)
    ]
    return members, [a_night(str(who), day, wished) for who, day, wished in given]


@settings(deadline=None)
@drawn(periods())
def test_fair_shares_add_up_to_the_burdens_given(period):
    account = of_nights(*built(period))
    assert sum(line.expected for line in account.lines.values()) == pytest.approx(account.given)
    assert sum(line.burden for line in account.lines.values()) == account.given


@settings(deadline=None)
@drawn(periods())
def test_who_stands_higher_pays_no_less(period):
    members, given = built(period)
    charged = price(members, given)
    standing = {
        who: line.standing
        for who, line in of_nights(members, given).lines.items()
        if line.standing is not None
    }
    order = sorted(standing, key=standing.__getitem__)
    told = [charged[who] for who in order]
    assert told == sorted(told)
    assert min(charged.values()) >= 0


@settings(deadline=None)
@drawn(periods(), st.integers(2, 3))
def test_twice_as_much_for_everybody_changes_no_ratio_and_no_price(period, times):
    members, given = built(period)
    once, more = of_nights(members, given), of_nights(members, given * times)
    assert [line.ratio for line in more.lines.values()] == pytest.approx(
        [line.ratio for line in once.lines.values()]
    )
    # A share between two whole prices may be rounded either way.
    before, after = price(members, given), price(members, given * times)
    assert all(abs(before[who] - after[who]) <= 1 for who in before)


@settings(deadline=None)
@drawn(periods())
def test_half_the_hours_for_everybody_changes_no_fair_share(period):
    members, given = built(period)
    halved = [replace(one, share=one.share / 2) for one in members]
    assert [line.expected for line in of_nights(halved, given).lines.values()] == pytest.approx(
        [line.expected for line in of_nights(members, given).lines.values()]
    )


def test_buying_by_price_evens_the_ratios():
    # Nobody, then one night after another to whoever is cheapest; Half counts for half.
    members = [Member("full"), Member("half", share=0.5), Member("other")]
    bought = nights("full", "full", "full", "full")
    for day in range(4, 25):
        charged = price(members, bought, unit=1000)
        bought.append(a_night(min(charged, key=charged.__getitem__), day))
    # 25 nights, two and a half people: ten, five and ten.
    burdens = {who: line.burden for who, line in of_nights(members, bought).lines.items()}
    assert burdens == {"full": 10, "half": 5, "other": 10}
