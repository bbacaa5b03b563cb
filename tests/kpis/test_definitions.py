from dataclasses import fields, replace
from typing import get_args

import pytest
from hypothesis import example, given

from kpis.choosing import fields as choosing
from kpis.declaration import Variant
from kpis.definitions import KPIS, Parameters, UnknownKpi, parse, passport
from kpis.measures.outcome import csat_c1
from kpis.parameters import FIELDS, Parameter
from kpis.passports.predicates import PREDICATES
from kpis.reads.reading import OF_DIALS
from kpis.sums.counts import FAMILIES, Counts
from kpis.sums.histogram import CLASS_SHIFT, Entry, Histogram, WaitOutcome
from kpis.sums.staff import Answering
from kpis.sums.surveys import AskedSums, ScaleSums
from tests.kpis.visits import EVERY_PARAMETERS, VISITS, Visit, a_code, counts_of, found_by, some

RATES = [
    (kpi_id, variant.id)
    for kpi_id in ("service_level", "abandon_rate")
    for variant in KPIS[kpi_id].variants
]


def value_of(asked, counts, parameters=None):
    kpi, variant = parse(asked)
    return kpi.compute(counts, parameters, variant.id)


def left_out(value):
    return {str(words): n for words, n, *_ in value.left_out}


def test_every_figure_the_pages_promise_is_declared():
    assert " ".join(KPIS) == (
        "offered answered abandoned timed_out key_exit callback_requested other in_progress"
        " left_ivr refused busy service_level abandon_rate asa longest_wait wait_p50 wait_p90"
        " wait_p95 wait_p99 mean_time_to_abandon called_back called_back_rate time_to_call_back"
        " aht aht_outbound talk hold acw calls_per_agent ring_no_answer unreachable declined"
        " cancelled missed missed_rate transfer_rate escalation_rate occupancy utilisation"
        " shrinkage calls_per_hour contacts_per_hour dials_per_hour conversations_per_hour"
        " dials connect_rate conversations fcr resolution_time resolved_rate csat nps ces"
        " csat_response nps_response ces_response"
        " turnover ramp_time cost_per_call conversion revenue pipeline"
    )


@pytest.mark.parametrize(
    ("kpi_id", "default", "unit"),
    [
        ("service_level", "SL4", "fraction"),
        ("abandon_rate", "A1", "fraction"),
        ("asa", "W1", "seconds"),
        ("aht", "H1", "seconds"),
        ("csat", "C1", "fraction"),
        ("missed_rate", "per_offer", "fraction"),
        ("offered", "count", "count"),
    ],
)
def test_defaults(kpi_id, default, unit):
    assert (KPIS[kpi_id].default.id, KPIS[kpi_id].default.unit) == (default, unit)


def test_handling_time_and_calls_have_no_good_direction():
    assert {KPIS[one].direction for one in ("aht", "calls_per_agent", "offered")} == {"none"}
    assert (KPIS["service_level"].direction, KPIS["abandon_rate"].direction) == ("up", "down")


def test_the_default_parameters():
    assert KPIS["service_level"].parameters == Parameters(
        threshold_seconds=20,
        boundary="<=",
        short_abandon_seconds=5,
        lost=True,
        clock_start_seconds=0,
        transfers_in=True,
        callbacks="request",
        target=0.80,
    )


def test_a_kpi_is_asked_for_with_or_without_its_variant():
    kpi, variant = parse("service_level:SL1")
    assert (kpi.id, variant.id) == ("service_level", "SL1")
    assert parse("service_level")[1].id == "SL4"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("happiness", r"no KPI 'happiness'; there are offered, .*, ces_response"),
        ("asa:W9", r"asa has no variant 'W9'; it has W1, W2, W3"),
        ("asa:", r"asa has no variant ''"),
        ("", r"no KPI ''"),
    ],
)
def test_an_unknown_kpi_is_answered_with_those_that_exist(asked, words):
    with pytest.raises(UnknownKpi, match=words):
        parse(asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold_seconds": -1},
        {"clock_start_seconds": -1},
        {"boundary": "=<"},
        {"boundary": "<", "threshold_seconds": 0},
        {"callbacks": "never"},
        {"conversation_seconds": -1},
    ],
)
def test_parameters_that_make_no_sense_are_refused(changes):
    with pytest.raises(ValueError, match=r"."):
        Parameters(**changes)


@pytest.mark.parametrize(
    ("asked", "changes", "expected"),
    [
        (
            "service_level",
            {},
            "Answered within 20 s ÷ (answered + abandoned after more than 20 s);"
            " time-outs and other exits count as lost",
        ),
        (
            "service_level:SL4",
            {"threshold_seconds": 30, "boundary": "<", "lost": False},
            "Answered in less than 30 s ÷ (answered + abandoned after 30 s or more);"
            " time-outs and other exits are left out",
        ),
        (
            "service_level:SL2",
            {"clock_start_seconds": 10, "transfers_in": False, "callbacks": "success"},
            "Answered within 20 s ÷ answered; the clock starts 10 s after entry; visits"
            " transferred in are left out; a request for a call back counts as an answer",
        ),
        (
            "service_level:SL3",
            {"business_hours": True, "callbacks": "return", "lost": False},
            "Answered within 20 s ÷ (answered + abandoned); time-outs and other exits are left out;"
            " only quarter hours that begin within opening hours; who asked for a call back waits"
            " until an agent has them on the line again",
        ),
        ("conversations", {"conversation_seconds": 90}, "Calls out with at least 90 s of talk"),
        (
            "abandon_rate",
            {},
            "(Abandoned − short abandons) ÷ (all that left the queue − short abandons);"
            " a short abandon gave up within 5 s",
        ),
        (
            "abandon_rate:A1",
            {"short_abandon_seconds": 0},
            "(Abandoned − short abandons) ÷ (all that left the queue − short abandons);"
            " no abandon counts as short",
        ),
        ("abandon_rate:A2", {"lost": False}, "Abandoned ÷ all that left the queue"),
    ],
)
def test_a_passport_says_the_formula_with_its_settings(asked, changes, expected):
    assert passport(*parse(asked), Parameters(**changes)) == expected


def test_every_passport_can_be_said():
    for kpi in KPIS.values():
        for variant in kpi.variants:
            assert "{" not in passport(kpi, variant)


def test_every_predicate_is_behind_some_figure_and_every_figure_has_calls():
    used = set()
    for kpi in KPIS.values():
        for variant in kpi.variants:
            for parameters in (
                Parameters(),
                Parameters(callbacks="success", effort="hard"),
                Parameters(callbacks="return"),
            ):
                behind = variant.behind(parameters)
                assert behind.numerator or variant.needs, (kpi.id, variant.id)
                used |= {*behind.numerator, *behind.denominator}
    assert used == set(PREDICATES)


def test_a_variant_that_is_not_said_to_be_of_waits_says_the_same_without_them():
    answered = [a_code(WaitOutcome.ANSWERED, Entry.DIRECT, 1000 * s) for s in range(40)]
    talked = [a_code(WaitOutcome.TALK, Entry.DIRECT, 1000 * s) for s in range(40)]
    waits = Histogram.from_pairs([*answered, *talked], [1] * 80)
    counts = Counts(
        offered=60, answered=40, abandoned=15, timed_out=5, answered_wait_n=40, talk_n=40,
        wait_hist=waits,
    )  # fmt: skip
    for kpi in KPIS.values():
        for variant in kpi.variants:
            for hours in (False, True):
                parameters = replace(kpi.parameters, business_hours=hours)
                said = [
                    variant.measure(replace(one, open=one, outbound=one), parameters)
                    for one in (counts, replace(counts, wait_hist=Histogram()))
                ]
                assert variant.of_waits or said[0] == said[1], (kpi.id, variant.id)


EVERYTHING = replace(
    counts_of(
        [
            *some("answered", 40, 10),
            *some("abandoned", 10, 3),
            *some("timed_out", 6, 60),
            *[Visit("abandoned", 9_000, ringing=True)] * 5,
            *[Visit("abandoned", None, transferred_in=True, ringing=True)] * 2,
            *[Visit("callback_requested", 5_000, back_after_ms=60_000)] * 4,
        ]
    ),
    called_back_ms=240_000, called_back_n=4, before_ring_ms=300_000, before_ring_n=40,
    talk_ms=4_000_000, talk_n=40, hold_ms=90_000, hold_n=30, acw_ms=600_000, acw_n=30,
    handle_n=(0, 10, 0, 0, 0, 0, 0, 30), handle_ms=(0, 900_000, 0, 0, 0, 0, 0, 3_790_000),
    ring_no_answer=9, unreachable=2, declined=3, cancelled=4, offers_answered=40,
    transferred_out=8, transferred_blind=3, transferred_attended=4, several_agents=6,
    noted=20, escalated=5, resolved=22, resolved_known=30, resolvable_known=28,
    surveys={
        f"{kind} {low}-{high}": ScaleSums(20, 17 * low + high, 12, 5)
        for kind, low, high in (("csat", 1, 5), ("nps", 0, 10), ("ces", 1, 7), ("fcr", 0, 1))
    },
    asked={kind: AskedSums(18, 25, 15) for kind in ("csat", "nps", "ces", "fcr")},
)  # fmt: skip
TALKS = Histogram.from_pairs(
    [a_code(WaitOutcome.TALK, Entry.DIRECT, 1000 * s) for s in range(40)], [1] * 40
)
EVERYTHING = replace(EVERYTHING, wait_hist=EVERYTHING.wait_hist + TALKS)


def without(families, counts):
    """Counts that lack what none of the families is read from, as if it had not been looked up."""
    plain = Counts()
    names = (name for family in {*FAMILIES} - {*families} for name in FAMILIES[family])
    lacking = replace(counts, **{name: getattr(plain, name) for name in names})
    # Lengths of rings, call backs and talks are of their own families.
    of = {
        "rings": (WaitOutcome.MISSED, WaitOutcome.UNTOLD_MISSED),
        "returns": (WaitOutcome.RETURNED,),
        "handling": (WaitOutcome.TALK,),
    }
    gone = {int(one) for family, many in of.items() if family not in families for one in many}
    codes, ns = lacking.wait_hist._codes, lacking.wait_hist._counts
    kept = [(code >> CLASS_SHIFT) // len(Entry) not in gone for code in codes.tolist()]
    return replace(lacking, wait_hist=Histogram.from_pairs(codes[kept], ns[kept]))


@given(VISITS, EVERY_PARAMETERS)
@example([], Parameters(callbacks="return"))
def test_a_variant_says_the_same_without_what_it_is_not_said_to_be_read_from(visits, parameters):
    """In whatever way it is chosen; of counts that have something of everything, and of visits."""
    for counts in (EVERYTHING, counts_of(visits)):
        for kpi in KPIS.values():
            for variant in kpi.variants:
                lacking = without(variant.families(parameters), counts)
                said = [
                    variant.measure(replace(one, open=one, outbound=dials), parameters)
                    for one, dials in ((counts, counts), (lacking, without(OF_DIALS, counts)))
                ]
                assert said[0] == said[1], (kpi.id, variant.id)


def test_a_variant_cannot_name_calls_nobody_can_find():
    with pytest.raises(ValueError, match="happy_callers"):
        Variant(
            id="X",
            words="",
            formula="",
            source="",
            unit="count",
            measure=csat_c1,
            numerator=("happy_callers",),
        )


@example(
    [Visit("answered", None), Visit("answered", 0, transferred_in=True), Visit("abandoned", None)],
    Parameters(transfers_in=False),
)
@given(VISITS, EVERY_PARAMETERS)
def test_the_calls_behind_a_rate_make_the_rate(visits, parameters):
    """A second path: count the visits each predicate finds, one by one."""
    counts = counts_of(visits)
    for kpi_id, variant_id in RATES:
        kpi = KPIS[kpi_id]
        variant = kpi.variant(variant_id)
        top, bottom = (
            [one for name in names for one in filter(found_by(name, parameters, variant), visits)]
            for names in variant.behind(parameters)
        )
        # Of the answered that count: with transfers in left out, not of those.
        waits = [one.wait_ms for one in filter(found_by("answered", parameters, variant), visits)]
        nobody_timed = bool(waits) and all(wait is None for wait in waits)
        value = kpi.compute(counts, parameters, variant_id)
        if kpi_id == "service_level" and nobody_timed and value.value is None:
            continue
        assert value.n == len(bottom), variant_id
        if bottom:
            assert value.value == pytest.approx(len(top) / len(bottom)), variant_id
        else:
            assert value.value is None


def test_predicates_of_one_side_find_no_visit_twice():
    visits = [
        Visit(outcome, wait_ms)
        for outcome in ("answered", "abandoned", "timed_out", "callback_requested", "refused")
        for wait_ms in (None, 0, 4_000, 20_000, 90_000)
    ]
    for kpi_id, variant_id in RATES:
        variant = KPIS[kpi_id].variant(variant_id)
        for names in variant.behind(Parameters()):
            found = [
                [found_by(name, Parameters(), variant)(one) for name in names] for one in visits
            ]
            assert max(sum(row) for row in found) <= 1, variant_id


def test_a_level_says_what_it_left_out():
    visits = (
        some("answered", 8, 5)
        + some("answered", 2, None)
        + some("abandoned", 3, 7)
        + some("abandoned", 1, None)
        + some("callback_requested", 4, 30)
        + some("in_progress", 5, None)
    )
    value = value_of("service_level:SL4", counts_of(visits))
    assert (value.value, value.n) == (8 / 9, 9)
    assert left_out(value) == {
        "answered after an unknown wait": 2,
        "abandoned after an unknown wait: counted as longer than the threshold": 1,
        "abandoned within the threshold": 3,
        "asked for a call back": 4,
        "still waiting": 5,
    }


def test_a_level_with_lost_off_counts_the_lost_apart():
    visits = some("answered", 8, 5) + some("timed_out", 2, 300)
    value = value_of("service_level", counts_of(visits), Parameters(lost=False))
    assert (value.value, left_out(value)) == (1.0, {"timed out or left without service": 2})


def test_a_source_without_waits_has_no_level_instead_of_zero():
    value = value_of("service_level", counts_of(some("answered", 8, None)))
    assert value.value is None
    assert str(value.reason) == "no wait of an answered visit is known"


def test_only_unserved_visits_make_a_level_of_zero():
    value = value_of("service_level", counts_of(some("abandoned", 3, None)))
    assert (value.value, value.n) == (0.0, 3)


def test_an_abandon_rate_says_how_many_were_short():
    visits = some("answered", 90, 5) + some("abandoned", 4, 3) + some("abandoned", 10, 30)
    value = value_of("abandon_rate", counts_of(visits))
    assert (value.value, value.n, left_out(value)) == (0.1, 100, {"short abandons": 4})


def test_counts_are_their_own_n():
    value = value_of("timed_out", Counts(offered=7, timed_out=7))
    assert (value.value, value.n) == (7, 7)


@pytest.mark.parametrize(
    ("asked", "expected", "n"),
    [
        ("asa", 20.0, 2),  # (10 + 30) / 2
        ("asa:W2", 35.0, 4),  # (10 + 30 + 40 + 60) / 4
        ("longest_wait", 60.0, 4),
        ("longest_wait:answered", 30.0, 2),
        ("mean_time_to_abandon", 40.0, 1),
        ("wait_p50", 10.0, 2),
        ("wait_p50:all", 30.0, 4),
        ("wait_p90:all", 60.0, 4),
        ("wait_p99", 30.0, 2),
    ],
)
def test_waits(asked, expected, n):
    visits = (
        some("answered", 1, 10)
        + some("answered", 1, 30)
        + some("answered", 1, None)
        + some("abandoned", 1, 40)
        + some("timed_out", 1, 60)
    )
    value = value_of(asked, counts_of(visits))
    assert (value.value, value.n, value.precision) == (expected, n, "")
    assert sum(left_out(value).values()) == (0 if asked == "mean_time_to_abandon" else 1)


def test_the_wait_of_a_span_comes_from_sums_not_from_the_means_of_its_intervals():
    quiet = counts_of(some("answered", 1, 100))
    busy = counts_of(some("answered", 9, 10))
    assert value_of("asa", quiet + busy).value == 19.0  # 190 s over 10, not (100 + 10) / 2


def test_a_wait_between_two_seconds_is_known_to_the_half_second():
    value = value_of("wait_p50", counts_of(some("answered", 1, 10.4) + some("answered", 1, 20)))
    assert (value.value, value.precision) == (10.5, "to the half second")


@pytest.mark.parametrize("of", ["answered", "all"])
def test_no_percentile_is_above_the_longest_wait(of):
    """The middle of 10 to 11 s is 10.5 s, but nobody waited longer than 10.2 s."""
    counts = counts_of(some("answered", 2, 10.2) + some("abandoned", 1, 10.1))
    assert value_of(f"wait_p99:{of}", counts).value == 10.2
    assert value_of(f"longest_wait:{of}", counts).value == 10.2


# Answered: 3 with talk and wrap-up known (600 s in all), 1 with talk alone, 1 still talking.
HANDLED = Counts(
    offered=9,
    answered=5,
    abandoned=3,
    in_progress=1,
    refused=2,
    left_ivr=4,
    talk_ms=560_000,
    talk_n=4,
    acw_ms=90_000,
    acw_n=3,
    handle_n=(1, 1, 0, 0, 0, 3, 0, 0),
    handle_ms=(0, 50_000, 0, 0, 0, 600_000, 0, 0),
)


@pytest.mark.parametrize(
    ("asked", "expected", "n"),
    [
        ("aht", 200.0, 3),
        ("aht:H2", 50.0, 12),  # 600 s over 3 measured, 3 abandoned, 2 refused, 4 in the menu
        ("aht:H3", 600 / 7, 7),  # over 3 measured, 3 abandoned, 1 still waiting
        ("talk", 140.0, 4),
        ("acw", 30.0, 3),
        ("hold", None, 0),
    ],
)
def test_handling(asked, expected, n):
    value = value_of(asked, HANDLED)
    assert (value.value, value.n) == (expected, n)


def test_handling_names_the_parts_it_lacks_and_whom_it_left_out():
    assert left_out(value_of("aht", HANDLED)) == {
        "counted without their hold, which is not known": 3,
        "answered, measured in other parts": 1,
        "answered, handling not known": 1,
    }
    assert left_out(value_of("hold", HANDLED)) == {"answered, their hold not known": 5}


def test_handling_over_the_customers_wait_needs_one_set_of_parts():
    assert str(value_of("aht:H4", HANDLED).reason) == (
        "not every answered call knows its wait and the same parts"
    )
    alike = Counts(
        offered=2,
        answered=2,
        talk_ms=300_000,
        talk_n=2,
        answered_wait_ms=60_000,
        answered_wait_n=2,
        handle_n=(0, 2, 0, 0, 0, 0, 0, 0),
        handle_ms=(0, 300_000, 0, 0, 0, 0, 0, 0),
    )
    assert (value_of("aht:H4", alike).value, value_of("aht:H4", alike).n) == (180.0, 2)


def test_talk_on_no_queue_is_talk_though_it_was_never_offered():
    plain_cdr = Counts(
        talk_ms=120_000,
        talk_n=2,
        handle_n=(0, 2, 0, 0, 0, 0, 0, 0),
        handle_ms=(0, 120_000, 0, 0, 0, 0, 0, 0),
    )
    for asked in ("talk", "aht", "aht:H2", "aht:H3"):
        value = value_of(asked, plain_cdr)
        assert (value.value, value.n) == (60.0, 2), asked


RUNG = Counts(
    offered=10,
    answered=8,
    abandoned=1,
    in_progress=1,
    ring_no_answer=6,
    unreachable=2,
    declined=1,
    cancelled=3,
    offers_answered=8,
    transferred_out=2,
    resolved=3,
    resolved_known=4,
    answering=Answering(agents=4, answered=6),
)


@pytest.mark.parametrize(
    ("asked", "expected", "n", "apart"),
    [
        ("ring_no_answer", 6, 6, {}),
        ("unreachable", 2, 2, {}),
        ("missed_rate", 7 / 15, 15, {"rings that were cancelled": 3}),
        ("missed_rate:per_call", 7 / 9, 9, {"still waiting": 1}),
        ("transfer_rate", 0.25, 8, {}),
        ("resolved_rate", 0.75, 4, {"answered, not known whether resolved": 4}),
        ("calls_per_agent", 1.5, 4, {"answered by nobody the source names": 2}),
    ],
)
def test_rings_transfers_and_outcomes(asked, expected, n, apart):
    value = value_of(asked, RUNG)
    assert (value.value, value.n, left_out(value)) == (expected, n, apart)


def test_missed_per_call_may_pass_the_whole():
    assert value_of("missed_rate:per_call", replace(RUNG, ring_no_answer=17)).value == 2.0


# Five answers: 5, 4, 4, 3 and 1, of which 4 and 5 are good and 1 is bad.
SURVEYED = Counts(surveys={"csat 1-5": ScaleSums(n=5, score_sum=17, top=3, bottom=1)})


@pytest.mark.parametrize(
    ("asked", "expected", "unit"),
    [("csat", 0.6, "fraction"), ("csat:C2", 3.4, "score"), ("csat:C3", 0.4, "points")],
)
def test_satisfaction(asked, expected, unit):
    value = value_of(asked, SURVEYED)
    assert (value.value, value.n, parse(asked)[1].unit) == (pytest.approx(expected), 5, unit)


def test_scores_on_two_scales_have_a_share_but_no_mean():
    mixed = SURVEYED + Counts(surveys={"csat 0-10": ScaleSums(n=1, score_sum=10, top=1)})
    assert value_of("csat", mixed).value == pytest.approx(4 / 6)
    mean = value_of("csat:C2", mixed)
    assert mean.value is None
    assert str(mean.reason) == "scores on different scales have no common mean"
    assert left_out(mean) == {"surveys on different scales": 6}


ASKED = Counts(
    surveys={
        # 9, 10, 10, 8, 7, 6, 3, 0, 10, 9; twice 5; 7, 6, 5, 4, 3.
        "nps 0-10": ScaleSums(n=10, score_sum=72, top=5, bottom=3),
        "nps 1-5": ScaleSums(n=2, score_sum=10, top=2),
        "ces 1-7": ScaleSums(n=5, score_sum=25, top=3, bottom=1),
    }
)


def test_net_promoters_are_counted_on_the_scale_from_0_to_10_alone():
    """Five of ten gave 9 or 10, three gave 6 or less."""
    value = value_of("nps", ASKED)
    assert (value.value, value.n) == (pytest.approx(0.2), 10)
    assert left_out(value) == {"scores on another scale than 0 to 10": 2}


@pytest.mark.parametrize(
    ("asked", "effort", "expected"),
    [
        ("ces:E1", "easy", 5),
        ("ces:E1", "hard", 3),
        ("ces:E2", "easy", 0.6),
        ("ces:E2", "hard", 0.2),
    ],
)
def test_effort_whichever_end_of_the_scale_is_easy(asked, effort, expected):
    assert value_of(asked, ASKED, Parameters(effort=effort)).value == pytest.approx(expected)


def test_a_scale_nobody_used_does_not_mix():
    unused = SURVEYED + Counts(surveys={"csat 0-10": ScaleSums()})
    assert value_of("csat:C2", unused).value == pytest.approx(3.4)


def test_a_speed_of_answer_without_the_ring():
    # Ten answered after 300 s in all; of eight the ring is known: 200 s before it.
    counts = Counts(
        answered=10,
        answered_wait_ms=300_000,
        answered_wait_n=10,
        before_ring_ms=200_000,
        before_ring_n=8,
    )
    value = value_of("asa:W3", counts)
    assert (value.value, value.n) == (25.0, 8)
    assert left_out(value) == {"answered after an unknown wait or ring": 2}


PASSED_ON = Counts(
    answered=50,
    transferred_out=12,
    transferred_blind=5,
    transferred_attended=3,
    several_agents=10,
    noted=20,
    escalated=3,
)


@pytest.mark.parametrize(
    ("asked", "expected", "n", "apart"),
    [
        ("transfer_rate", 0.24, 50, {}),
        ("transfer_rate:blind", 0.1, 50, {"passed on, not told how": 4}),
        ("transfer_rate:attended", 0.06, 50, {"passed on, not told how": 4}),
        ("transfer_rate:contacts", 0.2, 50, {}),
        ("escalation_rate", 0.15, 20, {"answered, without a note": 30}),
    ],
)
def test_calls_passed_on_and_handed_up(asked, expected, n, apart):
    value = value_of(asked, PASSED_ON)
    assert (value.value, value.n, left_out(value)) == (expected, n, apart)


def test_how_calls_were_passed_on_is_not_guessed():
    untold = replace(PASSED_ON, transferred_blind=0, transferred_attended=0, several_agents=None)
    assert [
        (value.value, str(value.reason))
        for value in (
            value_of("transfer_rate:blind", untold),
            value_of("transfer_rate:contacts", untold),
        )
    ] == [
        (None, "no transfer tells whether it was attended"),
        (None, "one agent answers a visit: ask for the contacts of a site"),
    ]


def test_call_backs_that_were_returned_and_how_soon():
    # Eight asked, five were called back; of four it is known after how long: 50 minutes in all.
    counts = Counts(
        offered=8,
        callback_requested=8,
        called_back=5,
        called_back_ms=3_000_000,
        called_back_n=4,
    )
    assert (value_of("called_back", counts).value, value_of("called_back_rate", counts).value) == (
        5,
        0.625,
    )
    soon = value_of("time_to_call_back", counts)
    assert (soon.value, soon.n) == (750.0, 4)
    assert left_out(soon) == {
        "not called back, as far as is known": 3,
        "called back, not known how long after": 1,
    }


CALLS_OUT = Counts(
    outbound=Counts(
        offered=9,
        answered=4,
        other=4,
        in_progress=1,
        busy=2,
        # Talked for 29 s, 30 s and 100 s; of one it is not known.
        wait_hist=Histogram.from_pairs(
            [a_code(WaitOutcome.TALK, Entry.DIRECT, ms) for ms in (29_000, 30_000, 100_000)],
            [1, 1, 1],
        ),
        handle_n=(1, 3, 0, 0, 0, 0, 0, 0),
        handle_ms=(0, 159_000, 0, 0, 0, 0, 0, 0),
    )
)


@pytest.mark.parametrize(
    ("asked", "expected", "n"),
    [
        ("dials", 11, 11),
        ("connect_rate", 0.4, 10),
        ("conversations", 2, 2),
        ("aht_outbound", 53, 3),
    ],
)
def test_calls_out_stand_beside_calls_in(asked, expected, n):
    value = value_of(asked, CALLS_OUT)
    assert (value.value, value.n) == (expected, n)
    assert value_of("answered", CALLS_OUT).value == 0


@pytest.mark.parametrize(("seconds", "expected"), [(29, 3), (30, 2), (31, 1), (0, 3)])
def test_what_a_conversation_is_can_be_chosen(seconds, expected):
    value = value_of("conversations", CALLS_OUT, Parameters(conversation_seconds=seconds))
    assert (value.value, left_out(value)) == (expected, {"answered, their talk not known": 1})


@pytest.mark.parametrize(("answered", "cautious"), [(10, False), (16, False), (17, True)])
def test_a_satisfaction_told_by_few_of_the_answered_says_so(answered, cautious):
    """Five answers: of 17 that is 29 %."""
    counts = replace(SURVEYED, answered=answered, asked={"csat": AskedSums(5, 8, 4)})
    for asked in ("csat", "csat:C2", "csat:C3"):
        assert bool(value_of(asked, counts).caution) == cautious
    assert value_of("csat_response", counts).value == 5 / answered
    assert value_of("csat_response:invited", counts).value == 0.5


def test_where_nobody_was_asked_there_is_no_response_rate():
    """Five told how satisfied they are, nobody was asked about effort; a link that brought no
    answer was asking all the same."""
    counts = replace(SURVEYED, answered=20, asked={"csat": AskedSums(5)})
    value = value_of("ces_response", counts)
    assert (value.value, value.n) == (None, 20)
    assert value.reason == "nobody is known to have been asked"
    linked = replace(counts, asked={"ces": AskedSums(0, 3)})
    assert value_of("ces_response", linked).value == 0


def test_a_rate_of_the_queue_names_those_who_never_came_to_it():
    counts = replace(counts_of(some("answered", 4, 5)), left_ivr=12, refused=3, busy=2)
    menu, full, busy = (
        {"hung up in the menu, before the queue": 12},
        {"turned away before the queue": 3},
        {"met a busy line before the queue": 2},
    )
    for asked in ("service_level", "abandon_rate"):
        assert left_out(value_of(asked, counts)) == menu | full | busy
    # These two it counts.
    assert left_out(value_of("abandon_rate:A3", counts)) == busy


def test_answers_that_know_no_call_have_no_response_rate_of_their_own():
    """Five answers; two of them came with a call."""
    value = value_of("csat_response", replace(SURVEYED, answered=4, asked={"csat": AskedSums(2)}))
    assert (value.value, value.n) == (0.5, 4)
    assert left_out(value) == {"answers more, of the same calls or of none that is known": 3}


def test_in_opening_hours_alone_the_rest_is_left_out():
    day = counts_of(
        some("answered", 8, 5)
        + some("answered", 2, 60)
        + [replace(one, closed=True) for one in some("abandoned", 6, 90)]
    )
    in_hours = Parameters(business_hours=True)
    outside = {"outside opening hours, or counted by the day alone": 6}
    for asked, always, inside in (
        ("service_level", 8 / 16, 8 / 10),
        ("abandon_rate", 6 / 16, 0),
        ("asa:W2", (8 * 5 + 2 * 60 + 6 * 90) / 16, 16),
        ("service_level:SL8", 8 / 10, 8 / 10),
    ):
        assert value_of(asked, day).value == always
        value = value_of(asked, day, in_hours)
        assert (value.value, left_out(value)) == (inside, outside), asked


def test_of_agents_nothing_is_known_by_opening_hours():
    by_day = replace(counts_of(some("answered", 8, 5)), open=None)
    value = value_of("asa", by_day, Parameters(business_hours=True))
    assert (value.value, value.n) == (None, 0)
    assert left_out(value) == {"outside opening hours, or counted by the day alone": 8}


def test_nothing_counted_says_nothing():
    for kpi in KPIS.values():
        for variant in kpi.variants:
            value = kpi.compute(Counts(), None, variant.id)
            nothing = 0 if variant.id == "count" else None
            assert (value.value, value.n, value.left_out) == (nothing, 0, ()), kpi.id


@given(VISITS)
def test_no_left_out_count_is_negative(visits):
    counts = counts_of(visits)
    for kpi_id in ("service_level", "abandon_rate", "asa", "longest_wait", "wait_p90"):
        for variant in KPIS[kpi_id].variants:
            value = KPIS[kpi_id].compute(counts, None, variant.id)
            assert all(one.n > 0 for one in value.left_out), variant.id


def test_a_count_is_a_field_of_the_counts():
    names = {item.name for item in fields(Counts)}
    counted = {
        kpi.id for kpi in KPIS.values() if kpi.default.id == "count" and not kpi.default.of_outbound
    }
    assert counted < names


def test_every_setting_is_read_by_a_parameter_and_has_a_field_in_the_form():
    read = {name for names in FIELDS.values() for name in names}
    assert read == {one.name for one in fields(Parameters)} - {"target"}
    assert set(FIELDS) == set(get_args(Parameter))
    for name in read:
        assert choosing.field(name).label
