"""Utilisation, shrinkage and calls per hour, of paid time and states of known days."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ccm.models import Agent, Call, Queue
from kpis import formulas, rollups
from kpis.declaration import PRIVATE
from kpis.models import KpiChoice
from kpis.passports import listing, passport
from kpis.passports.listing import ALL, NUMERATOR, Narrowed
from kpis.passports.passport import Scope
from kpis.reads import reading
from kpis.report import Question, answer
from kpis.sums.staff import Done, Paid, Worked
from tests import once
from tests.builders import (
    NINE,
    a_call,
    a_paid_time,
    a_queue,
    a_sale,
    a_site,
    a_team,
    a_user,
    an_agent,
)
from tests.kpis.test_presence import a_spell, at

DAY = NINE.date()
KPIS = (
    "utilisation:U1", "utilisation:U2", "shrinkage:sum", "shrinkage:product",
    "calls_per_hour:logged_in", "calls_per_hour:paid",
)  # fmt: skip


def test_parts_of_paid_time_add_up_or_take_from_what_the_others_leave():
    assert formulas.shrinkage_sum([0.2, 0.1]) == pytest.approx(0.3)
    assert formulas.shrinkage_product([0.2, 0.1]) == pytest.approx(0.28)
    assert formulas.shrinkage_sum([]) == formulas.shrinkage_product([]) == 0


@pytest.mark.parametrize("parts", [[1.1], [-0.1]])
def test_a_part_is_a_share(parts):
    for formula in (formulas.shrinkage_sum, formulas.shrinkage_product):
        with pytest.raises(ValueError, match="no share"):
            formula(parts)


def test_parts_that_share_the_time_are_no_more_than_it():
    with pytest.raises(ValueError, match="more than the whole"):
        formulas.shrinkage_sum([0.6, 0.5])


@given(st.lists(st.floats(0, 0.25), max_size=4))
def test_the_product_is_never_more_than_the_sum(parts):
    assert formulas.shrinkage_product(parts) <= formulas.shrinkage_sum(parts) + 1e-9


def test_twelve_in_ninety_minutes_are_eight_an_hour():
    assert formulas.per_hour(12, 90 * 60_000).value == 8
    assert formulas.per_hour(12, 0).value is None
    with pytest.raises(ValueError, match="negative"):
        formulas.per_hour(-1, 1)


def test_sums_of_days_add_up():
    assert Paid.sum([Paid(1, 2, paused={"a": 3}), Paid(10, 20, paused={"a": 4, "b": 5})]) == Paid(
        11, 22, paused={"a": 7, "b": 5}
    )
    some = Worked(1, 2, Done(1, 2, 3), Done(4), paid=Done(5), unpaid=Done(dials=6), nobodys=Done(7))
    assert Worked.sum([some, some, Worked()]) == Worked(
        2, 4, Done(2, 4, 6), Done(8), paid=Done(10), unpaid=Done(dials=12), nobodys=Done(14)
    )


def asked(site, kpis=KPIS, **more):
    (row,) = answer(Question(sites=[site], first=DAY, last=DAY, kpis=kpis, knows=PRIVATE, **more))
    return row.figures


def values(figures):
    return [one.value and round(one.value, 4) for one in figures.values()]


@once.fixture
def site():
    """Ann is paid for five hours: logged in 9:00 to 13:00, half an hour's training and half an
    hour's lunch in it, and an hour on calls: six of ten minutes. Ben is paid for three and ill."""
    queue = a_queue()
    ann, ben = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
    a_spell(ann, "logged_in", at(0), at(240))
    a_spell(ann, "paused", at(60), at(90), "Training")
    a_spell(ann, "paused", at(120), at(150), "Lunch")
    for number in range(6):
        a_call(queue, at(10 * number), wait=0, talk=600, agent=ann)
    a_paid_time(ann, day=DAY, minutes=300)
    a_paid_time(ben, day=DAY, minutes=180)
    rollups.rebuild()
    return queue.site


def test_a_day_of_eight_paid_hours(site):
    """Paid 480 minutes, logged in 240, handling 60, on queue 180. So U1 60/480, U2 240/480; absent
    60 of Ann's and 180 of Ben's, off the queue 60: shrinkage 240/480 + 60/480, or 1 - 1/2 x 7/8.
    Six calls in four hours, of eight paid."""
    figures = asked(site)
    assert values(figures) == [0.125, 0.5, 0.625, 0.5625, 1.5, 0.75]
    assert figures["shrinkage:sum"].n == 8 * 3600
    parts = {str(one.words): one.value / 60 for one in figures["shrinkage:sum"].made_of}
    assert parts == {
        "paid": 480, "logged in": 240, "handling": 60, "ringing": 0, "ready": 120, "Lunch": 30,
        "Training": 30, "paid and not logged in": 240, "paid and logged in, not on queue": 60,
    }  # fmt: skip


def test_training_can_be_productive(site):
    parameters = {"productive_pauses": "training, meeting"}
    KpiChoice.objects.create(kpi="utilisation", parameters=parameters, valid_from=DAY)
    assert values(asked(site, ["utilisation"])) == [0.1875]  # 90 of 480


def by_agent(site, kpis, **more):
    question = Question(sites=[site], first=DAY, last=DAY, by="agent", kpis=kpis, knows=PRIVATE)
    return answer(replace(question, **more))


def test_each_agent_has_the_own_and_so_has_who_was_paid_and_took_no_call(site):
    rows = by_agent(site, ["shrinkage", "utilisation"])
    told = [(row.name, *values(row.figures), row.figures["shrinkage"].n / 3600) for row in rows]
    assert told == [("Ann", 0.4, 0.2, 5), ("Ben", 1, 0, 3)]
    (ben,) = by_agent(site, ["shrinkage"], agents=[Agent.objects.get(name="Ben")])
    assert (values(ben.figures), ben.figures["shrinkage"].n) == ([1], 3 * 3600)


def test_who_was_paid_has_a_row_where_a_figure_of_it_is_asked_for_alone(site):
    assert [row.name for row in by_agent(site, ["answered", "aht", "csat"])] == ["Ann"]
    _ann, ben = by_agent(site, ["answered", "aht", "csat", "calls_per_hour:paid", "shrinkage"])
    assert (ben.name, *values(ben.figures)) == ("Ben", 0, None, None, 0, 1)


def test_who_was_logged_in_and_took_no_call_has_a_row_of_hours_without_calls(site):
    """Ann's six calls are of four hours of five that were logged in, by the hour 1.2."""
    a_spell(an_agent(site, "Cid"), "logged_in", at(0), at(60))
    rollups.rebuild()
    kpi = "calls_per_hour:logged_in"
    assert values(asked(site, [kpi])) == [1.2]
    rows = {row.name: row.figures[kpi] for row in by_agent(site, [kpi])}
    assert {name: (one.value, one.reason) for name, one in rows.items()} == {
        "Ann": (1.5, ""),
        "Ben": (None, "nobody's hours are known"),
        "Cid": (0, ""),
    }
    hours = {str(one.made_of[1].words): 0 for one in rows.values()}
    for one in rows.values():
        hours[str(one.made_of[1].words)] += one.made_of[1].value / 3600
    assert hours == {"hours of their agents": 5}


def test_who_took_no_call_sold_nothing_in_a_row_as_when_asked_for_alone(site):
    """Ann sold for 200 in five paid hours, Ben for nothing in three."""
    a_sale(site, call=Call.objects.first(), call_ref="1", agent=None, value=200)
    kpis = ["revenue:total", "revenue:per_paid_hour"]
    assert [(row.name, *values(row.figures)) for row in by_agent(site, kpis)] == [
        ("Ann", 200, 40),
        ("Ben", 0, 0),
    ]
    (ben,) = by_agent(site, kpis, agents=[Agent.objects.get(name="Ben")])
    assert values(ben.figures) == [0, 0]


def test_by_agent_and_day_who_was_paid_has_the_days_that_are_on_record(site):
    ben = Agent.objects.get(name="Ben")
    for after in (-1, 1, 2):
        a_paid_time(ben, day=DAY + timedelta(days=after), minutes=60)
    a_call(Queue.objects.get(), NINE + timedelta(days=1), agent=Agent.objects.get(name="Ann"))
    rollups.rebuild()
    span = {"first": DAY - timedelta(days=1), "last": DAY + timedelta(days=2)}
    rows = by_agent(site, ["shrinkage"], across="day", records=reading.records([site.pk]), **span)
    told = {(row.name, row.column[-2:]): row.figures["shrinkage"].value for row in rows}
    days = [f"{(DAY + timedelta(days=after)).day:02}" for after in (0, 1)]
    assert {key: value for key, value in told.items() if key[0] == "Ben"} == {
        ("Ben", days[0]): 1,
        ("Ben", days[1]): None,
    }
    assert {day for _name, day in told} == {*days}


def test_a_site_whose_people_took_no_call_has_a_row_of_what_they_were_paid(site):
    other = a_site("Other")
    a_spell(an_agent(other, "Dan"), "logged_in", at(0), at(60))
    a_paid_time(Agent.objects.get(name="Dan"), day=DAY, minutes=120)
    Agent.objects.update(hired_on=DAY - timedelta(days=100))
    rollups.rebuild()
    rows = by_agent(site, ["shrinkage", "turnover:T1"], by="site", sites=[site, other])
    assert {row.name: values(row.figures) for row in rows} == {
        site.name: [0.625, 0],
        "Other": [0.5, 0],
    }
    assert [row.name for row in by_agent(site, ["aht"], by="site", sites=[site, other])] == [
        site.name
    ]


def test_nobodys_paid_time_is_no_value_and_says_so(db):
    queue = a_queue()
    ann = an_agent(queue.site, "Ann")
    a_spell(ann, "logged_in", at(0), at(60))
    a_call(queue, agent=ann)
    rollups.rebuild()
    figures = asked(queue.site)
    assert values(figures) == [None, None, None, None, 1, None]
    assert figures["shrinkage:sum"].reason == "no paid time is known"
    assert [tuple(map(str, one[:2])) for one in figures["shrinkage:sum"].left_out] == [
        ("day of an agent of which nobody tells what was paid", "1")
    ]


def test_a_paid_day_on_which_only_calls_tell_of_the_agent_is_left_out(site):
    queue = a_queue(site)
    cid = an_agent(site, "Cid")
    a_call(queue, agent=cid)
    a_paid_time(cid, day=DAY, minutes=600)
    rollups.rebuild()
    figures = asked(site)
    assert values(figures)[:5] == [0.125, 0.5, 0.625, 0.5625, 1.5]
    assert values(figures)[5] == round(7 / 18, 4)
    assert figures["utilisation:U1"].left_out[0].n == 1
    assert figures["calls_per_hour:logged_in"].left_out[0].n == 1


def test_more_worked_than_paid_is_no_negative_shrinkage(db):
    queue = a_queue()
    ann = an_agent(queue.site)
    a_spell(ann, "logged_in", at(0), at(120))
    a_call(queue, agent=ann)
    a_paid_time(ann, day=DAY, minutes=60)
    rollups.rebuild()
    figures = asked(queue.site)
    assert (figures["shrinkage:sum"].value, figures["utilisation:U2"].value) == (0, 2)


def test_of_a_queue_nobodys_hours_are_told(site):
    figures = asked(site, queues=[a_queue(site)])
    assert values(figures) == [None] * 6


def test_a_team_has_the_hours_of_who_was_in_it_on_each_day(site, client):
    """Ann and Ben are Red on the first day; on the second Ann is Blue, paid for two hours of which
    she is logged in for one and talks for half an hour."""
    ann, ben = Agent.objects.get(name="Ann"), Agent.objects.get(name="Ben")
    red, blue = a_team(site), a_team(site)
    next_day = DAY + timedelta(days=1)
    ann.memberships.create(team=red, starts_on=DAY, ends_on=next_day)
    ann.memberships.create(team=blue, starts_on=next_day)
    ben.memberships.create(team=red, starts_on=DAY)
    a_spell(ann, "logged_in", at(24 * 60), at(25 * 60))
    a_call(Queue.objects.get(), at(24 * 60), wait=0, talk=1800, agent=ann)
    a_paid_time(ann, day=next_day, minutes=120)
    rollups.rebuild()
    kpis = ["utilisation:U1", "utilisation:U2", "shrinkage:sum"]
    asked = {"sites": [site], "first": DAY, "last": next_day, "kpis": kpis}
    # Red's are those of the house on the first day; Blue's 30 and 60 of 120, 60 of 120 absent.
    found = {red: [0.125, 0.5, 0.625], blue: [0.25, 0.5, 0.5]}
    rows = answer(Question(**asked, by="team"))
    assert {row.id: values(row.figures) for row in rows} == {
        team.pk: told for team, told in found.items()
    }
    rows = answer(Question(**asked, by="day", across="team"))
    assert {row.column_id: values(row.figures) for row in rows} == {
        team.pk: told for team, told in found.items()
    }
    client.force_login(a_user("manager", site))
    for team, told in found.items():
        (row,) = answer(Question(**asked, only={"team": [team.pk]}))
        assert values(row.figures) == told
        for kpi, value in zip(kpis, told, strict=True):
            about = {"kpi": kpi, "site": site.slug, "from": DAY, "to": next_day}
            page = client.get(reverse("passport"), about | {"only": f"team:{team.pk}"})
            assert page.context["passport"]["value"] == value


def test_revenue_per_paid_hour_needs_what_everybody_was_paid(site):
    a_sale(site, call_ref="", agent=an_agent(site), sold_on=DAY, value=200)
    assert values(asked(site, ["revenue:per_paid_hour"])) == [25]
    a_spell(an_agent(site, "Dan"), "logged_in", at(0), at(60))
    rollups.rebuild()
    one = asked(site, ["revenue:per_paid_hour"])["revenue:per_paid_hour"]
    assert (one.value, one.reason) == (
        None,
        "not of everybody who was there is it told what was paid",
    )


@pytest.mark.parametrize("kpi", ["shrinkage", "calls_per_hour"])
def test_paid_time_is_read_in_one_query(site, django_assert_num_queries, kpi):
    with django_assert_num_queries(4):  # counts, paid time, choices, targets
        asked(site, [kpi])


def test_days_of_other_spans_do_not_count(site):
    (row,) = answer(
        Question(sites=[site], first=DAY - timedelta(days=9), last=DAY - timedelta(days=1),
                 kpis=KPIS)
    )  # fmt: skip
    assert values(row.figures) == [None] * 6


HOURLY = [
    f"{kpi}:{hours}"
    for kpi in ("calls_per_hour", "contacts_per_hour", "dials_per_hour", "conversations_per_hour")
    for hours in ("logged_in", "paid")
]


def a_dial(queue, minute, talk=None, **more):
    answered = {} if talk is None else {"outcome": "answered", "wait": 5, "talk": talk}
    lost = {"outcome": "timed_out", "wait": 30, "talk": None}
    return a_call(queue, at(minute), direction="outbound", **(answered or lost), **more)


@pytest.fixture
def dialled(site):
    """Ann, four hours logged in and five paid, with her six calls also dials eight times: four are
    answered, three of them with half a minute of talk and more, one of unknown talk."""
    queue, ann = Queue.objects.get(), Agent.objects.get(name="Ann")
    for minute, talk in ((160, 30), (165, 29.9), (170, 600), (190, 31)):
        a_dial(queue, minute, talk, agent=ann)
    a_dial(queue, 200, 1, agent=ann, talk_ms=None)
    for minute in (210, 215, 220):
        a_dial(queue, minute, agent=ann)
    rollups.rebuild()
    return queue


def test_calls_contacts_dials_and_conversations_in_an_hour(dialled):
    """Six answered, eight dials, three conversations: over 4 hours logged in, over 8 paid, Ben's
    three among them."""
    figures = asked(dialled.site, HOURLY)
    assert values(figures) == [1.5, 0.75, 1.5, 0.75, 2, 1, 0.75, 0.375]
    talks = figures["conversations_per_hour:logged_in"]
    assert [tuple(map(str, one[:2])) for one in talks.left_out] == [
        ("answered, their talk not known", "1")
    ]
    assert (talks.n, talks.of) == (3, "conversations")
    assert [part.value for part in talks.made_of] == [3, 4 * 3600]
    ann, ben = by_agent(dialled.site, HOURLY)
    assert values(ben.figures) == [None, 0] * 4
    assert values(ann.figures) == [1.5, 1.2, 1.5, 1.2, 2, 1.6, 0.75, 0.6]


def test_how_long_a_conversation_is_can_be_chosen(dialled):
    parameters = {"conversation_seconds": 31}
    KpiChoice.objects.create(kpi="conversations_per_hour", parameters=parameters, valid_from=DAY)
    assert values(asked(dialled.site, ["conversations_per_hour"])) == [0.5]


def test_what_is_done_in_hours_that_are_not_known_leaves_both_sides(dialled):
    """Cid answers once and dials twice, and no state tells when; one dial is of nobody."""
    cid = an_agent(dialled.site, "Cid")
    a_call(dialled, at(40), agent=cid)
    a_dial(dialled, 50, 60, agent=cid)
    a_dial(dialled, 55, agent=cid)
    a_dial(dialled, 56, 60)
    rollups.rebuild()
    figures = asked(dialled.site, HOURLY)
    assert values(figures) == [1.5, 0.75, None, None, 2, 1, 0.75, 0.375]
    assert [n for _words, n, *_ in figures["dials_per_hour:logged_in"].left_out] == [2, 1]
    assert [n for _words, n, *_ in figures["dials_per_hour:paid"].left_out] == [2, 1]
    assert [n for _words, n, *_ in figures["conversations_per_hour:paid"].left_out] == [1, 1, 1]
    untold = figures["contacts_per_hour:logged_in"]
    assert untold.reason == "not of everybody who answered are the hours known"


def test_a_contact_of_two_visits_is_one(site):
    """Ann's first call goes on to herself on another queue: seven visits, six contacts."""
    queue, ann = a_queue(site), Agent.objects.get(name="Ann")
    first = Call.objects.order_by("offered_at")[0]
    Call.objects.filter(pk=first.pk).update(transfer_kind="blind")
    a_call(queue, at(65), wait=0, talk=60, agent=ann, linked_id=first.linked_id)
    rollups.rebuild()
    assert values(asked(site, HOURLY[:4])) == [1.75, 0.875, 1.5, 0.75]


def test_as_many_calls_are_behind_a_rate_per_hour_as_it_counted(dialled):
    """Cid answers once and dials twice, and no state and no list tells when; a call in and two out
    are of nobody, one of whom was reached."""
    site, cid = dialled.site, an_agent(dialled.site, "Cid")
    a_call(dialled, at(40), agent=cid)
    a_dial(dialled, 50, 60, agent=cid)
    a_dial(dialled, 55, agent=cid)
    a_call(dialled, at(57))
    a_dial(dialled, 58, 60)
    a_dial(dialled, 59)
    rollups.rebuild()
    reader = a_user("admin")
    expected = {"calls": (6, 1, 1), "dials": (8, 2, 2), "conversations": (3, 1, 1)}
    for kpi in HOURLY:
        for agent, whole in ((None, True), (Agent.objects.get(name="Ann"), False)):
            made = passport.issue(kpi, Scope(site, DAY, DAY, agent=agent))
            found = listing.page(made, reader, Narrowed(), 0, 99)
            listed = [found.on(ALL, frozenset(one.reasons)) for one in made.figure.left_out[:2]]
            told = (found.on(NUMERATOR), *listed)
            name = kpi.partition("_")[0]
            if name == "contacts":
                assert found.on(NUMERATOR) == (8 if whole else made.figure.n)
            elif whole:
                assert told == (made.figure.n, *(one.n for one in made.figure.left_out[:2]))
                assert told == expected[name]
            else:
                assert told[0] == made.figure.n == expected[name][0]


def test_no_calls_are_behind_a_rate_per_hour_where_nobodys_hours_are_told(dialled):
    for kpi in HOURLY:
        made = passport.issue(kpi, Scope(dialled.site, DAY, DAY, dialled))
        assert listing.sides_of(made) == ()


def test_the_passport_of_paid_time_lists_whose_it_is(site, client):
    """Ann's five hours, Ben's three, and ten of Cid's of which nobody knows what was worked."""
    cid = an_agent(site, "Cid")
    a_call(Queue.objects.get(), agent=cid)
    a_paid_time(cid, day=DAY, minutes=600)
    rollups.rebuild()
    client.force_login(a_user("manager", site))

    def listed(kpi, **more):
        asked = {"kpi": kpi, "from": DAY, "to": DAY, "site": site.slug} | more
        page = client.get(reverse("passport"), asked)
        return page, [
            (one["of"], *(one[name] / 3600 for name in parts))
            for one in page.context["passport"]["paid_times"]
        ]

    parts = ("paid", "productive", "logged_in", "absent", "off_queue", "untold")
    for kpi in ("utilisation", "utilisation:U2", "shrinkage", "shrinkage:product"):
        page, rows = listed(kpi)
        assert rows == [
            ("Cid", 0, 0, 0, 0, 0, 10),
            ("Ann", 5, 1, 4, 1, 1, 0),
            ("Ben", 3, 0, 0, 3, 0, 0),
        ]
        assert "The paid time behind it" in page.content.decode()
    assert sum(one[1] for one in rows) * 3600 == asked(site)["shrinkage:sum"].n
    _page, of_ben = listed("shrinkage", agent=Agent.objects.get(name="Ben").pk)
    assert of_ben == [(f"{DAY:%-d %b %Y}", 3, 0, 0, 3, 0, 0)]
    supervisor = a_user("supervisor", site)
    a_team(site, supervisor, Agent.objects.get(name="Ben"))
    client.force_login(supervisor)
    page, rows = listed("shrinkage")
    assert [one[0] for one in rows] == ["Ben"]
    assert "Listed are the agents whom you may see" in page.content.decode()
