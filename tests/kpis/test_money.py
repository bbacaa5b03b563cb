"""What calls cost, of lists of costs and calls on known days."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from ccm.access import AGENT, MANAGER, PLANNER, QA_ANALYST, SUPERVISOR
from ccm.identity import id_floor
from ccm.models import Call, Site, SurveyResponse, Topic
from kpis import formulas, rollups
from kpis.declaration import PRIVATE
from kpis.definitions import KPIS, passport
from kpis.measures import money
from kpis.models import KpiChoice
from kpis.parameters import Parameters
from kpis.report import Question, answer
from kpis.sums.counts import Counts
from kpis.sums.money import Spent
from tests.builders import (
    a_call,
    a_cost,
    a_paid_time,
    a_queue,
    a_sale,
    a_site,
    a_team,
    a_user,
    an_agent,
)

JANUARY, END = date(2026, 1, 1), date(2026, 1, 31)
DAY = timedelta(days=1)


def calls_on(queue, days, n=1, **more):
    for day in days:
        for _ in range(n):
            a_call(queue, datetime(2026, 1, day, 12, tzinfo=UTC), **more)


def asked(site, first=JANUARY, last=END, kpis=("cost_per_call",), knows=PRIVATE, **more):
    (row,) = answer(Question(sites=[site], first=first, last=last, kpis=kpis, knows=knows, **more))
    return next(iter(row.figures.values()))


def told(one):
    return (one.value, one.currency, one.n, one.reason)


def test_an_amount_over_how_many():
    assert formulas.money_per(Decimal(120), 48).value == 2.5
    assert formulas.money_per(Decimal(-3), 2).value == -1.5
    assert formulas.money_per(Decimal(120), 0).value is None
    with pytest.raises(ValueError, match="no number"):
        formulas.money_per(Decimal(1), -1)


def test_spans_add_up_by_kind_and_days():
    days = [(1, JANUARY + one * DAY) for one in range(3)]
    first = Spent({("Rent", "EUR"): Decimal(5)}, {"Rent": frozenset(days[:1])}, frozenset(days))
    second = Spent({("Rent", "EUR"): Decimal(7)}, {"Rent": frozenset(days[1:2])})
    both = Spent.sum([first, second])
    assert (both.total, both.currencies, both.missing) == (12, ["EUR"], 1)


def test_a_figure_of_costs_in_two_currencies_says_so():
    spent = Spent({("Rent", "EUR"): Decimal(5), ("Wages", "GBP"): Decimal(7)})
    value = money.cost_per("answered")(Counts(answered=2, costs=spent), Parameters())
    assert (value.value, str(value.reason)) == (
        None,
        "it is in several currencies, and nothing is converted",
    )
    assert [part.currency for part in value.made_of] == ["GBP", "EUR"]


def test_the_passport_says_which_kinds_count():
    kpi = KPIS["cost_per_call"]
    words = passport(kpi, kpi.default, Parameters(cost_kinds="Salaries,  Bonus "))
    assert words == "Costs of the days ÷ answered; only costs of these kinds: Salaries, Bonus"


@pytest.mark.django_db
class TestOfTheRecord:
    def test_a_cost_is_of_its_days_in_equal_parts(self):
        """Rent 310 and wages 620 of January, 30 a day. On ten days two calls each are answered and
        one is given up: ten days cost 300, 15 an answered call and 10 each of all."""
        queue = a_queue()
        calls_on(queue, range(1, 32), n=2)
        calls_on(queue, range(1, 32), outcome="abandoned")
        rollups.rebuild()
        a_cost(queue.site, kind="Rent", amount=310)
        a_cost(queue.site, kind="Wages", amount=620, agent=an_agent(queue.site))
        tenth = JANUARY + 9 * DAY
        assert told(asked(queue.site, last=tenth)) == (15, "GBP", 20, "")
        assert told(asked(queue.site, last=tenth, kpis=["cost_per_call:contacts"]))[0] == 10
        assert told(asked(queue.site)) == (15, "GBP", 62, "")
        assert [(str(one.words), one.value) for one in asked(queue.site).made_of] == [
            ("Wages", 620),
            ("Rent", 310),
        ]

    def test_a_day_with_answers_to_surveys_alone_is_none_with_calls(self):
        """30 for the 1st to the 3rd of January, the 1st and 2nd of which have a call: 10 a day, and
        what is spent on the 3rd is of no call yet. Rent ended before, and the 3rd lacks none."""
        queue = a_queue()
        calls_on(queue, [1, 2])
        noon = datetime(2026, 1, 3, 12, tzinfo=UTC)
        SurveyResponse.objects.create(
            id=id_floor(noon), site=queue.site, queue=queue, kind="csat", source="test", score=4,
            scale_min=1, scale_max=5, answered_at=noon,
        )  # fmt: skip
        rollups.rebuild()
        third = JANUARY + 2 * DAY
        a_cost(queue.site, kind="Wages", amount=30, last_on=third)
        a_cost(queue.site, kind="Rent", amount=8, last_on=third - DAY)
        assert told(asked(queue.site, last=third)) == ((20 + 8) / 2, "GBP", 2, "")

    def test_of_the_resolved_alone_where_it_is_known(self):
        queue = a_queue()
        calls_on(queue, [1], n=3)
        rollups.rebuild()
        a_cost(queue.site, last_on=JANUARY, amount=12)
        one = asked(queue.site, kpis=["cost_per_call:resolved"])
        assert told(one)[:1] == (None,)
        assert one.reason == "of no call is it known whether it was resolved"
        calls_on(queue, [1], n=2, resolved=True)
        calls_on(queue, [1], resolved=False)
        rollups.rebuild()
        one = asked(queue.site, kpis=["cost_per_call:resolved"])
        assert told(one) == (6, "GBP", 2, "")
        assert [(str(words), n) for words, n, *_ in one.left_out] == [
            ("answered, not known whether resolved", 3)
        ]

    def test_a_day_with_calls_and_without_costs_leaves_the_sum_unknown(self):
        """Calls on the 1st, 2nd and 5th; costs of the 1st to the 3rd. The 4th has neither."""
        queue = a_queue()
        calls_on(queue, [1, 2, 5])
        rollups.rebuild()
        a_cost(queue.site, last_on=JANUARY + 2 * DAY, amount=9)
        one = asked(queue.site)
        assert told(one) == (None, "", 0, "not every day with calls has its costs")
        assert [(str(words), n) for words, n, *_ in one.left_out] == [
            ("day with calls and without costs", 1)
        ]
        assert told(asked(queue.site, last=JANUARY + 3 * DAY)) == (4.5, "GBP", 2, "")

    def test_a_day_whose_calls_all_go_on_from_the_day_before_is_one_with_calls(self):
        """A caller of the 1st is put through once more on the 2nd, of which no cost is told: what
        the contact cost nobody knows. A call out alone makes such a day too."""
        queue = a_queue()
        calls_on(queue, [1, 2], linked_id="one")
        calls_on(queue, [4], direction="outbound")
        rollups.rebuild()
        a_cost(queue.site, last_on=JANUARY, amount=9)
        assert told(asked(queue.site, last=JANUARY)) == (9, "GBP", 1, "")
        for last, days in ((JANUARY + DAY, 1), (JANUARY + 3 * DAY, 2)):
            one = asked(queue.site, last=last)
            assert told(one) == (None, "", 0, "not every day with calls has its costs")
            assert [n for _words, n, *_ in one.left_out] == [days]

    def test_days_after_the_newest_call_have_cost_nothing_yet(self):
        """A year's cost of 365 on a record that ends on 10 January: 10."""
        queue = a_queue()
        calls_on(queue, range(1, 11))
        rollups.rebuild()
        a_cost(queue.site, last_on=date(2026, 12, 31), amount=365)
        assert told(asked(queue.site, last=date(2026, 12, 31))) == (1, "GBP", 10, "")

    def test_days_before_the_first_call_have_cost_no_call_anything(self, client):
        """January's rent of 310 on a record that begins on the 30th, with two calls: 10 for each of
        two days, asked for alone or with the 29 before them, which are named."""
        queue = a_queue()
        calls_on(queue, [30, 31])
        rollups.rebuild()
        a_cost(queue.site, amount=310)
        a_cost(queue.site, amount=5, kind="Lines", last_on=JANUARY)
        thirtieth = date(2026, 1, 30)
        for first, left_out in (
            (thirtieth, []),
            (JANUARY, [("days with costs before the record begins", 29)]),
        ):
            one = asked(queue.site, first=first)
            assert told(one) == (10, "GBP", 2, "")
            assert [(str(words), n) for words, n, *_ in one.left_out] == left_out
        (by_site,) = answer(
            Question(
                sites=[queue.site], first=JANUARY, last=END, by="site", knows=PRIVATE,
                kpis=["cost_per_call"],
            )
        )  # fmt: skip
        assert told(by_site.figures["cost_per_call"]) == (10, "GBP", 2, "")
        assert told(asked(queue.site, last=thirtieth - DAY)) == (None, "", 0, "")
        client.force_login(a_user(MANAGER, queue.site))
        about = {"kpi": "cost_per_call", "site": queue.site.slug, "from": JANUARY, "to": END}
        page = client.get(reverse("passport"), about).content.decode()
        assert "days with costs before the record begins" in page

    def test_wages_alone_by_the_kinds_that_are_chosen(self):
        queue = a_queue()
        calls_on(queue, [1, 2])
        rollups.rebuild()
        a_cost(queue.site, kind="Rent", last_on=JANUARY + DAY, amount=10)
        a_cost(queue.site, kind="Salaries", last_on=JANUARY, amount=4)
        KpiChoice.objects.create(
            kpi="cost_per_call", parameters={"cost_kinds": "salaries"}, valid_from=JANUARY
        )
        assert asked(queue.site).reason == "not every day with calls has its costs"
        a_cost(queue.site, kind="Salaries", first_on=JANUARY + DAY, last_on=END, amount=90)
        # 4 and a thirtieth of 90.
        assert told(asked(queue.site)) == (3.5, "GBP", 2, "")

    def test_of_a_queue_and_of_an_agent_what_names_it(self, client):
        site = a_site()
        sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
        ann = an_agent(site, "Ann")
        calls_on(sales, [1, 2], agent=ann)
        calls_on(help_, [1], n=2)
        rollups.rebuild()
        two = {"last_on": JANUARY + DAY}
        a_cost(site, kind="Rent", amount=100, **two)
        a_cost(site, kind="Lines", amount=6, queue=sales, **two)
        a_cost(site, kind="Salary", amount=8, agent=ann, **two)
        question = {"sites": [site], "first": JANUARY, "last": END, "knows": PRIVATE}
        rows = answer(Question(**question, by="queue", kpis=["cost_per_call"]))
        assert [(row.name, *told(row.figures["cost_per_call"])) for row in rows] == [
            ("Help", None, "", 0, "not every day with calls has its costs"),
            ("Sales", 3, "GBP", 2, ""),
        ]
        (row,) = answer(Question(**question, by="agent", kpis=["cost_per_call"]))
        assert told(row.figures["cost_per_call"]) == (4, "GBP", 2, "")
        assert told(asked(site)) == (28.5, "GBP", 4, "")
        assert told(asked(site, queues=[sales])) == (3, "GBP", 2, "")
        # The passport says what of the site's costs is not in it.
        client.force_login(a_user(MANAGER, site))
        about = {"kpi": "cost_per_call", "site": site.slug, "from": JANUARY, "to": END}
        for part, words in (
            ({"queue": sales.pk}, "those that name no queue, as rent or licences, are not in it"),
            ({"agent": ann.pk}, "those that name no agent, as rent or licences, are not in it"),
            ({}, None),
        ):
            made = client.get(reverse("passport"), about | part).context["passport"]
            assert dict(made["switches"]).get("Costs of the site") == words

    def test_days_and_sites_have_their_own(self):
        first, second = a_queue(), a_queue()
        for queue, amount in ((first, 10), (second, 30)):
            calls_on(queue, [1, 2])
            a_cost(queue.site, last_on=JANUARY + DAY, amount=amount)
        rollups.rebuild()
        sites = [first.site, second.site]
        question = {"first": JANUARY, "last": END, "kpis": ["cost_per_call"], "knows": PRIVATE}
        by_site = answer(Question(sites=sites, by="site", **question))
        assert sorted(row.figures["cost_per_call"].value for row in by_site) == [5, 15]
        by_day = answer(Question(sites=sites[:1], by="day", **question))
        assert [row.figures["cost_per_call"].value for row in by_day] == [5, 5]
        (whole,) = answer(Question(sites=sites, **question))
        assert told(whole.figures["cost_per_call"]) == (10, "GBP", 4, "")

    def test_costs_are_told_of_no_channel_and_no_quarter_hour(self):
        queue = a_queue()
        calls_on(queue, [1])
        rollups.rebuild()
        a_cost(queue.site)
        assert told(asked(queue.site, channel="voice"))[0] is None
        one = asked(queue.site, by="interval")
        words = "this is not known by such rows and columns: costs are told by site, queue, agent"
        assert told(one) == (None, "", 0, f"{words} and day")

    def test_who_may_not_know_is_told_no_cost(self):
        queue = a_queue()
        calls_on(queue, [1])
        rollups.rebuild()
        a_cost(queue.site)
        one = asked(queue.site, knows=frozenset())
        assert (told(one)[0], one.made_of) == (None, ())

    @pytest.mark.parametrize(
        ("role", "known"), [(MANAGER, True), (PLANNER, False), (QA_ANALYST, False)]
    )
    def test_pages_and_the_api_tell_costs_to_managers_alone(self, client, role, known):
        queue = a_queue()
        calls_on(queue, range(1, 32))
        rollups.rebuild()
        a_cost(queue.site, kind="Salaries", amount=31)
        client.force_login(a_user(role, queue.site))
        about = {"kpi": "cost_per_call", "site": queue.site.slug}
        page = client.get(reverse("passport"), about | {"from": JANUARY, "to": END})
        text = page.content.decode()
        assert ("Salaries" in text) == known
        assert ("31.00 GBP" in text) == known
        found = client.get("/api/v1/kpis/", about | {"first": JANUARY, "last": END}).json()
        figure = found["rows"][0]["kpis"]["cost_per_call"]
        assert (figure["value"], figure["unit"]) == ((1.0, "GBP") if known else (None, "money"))

    @pytest.mark.parametrize("n", [1, 40])
    def test_costs_are_read_in_one_query(self, django_assert_num_queries, n):
        queue = a_queue()
        calls_on(queue, [1])
        rollups.rebuild()
        for number in range(n):
            a_cost(queue.site, reference=str(number))
        with django_assert_num_queries(4):  # counts, costs, choices, targets
            asked(queue.site)


@pytest.mark.django_db
class TestSales:
    def test_a_call_that_sold_twice_converted_once(self):
        """Five calls are offered. One sold twice, 30 and 20; of another the call itself tells 12; a
        third tells 0, so it sold nothing."""
        queue = a_queue(a_site())
        queue.site.currency = "GBP"
        queue.site.save()
        first, second, third = (
            a_call(queue, datetime(2026, 1, 5, hour, tzinfo=UTC), **more)
            for hour, more in ((9, {}), (10, {"sale_value": 12}), (11, {"sale_value": 0}))
        )
        calls_on(queue, [6], outcome="abandoned")
        calls_on(queue, [6])
        rollups.rebuild()
        for reference, value in (("a", 30), ("b", 20)):
            a_sale(queue.site, call=first, call_ref="x", reference=reference, value=value)
        site = queue.site
        assert told(asked(site, kpis=["conversion"])) == (0.4, "", 5, "")
        assert told(asked(site, kpis=["conversion:answered"])) == (0.5, "", 4, "")
        assert told(asked(site, kpis=["revenue"])) == (62, "GBP", 2, "")
        assert told(asked(site, kpis=["revenue:per_contact"])) == (12.4, "GBP", 5, "")
        # What a sale says of a call stands instead of what the call says, value by value.
        a_sale(site, call=second, call_ref="y", reference="c", value=None, pipeline_value=99)
        assert told(asked(site, kpis=["revenue"]))[0] == 62
        assert told(asked(site, kpis=["pipeline"]))[:2] == (99, "GBP")
        a_sale(site, call=second, call_ref="y", reference="d", value=10)
        assert told(asked(site, kpis=["revenue"]))[0] == 60
        assert third.sale_value == 0

    def test_sales_without_a_call_are_of_their_day_and_agent(self):
        queue = a_queue()
        ann, ben = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
        calls_on(queue, [1, 2], n=2, agent=ann)
        calls_on(queue, [1], n=2, agent=ben)
        rollups.rebuild()
        one = {"call_ref": "", "agent": ann}
        a_sale(queue.site, sold_on=JANUARY, value=40, **one)
        a_sale(queue.site, sold_on=JANUARY - DAY, value=1000, **one)
        a_sale(queue.site, call_ref="not there", value=1000)
        whole = asked(queue.site, kpis=["conversion"])
        # Of the 2nd, after the last sale that is told, nobody knows.
        assert told(whole) == (1 / 4, "", 4, "")
        assert [(str(words), n) for words, n, *_ in whole.left_out] == [
            ("on days before the first or after the last sale that is told", 2),
            ("sale of a call that is not on record, of an unknown day", 1),
        ]
        # What is in the figure is told by what it was made of, and not as left out.
        assert ("sale of no call on record", 1) in [
            (str(words), n) for words, n, *_ in whole.made_of
        ]
        rows = answer(
            Question(
                sites=[queue.site], first=JANUARY, last=END, by="agent", knows=PRIVATE,
                kpis=["conversion:answered", "revenue", "revenue:per_agent"],
            )
        )  # fmt: skip
        assert [(row.name, *(row.figures[one].value for one in row.figures)) for row in rows] == [
            ("Ann", 0.5, 40, 40),
            ("Ben", 0, 0, 0),
        ]
        assert [row.figures["revenue:per_agent"].of for row in rows] == ["agent who answered"] * 2
        assert told(asked(queue.site, kpis=["revenue:per_agent"])) == (20, "GBP", 2, "")
        both = asked(queue.site, kpis=["revenue:per_agent"])
        assert both.of == "agents who answered"
        # A queue has what names its calls.
        assert told(asked(queue.site, kpis=["revenue"], queues=[queue]))[0] is None

    def test_who_still_waits_has_not_yet_failed_to_buy(self):
        """Two calls came in, one still waits; two went out, one still rings."""
        queue = a_queue()
        at = datetime(2026, 1, 1, 9, tzinfo=UTC)
        one = a_call(queue, at)
        a_call(queue, at, outcome="in_progress")
        out = a_call(queue, at, direction="outbound")
        a_call(queue, at, direction="outbound", outcome="in_progress")
        rollups.rebuild()
        for reference, call in (("a", one), ("b", out)):
            a_sale(queue.site, call=call, reference=reference)
        for name, waits in (("conversion", "still waiting"), ("conversion:dials", "still ringing")):
            figure = asked(queue.site, kpis=[name])
            assert told(figure) == (1, "", 1, "")
            assert (waits, 1) in [(str(words), n) for words, n, *_ in figure.left_out]

    def test_a_sale_of_an_outbound_call_is_no_inbound_conversion(self):
        queue = a_queue()
        calls_on(queue, [1])
        call = a_call(queue, datetime(2026, 1, 1, 9, tzinfo=UTC), direction="outbound")
        rollups.rebuild()
        a_sale(queue.site, call=call)
        one = asked(queue.site, kpis=["conversion"])
        assert told(one) == (0, "", 1, "")
        assert [(str(words), n) for words, n, *_ in one.left_out] == [
            ("outbound call that sold", 1)
        ]
        assert told(asked(queue.site, kpis=["revenue"]))[0] == 100
        calls_on(queue, [1], n=3, direction="outbound", outcome="abandoned")
        rollups.rebuild()
        assert told(asked(queue.site, kpis=["conversion:dials"])) == (0.25, "", 4, "")

    def test_where_no_sale_is_told_of_the_days_nothing_is_known(self):
        queue = a_queue()
        calls_on(queue, [1])
        rollups.rebuild()
        a_sale(queue.site, call_ref="", agent=an_agent(queue.site), sold_on=JANUARY - DAY)
        for kpi in ("conversion", "revenue", "pipeline"):
            one = asked(queue.site, kpis=[kpi])
            assert told(one) == (None, "", 0, "no sale is told of this, or not to you")

    def test_days_between_the_first_and_the_last_sale_make_the_whole_and_others_do_not(
        self, client
    ):
        """2, 3, 4, 5 and 6 calls on the 1st to 5th by one, two, two, one and one agents; sales on
        the 2nd and 4th, 40 and 20: 2 of 12, by one on each of two days and by two on the 3rd."""
        queue = a_queue()
        ann, ben = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
        for day, n in enumerate((2, 3, 4, 5, 6), 1):
            calls_on(queue, [day], n=n - 1, agent=ann)
            calls_on(queue, [day], agent=ben if day in (3, 5) else ann)
        rollups.rebuild()
        for day, value in ((2, 40), (4, 20)):
            at = datetime(2026, 1, day, 9, tzinfo=UTC)
            sold = Call.objects.filter(offered_at__date=at.date()).first()
            a_sale(queue.site, call=sold, call_ref=f"{day}", reference=f"{day}", value=value)
        kpis = ["conversion", "revenue", "revenue:per_contact", "revenue:per_agent"]
        days = {"sites": [queue.site], "first": JANUARY, "last": END, "knows": PRIVATE}

        def of(**more):
            rows = answer(Question(**days, kpis=kpis, **more))
            return [[(one.value, one.n) for one in row.figures.values()] for row in rows]

        unknown = [(None, 0)] * 4
        by_day = of(by="day")
        assert by_day == [
            unknown,
            [(1 / 3, 3), (40, 1), (40 / 3, 3), (40, 1)],
            [(0, 4), (0, 0), (0, 4), (0, 2)],
            [(1 / 5, 5), (20, 1), (4, 5), (20, 1)],
            unknown,
        ]
        whole = [(2 / 12, 12), (60, 2), (5, 12), (30, 2)]
        assert of() == of(by="month") == of(by="site") == of(by="queue") == [whole]
        assert sum(row[0][1] for row in by_day) == whole[0][1]
        (of_ben,) = of(agents=[ben])
        assert of_ben[1:] == [(0, 0), (None, 0), (0, 1)]
        (week, *_rest) = of(by="week")
        assert week[0] == (2 / 12, 12)
        one = asked(queue.site, kpis=["conversion"])
        words = "on days before the first or after the last sale that is told"
        assert [(str(what), n) for what, n, *_ in one.left_out] == [(words, 8)]
        client.force_login(a_user(MANAGER, queue.site))
        about = {"kpi": "conversion", "site": queue.site.slug, "from": JANUARY, "to": END}
        left = {"side": "left_out", "reason": "untold_day"}
        for more, n in (({"side": "numerator"}, 2), ({"side": "denominator"}, 12), (left, 8)):
            page = client.get(reverse("passport_calls"), about | more)
            assert len(page.context["calls"]) == n, more

    def test_where_calls_tell_their_sales_themselves_that_is_up_to_the_newest(self):
        """A log tells 7 on the 2nd, and nothing on the 1st and 3rd: 1 of 2. A list that tells
        on the 3rd of what may yet be is the last then: the 4th is unknown, until a log tells of it.
        """
        queue = a_queue()
        Site.objects.update(currency="GBP")
        calls_on(queue, [1, 3])
        a_call(queue, datetime(2026, 1, 2, 9, tzinfo=UTC), sale_value=7)
        rollups.rebuild()
        assert told(asked(queue.site, kpis=["conversion"])) == (1 / 2, "", 2, "")
        third = JANUARY + 2 * DAY
        one = asked(queue.site, first=third, last=third, kpis=["revenue"])
        assert told(one) == (0, "GBP", 0, "")
        calls_on(queue, [4])
        rollups.rebuild()
        a_sale(
            queue.site, call_ref="", agent=an_agent(queue.site), sold_on=third, value=None,
            pipeline_value=9,
        )  # fmt: skip
        assert told(asked(queue.site, kpis=["conversion"])) == (1 / 2, "", 2, "")
        a_call(queue, datetime(2026, 1, 4, 9, tzinfo=UTC), sale_value=0)
        rollups.rebuild()
        assert told(asked(queue.site, kpis=["conversion"])) == (1 / 4, "", 4, "")

    def test_a_site_that_tells_no_sale_is_in_no_figure_of_several(self):
        """York sells on one of two; what of Rome's three was sold nobody tells."""
        york, rome = a_queue(), a_queue()
        calls_on(york, [1])
        calls_on(rome, [1], n=3)
        sold = a_call(york, datetime(2026, 1, 1, 9, tzinfo=UTC))
        rollups.rebuild()
        a_sale(york.site, call=sold)
        question = Question(
            sites=[york.site, rome.site], first=JANUARY, last=END, knows=PRIVATE,
            kpis=["conversion"],
        )  # fmt: skip
        (row,) = answer(question)
        assert told(row.figures["conversion"]) == (1 / 2, "", 2, "")

    def test_sites_that_tell_sales_of_other_days_each_bring_what_is_of_theirs(self):
        """York tells 10 of the 1st and the 2nd, Rome 20 of the 2nd and the 3rd: 60 in all, of Ann's
        two and Bea's two calls, and of 2 and 4 paid hours. Cy, who is not paid, answered on the 1st
        in Rome, of which no sale is told."""
        york, rome = a_queue(), a_queue()
        Site.objects.update(currency="GBP")
        ann, bea, cy = (an_agent(queue.site) for queue in (york, rome, rome))
        for queue, agent, minutes in ((york, ann, 60), (rome, bea, 120)):
            calls_on(queue, [1, 2, 3], agent=agent)
            for day in range(3):
                a_paid_time(agent, day=JANUARY + day * DAY, minutes=minutes)
        calls_on(rome, [1], agent=cy)
        rollups.rebuild()
        for queue, days, value in ((york, (1, 2), 10), (rome, (2, 3), 20)):
            for day in days:
                call = Call.objects.filter(queue=queue, offered_at__day=day).first()
                a_sale(queue.site, call=call, call_ref=f"{day}", reference=f"{day}", value=value)
        variants = ["total", "per_contact", "per_agent", "per_paid_hour"]
        question = Question(
            sites=[york.site, rome.site], first=JANUARY, last=JANUARY + 2 * DAY, knows=PRIVATE,
            kpis=[f"revenue:{one}" for one in variants],
        )  # fmt: skip
        (row,) = answer(question)
        assert [one.value for one in row.figures.values()] == [60, 15, 30, 10]

    @pytest.mark.parametrize(
        ("by", "across"),
        [
            *combinations(
                ("site", "queue", "agent", "team", "channel", "topic", "disposition", "day"), 2
            )
        ],
    )
    def test_what_was_sold_is_told_by_any_two_of_what_sales_are_told_by(self, by, across):
        """Of Ann's two calls the first sells for 40; of the day of the second no sale is told."""
        queue = a_queue()
        Site.objects.update(currency="GBP")
        ann = an_agent(queue.site)
        a_team(queue.site, None, ann)
        sold = a_call(queue, datetime(2026, 1, 1, 9, tzinfo=UTC), agent=ann)
        calls_on(queue, [2], agent=ann)
        rollups.rebuild()
        a_sale(queue.site, call=sold, value=40)
        question = Question(
            sites=[queue.site], first=JANUARY, last=JANUARY + DAY, by=by, across=across,
            kpis=["revenue", "conversion:answered", "revenue:per_agent"], knows=PRIVATE,
        )  # fmt: skip
        rows = [row.figures for row in answer(question) if row.figures["revenue"].value]
        assert [[one.value for one in told.values()] for told in rows] == [[40, 1, 40]]

    def test_a_sale_whose_day_nobody_tells_makes_no_call_one_that_did_not_sell(self):
        queue = a_queue()
        calls_on(queue, [1], n=3)
        rollups.rebuild()
        a_sale(queue.site, call_ref="gone")
        one = asked(queue.site, kpis=["conversion"])
        assert (one.value, one.n) == (None, 0)

    def test_a_day_without_a_sale_tells_none_whatever_the_days_beside_it_sold(self):
        queue = a_queue()
        calls_on(queue, [1, 2])
        rollups.rebuild()
        a_sale(queue.site, call_ref="", agent=an_agent(queue.site), sold_on=JANUARY)
        rows = answer(
            Question(
                sites=[queue.site], first=JANUARY, last=END, by="day", kpis=["conversion"],
                knows=PRIVATE,
            )
        )  # fmt: skip
        second = JANUARY + DAY
        alone = asked(queue.site, first=second, last=second, kpis=["conversion"])
        assert [row.figures["conversion"].value for row in rows] == [1, alone.value] == [1, None]

    def test_whoever_sold_nothing_where_others_sold_says_so_on_every_page(self, client):
        """On the 1st Sales sells one of two for 100 GBP, Help none of three. Rome tells no sale."""
        site, rome = a_site(), a_site()
        sales, help_, other = a_queue(site, "Sales"), a_queue(site, "Help"), a_queue(rome, "Rome")
        ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
        for queue, n, agent in ((sales, 1, ann), (help_, 3, ben), (other, 1, an_agent(rome))):
            calls_on(queue, [1], n=n, agent=agent)
        sold = a_call(sales, datetime(2026, 1, 1, 9, tzinfo=UTC), agent=ann)
        rollups.rebuild()
        a_sale(site, call=sold, pipeline_value=5)
        kpis = ["conversion:answered", "revenue", "pipeline"]
        nothing = [(0, "", 3), (0, "GBP", 0), (0, "GBP", 0)]

        def of(row):
            return [(one.value, one.currency, one.n) for one in row.figures.values()]

        days = {"first": JANUARY, "last": END, "kpis": kpis, "knows": PRIVATE}
        for sites in ([site], [site, rome]):
            for by, name in (("queue", "Help"), ("agent", "Ben")):
                rows = answer(Question(sites=sites, by=by, **days))
                assert [of(row) for row in rows if row.name == name] == [nothing]
        (row,) = answer(Question(sites=[site, rome], queues=[other], **days))
        assert of(row) == [(None, "", 0)] * 3
        client.force_login(a_user(MANAGER, site))
        for kpi, (value, currency, n) in zip(kpis, nothing, strict=True):
            for narrowed in ({"queue": help_.pk}, {"agent": ben.pk}):
                about = {"kpi": kpi, "site": site.slug, **narrowed}
                page = client.get(reverse("passport"), about | {"from": JANUARY, "to": JANUARY})
                shown = page.context["passport"]
                assert (shown["value"], shown["scale"]) == (value, currency)
                found = client.get(
                    "/api/v1/kpis/", about | {"first": JANUARY, "last": JANUARY}
                ).json()
                figure = found["rows"][0]["kpis"][kpi]
                assert (figure["value"], figure["n"]) == (value, n)

    def test_what_was_sold_is_told_by_two_keys_at_once_and_of_them_picked(self):
        """Thursday the 1st Sales sells one of two by voice, Help none of one; on Friday Sales sells
        its only one, and on Saturday none of one, by chat: of that day nobody tells a sale."""
        site = a_site()
        sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
        calls_on(sales, [1])
        calls_on(help_, [1])
        calls_on(sales, [3], channel="chat")
        for day in (1, 2):
            at = datetime(2026, 1, day, 9, tzinfo=UTC)
            a_sale(site, call=a_call(sales, at), reference=f"{day}")
        rollups.rebuild()
        days = {"sites": [site], "first": JANUARY, "last": END, "knows": PRIVATE}
        days["kpis"] = ["conversion"]

        def of(**more):
            rows = answer(Question(**days, **more))
            return {(row.name, row.column): row.figures["conversion"].value for row in rows}

        thursday, friday, saturday = "Thursday", "Friday", "Saturday"
        assert of(by="queue", across="weekday") == {
            ("Help", thursday): 0, ("Sales", thursday): 0.5, ("Sales", friday): 1,
            ("Sales", saturday): None,
        }  # fmt: skip
        assert of(by="queue", queues=[sales], only={"weekday": [4]}) == {("Sales", ""): 0.5}
        assert of(by="weekday", queues=[help_, sales]) == {
            (thursday, ""): 1 / 3, (friday, ""): 1, (saturday, ""): None
        }  # fmt: skip
        # The only chat was after the last sale.
        assert of(by="channel") == {("Voice", ""): 0.5, ("Chat", ""): None}
        assert of(channel="voice", only={"weekday": [4, 5]}) == {("Total", ""): 0.5}

    def test_a_team_sold_what_its_agents_did_and_a_topic_what_its_calls_are(self, client):
        """Ann of Red answers two calls of bills, Ben of Blue two of lines and one of no topic. Ben
        sold on one of Ann's calls, and once on no call; the one of no topic tells a sale itself."""
        site = a_site()
        queue = a_queue(site)
        ann, ben, eve = (an_agent(site, name) for name in ("Ann", "Ben", "Eve"))
        red, blue = a_team(site, None, ann), a_team(site, None, ben)
        bill, line = (Topic.objects.create(name=name) for name in ("Bill", "Line"))
        at = datetime(2026, 1, 1, 9, tzinfo=UTC)
        sold = a_call(queue, at, agent=ann, topic=bill, external_id="a")
        a_call(queue, at, agent=ann, topic=bill)
        for _ in range(2):
            a_call(queue, at, agent=ben, topic=line)
        a_call(queue, at, agent=ben, sale_value=5, external_id="b")
        a_call(queue, at, agent=eve, topic=line)
        rollups.rebuild()
        a_sale(site, call=sold, agent=ben, reference="1")
        a_sale(site, call_ref="", sold_on=JANUARY, agent=ben, reference="2")
        kpi = "conversion:answered"
        days = {"sites": [site], "first": JANUARY, "last": END, "knows": PRIVATE, "kpis": [kpi]}

        def of(**more):
            rows = answer(Question(**days, **more))
            return {row.id: (row.figures[kpi].value, row.figures[kpi].n) for row in rows}

        by_team = of(by="team")
        assert by_team == {red.pk: (0, 2), blue.pk: (3 / 3, 3), None: (0, 1)}
        by_topic = of(by="topic")
        assert by_topic == {bill.pk: (1 / 2, 2), line.pk: (0, 3), None: (1, 1)}
        client.force_login(a_user(MANAGER, site))
        about = {"kpi": kpi, "site": site.slug, "from": JANUARY, "to": END}
        for by, figures in (("team", by_team), ("topic", by_topic)):
            for key, (value, n) in figures.items():
                assert of(only={by: [key]}) == {None: (value, n)}
                picked = about | {"only": f"{by}:{key or ''}"}
                page = client.get(reverse("passport"), picked)
                assert page.context["passport"]["value"] == value

        def listed(side, team):
            picked = about | {"only": f"team:{team.pk}", "side": side}
            page = client.get(reverse("passport_calls"), picked)
            found = Call.objects.filter(
                pk__in=[row["url"].split("/")[-2] for row in page.context["calls"]]
            )
            return sorted(found.values_list("external_id", flat=True))

        # As of an agent: whose sale it was, whoever answered the call.
        assert listed("numerator", blue) == ["a", "b"]
        assert listed("numerator", red) == []
        assert len(listed("denominator", blue)) == 3
        assert len(listed("denominator", red)) == 2

    def test_what_sales_and_paid_time_are_not_told_by_is_said(self, client):
        """By the hour: of neither is more known than its day."""
        queue = a_queue()
        calls_on(queue, [1])
        rollups.rebuild()
        a_sale(queue.site, call_ref="", agent=an_agent(queue.site), sold_on=JANUARY)
        client.force_login(a_user(MANAGER, queue.site))
        asked = {"period": "custom", "from": JANUARY, "to": JANUARY, "by": "hour"}
        asked["kpi"] = ["offered", "conversion", "revenue", "utilisation"]
        notes = client.get(reverse("report"), asked).context["notes"]
        words = "this is not known by such rows and columns"
        assert [one for one in notes if words in one] == [
            f"Conversion, Revenue: {words}: sales are told by site, queue, team, agent, channel,"
            " topic, disposition and day.",
            f"Utilisation: {words}: paid time is told by site, team, agent and day.",
        ]

    def test_several_currencies_and_none_are_no_sum(self):
        queue = a_queue()
        call = a_call(queue, datetime(2026, 1, 1, 9, tzinfo=UTC), sale_value=5)
        rollups.rebuild()
        assert asked(queue.site, kpis=["revenue"]).reason == "the site's currency is not told"
        a_sale(queue.site, call=call, reference="a", value=1, currency="EUR")
        a_sale(queue.site, call=call, reference="b", value=2, currency="GBP")
        one = asked(queue.site, kpis=["revenue"])
        assert told(one)[:2] == (None, "")
        assert one.reason == "it is in several currencies, and nothing is converted"
        assert told(asked(queue.site, kpis=["conversion"]))[0] == 1

    def test_a_sale_is_of_the_sites_day_of_its_call(self):
        """23:30 UTC of 31 December is 5:15 of New Year's Day in Kathmandu."""
        queue = a_queue(a_site(zone="Asia/Kathmandu"))
        call = a_call(queue, datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
        rollups.rebuild()
        a_sale(queue.site, call=call, sold_on=END)
        assert told(asked(queue.site, last=JANUARY, kpis=["revenue"]))[0] == 100

    @pytest.mark.parametrize(
        ("role", "known"), [(MANAGER, True), (PLANNER, False), (QA_ANALYST, True)]
    )
    def test_sales_are_for_those_who_may_see_them(self, client, role, known):
        queue = a_queue()
        calls_on(queue, [1])
        rollups.rebuild()
        a_sale(queue.site, call_ref="", agent=an_agent(queue.site), sold_on=JANUARY)
        client.force_login(a_user(role, queue.site))
        about = {"kpi": "revenue", "site": queue.site.slug, "from": JANUARY, "to": END}
        text = client.get(reverse("passport"), about).content.decode()
        assert ("100.00" in text) == known

    def test_agents_and_their_supervisors_know_their_own(self, client):
        site = a_site()
        own = a_user(AGENT, site)
        ann = an_agent(site, "Ann", user=own)
        lead = a_user(SUPERVISOR, site)
        a_team(site, lead, ann)
        a_sale(site, call_ref="", agent=ann, sold_on=JANUARY)
        about = {"kpi": "revenue", "site": site.slug, "from": JANUARY, "to": END, "agent": ann.pk}
        for user, known in ((own, True), (lead, True), (a_user(PLANNER, site), False)):
            client.force_login(user)
            text = client.get(reverse("passport"), about).content.decode()
            assert ("100.00" in text) == known

    @pytest.mark.parametrize("picked", [(), ("agent",), ("team",), ("agent", "topic")])
    def test_who_leads_a_team_is_told_what_it_sold_and_nothing_of_all(self, client, picked):
        """Ann of Red sells for 30 and Ben of Blue for 50, on a call each, which the sales name and
        not who sold. Whoever leads Red is told 30 of Ann and of Red, and of what they alone have a
        part in: on the page, in files, over the API and in passports alike."""
        site, lead = a_site(), a_user(SUPERVISOR)
        queue, topic = a_queue(site), Topic.objects.create(name="Bills")
        ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
        red, blue = a_team(site, lead, ann), a_team(site, None, ben)
        for agent, value in ((ann, 30), (ben, 50)):
            call = a_call(queue, datetime(2026, 1, 1, 9, tzinfo=UTC), agent=agent, topic=topic)
            a_sale(site, call=call, call_ref=agent.name, value=value)
        rollups.rebuild()
        ids = {"agent": ann.pk, "team": red.pk, "topic": topic.pk}
        days = {"first": JANUARY, "last": JANUARY}
        client.force_login(lead)
        for by in ("agent", "team", "topic", "queue", "day", "total"):
            expected = 30 if {"agent", "team"} & {by, *picked} else None
            about = {"by": by, "kpi": "revenue"} | {name: ids[name] for name in picked}
            (row,) = client.get("/api/v1/kpis/", about | days).json()["rows"]
            one = row["kpis"]["revenue"]
            assert one["value"] == expected
            passport_ = client.get(one["passport_url"]).context["passport"]
            assert passport_["value"] == expected
            asked_ = about | {"period": "custom", "from": JANUARY, "to": JANUARY}
            page = client.get(reverse("report"), asked_).content.decode()
            assert ("30.00" in page) == (expected == 30)
            file = client.get(reverse("report"), asked_ | {"export": "csv"})
            text = b"".join(file.streaming_content).decode("utf-8-sig")
            header, line = csv.reader(io.StringIO(text))
            name = f"revenue ({'GBP' if expected else 'money'})"
            assert dict(zip(header, line, strict=True))[name] == ("30.0" if expected else "")
        # Another team, and its agents, are out of reach.
        for out in ({"agent": ben.pk}, {"team": blue.pk}):
            about = {"kpi": "revenue", **days, **out}
            assert client.get("/api/v1/kpis/", about).status_code == 404

    def test_a_planner_who_leads_a_team_is_told_what_it_sold_alone(self, client):
        """Ann is in the team, Ben is not: Ann sold for 30, Ben for 50."""
        site, lead = a_site(), a_user(PLANNER)
        lead.sites.add(site)
        lead.groups.add(Group.objects.get(name=SUPERVISOR))
        ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
        red, blue = a_team(site, lead, ann), a_team(site, None, ben)
        for agent, value in ((ann, 30), (ben, 50)):
            a_sale(site, call_ref="", agent=agent, sold_on=JANUARY, value=value)
        client.force_login(lead)
        about = {"kpi": "revenue", "site": site.slug}
        for picked, value in (
            ({"agent": ann.pk}, 30), ({"team": red.pk}, 30),
            ({"agent": ben.pk}, None), ({"team": blue.pk}, None),
            ({"agent": [ann.pk, ben.pk]}, None), ({}, None),
        ):  # fmt: skip
            days = {"first": JANUARY, "last": JANUARY}
            (row,) = client.get("/api/v1/kpis/", about | days | picked).json()["rows"]
            one = row["kpis"]["revenue"]
            assert one["value"] == value
            assert client.get(one["passport_url"]).context["passport"]["value"] == value
