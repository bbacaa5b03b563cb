"""The floor page: whom it shows to whom, the same figures as Home, few queries, every face."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm.live import events, inbox
from ccm.live.now import floors
from ccm.models import AuditEntry, LiveEvent, LiveSource
from kpis import rollups
from kpis.models import Board, FloorRules
from kpis.walls.frames import frame
from kpis.walls.starts import STANDARD
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import a_board, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.kpis.seen import MINUTE, spell, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site_in_the_afternoon("Leeds")


def somebody(site, name, state="", minutes=1, reason="", here=60):
    agent = an_agent(site, name)
    spell(agent, "logged_in", here)
    if state:
        spell(agent, state, minutes, reason=reason)
    return agent


def page_of(client, user, **query):
    client.force_login(user)
    return client.get(reverse("floor"), query)


def rows(page):
    return [one.record["row"] for one in page.context["table"].paginated_rows]


def names(page):
    return [row.name for row in rows(page)]


def test_whoever_is_over_their_time_comes_first_with_reason_and_by_how_much(client, site):
    somebody(site, "Ann")
    somebody(site, "Bea", "paused", 20, "Coffee")
    somebody(site, "Cat", "acw", 2)
    page = page_of(client, a_user("manager", site))
    assert names(page)[0] == "Bea"
    assert "Bea is paused (Coffee)" in text(page)
    assert "over its 15:00 by 5:0" in text(page)
    assert [(one.words, url) for one, url in page.context["needs"]] == [
        ("Bea is paused (Coffee)", page.context["needs"][0][1])
    ]
    assert page.context["needs"][0][1].startswith(
        reverse("agent", args=[rows(page)[0].there.agent])
    )


def test_a_supervisor_sees_own_teams_people_and_the_figures_of_the_site(client, site):
    mine, other = somebody(site, "Ann"), somebody(site, "Bea", "acw", 2)
    supervisor = a_user("supervisor", site)
    a_team(site, supervisor, mine)
    a_team(site, a_user("supervisor", site), other)
    page = page_of(client, supervisor)
    assert names(page) == ["Ann"]
    assert "Bea" not in text(page)
    assert {one["id"]: one["value"] for one in page.context["heads"]} == {
        "free": 1, "talking": 0, "acw": 1, "paused": 0,
    }  # fmt: skip
    assert "1 of your teams is there; 2 of the site logged in" in text(page)
    own = {one["id"]: one["own"] for one in page.context["heads"]}
    assert (own["free"], own["acw"]) == ("1 of yours", "none of yours")
    assert "Free 1 1 of yours On calls 0 In wrap-up 1 none of yours" in text(page)
    assert "of yours" not in text(page_of(client, a_user("manager", site)))


def test_whose_team_is_not_there_is_told_that_the_counts_are_of_the_site(client, site):
    a_call(a_queue(site), timezone.now() - 5 * MINUTE)
    rollups.rebuild()
    somebody(site, "Bea", "acw", 60)
    supervisor = a_user("supervisor", site)
    a_team(site, supervisor, an_agent(site, "Ann"))
    said = text(page_of(client, supervisor))
    assert "Nobody waits too long. Nobody of your teams is logged in: the counts above are" in said
    assert "nobody is over their time" not in said
    assert "of the whole site" in said.split("Needs you now")[0]
    said = text(page_of(client, a_user("manager", site)))
    assert "of the whole site" not in said


def test_people_of_another_site_are_not_there(client, site):
    somebody(a_site("York"), "Zoe")
    page = page_of(client, a_user("manager", site))
    assert "Zoe" not in text(page)
    assert "Nobody is logged in, as far as is known" in text(page)
    assert "How events are posted" in text(page)


def test_its_figures_are_those_of_home_and_of_the_wall(client, site):
    queue = a_queue(site)
    now = timezone.now()
    for number, wait in enumerate((5, 10, 60)):
        a_call(queue, now - (number + 2) * MINUTE, wait=wait, talk=20)
    a_call(queue, now - 90 * timedelta(seconds=1), wait=None, outcome="in_progress")
    talker = somebody(site, "Ann")
    a_call(queue, now - MINUTE, wait=2, talk=None, agent=talker)
    somebody(site, "Bea", "paused", 2, "Lunch")
    somebody(site, "Cat")
    rollups.rebuild()
    user = a_user("manager", site)
    page = page_of(client, user)
    tiles = {one.id: one for one in page.context["tiles"]}
    home = {one.id: one for one in client.get(reverse("home")).context["tiles"]}
    assert tiles["waiting"].value == home["waiting"].value == 1
    assert tiles["service_level"].value == home["service_level"].value == 0.75  # 3 of 4 in 20 s
    assert tiles["service_level"].url == home["service_level"].url
    board = Board.objects.create(slug="w", title="W", site=site, tiles=STANDARD)
    cells = {one["id"]: one["figure"] for one in frame(board, timezone.now())["tiles"]}
    heads = {one["id"]: str(one["value"]) for one in page.context["heads"]}
    assert (cells["available"], cells["on_calls"]) == (heads["free"], heads["talking"])
    assert heads["paused"] == "1"


@pytest.mark.parametrize(
    ("picked", "expected"),
    [
        ({"state": "paused"}, ["Bea"]),
        ({"state": "free"}, ["Ann"]),
        ({"state": "over"}, ["Bea"]),
        ({"state": "no such"}, ["Ann", "Bea", "Cat"]),
        ({"sort": "-name"}, ["Cat", "Bea", "Ann"]),
        ({"sort": "state"}, ["Bea", "Cat", "Ann"]),
    ],
)
def test_the_table_is_filtered_and_sorted_as_the_address_says(client, site, picked, expected):
    somebody(site, "Ann")
    somebody(site, "Bea", "paused", 20, "Coffee")
    somebody(site, "Cat", "acw", 2)
    page = page_of(client, a_user("manager", site), **picked)
    found = names(page)
    assert (found if "sort" in picked else sorted(found)) == expected
    assert page.content.count(b" aria-sort=") == 1


def test_a_line_of_what_needs_somebody_leads_to_those_it_counts_and_no_others(client, site):
    for name in ("Ann", "Bea", "Cat"):
        somebody(site, name, "on_call", 40)
    for name in ("Dee", "Eve", "Flo", "Gil"):
        somebody(site, name, here=200)
    manager = a_user("manager", site)
    told = {one.words: url for one, url in page_of(client, manager).context["needs"]}
    for words, expected, said in [
        ("3 agents are on a long call", ["Ann", "Bea", "Cat"], "On a long call: 3 · 7 are there"),
        (
            "4 agents have had no break for too long", ["Dee", "Eve", "Flo", "Gil"],
            "No break for too long: 4 · 7 are there",
        ),
    ]:  # fmt: skip
        path, _, part = told[words].partition("#")
        page = client.get(path)
        assert part == "people"
        assert sorted(names(page)) == expected
        assert said in text(page)
    [free] = [one for one in page.context["heads"] if one["id"] == "free"]
    assert free["url"].endswith("state=free#people")
    assert sorted(names(client.get(page.context["everybody"]))) == sorted(
        ["Ann", "Bea", "Cat", "Dee", "Eve", "Flo", "Gil"]
    )


def test_of_a_team_only_its_people_are_in_the_table(client, site):
    ann, bea = somebody(site, "Ann"), somebody(site, "Bea")
    team = a_team(site, None, ann)
    a_team(site, None, bea)
    page = page_of(client, a_user("manager", site), team=team.pk)
    assert names(page) == ["Ann"]


def test_who_had_no_break_is_told_since_when(client, site):
    ann = somebody(site, "Ann", here=190)
    somebody(site, "Bea", here=190)
    spell(ann, "paused", 80, 65, "Lunch")
    page = page_of(client, a_user("manager", site))
    assert "Bea has had no break" in text(page)
    assert "Ann has had no break" not in text(page)
    assert "no break since" in text(page)
    assert "1:05 h ago" in text(page)


def test_a_phone_that_began_anew_again_and_again_is_no_break(client, site):
    """Three sessions of a day, with a minute between each: at work for all of them."""
    bea = somebody(site, "Bea", here=20)
    spell(bea, "logged_in", 190, 100)
    spell(bea, "logged_in", 99, 21)
    page = page_of(client, a_user("manager", site))
    assert page.status_code == 200
    assert "Bea has had no break" in text(page)


def test_a_session_hours_ago_is_a_break(client, site):
    cat = somebody(site, "Cat", here=20)
    spell(cat, "logged_in", 190, 100)
    spell(cat, "logged_in", 90, 60)
    assert "Cat has had no break" not in text(page_of(client, a_user("manager", site)))


def test_calls_answered_today_are_those_of_the_agents_page(client, site):
    queue = a_queue(site)
    ann = somebody(site, "Ann")
    for number in range(3):
        a_call(queue, timezone.now() - (number + 2) * MINUTE, talk=20, agent=ann)
    rollups.rebuild()
    user = a_user("manager", site)
    page = page_of(client, user)
    [row] = [one.record for one in page.context["table"].paginated_rows]
    assert row["answered"] == 3
    agents = client.get(reverse("agents"))
    [other] = [one.record for one in agents.context["table"].paginated_rows]
    assert other["figures"]["answered"].value == 3


def test_wall_home_and_floor_say_that_the_counts_of_today_are_by_a_wrong_clock(client, site):
    now, wrong = timezone.now(), timedelta(hours=1)
    a_call(a_queue(site), now - MINUTE - wrong)
    LiveSource.objects.create(
        site=site, source="<switch>", heard_at=now, newest_at=now - wrong, behind=wrong,
        changes=[[0, 3_600_000]],
    )  # fmt: skip
    rollups.rebuild()
    said = (
        "The clock of <switch> is 1 h 00 min behind, or all it posts is late. If it is the clock,"
        " set it right: what it told so far is in the wrong hours of today's figures."
    )
    assert said in text(page_of(client, a_user("manager", site)))
    assert said in text(client.get(reverse("home")))
    assert frame(a_board(site), now)["trouble"] == said
    yesterday = (now.astimezone(site.tz) - timedelta(days=1)).date().isoformat()
    assert said not in text(client.get(reverse("home"), {"from": yesterday, "to": yesterday}))


@pytest.mark.parametrize("people", [1, 40])
def test_the_page_asks_the_same_of_one_agent_as_of_forty(
    client, site, django_assert_num_queries, people
):
    queue = a_queue(site)
    for number in range(people):
        agent = somebody(site, f"Agent {number}", "acw", number)
        a_call(queue, timezone.now() - 5 * MINUTE, talk=30, agent=agent)
    rollups.rebuild()
    user = a_user("manager", site)
    client.force_login(user)
    # session, user, sites, queues, floor, agents, what they did, choices (2), call backs, level,
    # answered
    with django_assert_num_queries(12):
        assert client.get(reverse("floor")).status_code == 200


def test_the_part_that_is_fetched_again_is_no_whole_page(client, site):
    somebody(site, "Ann")
    client.force_login(a_user("manager", site))
    headers = {"HX-Request": "true", "HX-Target": "floor-now"}
    part = client.get(reverse("floor"), headers=headers).content.decode()
    assert 'id="floor-now"' in part
    assert 'id="age"' in part
    assert "<html" not in part
    assert "Ann" in part


def test_where_the_only_source_is_silent_lengths_stand_still_and_home_says_so_too(client, site):
    """Its last word was 30 minutes ago: who has waited since 32 had waited 2 by then."""
    now = timezone.now()
    a_call(a_queue(site, "Support"), now - 32 * MINUTE, wait=None, outcome="in_progress")
    somebody(site, "Ann", "acw", 31)
    LiveSource.objects.create(
        site=site, source="test", heard_at=now - 30 * MINUTE, newest_at=now - 30 * MINUTE
    )
    user = a_user("manager", site)
    page = page_of(client, user)
    assert re.fullmatch(r"(2:00|1:59), Support", page.context["tiles"][0].left)
    assert rows(page)[0].over is None  # a minute in wrap-up by then
    assert page.context["stale"]
    heard = f"{(now - 30 * MINUTE).astimezone(site.tz):%H:%M:%S}"
    home = client.get(reverse("home"))
    assert f"{home.context['as_of'].astimezone(site.tz):%H:%M:%S}" == heard
    waiting = next(one for one in home.context["tiles"] if one.id == "waiting")
    assert waiting.stale
    assert re.match(r"2:00|1:59", waiting.left)


def test_a_planner_is_led_to_no_page_that_is_not_theirs(client, site):
    queue = a_queue(site)
    a_call(queue, timezone.now() - 600 * MINUTE, outcome="callback_requested", wait=60, talk=None)
    assert f'href="/callbacks/?site={site.slug}&amp;side=overdue"' in (
        page_of(client, a_user("manager", site)).content.decode()
    )
    page = page_of(client, a_user("planner", site)).content.decode()
    assert "is overdue" in page
    assert "/callbacks/" not in page


def test_it_is_fetched_again_as_it_was_asked_for(client, site):
    somebody(site, "Ann")
    page = page_of(client, a_user("manager", site), state="free", sort="name")
    assert 'hx-get="/floor/?state=free&amp;sort=name"' in page.content.decode()


def test_whatever_days_were_asked_for_a_floor_is_of_now(client, site):
    somebody(site, "Ann")
    page = page_of(client, a_user("manager", site), period="yesterday")
    assert names(page) == ["Ann"]
    assert page.context["shown"].is_today


def test_where_nothing_comes_in_while_the_site_is_open_it_says_since_when(client, site):
    somebody(site, "Ann", here=60)
    page = page_of(client, a_user("manager", site))
    assert "No data since" in text(page)
    # Nothing on it is told as if it were so now.
    assert all(tile.stale for tile in page.context["tiles"])
    marked = page.content.decode()
    assert marked.count(" data-stale") == 1 + len(page.context["tiles"]) + 4
    assert "on target" not in text(page)
    somebody(site, "Bea", "acw", 2)
    page = page_of(client, a_user("manager", site))
    assert "No data since" not in text(page)
    assert " data-stale" not in page.content.decode()


def test_how_long_the_first_waits_stands_beside_its_queue_and_its_colour_has_a_word(client, site):
    queue = a_queue(site, "Support")
    since = timezone.now() - 62 * MINUTE
    a_call(queue, since, wait=None, outcome="in_progress")
    page = page_of(client, a_user("manager", site))
    tile = page.context["tiles"][0]
    assert (tile.level, tile.word) == ("bad", "act now")
    assert re.fullmatch(r"1:02:\d\d, Support", tile.left)


def test_who_leads_no_team_has_no_floor(client, site):
    client.force_login(a_user("supervisor", site))
    assert client.get(reverse("floor")).status_code == 404


def test_a_session_that_is_open_twice_is_one_agent(client, site):
    agent = somebody(site, "Ann")
    spell(agent, "logged_in", 10)
    assert names(page_of(client, a_user("manager", site))) == ["Ann"]
    assert floors(timezone.now())[site.pk].staffed == 1


# What a site calls too long.


def test_a_site_says_itself_what_is_too_long_and_the_audit_log_has_it(client, site):
    somebody(site, "Ann", "acw", 4)
    manager = a_user("manager", site)
    client.force_login(manager)
    url = reverse("floor_limits", args=[site.slug])
    sent = {
        "pause_minutes": 20, "pauses": "Prayer 10\nlunch 45", "wrapup_minutes": 5,
        "call_minutes": 0, "work_minutes": 120, "breaks": "lunch\nprayer", "callback_minutes": 60,
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    rules = FloorRules.objects.get(site=site)
    assert rules.pauses == {"Prayer": 10, "lunch": 45}
    assert rules.breaks == ["lunch", "prayer"]
    assert page_of(client, manager).context["needs"] == []  # 4 of 5 minutes
    [entry] = AuditEntry.objects.filter(model="kpis.floorrules")
    assert (entry.who, entry.before, entry.after["wrapup_minutes"]) == (manager, None, 5)
    client.post(url, sent | {"wrapup_minutes": 3})
    last = AuditEntry.objects.filter(model="kpis.floorrules").latest("pk")
    assert (last.before["wrapup_minutes"], last.after["wrapup_minutes"]) == (5, 3)
    client.force_login(a_user("admin"))
    assert "Limits of the floor: Leeds" in text(client.get(reverse("audit")))


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("pauses", "lunch", "is not a word and its minutes"),
        ("pauses", "lunch 9999", "is not a word and its minutes"),
        ("wrapup_minutes", 1441, "No limit is longer than a day."),
        ("callback_minutes", 0, "Whoever asks is to be called back some time."),
        ("breaks", "x" * 41, "is too long"),
        ("breaks", "\n".join("abcdefghijklmnopqrstu"), "No more than 20 lines."),
    ],
)
def test_a_limit_that_cannot_be_is_refused_in_words(client, site, field, sent, said):
    client.force_login(a_user("manager", site))
    good = {
        "pause_minutes": 20, "pauses": "", "wrapup_minutes": 5, "call_minutes": 0,
        "work_minutes": 120, "breaks": "", "callback_minutes": 60,
    }  # fmt: skip
    page = client.post(reverse("floor_limits", args=[site.slug]), good | {field: sent})
    assert page.status_code == 200
    assert said in text(page)
    assert not FloorRules.objects.exists()


def test_a_floor_whose_events_lie_unfolded_says_since_when(client, site):
    came = timezone.now() - timedelta(seconds=40)
    told = {"id": "1", "kind": "agent.login", "at": came.isoformat(), "agent": "Ann"}
    inbox.put([events.read(told, came)], site, "pbx", came)
    said = text(page_of(client, a_user("manager", site), site=site.slug))
    since = f"{came.astimezone(site.tz):%H:%M:%S}"
    assert re.search(rf"No data since \S+ \S+ {since}.*is the live process up\?", said)
    LiveEvent.objects.update(folded_at=came)
    said = text(page_of(client, a_user("manager", site), site=site.slug))
    assert "is the live process up" not in said
