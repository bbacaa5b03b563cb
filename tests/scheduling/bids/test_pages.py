"""The pages of bids: planners' rounds, and each one's own choices."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from scheduling.bids import services, words
from scheduling.models import BidRound
from tests.builders import a_site, a_team, a_user, an_agent
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
from tests.scheduling.kept.builders import NOW, a_roster, published
from tests.scheduling.terms.builders import an_availability

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site(zone="Europe/Berlin")


@pytest.fixture
def planner(client, site):
    client.force_login(a_user("planner", site))
    with time_machine.travel(NOW, tick=False):
        yield client


@pytest.fixture
def team(site):
    roster, agents = three(site)
    return roster, agents


@pytest.fixture
def ann(client, team):
    _roster, (ann, *_others) = team
    ann.user = a_user("agent")
    ann.save()
    client.force_login(ann.user)
    with time_machine.travel(NOW, tick=False):
        yield client


def text_of(client, name, *args):
    page = client.get(reverse(name, args=args))
    assert page.status_code == 200
    return page.content.decode()


def test_where_there_is_no_round_and_no_draft_the_list_says_how_one_comes(planner):
    text = text_of(planner, "bids")
    assert "No round of bids yet" in text
    assert reverse("roster_new") in text


def test_a_draft_that_has_a_round_says_so_and_what_is_open_is_listed_first(planner, team, site):
    roster, (_ann, bob, cid) = team
    first = a_round(roster)
    assert "has a round already" in text_of(planner, "bids")
    other = a_roster(site)
    for agent in (bob, cid):
        at(other, agent, a_day(site), 9)
    newer = a_round(other)
    listed = [reverse("bid_round", args=[one.pk]) for one in (newer, first)]
    text = text_of(planner, "bids")
    assert text.index(f'"{listed[0]}"') < text.index(f'"{listed[1]}"')
    BidRound.objects.update(state=BidRound.State.CALLED_OFF)
    assert "has a round already" not in text_of(planner, "bids")
    BidRound.objects.filter(pk=first.pk).update(state=BidRound.State.OPEN)
    text = text_of(planner, "bids")
    assert text.index(f'"{listed[1]}"') < text.index(f'"{listed[0]}"')


def test_a_round_is_opened_by_the_clock_of_the_site(planner, team):
    """Ten o'clock in Berlin is nine UTC in winter."""
    roster, _agents = team
    assert reverse("bid_new", args=[roster.pk]) in text_of(planner, "bids")
    said = {"closes": "2026-03-14T10:00", "first": "turn", "then": "seniority", "note": "Choose!"}
    page = planner.post(reverse("bid_new", args=[roster.pk]), said)
    held = BidRound.objects.get()
    assert page.url == reverse("bid_round", args=[held.pk])
    assert f"{held.closes_at:%d %H:%M}" == "14 09:00"
    assert held.criteria == ["turn", "seniority"]
    text = text_of(planner, "bids")
    assert "turn, then seniority, then draw" in text
    assert "0 of 3 have chosen" in text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"closes": "soon"}, "closes"),
        ({"closes": "2026-03-12T09:00"}, "closes"),  # an hour ago
        ({"closes": "0001-01-01T00:00"}, "closes"),
        ({"closes": "9999-12-31T23:59"}, "closes"),
        ({"first": "beauty"}, "first"),
        ({"team": "0"}, "team"),
        ({"note": "x" * 301}, "note"),
    ],
)
def test_what_is_wrong_with_a_new_round_is_said_beside_it(planner, team, wrong, field):
    roster, _agents = team
    said = {"closes": "2026-03-14T10:00", "first": "turn", "then": "draw"} | wrong
    page = planner.post(reverse("bid_new", args=[roster.pk]), said)
    assert set(page.context["form"].errors) == {field}
    assert not BidRound.objects.exists()


def test_a_round_of_nobody_says_so(planner, team, site):
    roster, _agents = team
    said = {"closes": "2026-03-14T10:00", "first": "turn", "then": "draw"}
    said["team"] = a_team(site).pk
    page = planner.post(reverse("bid_new", args=[roster.pk]), said)
    assert "nothing to choose" in page.content.decode()


def test_there_is_no_round_on_what_is_published(planner, team):
    roster, _agents = team
    published(roster)
    assert planner.get(reverse("bid_new", args=[roster.pk])).status_code == 404


def test_a_planner_sees_who_has_chosen_but_not_what(planner, team):
    roster, (ann, bob, _cid) = team
    held = a_round(roster)
    chosen(held, ann, bob)
    text = text_of(planner, "bid_round", held.pk)
    assert "1 of 3 has chosen" in text
    assert "1 line" in text
    assert "choice" not in text.lower().split("who takes part")[1].split("the lines")[0]
    assert "Give out" not in text


def test_the_card_of_a_line_says_when_it_works_and_which_burdens_it_has(ann, client, site, team):
    """By the clock of Berlin, an hour ahead: Bob's Monday to Wednesday at nine, Cid's late Monday
    and Saturday at two."""
    roster, (_ann, bob, cid) = team
    at(roster, bob, a_day(site), 9, 1, 2)
    at(roster, cid, a_day(site), 14, 5)
    held = a_round(roster)
    page = client.get(reverse("my_bid", args=[held.pk]))
    told = {line.number: (line.when, line.of_which) for line, _typed, _is in page.context["rows"]}
    assert told[line_of(held, bob)] == ("Mon–Wed 10:00–18:00", "")
    assert told[line_of(held, cid)] == (
        "Mon 15:00–23:00, Sat 15:00–23:00", "1 on a weekend, 2 lates",
    )  # fmt: skip
    text = page.content.decode()
    assert "24:00" in text
    assert text.index("Mon–Wed 10:00–18:00") < text.index("Their shifts")


def test_longer_than_a_week_days_are_told_by_their_dates():
    march = [date(2026, 3, day) for day in (16, 17, 18, 24)]
    told = words.when([(day, "09:00–17:00") for day in march])
    assert told == "Mon 16 Mar – Wed 18 Mar 09:00–17:00, Tue 24 Mar 09:00–17:00"


def test_a_round_is_closed_looked_at_and_given_out(planner, team):
    roster, (ann, bob, cid) = team
    held = a_round(roster)
    chosen(held, ann, cid)
    planner.post(reverse("bid_close", args=[held.pk]))
    page = planner.get(reverse("bid_round", args=[held.pk]))
    assert [(one.agent.name, one.bid.line.number, one.place) for one in page.context["gets"]] == [
        ("Ann", line_of(held, cid), "Number 1 of 3, by seniority"),
        ("Bob", line_of(held, bob), "Number 2 of 3, by seniority"),
        ("Cid", line_of(held, ann), "Number 3 of 3, by seniority"),
    ]
    planner.post(reverse("bid_give", args=[held.pk]), {"seen": page.context["mark"]})
    assert f"{roster.shifts.get(agent=ann).begins_at:%H:%M}" == "14:00"
    text = text_of(planner, "bid_round", held.pk)
    assert "Who got what" in text
    assert "Call it off" not in text


def test_closing_now_is_asked_once_with_how_many_have_chosen(planner, team):
    roster, (ann, bob, _cid) = team
    held = a_round(roster)
    chosen(held, ann, bob)
    url = reverse("bid_close", args=[held.pk])
    assert f'href="{url}"' in planner.get(reverse("bid_round", args=[held.pk])).content.decode()
    text = text_of(planner, "bid_close", held.pk)
    assert "1 of 3 has chosen" in text
    assert "2 have chosen nothing yet, and come behind all others." in text
    held.refresh_from_db()
    assert held.is_open
    planner.post(url)
    assert "It is not open any more" in text_of(planner, "bid_close", held.pk)


def test_a_planner_reads_what_each_line_counts(planner, team, site):
    """Cid's line has Saturday, too: two lates of sixteen hours, one on a weekend."""
    roster, (_ann, _bob, cid) = team
    at(roster, cid, a_day(site), 14, 5)
    held = a_round(roster)
    page = planner.get(reverse("bid_round", args=[held.pk])).content.decode()
    counts = page.split("What the lines count")[1].split("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in counts.split("<tr>")[2:]]
    assert [f"{line_of(held, cid)}", "16:00", "2", "1", "0", "2", "0", "0"] in rows


def test_who_frees_shifts_that_bids_gave_out_is_told(planner, team, site):
    roster, (ann, _bob, _cid) = team
    held = a_round(roster)
    services.close(held, AFTER)
    services.give(held, a_user("planner", site), AFTER, seen=services.mark(held))
    assert "stay as they are when the roster is made anew" in text_of(planner, "bid_round", held.pk)
    account = planner.get(reverse("roster_account", args=[roster.pk])).content.decode()
    assert "What a round of bids gave out stays as it is" in account
    freeze = reverse("roster_freeze", args=[roster.pk])
    page = planner.post(freeze, {"who": ann.pk, "on": "", "fixed": "no"}, follow=True)
    assert "1 of these shifts was given out by a round of bids" in page.content.decode()
    page = planner.post(freeze, {"who": ann.pk, "on": "", "fixed": "yes"}, follow=True)
    assert "given out by a round of bids" not in page.content.decode()


def test_removing_a_draft_says_that_its_round_goes_with_it(planner, team):
    roster, (ann, bob, _cid) = team
    url = reverse("roster_remove", args=[roster.pk])
    assert "round of bids" not in planner.get(url).content.decode()
    held = a_round(roster)
    chosen(held, ann, bob)
    page = planner.get(url).content.decode()
    assert "The round of bids on it goes with it, and its choices: 1 of 3 has chosen" in page
    assert "from Mon 16 Mar 2026?" in page
    services.call_off(held, a_user("planner", roster.site), NOW)
    assert "round of bids" not in planner.get(url).content.decode()


def test_each_reads_what_fairness_said_with_the_way_to_the_ledger(planner, team, site):
    roster, agents = team
    weekends_borne(site, agents)
    for name in ("Dee", "Eve"):
        an_agent(site, name)
    said = {"closes": "2026-03-14T10:00", "first": "fairness", "then": "draw"}
    planner.post(reverse("bid_new", args=[roster.pk]), said)
    held = BidRound.objects.get()
    planner.post(reverse("bid_close", args=[held.pk]))
    text = text_of(planner, "bid_round", held.pk)
    assert "burdens borne: 1.4 above the fair share, by the ledger to 12 Mar" in text
    assert f"{reverse('fairness')}?site={site.slug}&amp;of=all" in text
    planner.post(reverse("bid_give", args=[held.pk]), {"seen": services.mark(held)})
    cid = agents[2]
    cid.user = a_user("agent")
    cid.save()
    planner.force_login(cid.user)
    text = text_of(planner, "my_bid", held.pk)
    assert "Number 1 of 3, by fairness: burdens borne: 1.4 above the fair share" in text
    assert reverse("my_fairness") in text


@pytest.mark.parametrize("seen", [None, "", "x" * 500, "\x00"])
def test_what_was_not_looked_at_is_not_given_out(planner, team, seen):
    roster, (ann, *_others) = team
    held = a_round(roster)
    services.close(held, AFTER)
    said = {} if seen is None else {"seen": seen}
    page = planner.post(reverse("bid_give", args=[held.pk]), said, follow=True)
    assert "otherwise than it was shown" in page.content.decode()
    assert f"{roster.shifts.get(agent=ann).begins_at:%H:%M}" == "06:00"


def test_a_round_whose_roster_was_changed_says_so_and_is_called_off(planner, team):
    roster, (ann, *_others) = team
    held = a_round(roster)
    services.close(held, AFTER)
    roster.shifts.filter(agent=ann).delete()
    text = text_of(planner, "bid_round", held.pk)
    assert "call it off and begin anew" in text
    assert "Give out" not in text
    planner.post(reverse("bid_call_off", args=[held.pk]))
    held.refresh_from_db()
    assert held.state == BidRound.State.CALLED_OFF
    page = planner.post(reverse("bid_call_off", args=[held.pk]), follow=True)
    assert "It is over already." in page.content.decode()
    page = planner.post(reverse("bid_close", args=[held.pk]), follow=True)
    assert "It is not open any more." in page.content.decode()


def test_who_takes_part_in_no_round_is_told_what_bids_are(ann):
    assert "There are no bids for you" in text_of(ann, "my_bids")


def test_somebody_sees_lines_without_names_and_not_those_that_they_cannot_work(ann, team):
    """Ann cannot work after six in the evening, by Berlin's clock: Cid is there until eleven."""
    roster, (me, bob, cid) = team
    an_availability(me, "must_not", weekday=0, from_minute=1080, to_minute=1440)
    held = a_round(roster)
    assert "Open: choose" in text_of(ann, "my_bids")
    page = ann.get(reverse("my_bid", args=[held.pk]))
    shown = {line.number for line, _typed, _chosen in page.context["rows"]}
    assert shown == {line_of(held, me), line_of(held, bob)}
    text = page.content.decode()
    assert "Bob" not in text
    assert "Cid" not in text
    assert "10:00–18:00" in text
    assert f"Line {line_of(held, cid)}: works while they cannot" in text


def test_numbers_beside_lines_are_a_ranking_and_gaps_in_it_are_closed(ann, team):
    roster, (me, bob, cid) = team
    held = a_round(roster)
    said = {f"choice-{line_of(held, bob)}": " 7", f"choice-{line_of(held, cid)}": "2", "seen": "0"}
    page = ann.post(reverse("my_bid", args=[held.pk]), said)
    assert page.url == reverse("my_bid", args=[held.pk])
    bid = held.bids.get(agent=me)
    assert bid.ranked == [line_of(held, cid), line_of(held, bob)]
    rows = ann.get(page.url).context["rows"]
    assert [(line.number, typed) for line, typed, _chosen in rows] == [
        (line_of(held, cid), "1"),
        (line_of(held, bob), "2"),
        (line_of(held, me), ""),
    ]


def test_buttons_move_lines_up_and_down_and_in_and_out(ann, team):
    roster, (me, bob, cid) = team
    held = a_round(roster)
    a, b, c = (line_of(held, one) for one in (me, bob, cid))
    url = reverse("my_bid", args=[held.pk])

    def ranked():
        return held.bids.get(agent=me).ranked

    def move(how):
        said = {f"choice-{line}": str(place) for place, line in enumerate(ranked(), 1)}
        page = ann.post(url, said | {"move": how, "seen": held.bids.get(agent=me).changes})
        return page.url

    assert move(f"add:{a}") == f"{url}#choice-{a}"
    move(f"add:{b}")
    move(f"add:{c}")
    assert ranked() == [a, b, c]
    move(f"up:{c}")
    assert ranked() == [a, c, b]
    move(f"down:{a}")
    assert ranked() == [c, a, b]
    move(f"up:{c}")  # the best already
    assert ranked() == [c, a, b]
    move(f"drop:{a}")
    assert ranked() == [c, b]
    for hostile in ("up:", "add:99", "sideways:1", "add:-1", "drop:x", "add:" + "9" * 400):
        move(hostile)
    assert ranked() == [c, b]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({0: "1", 1: "1"}, "Choice 1 is of two lines"),
        ({0: "first"}, "write a whole number"),
        ({0: "0"}, "write a whole number"),
        ({0: "-1"}, "write a whole number"),
        ({0: "1.5"}, "write a whole number"),
        ({0: "²"}, "write a whole number"),
        ({0: "9" * 300}, "write a whole number"),
    ],
)
def test_what_is_no_ranking_is_said_and_nothing_typed_is_lost(ann, team, typed, said):
    roster, agents = team
    held = a_round(roster)
    names = {f"choice-{line_of(held, agents[at_])}": text for at_, text in typed.items()}
    page = ann.post(reverse("my_bid", args=[held.pk]), names | {"seen": "0"})
    assert said in page.content.decode()
    shown = {line.number: text for line, text, _chosen in page.context["rows"]}
    assert shown[line_of(held, agents[0])] == typed[0][:8]
    assert held.bids.get(agent=agents[0]).ranked == []


@pytest.mark.parametrize("seen", ["", "5", "x", "²", "9" * 400])
def test_a_page_that_is_old_says_so(ann, team, seen):
    roster, agents = team
    held = a_round(roster)
    said = {f"choice-{line_of(held, agents[0])}": "1", "seen": seen}
    page = ann.post(reverse("my_bid", args=[held.pk]), said)
    assert "another page" in page.content.decode()
    assert held.bids.get(agent=agents[0]).ranked == []


def test_too_late_is_said_and_there_is_nothing_to_type_any_more(ann, team):
    roster, agents = team
    held = a_round(roster)
    with time_machine.travel(AFTER, tick=False):
        ann.force_login(agents[0].user)
        said = {f"choice-{line_of(held, agents[0])}": "1", "seen": "0"}
        page = ann.post(reverse("my_bid", args=[held.pk]), said).content.decode()
    assert "The round is closed" in page
    assert 'name="choice-' not in page


def test_after_it_is_given_out_one_sees_what_one_got_and_why_and_nobody_elses(ann, team, site):
    roster, (me, _bob, cid) = team
    held = a_round(roster)
    chosen(held, me, cid)
    services.close(held, AFTER)
    assert "Who got" not in text_of(ann, "my_bid", held.pk)
    services.give(held, a_user("planner", site), AFTER, seen=services.mark(held))
    text = text_of(ann, "my_bid", held.pk)
    assert f"You got line {line_of(held, cid)}" in text
    assert "Number 1 of 3, by seniority." in text
    assert f"Choice 1, line {line_of(held, cid)}: given" in text
    assert "Bob" not in text
    assert f"You got line {line_of(held, cid)}" in text_of(ann, "my_bids")
    assert "It is in the draft" in text
    roster.shifts.filter(agent=me).update(is_fixed=False)
    assert "It is in the draft" in text_of(ann, "my_bid", held.pk)
    roster.shifts.filter(agent=me).delete()
    text = text_of(ann, "my_bid", held.pk)
    assert "Planners have changed it in the draft since" in text
    assert "It is in the draft:" not in text


def test_a_round_of_others_or_that_is_called_off_is_not_there(ann, team, site):
    roster, (me, bob, cid) = team
    others = a_round(roster, team=a_team(site, None, bob, cid))
    assert ann.get(reverse("my_bid", args=[others.pk])).status_code == 404
    others.delete()
    mine = a_round(roster)
    assert ann.get(reverse("my_bid", args=[mine.pk])).status_code == 200
    assert ann.get(reverse("bid_round", args=[mine.pk])).status_code == 404
    services.call_off(mine, a_user("planner", site), NOW)
    assert ann.get(reverse("my_bid", args=[mine.pk])).status_code == 404
    assert me.name not in text_of(ann, "my_bids")
    assert ann.get(reverse("my_bid", args=[10**30])).status_code == 404


@pytest.fixture
def many_of(site):
    """A round of so many people, of whom the first is the user's own agent, on one more roster."""

    def made(people, rounds, user):
        me = an_agent(site, user=user)
        agents = [me, *(an_agent(site) for _other in range(people - 1))]
        for number in range(rounds):
            roster = a_roster(site, note=str(number))
            for agent in agents:
                at(roster, agent, a_day(site), 9, 0, 1, 2)
            held = a_round(roster)
        return held, agents

    return made


@pytest.mark.parametrize("many", [2, 12])
def test_pages_ask_the_same_of_few_as_of_many(
    client, site, many_of, many, django_assert_max_num_queries
):
    who, agent = a_user("planner", site), a_user("agent")
    with time_machine.travel(NOW, tick=False):
        held, agents = many_of(many, many // 2, agent)
        services.rank(
            held.bids.get(agent=agents[0]), [line_of(held, agents[1])], agent, NOW, seen=0
        )
        services.close(held, NOW + timedelta(hours=1), who)
        for user, pages in (
            (who, [("bids",), ("bid_round", held.pk), ("bid_new", held.roster_id)]),
            (agent, [("my_bids",), ("my_bid", held.pk)]),
        ):
            client.force_login(user)
            for name, *args in pages:
                with django_assert_max_num_queries(12):
                    assert client.get(reverse(name, args=args)).status_code == 200


def counted(client):
    page = client.get(reverse("my_bids"))
    entries = [one for group in page.context["navigation"] for one in group["entries"]]
    return {str(one["words"]): one["count"] for one in entries}["My bids"]


def test_the_sidebar_counts_rounds_that_one_has_not_ranked(ann, team):
    roster, agents = team
    held = a_round(roster)
    assert counted(ann) == 1
    with time_machine.travel(AFTER, tick=False):
        # Its moment is over, though nobody has closed it yet.
        assert counted(ann) == 0
    chosen(held, agents[0], agents[1])
    assert counted(ann) == 0


def moved_to(client, held, closes, seen):
    sent = {"closes": closes, "seen": seen.isoformat()}
    answer = client.post(reverse("bid_moment", args=[held.pk]), sent, follow=True)
    assert answer.status_code == 200
    held.refresh_from_db()
    return answer.content.decode()


def test_a_planner_has_a_round_close_at_another_moment(planner, team):
    """Ten o'clock in Berlin is nine UTC in winter."""
    held = a_round(team[0])
    assert "2026-03-14T10:00" in text_of(planner, "bid_round", held.pk)
    said = moved_to(planner, held, "2026-03-15T10:00", CLOSES)
    assert "The round closes at that moment now." in said
    assert held.closes_at == CLOSES + timedelta(days=1)
    # Somebody else had the page of before open.
    assert "Somebody has moved it meanwhile" in moved_to(planner, held, "2026-03-16T10:00", CLOSES)
    assert held.closes_at == CLOSES + timedelta(days=1)


@pytest.mark.parametrize(
    ("closes", "said"),
    [
        ("2026-03-12T10:00", "That moment is over."),
        ("2026-03-23T10:00", "The roster is over by then."),
        ("soon", "Write the moment as"),
        ("", "This field is required."),
    ],
)
def test_a_moment_that_cannot_be_is_said_and_changes_nothing(planner, team, closes, said):
    held = a_round(team[0])
    assert said in moved_to(planner, held, closes, CLOSES)
    assert held.closes_at == CLOSES


def test_a_round_that_is_closed_has_no_other_moment(planner, team):
    held = a_round(team[0])
    with time_machine.travel(AFTER, tick=False):
        assert "It is not open any more." in moved_to(planner, held, "2026-03-15T10:00", CLOSES)
    assert services.close(held, AFTER)
    assert reverse("bid_moment", args=[held.pk]) not in text_of(planner, "bid_round", held.pk)
