"""What each kind of tile tells, reckoned by hand."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from ccm.models import AgentState, LiveSource, SurveyResponse
from kpis import rollups
from kpis.models import Board
from kpis.walls import frames
from kpis.walls.drawn import DRAW
from kpis.walls.kinds import KINDS
from tests.builders import a_call, a_queue, a_site, an_agent

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def site():
    return a_site("Leeds", zone="Europe/London")


def shown(site, *tiles, now=NOON, drawer=None, **board):
    """The tiles of a board as its frame tells them."""
    rows = [{"id": f"t{number}", **tile} for number, tile in enumerate(tiles)]
    made, _new = Board.objects.update_or_create(
        slug="b", defaults={"title": "B", "site": site, "tiles": rows, **board}
    )
    if drawer is None:
        return frames.frame(made, now)["tiles"]
    return dict(drawer.frames(now))["b"]["tiles"]


def one(site, now=NOON, drawer=None, board=(), **tile):
    (found,) = shown(site, tile, now=now, drawer=drawer, **dict(board))
    return found


def test_a_figure_of_one_queue_beside_that_of_all(site):
    """Sales 1 of 1 in time, Help 1 of 3: 50 % of all four."""
    sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
    a_call(sales, NOON - 5 * MINUTE, wait=5)
    for wait in (5, 60, 60):
        a_call(help_, NOON - 6 * MINUTE - wait * SECOND, wait=wait)
    rollups.rebuild()
    of_all = {"kind": "figure", "kpi": "service_level"}
    found = shown(site, of_all, of_all | {"queue": sales.pk}, of_all | {"queue": help_.pk})
    assert [tile["figure"] for tile in found] == ["50.0", "100.0", "33.3"]


def test_what_is_answered_says_of_how_many_contacts_of_queues_of_how_many_visits(site):
    """Sales passes one caller of two on to Help: a contact, and a visit of each."""
    sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
    passed = a_call(sales, NOON - 9 * MINUTE)
    a_call(sales, NOON - 8 * MINUTE)
    a_call(help_, NOON - 6 * MINUTE, linked_id=passed.linked_id)
    rollups.rebuild()
    asked = {"kind": "figure", "kpi": "answered"}
    found = shown(site, asked, asked | {"queue": sales.pk}, asked | {"queue": help_.pk})
    assert [(tile["figure"], tile["left"]) for tile in found] == [
        ("2", "of 2 contacts"), ("2", "of 2 visits"), ("1", "of 1 visit"),
    ]  # fmt: skip


def test_a_figure_of_the_week_and_the_month_ends_today(site):
    """Wednesday the 4th: one call a day since the 20th of February. Today 1, since Monday 3, since
    the 1st 4."""
    queue = a_queue(site)
    for day in range(13):
        a_call(queue, NOON - day * DAY - MINUTE)
    rollups.rebuild()
    asked = [
        {"kind": "figure", "kpi": "offered", "window": one} for one in ("today", "week", "month")
    ]
    found = shown(site, *asked)
    assert [tile["figure"] for tile in found] == ["1", "3", "4"]
    assert [tile["title"].partition(" · ")[2] for tile in found] == ["", "this week", "this month"]


def test_a_level_of_the_last_minutes_is_of_who_came_in_them(site):
    """In time 10 min ago, late 20 min ago and 50 min ago: 1 of 1, 1 of 2, 1 of 3; nothing waits for
    a count."""
    queue = a_queue(site)
    for minutes, wait in ((10, 5), (20, 90), (50, 90)):
        a_call(queue, NOON - minutes * MINUTE, wait=wait)
    asked = {"kind": "figure", "kpi": "service_level"}
    found = shown(site, *(asked | {"window": one} for one in ("15", "30", "60")))
    assert [tile["figure"] for tile in found] == ["100.0", "50.0", "33.3"]
    assert found[1]["title"] == "Service level · last 30 min"
    (unknown,) = shown(site, asked | {"kpi": "fcr", "window": "15"})
    assert unknown["figure"] == "–"
    assert "not told of the last minutes" in unknown["left"]


def test_bounds_of_a_tile_hold_instead_of_targets_and_do_not_blink(site):
    queue = a_queue(site)
    drawer = frames.Drawer()
    tile = {"kind": "figure", "kpi": "waiting", "caution": 1, "critical": 3, "back": 1}
    calls = [a_call(queue, NOON - 9 * SECOND, wait=None, outcome="in_progress") for _ in range(4)]
    seen = []
    for second, over in enumerate((0, 1, 1, 1)):
        for call in calls[:over]:
            call.delete()
        calls = calls[over:]
        drawn = one(site, now=NOON + second * SECOND, drawer=drawer, **tile)
        seen.append((drawn["figure"], drawn["level"], drawn["word"]))
    assert seen == [
        ("4", "bad", "act now"), ("3", "bad", "act now"), ("2", "warn", "caution"),
        ("1", "warn", "caution"),
    ]  # fmt: skip


def test_callbacks_due_are_those_that_nobody_made_yet(site):
    """Asked five hours ago, of which the site gives four: an hour late. One asked just now is due
    later than within the hour."""
    queue = a_queue(site)
    for hours in (5, 0):
        at = NOON - timedelta(hours=hours, minutes=1)
        a_call(queue, at, wait=0, outcome="callback_requested")
    told = one(site, kind="figure", kpi="callbacks_due")
    assert (told["figure"], told["level"], told["left"]) == ("1", "warn", "1 overdue")
    assert told["right"] == "1:01 h"


def test_queues_stand_in_the_order_in_which_they_need_somebody(site):
    names = ["Billing", "Sales", "Technical"]
    billing, _sales, technical = (a_queue(site, name) for name in names)
    a_call(billing, NOON - 5 * SECOND, wait=None, outcome="in_progress")
    for seconds in (90, 7):
        a_call(technical, NOON - seconds * SECOND, wait=None, outcome="in_progress")
    a_call(technical, NOON - 600 * SECOND, wait=5, talk=60)
    a_call(technical, NOON - 700 * SECOND, wait=50, outcome="abandoned")
    rollups.rebuild()
    told = one(site, kind="queues")
    rows = [[cell["text"] for cell in row] for row in told["rows"]]
    assert [row[:3] for row in rows] == [
        ["Technical", "2", "1:30"], ["Billing", "1", "0:05"], ["Sales", "0", "–"],
    ]  # fmt: skip
    half = "50.0\N{NO-BREAK SPACE}%"
    assert rows[0][3:] == [half, "1", half]
    assert [row[1].get("level") for row in told["rows"]] == ["bad", "ok", "none"]


def test_a_trend_has_an_hour_for_each_that_the_record_reaches(site):
    """9 h: 1 of 2 in time, 10 h: none, 11 h: 1 of 1. London in March is UTC."""
    queue = a_queue(site)
    a_call(queue, NOON - 170 * MINUTE, wait=5)
    a_call(queue, NOON - 171 * MINUTE, wait=60)
    a_call(queue, NOON - 10 * MINUTE, wait=5)
    rollups.rebuild()
    told = one(site, kind="trend", kpi="service_level")
    assert (told["figure"], told["from"], told["to"]) == ("66.7", "09:00", "12:00")
    assert told["right"] == "50.0\N{NO-BREAK SPACE}% to 100.0\N{NO-BREAK SPACE}%"
    lines = [path for name, path in told["paths"] if name == "line"]
    assert len(lines) == 2, "nothing is drawn through the hour without a call"
    assert [name for name, _path in told["paths"]].count("target") == 1
    assert "target" not in {
        name for name, _ in one(site, kind="trend", kpi="service_level", target=False)["paths"]
    }


def test_hours_before_the_first_call_are_no_part_of_a_line_of_counts(site):
    """One call at 10:30 and two at 11:30: the line begins at 10, not at midnight."""
    queue = a_queue(site)
    for minutes in (90, 30, 29):
        a_call(queue, NOON - minutes * MINUTE)
    rollups.rebuild()
    told = one(site, kind="trend", kpi="offered")
    assert (told["from"], told["figure"], told["right"]) == ("10:00", "3", "1 to 2")


def test_a_count_is_not_told_to_be_of_itself(site):
    """Beside 3 there is no "of 3"; beside a share there is."""
    queue = a_queue(site)
    for minutes in (90, 30, 29):
        a_call(queue, NOON - minutes * MINUTE)
    rollups.rebuild()
    told = shown(site, *({"kind": "figure", "kpi": kpi} for kpi in ("offered", "transfer_rate")))
    assert [tile["left"] for tile in told] == ["", "of 3"]


def test_conversations_are_told_beside_the_dials_they_came_of(site):
    """Three dials; one was talked on for two minutes."""
    queue = a_queue(site)
    lost = {"outcome": "abandoned"}
    for minutes, more in ((90, {"wait": 5, "talk": 120}), (60, lost), (30, lost)):
        a_call(queue, NOON - minutes * MINUTE, direction="outbound", **more)
    rollups.rebuild()
    told = one(site, kind="figure", kpi="conversations")
    assert (told["figure"], told["left"]) == ("1", "of 3 dials")


def test_what_is_offered_today_lies_on_the_band_of_what_is_usual(site):
    """Eight Wednesdays of two calls at eleven, today one, on a phone system that is heard."""
    queue = a_queue(site)
    LiveSource.objects.create(site=site, source="pbx", heard_at=NOON, newest_at=NOON)
    for week in range(9):
        for second in range(1 if week == 0 else 2):
            a_call(queue, NOON - timedelta(weeks=week, minutes=55) + second * SECOND)
    rollups.rebuild()
    told = one(site, kind="usual")
    assert (told["figure"], told["from"], told["right"]) == ("1", "11:00", "usual in a day 2")
    assert {name for name, _path in told["paths"]} == {"band", "line"}
    # Of what is not heard of it is not said that nobody called.
    LiveSource.objects.all().delete()
    assert {name for name, _path in one(site, kind="usual")["paths"]} == {"band"}


def test_a_heatmap_is_of_the_four_weeks_that_are_over(site):
    """Calls on Mondays at nine and at ten; today's, and one of five weeks ago, are not in it."""
    queue = a_queue(site)
    monday = datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
    for week in range(4):
        a_call(queue, monday - timedelta(weeks=week))
    a_call(queue, monday + timedelta(hours=1))
    a_call(queue, monday - timedelta(weeks=5))
    a_call(queue, NOON - MINUTE)
    rollups.rebuild()
    told = one(site, kind="heatmap", kpi="offered")
    assert told["columns"] == ["", "9", "10"]
    assert [[cell["text"] for cell in row] for row in told["rows"]] == [["Mon", "4", "1"]]
    assert [cell["shade"][:6] for cell in told["rows"][0][1:]] == ["shade-", "shade-"]


def praised(site, agent, queue):
    call = a_call(queue, NOON - 30 * MINUTE, talk=60, agent=agent)
    for number, score in enumerate((5, 4)):
        SurveyResponse.objects.create(
            id=f"018f0000-0000-7000-8000-00000000000{number}", source="s", call=call, site=site,
            queue=queue, agent=agent, kind="csat", scale_min=1, scale_max=5, score=score,
            answered_at=NOON - 20 * MINUTE,
        )  # fmt: skip
    rollups.rebuild()


def test_best_answers_name_people_only_where_the_board_may(site):
    queue, agent = a_queue(site, "Billing"), an_agent(site, "Ada Lovelace")
    praised(site, agent, queue)
    texts = [
        [
            [cell["text"] for cell in row]
            for row in one(site, kind="praise", board={"names": names})["rows"]
        ]
        for names in (False, True)
    ]
    assert texts == [[["11:40", "5/5", "Billing"]], [["11:40", "5/5", "Ada Lovelace"]]]


def test_people_are_told_by_what_they_do_and_named_only_where_the_board_may(site):
    ada, grace = an_agent(site, "Ada"), an_agent(site, "Grace")
    spells = ((ada, "logged_in", 600), (grace, "logged_in", 900), (grace, "paused", 75))
    for agent, state, seconds in spells:
        AgentState.objects.create(
            agent=agent, source="s", agent_name=agent.name, state=state,
            reason="Lunch" if state == "paused" else "", starts_at=NOON - seconds * SECOND,
        )  # fmt: skip
    told = [
        [(one["who"], one["doing"], one["for"]) for one in people["people"]]
        for people in (one(site, kind="agents", board={"names": names}) for names in (False, True))
    ]
    assert told == [
        [("1", "Free", "10:00"), ("1", "Lunch", "1:15")],
        [("Ada", "Free", "10:00"), ("Grace", "Lunch", "1:15")],
    ]


def test_of_many_who_are_named_those_over_their_time_stand_first_and_the_rest_is_counted(site):
    """Eight are free for longer than Zoe is at lunch: of 60 minutes that it may take, 70."""
    for name in (*(f"Free {number}" for number in range(8)), "Zoe"):
        agent, spells = an_agent(site, name), [("logged_in", 90)]
        if name == "Zoe":
            spells.append(("paused", 70))
        for state, minutes in spells:
            AgentState.objects.create(
                agent=agent, source="s", agent_name=name, state=state,
                reason="Lunch" if state == "paused" else "", starts_at=NOON - minutes * MINUTE,
            )  # fmt: skip
    told = one(site, kind="agents", width=2, board={"names": True})
    assert len(told["people"]) == 6
    assert [told["people"][0][key] for key in ("who", "level")] == ["Zoe", "warn"]
    assert told["left"] == "and 3 more"


def test_a_message_ends_when_its_time_is_over(site):
    until = (NOON + MINUTE).isoformat()
    tile = {"kind": "message", "text": "Script 12 has the answer", "level": "warn", "until": until}
    before, after = one(site, **tile), one(site, now=NOON + MINUTE, **tile)
    assert (before["text"], before["level"]) == ("Script 12 has the answer", "warn")
    assert (after["text"], after["level"]) == ("", "none")


def test_a_clock_tells_another_zone(site):
    told = one(site, kind="clock", zone="Asia/Kolkata")
    assert (told["title"], told["figure"], told["left"]) == (
        "Kolkata",
        "17:30",
        "Wednesday 4 March",
    )


def test_a_tile_says_that_its_queue_is_gone(site):
    for kind in KINDS:
        told = one(site, kind=kind, queue=999_999, kpi="service_level")
        assert told["left"] == "its queue is gone", kind


def test_every_kind_of_tile_is_drawn_where_nothing_is_known(site):
    for kind in KINDS:
        told = one(site, kind=kind, kpi="service_level", text="x")
        assert told["kind"] == kind
        assert datetime.fromisoformat(told["true_at"]) == NOON


def test_a_title_that_nobody_wrote_says_queue_definition_and_time(site):
    sales = a_queue(site, "Sales")
    rollups.rebuild()
    level = {"kind": "figure", "kpi": "service_level"}
    found = shown(
        site,
        level,
        level | {"queue": sales.pk},
        level | {"kpi": "service_level:SL7b", "window": "week"},
        level | {"kpi": "service_level:SL4@30", "queue": sales.pk, "window": "15"},
        level | {"queue": sales.pk, "window": "15", "title": "How we are doing"},
        {"kind": "reasons", "queue": sales.pk},
        {"kind": "queues", "window": "month"},
    )
    assert [tile["title"] for tile in found] == [
        "Service level",
        "Service level · Sales",
        "Service level SL7b · this week",
        "Service level SL4, 30 s · Sales · last 15 min",
        "How we are doing",
        "Top reasons · Sales",
        "Queues · this month",
    ]
    assert found[4]["right"] == "last 15 min"  # which its title does not say


def test_who_talks_is_of_the_queue_and_who_is_free_of_any(site):
    """Ann and Ben talk on Sales, Eve on Help, and Dan is free."""
    sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
    for name, queue in (("Ann", sales), ("Ben", sales), ("Eve", help_)):
        a_call(queue, NOON - MINUTE, wait=5, agent=an_agent(site, name), ended_at=None, talk=None)
    AgentState.objects.create(
        agent=an_agent(site, "Dan"), state="available", starts_at=NOON - MINUTE, source="test"
    )
    talks, free = ({"kind": "figure", "kpi": one} for one in ("on_calls", "available"))
    found = shown(site, talks, talks | {"queue": sales.pk}, free, free | {"queue": sales.pk})
    assert [tile["figure"] for tile in found] == ["3", "2", "1", "1"]
    assert found[1]["left"] == "3 at the site"
    assert [tile["right"] for tile in found[2:]] == ["", "for any queue"]


def test_a_day_and_its_line_are_both_in_visits(site):
    """Sales passes a caller on to Help: a contact, and two visits, which is what is usual, too."""
    sales, help_ = a_queue(site, "Sales"), a_queue(site, "Help")
    passed = a_call(sales, NOON - 50 * MINUTE)
    a_call(help_, NOON - 40 * MINUTE, linked_id=passed.linked_id)
    rollups.rebuild()
    told = one(site, kind="usual")
    assert (told["figure"], told["left"]) == ("2", "visits today, by the quarter hour")
    assert one(site, kind="figure", kpi="offered")["figure"] == "1"


def test_every_kind_of_tile_that_has_rows_is_drawn_anew_by_each_frame():
    script = (settings.BASE_DIR / "static/js/wall_tiles.js").read_text()
    (own,) = re.findall(r"const OWN = \{(.*)\};", script)
    with_rows = {kind for kind, draw in DRAW.items() if draw.__module__.endswith(("lists", "heat"))}
    assert {f"{kind}: rows" for kind in with_rows} <= {*own.strip().split(", ")}
