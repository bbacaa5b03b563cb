"""The demo centre as a whole: it is the same for the same arguments, and looks like life."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ccm.demo.centre import make_centre
from ccm.demo.house import LEEDS, PUNE, SITES
from ccm.demo.people import hire
from ccm.imports.records import CALLS, OFFERS, STATES, SURVEYS

TODAY = date(2025, 6, 11)  # a Wednesday
NOON = datetime(2025, 6, 11, 12, 0, tzinfo=UTC)  # Leeds 13:00, Bogotá 07:00, Pune 17:30
FRAMES = ("calls", "offers", "states", "surveys", "dials")


@pytest.fixture(scope="module")
def small():
    return make_centre(seed=3, days=8, agents=60, today=TODAY, now=NOON)


@pytest.fixture(scope="module")
def usual():
    """Four weeks of the default house."""
    return make_centre(seed=1, days=28, agents=120, today=TODAY, now=NOON)


def every(centre, frame):
    return pl.concat(
        getattr(record, frame).with_columns(site=pl.lit(record.site.name))
        for record in centre.records.values()
    )


def test_the_same_arguments_make_the_same_centre(small):
    again = make_centre(seed=3, days=8, agents=60, today=TODAY, now=NOON)
    assert again.crew == small.crew
    for slug, record in small.records.items():
        for frame in FRAMES:
            assert_frame_equal(getattr(record, frame), getattr(again.records[slug], frame))


def test_another_seed_makes_another_centre(small):
    other = make_centre(seed=4, days=8, agents=60, today=TODAY, now=NOON)
    assert len(other.records["leeds"].calls) != len(small.records["leeds"].calls)


def test_records_have_the_shapes_of_the_import(small):
    for record in small.records.values():
        assert record.calls.schema == CALLS
        assert record.offers.schema == OFFERS
        assert record.states.schema == STATES
        assert record.surveys.schema == SURVEYS
        assert record.dials.schema == CALLS


def test_few_callers_do_not_agree_to_be_recorded(usual):
    calls = every(usual, "calls")
    served = calls.filter(pl.col("answered_at").is_not_null())
    assert served["consent"].is_not_null().all()
    assert 0.015 < 1 - served["consent"].mean() < 0.035
    assert calls.filter(pl.col("answered_at").is_null())["consent"].is_null().all()


def test_a_later_look_shows_the_same_past(small):
    later = make_centre(seed=3, days=8, agents=60, today=TODAY, now=NOON + timedelta(hours=2))
    for slug, record in small.records.items():
        lost = pl.col("answered_at").is_null() & (pl.col("ended_at") < NOON)
        over = lost | (pl.col("wrapup_ended_at") < NOON)
        assert_frame_equal(later.records[slug].calls.filter(over), record.calls.filter(over))
        assert len(later.records[slug].calls) > len(record.calls) or slug == "bogota"


def test_nothing_is_known_of_what_is_still_to_come(small):
    for record in small.records.values():
        for frame in FRAMES:
            known = getattr(record, frame)
            for name, kind in known.schema.items():
                if isinstance(kind, pl.Datetime) and len(known):
                    assert known[name].drop_nulls().max() <= NOON, (frame, name)


def test_calls_still_in_the_air_are_open(usual):
    calls = every(usual, "calls")
    waiting = calls.filter(outcome="in_progress")
    talking = calls.filter(pl.col("answered_at").is_not_null(), pl.col("ended_at").is_null())
    # At noon two sites of three are busy: nobody in the air would be a bug.
    assert len(talking) >= 10
    assert talking["talk_ms"].null_count() == talking["acw_ms"].null_count() == len(talking)
    assert waiting["agent"].null_count() == waiting["wait_ms"].null_count() == len(waiting)
    assert set(calls.filter(pl.col("ended_at").is_null())["outcome"].unique()) <= {
        "in_progress", "answered",
    }  # fmt: skip


def test_a_caller_who_waits_has_no_agent_yet(usual):
    record = usual.records["leeds"]
    slow = record.calls.with_row_index("call").filter(
        pl.col("outcome") == "answered", pl.col("wait_ms") > 60_000
    )
    slow = slow.row(0, named=True)
    look = record.until(slow["offered_at"] + timedelta(milliseconds=slow["wait_ms"] // 2))
    seen = look.calls.row(slow["call"], named=True)
    assert seen["outcome"] == "in_progress"
    unknown = ("agent", "answered_at", "ended_at", "wait_ms", "ring_ms", "talk_ms", "topic")
    assert [seen[name] for name in unknown] == [None] * len(unknown)
    assert look.offers.filter(call=slow["call"], outcome="answered").is_empty()
    # As the phone rings its last half second the answer is not known either.
    look = record.until(slow["answered_at"])
    assert look.calls.row(slow["call"], named=True)["outcome"] == "in_progress"
    look = record.until(slow["answered_at"] + timedelta(milliseconds=1))
    seen = look.calls.row(slow["call"], named=True)
    assert (seen["outcome"], seen["agent"], seen["ended_at"]) == ("answered", slow["agent"], None)


def test_durations_and_stamps_agree_to_the_millisecond(small):
    calls = every(small, "calls").filter(pl.col("outcome") != "left_ivr")
    over = calls.filter(pl.col("ended_at").is_not_null())
    waited = pl.coalesce("answered_at", "ended_at") - pl.col("offered_at")
    assert over.filter(waited.dt.total_milliseconds() != pl.col("wait_ms")).is_empty()
    spoken = (pl.col("ended_at") - pl.col("answered_at")).dt.total_milliseconds()
    assert over.filter(spoken != pl.col("talk_ms") + pl.col("hold_ms")).is_empty()
    wrapped = (pl.col("wrapup_ended_at") - pl.col("ended_at")).dt.total_milliseconds()
    assert over.filter(wrapped != pl.col("acw_ms")).is_empty()
    born = pl.col("offered_at").dt.epoch("ms")
    assert calls.filter(born != pl.col("birth_ms")).is_empty()


def test_an_agent_does_one_thing_at_a_time_and_only_at_work(small):
    record = small.records["pune"]
    busy = record.calls.filter(pl.col("wrapup_ended_at").is_not_null()).select(
        "agent", start="answered_at", end="wrapup_ended_at"
    )
    # Calls back are made between others, those of a campaign within its stretches.
    back = record.dials.filter(pl.col("linked_id").is_in(record.calls["linked_id"].implode()))
    assert len(back) > 20
    dialled = back.select(
        "agent", start="offered_at", end=pl.coalesce("wrapup_ended_at", "ended_at")
    )
    paused = record.states.filter(state="paused").select("agent", start="starts_at", end="ends_at")
    doing = pl.concat([busy, dialled, paused]).sort("agent", "start")
    before = pl.col("end").shift(1).over("agent")
    assert doing.filter(pl.col("start") < before).is_empty()
    shifts = record.states.filter(state="logged_in").select("agent", "starts_at", "ends_at")
    inside = doing.sort("start").join_asof(
        shifts.sort("starts_at"), left_on="start", right_on="starts_at", by="agent",
        check_sortedness=False,
    )  # fmt: skip
    assert inside.filter(
        pl.col("ends_at").is_null() | (pl.col("end") > pl.col("ends_at"))
    ).is_empty()


def test_every_answered_call_has_its_ring(small):
    record = small.records["leeds"]
    rung = record.offers.filter(outcome="answered").join(
        record.calls.with_row_index("call"), on="call"
    )
    assert len(rung) == record.calls.filter(outcome="answered").height
    assert rung.filter(pl.col("agent") != pl.col("agent_right")).is_empty()
    answered = pl.col("starts_at") + pl.duration(milliseconds="ring_ms")
    assert rung.filter(answered != pl.col("answered_at")).is_empty()


def test_a_call_handed_on_is_offered_to_the_next_queue_at_once(small):
    calls = every(small, "calls")
    left = calls.filter(pl.col("transfer_target").is_not_null())
    went = left.join(
        calls, left_on=["linked_id", "transfer_target"], right_on=["linked_id", "queue"]
    )
    # Only the last seconds before now may hide where a call went.
    assert len(left) - len(went) <= 1
    assert len(went) > 50
    assert went.filter(pl.col("ended_at") != pl.col("offered_at_right")).is_empty()
    assert set(left["transfer_kind"].unique()) == {"blind", "attended"}


def test_ids_are_given_once(small):
    calls = every(small, "calls")
    assert calls["external_id"].n_unique() == len(calls)


def test_callers_reach_open_queues_only(small):
    bogota = small.records["bogota"].calls
    hours = bogota["offered_at"].dt.convert_time_zone("America/Bogota")
    weekday, hour = hours.dt.weekday(), hours.dt.hour()
    assert hour.filter(weekday <= 5).min() == 7
    # Who hangs on past closing time may be handed to another queue for a moment more.
    assert hour.filter(weekday <= 5).max() == 19
    assert hour.filter(weekday == 7).is_between(9, 14).all()
    ventas = bogota.filter(queue="Ventas")["offered_at"].dt.convert_time_zone("America/Bogota")
    assert not (ventas.dt.weekday() == 7).any()


def test_a_holiday_shuts_what_is_not_always_open():
    # 26 May 2025 is the Spring Bank Holiday in England.
    centre = make_centre(1, 3, 60, date(2025, 5, 27), datetime(2025, 5, 27, 1, tzinfo=UTC))
    leeds = centre.records["leeds"].calls
    local = leeds["offered_at"].dt.convert_time_zone("Europe/London").dt.date()
    assert leeds.filter(local == date(2025, 5, 26))["queue"].unique().to_list() == ["Roadside"]


def test_the_clocks_go_forward_and_nobody_rings_in_the_missing_hour():
    # 30 March 2025: 01:00 in Leeds is 02:00; the site's day has 23 hours.
    now = datetime(2025, 3, 31, 12, tzinfo=UTC)
    leeds = make_centre(1, 3, 120, date(2025, 3, 31), now).records["leeds"].calls
    local = leeds["offered_at"].dt.convert_time_zone("Europe/London")
    sunday = local.filter(local.dt.date() == date(2025, 3, 30)).dt.hour()
    counts = sunday.value_counts().rows_by_key("offered_at")
    assert 1 not in counts
    assert {0, 2, 3} <= counts.keys()


def test_a_site_is_filled_to_its_own_today():
    # 20:00 UTC is 01:30 of the next day in Pune.
    now = datetime(2025, 6, 11, 20, 0, tzinfo=UTC)
    states = make_centre(1, 2, 60, TODAY, now).records["pune"].states
    assert states["ends_at"].max() <= now
    assert now.astimezone(ZoneInfo(PUNE.zone)).date() == date(2025, 6, 12)


def test_the_default_house_has_the_calls_of_120_people(usual):
    calls = every(usual, "calls").filter(pl.col("outcome") != "left_ivr")
    days = calls.group_by(pl.col("offered_at").dt.date()).len().sort("offered_at")
    weekdays = days.filter(
        pl.col("offered_at").dt.weekday() <= 5,
        pl.col("offered_at").is_between(date(2025, 5, 15), date(2025, 6, 10)),
        pl.col("offered_at") != date(2025, 5, 26),  # shut at Leeds
        pl.col("offered_at") != date(2025, 6, 2),  # shut at Bogotá
    )  # fmt: skip
    assert 2_500 <= weekdays["len"].mean() <= 3_600
    sundays = days.filter(pl.col("offered_at").dt.weekday() == 7)
    assert sundays["len"].max() < weekdays["len"].min() / 3


def test_service_looks_like_life(usual):
    calls = every(usual, "calls").filter(~pl.col("outcome").is_in(["left_ivr", "in_progress"]))
    in_time = (pl.col("outcome") == "answered") & (pl.col("wait_ms") <= 20_000)
    levels = dict(calls.group_by("queue").agg(in_time.mean()).iter_rows())
    assert len(levels) == 8
    assert 0.35 <= levels.pop("Technical") <= 0.65
    assert all(0.70 <= level <= 0.90 for level in levels.values()), levels


def test_the_longer_they_wait_the_more_give_up(usual):
    calls = every(usual, "calls").filter(pl.col("outcome").is_in(["answered", "abandoned"]))
    day = calls.group_by("queue", pl.col("offered_at").dt.date()).agg(
        wait=pl.col("wait_ms").mean(), lost=(pl.col("outcome") == "abandoned").mean(), n=pl.len()
    )
    day = day.filter(pl.col("n") >= 50)
    assert day.select(pl.corr("wait", "lost", method="spearman")).item() > 0.8


def test_every_way_out_is_taken(usual):
    calls = every(usual, "calls").filter(pl.col("outcome") != "in_progress")
    assert set(calls["outcome"].unique()) == {
        "answered", "abandoned", "timed_out", "voicemail", "callback_requested", "key_exit",
        "left_ivr",
    }  # fmt: skip
    rings = every(usual, "offers")
    missed = rings.filter(pl.col("outcome").is_in(["no_answer", "unreachable"]))
    assert 0.01 < len(missed) / len(rings) < 0.10
    assert {"declined", "cancelled"} <= set(rings["outcome"].unique())
    assert rings.filter(outcome="unreachable")["ring_ms"].max() == 0


def test_who_calls_out_reaches_as_many_as_in_life(usual):
    dials = every(usual, "dials")
    linked = every(usual, "calls")["linked_id"].implode()
    campaign = dials.filter(~pl.col("linked_id").is_in(linked))
    assert set(campaign["queue"].unique()) == {"Renewals", "Ventas"}
    assert set(campaign["outcome"].unique()) == {"answered", "other", "busy", "failed"}
    stretches = every(usual, "states").filter(reason="Calls out")
    hours = (stretches["ends_at"] - stretches["starts_at"]).dt.total_seconds().sum() / 3600
    assert 8 < len(campaign) / hours < 20
    assert 3 < campaign.filter(pl.col("talk_ms") >= 30_000).height / hours < 8
    for queue in ("Renewals", "Ventas"):
        own = campaign.filter(queue=queue)
        assert 0.30 < own.filter(outcome="answered").height / own.height < 0.60
    # Within a stretch of its agent, one after the other.
    spans = campaign.select(
        "agent", start="offered_at", end=pl.coalesce("wrapup_ended_at", "ended_at")
    )
    inside = spans.sort("start").join_asof(
        stretches.sort("starts_at"), left_on="start", right_on="starts_at", by="agent",
        check_sortedness=False,
    )  # fmt: skip
    assert inside.filter(~(pl.col("end") <= pl.col("ends_at"))).is_empty()
    following = spans.sort("agent", "start").with_columns(
        before=pl.col("end").shift(1).over("agent")
    )
    assert following.filter(pl.col("start") < pl.col("before")).is_empty()
    assert len(dials) < 0.12 * len(every(usual, "calls"))


def test_most_who_asked_are_called_back_some_late_and_some_never(usual):
    asked = every(usual, "calls").filter(outcome="callback_requested")
    reached = every(usual, "dials").filter(outcome="answered").select("linked_id", at="answered_at")
    known = asked.join(reached, on="linked_id", how="left")
    assert len(known) == len(asked) > 200
    waited = (known["at"] - known["ended_at"]).dt.total_minutes().drop_nulls()
    assert 0.7 < len(waited) / len(known) < 0.95
    assert 30 < waited.median() < 120
    assert (waited > 240).mean() > 0.03
    assert waited.min() >= 5


def test_callers_answer_surveys_as_they_feel(usual):
    record = usual.records["leeds"]
    answered = record.calls.filter(outcome="answered")
    satisfied = record.surveys.filter(kind="csat")
    assert 0.13 <= len(satisfied) / len(answered) <= 0.20
    scored = satisfied.join(record.calls.with_row_index("call"), on="call")
    assert scored["score"].is_in([1.0, 2.0, 3.0, 4.0, 5.0]).all()
    mean = dict(scored.group_by("resolved").agg(pl.col("score").mean()).iter_rows())
    assert mean[True] - mean[False] > 0.8
    slow = scored.filter(pl.col("wait_ms") > 120_000)["score"].mean()
    quick = scored.filter(pl.col("wait_ms") < 20_000)["score"].mean()
    assert quick - slow > 0.2


def answers_by_call(centre):
    """One row a call with an answer: what it was on each question, and what its agent wrote."""
    told = every(centre, "surveys").pivot(on="kind", index=["site", "call"], values="score")
    calls = pl.concat(
        record.calls.with_row_index("call").with_columns(site=pl.lit(record.site.name))
        for record in centre.records.values()
    )
    return told.join(calls.select("site", "call", "resolved"), on=["site", "call"])


def test_who_answers_tells_two_things_and_some_tell_more(usual):
    told = every(usual, "surveys")
    assert told.select(pl.struct("site", "call", "kind").is_unique().all()).item()
    scales = told.select("kind", "scale_min", "scale_max").unique()
    assert set(scales.rows()) == {
        ("csat", 1, 5), ("fcr", 0, 1), ("nps", 0, 10), ("ces", 1, 7),
    }  # fmt: skip
    assert told.filter(~pl.col("score").is_between("scale_min", "scale_max")).is_empty()
    assert told.filter(pl.col("score") != pl.col("score").round()).is_empty()
    asked = answers_by_call(usual)
    assert asked["csat"].null_count() == asked["fcr"].null_count() == 0
    # Every third, every fourth, and so both of every twelfth.
    nps, ces = asked["nps"].is_not_null(), asked["ces"].is_not_null()
    assert nps.mean() == pytest.approx(1 / 3, abs=0.02)
    assert ces.mean() == pytest.approx(1 / 4, abs=0.02)
    assert (nps & ces).mean() == pytest.approx(1 / 12, abs=0.02)


def test_the_answers_of_a_caller_agree_and_none_follows_from_another(usual):
    asked = answers_by_call(usual)
    for one, other in (("csat", "nps"), ("csat", "ces"), ("nps", "ces"), ("csat", "fcr")):
        both = asked.drop_nulls([one, other])
        assert 0.3 < both.select(pl.corr(one, other)).item() < 0.9, (one, other)
    known = asked.drop_nulls("resolved")
    settled = dict(known.group_by("resolved").agg(pl.col("fcr").mean()).iter_rows())
    assert 0.90 < settled[True] < 1
    assert 0.15 < settled[False] < 0.45


def test_callers_recommend_the_house_as_in_life(usual):
    told = every(usual, "surveys")
    nps = told.filter(kind="nps")["score"]
    assert 10 < 100 * ((nps >= 9).mean() - (nps <= 6).mean()) < 45
    assert 4.5 < told.filter(kind="ces")["score"].mean() < 6
    assert 0.75 < told.filter(kind="fcr")["score"].mean() < 0.90


def test_callers_who_were_not_helped_ring_again(usual):
    calls = every(usual, "calls").filter(
        pl.col("outcome") == "answered", pl.col("caller").is_not_null()
    )
    calls = calls.sort("offered_at").with_columns(
        later=pl.col("offered_at").shift(-1).over("caller", "queue"),
        other=pl.col("linked_id").shift(-1).over("caller", "queue"),
    )
    calls = calls.with_columns(
        again=((pl.col("later") - pl.col("offered_at")) < timedelta(days=7))
        & (pl.col("other") != pl.col("linked_id"))
    ).with_columns(pl.col("again").fill_null(value=False))
    known = calls.filter(pl.col("resolved").is_not_null())
    share = dict(known.group_by("resolved").agg(pl.col("again").mean()).iter_rows())
    assert share[False] > 3 * share[True]


def test_the_crew_is_as_large_as_asked_and_everyone_has_a_team():
    for agents in (24, 61, 120, 300):
        crew = hire(1, agents, TODAY)
        assert len(crew.people) == agents
        assert len({one.alias for one in crew.people}) == agents
        teams = {(team.site, team.name) for team in crew.teams}
        assert {(one.site, one.team) for one in crew.people} <= teams
        queues = {queue.name for site in SITES for queue in site.queues}
        assert {one.queues[0] for one in crew.people} == queues
        names = [one.name for one in crew.people] + [team.lead for team in crew.teams]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("seed", "days", "agents"), [(-1, 10, 60), (1, 0, 60), (1, 10, 23), (1, 5_000, 60)]
)
def test_a_house_that_cannot_be_is_refused(seed, days, agents):
    with pytest.raises(ValueError, match=r"demo centre|seed"):
        make_centre(seed, days, agents, TODAY, NOON)


def test_roadside_never_shuts(small):
    leeds = small.records["leeds"].calls.filter(queue="Roadside")
    hours = leeds["offered_at"].dt.convert_time_zone(LEEDS.zone).dt.hour()
    assert set(hours.unique()) == set(range(24))


def test_chunks_number_their_own_calls(small):
    record = small.records["leeds"]
    chunks = list(record.chunks(rows=500))
    assert sum(len(chunk.calls) for chunk in chunks) == len(record.calls) + len(record.dials)
    assert sum(len(chunk.offers) for chunk in chunks) == len(record.offers)
    assert sum(len(chunk.surveys) for chunk in chunks) == len(record.surveys)
    assert sum(len(chunk.states) for chunk in chunks) == len(record.states)
    assert all(chunk.read == chunk.helped() for chunk in chunks)
    assert_frame_equal(chunks[-1].calls, record.dials)
    for chunk in chunks[:-1]:
        answered = chunk.offers.filter(outcome="answered").join(
            chunk.calls.with_row_index("call"), on="call"
        )
        assert answered.filter(pl.col("agent") != pl.col("agent_right")).is_empty()
        assert chunk.offers["call"].max() < len(chunk.calls)
