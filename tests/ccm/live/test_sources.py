"""What is known of sources by what they post: their clocks, their silence, and walls put right."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import connection

from ccm.live import clocks, events, folding, inbox, sources, stretches
from ccm.live.now import floors
from ccm.models import AgentState, Call, LiveEvent, LiveSource, Site
from tests.builders import a_queue, a_site, a_user, many_calls, unsaved_call
from tests.ccm.live.words import posted

pytestmark = pytest.mark.django_db
# A Monday.
NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def after(seconds):
    return NINE + timedelta(seconds=seconds)


def comes(site, second, *said, source="pbx", ahead=0.0):
    """Post events at a second past nine and fold them: each (what, number, members), of the moment
    of posting by a clock that is `ahead` by seconds."""
    for what, number, members in said:
        event = posted(what, second + ahead, number, **members)
        inbox.put([events.read(event, after(second))], site, source, after(second))
    while folding.fold_batch(after(second)):
        pass


def a_steady_source(site, ahead=0.0, source="pbx", start=0):
    """Six seconds in which an event comes that begins nothing."""
    free = {"agent": "Eve", "state": "available"}
    for n in range(start, start + 6):
        comes(site, n, ("agent.state", f"s{n}", free), source=source, ahead=ahead)


def test_a_source_is_known_by_when_it_was_heard_of_and_what_its_events_tell_of():
    site = a_site()
    comes(site, 30, ("agent.login", "1", {"agent": "Ann"}), ahead=-20)
    known = LiveSource.objects.get()
    assert (known.site, known.source) == (site, "pbx")
    assert (known.heard_at, known.newest_at, known.behind) == (after(30), after(10), None)
    comes(site, 40, ("agent.login", "1", {"agent": "Ann"}))  # nothing new
    comes(site, 35, ("agent.login", "2", {"agent": "Ann"}), ahead=-100)
    known.refresh_from_db()
    assert (known.heard_at, known.newest_at) == (after(35), after(10))


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_a_clock_an_hour_wrong_leaves_the_wall_right(ahead):
    """Ten seconds after its clock went wrong. A caller came at 9:00:20 and waits; Ann paused at
    9:00:22."""
    site = a_site()
    a_steady_source(site)
    a_steady_source(site, ahead, start=10)
    comes(
        site, 20,
        ("call.offered", "c", {"call": "c1", "queue": "Sales"}),
        ("agent.login", "l", {"agent": "Ann"}),
        ahead=ahead,
    )  # fmt: skip
    comes(site, 22, ("agent.state", "p", {"agent": "Ann", "state": "paused"}), ahead=ahead)
    floor = floors(after(80))[site.pk]
    (line,) = floor.waiting.values()
    assert (line.calls, line.since) == (1, after(20))
    assert (floor.staffed, floor.paused[""], floor.available) == (1, 1, 0)


def test_who_waited_before_a_clock_was_known_at_all_is_put_right_too():
    site = a_site()
    comes(site, 0, ("call.offered", "1", {"call": "c1", "queue": "Sales"}), ahead=3600)
    a_steady_source(site, 3600, start=60)
    (line,) = floors(after(70))[site.pk].waiting.values()
    assert line.since == after(0)


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_who_waited_before_a_clock_went_wrong_or_was_put_right_still_waits_since_then(ahead):
    """c1 came at 9:00:07 by a clock that was right, c2 at 9:00:20 by one that was wrong."""
    site = a_site()
    a_steady_source(site)
    comes(site, 7, ("call.offered", "1", {"call": "c1", "queue": "Sales"}))
    a_steady_source(site, ahead, start=10)
    comes(site, 20, ("call.offered", "2", {"call": "c2", "queue": "Technical"}), ahead=ahead)
    seen = floors(after(25))[site.pk].waiting.values()
    assert sorted(one.since for one in seen) == [after(7), after(20)]
    # Put right again, before either was answered.
    a_steady_source(site, start=30)
    seen = floors(after(40))[site.pk].waiting.values()
    assert sorted(one.since for one in seen) == [after(7), after(20)]


@pytest.mark.parametrize("hours", [14, -14])
def test_a_clock_of_the_wrong_zone_still_shows_who_waits(hours):
    site = a_site()
    a_steady_source(site, hours * 3600)
    comes(site, 20, ("call.offered", "c", {"call": "c1", "queue": "Sales"}), ahead=hours * 3600)
    (line,) = floors(after(30))[site.pk].waiting.values()
    assert line.since == after(20)


def test_a_clock_that_is_right_within_two_seconds_is_left_alone():
    site = a_site()
    a_steady_source(site, ahead=-1.9)
    comes(site, 20, ("call.offered", "c", {"call": "c1", "queue": "Sales"}), ahead=-1.9)
    (line,) = floors(after(30))[site.pk].waiting.values()
    assert line.since == after(18.1)


def test_a_call_posted_before_and_after_its_clock_is_known_is_one_and_keeps_its_id():
    site = a_site()
    first = ("call.offered", "c", {"call": "c1", "queue": "Sales"})
    comes(site, 0, first, ahead=3600)
    before = Call.objects.get()
    a_steady_source(site, 3600, start=1)
    assert LiveSource.objects.get().behind == -HOUR
    # The same moment of the same call under another event's id, as a source that forgot posts it.
    again = posted("call.offered", 3600, "c again", call="c1", queue="Sales")
    inbox.put([events.read(again, after(60))], site, "pbx", after(60))
    ended = posted("call.ended", 3690, "e", call="c1", ended_by="caller")
    inbox.put([events.read(ended, after(90))], site, "pbx", after(90))
    folding.fold_batch(after(90))
    call = Call.objects.get()
    assert (call.pk, call.wait_ms) == (before.pk, 90_000)
    # The record has what the source wrote.
    assert (call.offered_at, call.ended_at) == (NINE + HOUR, NINE + HOUR + timedelta(seconds=90))


def test_the_clock_of_one_source_moves_nothing_of_another():
    site, queue = a_site(), {"call": "c1", "queue": "Sales"}
    a_steady_source(site, 3600, source="wrong")
    comes(site, 7, ("agent.login", "l", {"agent": "Eve"}), source="wrong", ahead=3600)
    a_steady_source(site, 0, source="right")
    comes(site, 20, ("call.offered", "c", queue), source="right")
    (line,) = floors(after(30))[site.pk].waiting.values()
    assert line.since == after(20)
    assert AgentState.objects.get().starts_at == after(3607)  # as it wrote it


def can_matter(changes, since):
    """Whether a clock was wrong in the hour, or told something to be in it while it was."""
    ends = [*(second for second, _ms in changes[1:]), int(NINE.timestamp())]
    return any(
        clocks.is_wrong(timedelta(milliseconds=ms))
        and end + max(-ms, 0) / 1000 + clocks.SLACK.total_seconds() > since.timestamp()
        for (_second, ms), end in zip(changes, ends, strict=True)
    )


def test_queries_of_the_record_put_moments_right_as_it_is_done_of_now():
    """Clocks that jumped within the last two hours, and what they wrote about the last hour; of
    every other call it is known when its event came."""
    random, site, now = Random(7), a_site(), NINE
    queue, since, changes, came = a_queue(site), NINE - HOUR, {}, {}
    offs = (0, 1_500, -1_500, 2_500, 3_600_000, -3_600_000)
    for source in "abcdef":
        seconds = sorted(random.sample(range(-7200, 0), 3))
        starts = [0, *(int(NINE.timestamp()) + second for second in seconds)]
        changes[source] = [[start, random.choice(offs)] for start in starts]
        one = a_source(site, NINE, source)
        LiveSource.objects.filter(pk=one.pk).update(changes=changes[source])
    calls = [
        unsaved_call(
            queue, after(random.randrange(-9000, 5400)), source=source, external_id=f"{source}{n}"
        )
        for source in changes
        for n in range(60)
    ]
    many_calls(calls)
    for one in calls[::2]:
        came[one.pk] = after(random.randrange(-7200, 0))
        seen = {"kind": "call.offered", "call": one.external_id, "payload": {}, "site": site}
        LiveEvent.objects.create(source=one.source, event_id=one.pk, at=one.offered_at, **seen)
        LiveEvent.objects.filter(event_id=one.pk).update(received_at=came[one.pk])
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH stretches AS ({stretches.STRETCHES}), strayed AS ({stretches.STRAYED})"
            f" SELECT c.id, {stretches.right_sql('c')}, c.offered_at >= low AND c.offered_at < high"
            " FROM ccm_call AS c LEFT JOIN strayed USING (site_id, source)",
            {"start": since, "end": now, "sites": [site.pk]},
        )
        found = {pk: (moment, near) for pk, moment, near in cursor.fetchall()}
    expected = {
        one.pk: clocks.right(changes[one.source], one.offered_at, came.get(one.pk, now))
        # What was told by a clock that is right since before the hour began is as it is.
        if can_matter(changes[one.source], since)
        else one.offered_at
        for one in calls
    }
    lately = {pk: moment for pk, moment in expected.items() if since <= moment < now}
    assert {pk: one for pk, (one, _near) in found.items() if since <= one < now} == lately
    # Of which no change tells, they are where they were told: nothing says where to look for them.
    moved = [
        one.pk
        for one in calls
        if one.pk in lately and lately[one.pk] not in (one.offered_at, came.get(one.pk))
    ]
    assert len(moved) > 20
    assert all(found[pk][1] for pk in moved)


def test_a_clock_that_jumped_more_often_than_is_kept_tells_nothing_anew():
    """Told an hour ago by a clock an hour ahead, of which no change is kept any more: by its words
    it is of this minute."""
    site, now = a_site(), NINE
    one = a_source(site, NINE, "pbx")
    kept = [[int((NINE - 20 * MINUTE).timestamp()), -3_600_000], [int(NINE.timestamp()) - 600, 0]]
    LiveSource.objects.filter(pk=one.pk).update(changes=kept)
    call = unsaved_call(a_queue(site), NINE - MINUTE, source="pbx", external_id="c1")
    many_calls([call])
    LiveEvent.objects.create(
        source="pbx", event_id="e", at=call.offered_at, kind="call.offered", call="c1",
        payload={}, site=site,
    )  # fmt: skip
    came = NINE - HOUR - MINUTE
    LiveEvent.objects.update(received_at=came)
    assert clocks.right(kept, call.offered_at, came) == came
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH stretches AS ({stretches.STRETCHES})"
            f" SELECT {stretches.right_sql('c')} FROM ccm_call AS c",
            {"start": NINE - HOUR, "end": now, "sites": [site.pk]},
        )
        assert cursor.fetchall() == [(came,)]


def test_what_is_wrong_with_a_clock_is_said():
    site = a_site()
    a_steady_source(site, 3600, source="York switch")
    a_steady_source(site, -245, source="Softphones")
    a_steady_source(site, 0, source="Bridge")
    said = {one.source: one.words(after(10)) for one in sources.troubled(after(10))[site.pk]}
    assert said == {
        "York switch": [
            "The clock of York switch is 1 h 00 min ahead.",
            "Set it right: what it told so far is in the wrong hours of today's figures.",
        ],
        "Softphones": ["The clock of Softphones is 4 min 05 s behind, or all it posts is late."],
    }


AHEAD, RIGHT = -HOUR, timedelta()
IS_AHEAD = "The clock of pbx is 1 h 00 min ahead."
STAYS = "what it told then stays in the wrong hours of today's figures."


# A minute is one of nine o'clock UTC, which is ten at the site; None: from the first.
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [(None, RIGHT), (-40, AHEAD)],
            [
                IS_AHEAD,
                "Set it right: what it told since 09:20 is in the wrong hours of today's figures.",
            ],
        ),
        (
            [(None, HOUR)],
            [
                "The clock of pbx is 1 h 00 min behind, or all it posts is late.",
                "If it is the clock, set it right: what it told so far is in the wrong hours of"
                " today's figures.",
            ],
        ),
        (
            [(None, RIGHT), (-55, AHEAD), (-40, RIGHT)],
            [f"The clock of pbx was 1 h 00 min ahead from 09:05 to 09:20: {STAYS}"],
        ),
        (
            [(None, HOUR), (-40, RIGHT)],
            [f"The clock of pbx was 1 h 00 min behind until 09:20: {STAYS}"],
        ),
        # Put right at 23:30 last night: what it told an hour ahead is of today up to 0:30.
        (
            [(None, RIGHT), (-780, AHEAD), (-630, RIGHT)],
            [
                "The clock of pbx was 1 h 00 min ahead from 2026-05-03 21:00 to 2026-05-03 23:30:"
                f" {STAYS}"
            ],
        ),
        # It was an hour behind then: nothing of it is of today.
        ([(None, RIGHT), (-780, HOUR), (-630, RIGHT)], []),
        # It drifts: one spell of a wrong clock.
        (
            [(None, RIGHT), (-55, AHEAD), (-50, AHEAD - timedelta(seconds=5)), (-40, RIGHT)],
            [f"The clock of pbx was 1 h 00 min ahead from 09:05 to 09:20: {STAYS}"],
        ),
        (
            [(None, RIGHT), (-55, AHEAD), (-40, RIGHT), (-30, 2 * HOUR), (-20, RIGHT), (-5, AHEAD)],
            [
                IS_AHEAD,
                "Set it right: what it told since 09:55 is in the wrong hours of today's figures.",
                "The clock of pbx was wrong again and again, by up to 2 h 00 min, from 09:05 to"
                " 09:40: some of what it told then stays in the wrong hours of today's figures.",
            ],
        ),
        # Within a quarter hour counts are right but for the calls at its edges.
        ([(None, RIGHT), (-55, 14 * MINUTE), (-40, RIGHT)], []),
    ],
)  # fmt: skip
def test_it_is_said_which_of_todays_counts_a_wrong_clock_put_in_wrong_hours(changes, said):
    site = a_site(zone="Europe/London")
    one, since = a_source(site, NINE), int(NINE.timestamp())
    one.changes = [
        [0 if minute is None else since + minute * 60, off // timedelta(milliseconds=1)]
        for minute, off in changes
    ]
    one.behind = changes[-1][1]
    one.save()
    assert [
        words for one in sources.troubled(NINE).get(site.pk, []) for words in one.words(NINE)
    ] == said
    asked = sources.with_clocks(Site.objects.filter(pk=site.pk)).get()
    assert sources.on_counts(asked, NINE) == ([" ".join(said)] if said else [])


# Silence


def a_source(site, heard_at, name="pbx", pause=None):
    return LiveSource.objects.create(
        site=site, source=name, heard_at=heard_at, newest_at=heard_at, usual_pause=pause
    )


def silent(now):
    return {
        one.source: one.words(now)
        for told in sources.troubled(now).values()
        for one in told
        if one.silent_since
    }


def test_what_is_silence_of_one_source_is_usual_of_another():
    site = a_site()
    a_source(site, NINE, "busy", MINUTE)
    a_source(site, NINE, "slow", 20 * MINUTE)
    a_source(site, NINE, "new")
    assert silent(NINE + 5 * MINUTE) == {}
    late = NINE + 5 * MINUTE + timedelta(seconds=1)
    assert silent(late) == {"busy": ["Nothing has come from busy since 09:00."]}
    assert silent(NINE + 16 * MINUTE).keys() == {"busy", "new"}
    assert silent(NINE + 61 * MINUTE).keys() == {"busy", "new", "slow"}


def test_silence_is_told_by_the_clock_of_the_site_and_with_the_day_where_that_is_another():
    site = a_site(zone="Europe/London")
    a_source(site, NINE)
    assert silent(NINE + HOUR) == {"pbx": ["Nothing has come from pbx since 10:00."]}
    day = timedelta(days=1)
    assert silent(NINE + day) == {"pbx": ["Nothing has come from pbx since 2026-05-04 10:00."]}


def test_nobody_is_silent_while_the_site_is_closed_nor_just_after_it_opened():
    site = a_site(zone="Europe/London")
    site.opening = {"1": [["08:00", "12:00"], ["13:00", "18:00"]]}  # Tuesdays
    site.save()
    a_source(site, NINE, pause=MINUTE)
    opens = datetime(2026, 5, 5, 7, 0, tzinfo=UTC)  # 8:00 in London
    assert silent(NINE + HOUR) == silent(opens - MINUTE) == silent(opens + 5 * MINUTE) == {}
    assert silent(opens + 6 * MINUTE).keys() == {"pbx"}
    assert silent(datetime(2026, 5, 5, 11, 30, tzinfo=UTC)) == {}  # lunch
    assert silent(datetime(2026, 5, 5, 12, 3, tzinfo=UTC)) == {}
    assert silent(datetime(2026, 5, 5, 12, 6, tzinfo=UTC)).keys() == {"pbx"}


def test_a_source_of_which_nothing_came_for_a_week_is_gone():
    site = a_site()
    a_source(site, NINE)
    week = timedelta(days=7)
    assert silent(NINE + week).keys() == {"pbx"}
    assert silent(NINE + week + MINUTE) == {}


def test_a_night_is_no_pause_and_a_lunch_hour_is_one():
    site = a_site()
    site.opening = {str(day): [["08:00", "18:00"]] for day in range(5)}
    site.save()
    comes(site, 0, ("agent.login", "1", {"agent": "Ann"}))
    comes(site, 86_400, ("agent.login", "2", {"agent": "Ann"}))
    assert LiveSource.objects.get().usual_pause is None
    comes(site, 90_000, ("agent.login", "3", {"agent": "Ann"}))
    assert LiveSource.objects.get().usual_pause == 7.5 * MINUTE


@pytest.mark.parametrize("many", [1, 8])
def test_it_takes_one_query_for_however_many_sites(django_assert_num_queries, many):
    for _ in range(many):
        a_source(a_site(), NINE)
    with django_assert_num_queries(1):
        found = sources.troubled(NINE + HOUR)
        assert len([one.words(NINE + HOUR) for told in found.values() for one in told]) == many


# The page


def test_the_imports_page_shows_the_sources_of_the_sites_that_one_manages(client):
    york, leeds = a_site("York"), a_site("Leeds")
    a_queue(york)
    a_source(york, datetime.now(UTC) - timedelta(minutes=40), "York switch", MINUTE)
    a_source(leeds, datetime.now(UTC), "Leeds switch")
    a_source(york, datetime.now(UTC), "<b>bridge")
    LiveSource.objects.filter(source="<b>bridge").update(behind=-HOUR)
    client.force_login(a_user("manager", york))
    page = client.get("/imports/").content.decode()
    shown = page.split('id="live"')[1].split("</table>")[0]
    assert "York switch" in shown
    assert "silent" in shown
    assert "Leeds switch" not in page
    assert "The clock of &lt;b&gt;bridge is 1 h 00 min ahead." in shown


def test_where_nothing_comes_in_live_the_imports_page_says_nothing_of_it(client):
    client.force_login(a_user("admin"))
    assert 'id="live"' not in client.get("/imports/").content.decode()
