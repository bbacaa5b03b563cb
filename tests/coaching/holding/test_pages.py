"""The pages of sessions, as a coach and as the agent in one."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from ccm import viewed
from ccm.models import AuditEntry, TeamLead, User
from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import services, soon, to_hold, to_sign
from coaching.models import Action, AgendaItem, PrivateNote, Session
from coaching.triggers import reads as proposals
from tests.builders import NINE, a_site, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.triggers.builders import a_proposal, a_rule

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
COUNTED = ("My coaching", "Sessions", "Proposals")


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def get(user, name, *args, query=""):
    return text(signed_in(user).get(reverse(name, args=args) + query))


def post(user, name, *args, **said):
    return signed_in(user).post(reverse(name, args=args), said)


def test_a_session_is_planned_by_the_sites_clock_by_who_coaches(floor):
    floor.site.zone = "Europe/Paris"
    floor.site.save()
    answer = post(
        floor.lead, "session_new", kind="one_to_one", agents=floor.agent.pk, day="2026-03-03",
        time="14:30", minutes=45, place="Room 2", about="Holds",
    )  # fmt: skip
    made = Session.objects.get()
    assert answer.url == reverse("session", args=[made.pk])
    # 14:30 in Paris is 13:30 in UTC.
    assert made.starts_at == NINE.replace(day=3, hour=13, minute=30)
    assert (made.coach, made.minutes, made.place, made.about) == (
        floor.lead, 45, "Room 2", "Holds",
    )  # fmt: skip
    page = get(floor.lead, "session", made.pk)
    assert "Tue 3 Mar 2026 14:30" in page
    assert floor.agent.name in page
    refused = text(post(floor.lead, "session_new", kind="one_to_one", day="x", time="9", minutes=0))
    for said in ("Choose whom it is with.", "YYYY-MM-DD", "HH:MM"):
        assert said in refused


def test_a_session_is_offered_with_agents_of_own_teams_alone(floor):
    other = an_agent(floor.site, "Somebody Else")
    assert floor.agent.name in get(floor.lead, "session_new")
    assert other.name not in get(floor.lead, "session_new")
    assert other.name in get(floor.manager, "session_new")
    answer = post(
        floor.lead, "session_new", kind="one_to_one", agents=other.pk, day="2026-03-03",
        time="14:30", minutes=30,
    )  # fmt: skip
    assert answer.status_code == 200
    assert not Session.objects.exists()


def test_from_its_plan_to_both_signatures(floor):
    session = floor.session()
    at = session.pk
    own = {"title": "My breaks", "words": "They are too late"}
    assert post(floor.me, "session_point", at, **own).status_code == 302
    assert post(floor.lead, "session_point", at, title="Greeting").status_code == 302
    seen = get(floor.me, "session", at)
    assert "My breaks" in seen
    assert "Greeting" not in seen
    assert post(floor.lead, "session_share", at).status_code == 302
    assert "Greeting" in get(floor.me, "session", at)
    assert "My breaks" in get(floor.lead, "session", at)
    assert ">Sign<" not in get(floor.lead, "session", at)
    session.refresh_from_db()
    # It begins in two hours: whether it was held before its time is asked.
    said = {"notes": "Breaks move to noon.", "revision": session.revision}
    early = text(post(floor.lead, "session_hold", at, **said))
    for words in ("planned for Mon 2 Mar 2026 11:00, which is not yet", "Breaks move to noon."):
        assert words in early, words
    assert Session.objects.get().state == "planned"
    assert post(floor.lead, "session_hold", at, **said, anyway="on").status_code == 302
    step = {"words": "Greets by name", "due_on": "2026-03-20", "agent": floor.agent.pk}
    assert post(floor.lead, "session_step", at, **step, kpi="aht").status_code == 302
    seen = get(floor.me, "session", at)
    for words in (
        "Breaks move to noon.",
        "Greets by name",
        "by Fri 20 Mar 2026 · Average handling time",
        ">Sign<",
    ):
        assert words in seen, words
    mine = get(floor.me, "my_coaching")
    assert "1 session to sign" in mine
    assert ">to sign<" in mine
    for who in (floor.me, floor.lead):
        assert post(who, "session_sign", at).status_code == 302
    session.refresh_from_db()
    assert session.signed_at == session.participants.get().signed_at == NINE
    action = Action.objects.get()
    assert (action.session, action.kpi) == (session, "aht")
    ended = {"state": "done", "words": "On ten calls", "revision": 0}
    assert post(floor.me, "action_end", action.pk, **ended).url == reverse("session", args=[at])
    assert "On ten calls" in get(floor.lead, "session", at)


def test_what_is_refused_is_said_beside_what_was_typed(floor):
    session = floor.session()
    seen = text(post(floor.lead, "session_call_off", session.pk, why=""))
    assert "This field is required." in seen
    stale = post(floor.lead, "session_hold", session.pk, notes="My words", revision=7, anyway="on")
    assert "Somebody has changed it meanwhile" in text(stale)
    assert "My words" in text(stale)
    # What somebody else noted stands beside it, and what was typed can be sent again over it.
    services.hold(session, "Their words", 0, floor.manager, NINE)
    stale = text(post(floor.lead, "session_hold", session.pk, notes="My words", revision=0))
    for words in ("By now they say:", "Their words", "My words", 'name="revision" value="1"'):
        assert words in stale, words
    session = floor.session(about="May")
    assert post(floor.lead, "session_call_off", session.pk, why="Ill").status_code == 302
    assert "Ill" in get(floor.me, "session", session.pk)
    # A sign that is not theirs says so and changes nothing.
    held = floor.held(about="April")
    post(floor.manager, "session_sign", held.pk)
    held.refresh_from_db()
    assert held.signed_at is None


def test_points_that_are_not_ticked_are_struck_off_and_gone_for_the_agent(floor):
    session = floor.session()
    for title in ("Greeting", "Holds"):
        post(floor.lead, "session_point", session.pk, title=title)
    post(floor.lead, "session_share", session.pk)
    greeting = AgendaItem.objects.get(title="Greeting")
    shown = list(AgendaItem.objects.values_list("pk", flat=True))
    for one in shown:
        assert f'name="shown" value="{one}"' in get(floor.lead, "session", session.pk)
    post(floor.lead, "session_agenda", session.pk, keep=greeting.pk, shown=shown)
    assert "Holds" not in get(floor.me, "session", session.pk)
    assert "co-struck" in get(floor.lead, "session", session.pk)


def test_a_coach_is_told_that_the_agent_reads_what_they_put_on_the_agenda(floor):
    session = floor.session()
    words = "The agent reads it with the agenda"
    assert words in get(floor.lead, "session", session.pk)
    assert words not in get(floor.me, "session", session.pk)


def test_a_session_that_has_begun_is_still_the_next_on_my_day(floor):
    floor.session(about="Later", starts_at=NINE + timedelta(hours=1), coach=floor.manager)
    floor.session(about="Now", starts_at=NINE - timedelta(minutes=20))
    assert soon.next_session(floor.agent, NINE).value == "Mon 2 Mar 08:40"
    # It took half an hour.
    assert soon.next_session(floor.agent, NINE + timedelta(minutes=10)).value == "Mon 2 Mar 10:00"


def test_an_agent_asks_for_next_time_whether_a_session_is_planned_or_not(floor):
    assert "This field is required." in text(post(floor.me, "my_point", title=""))
    answer = post(floor.me, "my_point", title="My breaks", words="Too late")
    assert answer.url == reverse("my_coaching")
    assert "My breaks" in get(floor.me, "my_coaching")
    assert "My breaks" not in get(floor.lead, "sessions")
    late = AgendaItem.objects.get()
    assert post(floor.me, "my_point", title="Never mind").status_code == 302
    post(floor.me, "my_point_back", AgendaItem.objects.exclude(pk=late.pk).get().pk)
    session = floor.session()
    assert "My breaks" in get(floor.lead, "session", session.pk)
    answer = post(floor.me, "my_point", title="A course")
    assert answer.url == reverse("session", args=[session.pk])
    # What stands on an agenda is taken back no more.
    post(floor.me, "my_point_back", late.pk)
    assert {one.title for one in session.agenda.all()} == {"My breaks", "A course"}


def test_a_private_note_stands_on_its_writers_page_alone(floor):
    session = floor.session()
    post(floor.lead, "session_private", session.pk, words="Tired lately")
    assert "Tired lately" in get(floor.lead, "session", session.pk)
    for who in (floor.me, floor.manager, a_user("admin")):
        assert "Tired lately" not in get(who, "session", session.pk)
    post(floor.manager, "session_private", session.pk, words="Mine")
    assert PrivateNote.objects.count() == 2
    assert "Tired" not in str(AuditEntry.objects.values_list("before", "after"))


def test_mood_and_words_are_read_by_the_coach_of_the_session_as_its_agent_is_told(floor):
    other = an_agent(floor.site, "Bo", user=a_user("agent"))
    session = floor.session(kind="group", agents=(floor.agent, other))
    post(floor.me, "session_say", session.pk, mood="2", energy="", words="Tired of nights")
    assert f"{floor.lead} reads it, and nobody else" in get(floor.me, "session", session.pk)
    for who in (floor.lead, floor.me):
        assert "Tired of nights" in get(who, "session", session.pk), who
    # Managers and admins see the session, and not this.
    for who in (floor.manager, a_user("admin"), other.user):
        seen = get(who, "session", session.pk)
        assert floor.agent.name in seen
        assert "Tired of nights" not in seen
        assert "mood 2" not in seen


def test_what_is_agreed_on_after_a_signature_stands_apart_from_what_was_signed(floor):
    session = floor.held()
    following.agree(Step(floor.agent, "Signed step", NINE.date()), session, floor.lead, NINE)
    for who in (floor.me, floor.lead):
        services.sign(session, who, NINE)
    assert "Added after it was signed" not in get(floor.me, "session", session.pk)
    with time_machine.travel(NINE + timedelta(minutes=5), tick=False):
        assert "stands apart, as added after that" in get(floor.lead, "session", session.pk)
        late = {"words": "Late step", "due_on": "2026-03-20", "agent": floor.agent.pk}
        assert post(floor.lead, "session_step", session.pk, **late).status_code == 302
        floor.step("Of another day")
    for who in (floor.me, floor.lead, floor.manager):
        page = " ".join(strip_tags(get(who, "session", session.pk)).split())
        order = [
            page.index(words)
            for words in (
                "Signed step", "Added after it was signed", "Late step",
                "agreed on 2 Mar 2026 09:05; signed before that, and so not for it:"
                f" {floor.lead}, {floor.agent.name}",
                "Open, agreed on elsewhere", "Of another day",
            )
        ]  # fmt: skip
        assert order == sorted(order)


def test_the_list_says_what_is_late_comes_and_was_held(floor):
    late = floor.session(about="Late one", starts_at=NINE - timedelta(hours=1))
    floor.session(about="Coming one")
    floor.held(about="Held one", starts_at=NINE - timedelta(days=1))
    page = get(floor.lead, "sessions")
    order = [page.index(words) for words in ("Late one", "Coming one", "Held one")]
    assert order == sorted(order)
    assert "It was to be held by now." in get(floor.lead, "session", late.pk)
    nobody = get(a_user("manager", a_site()), "sessions")
    for words in ("Nothing is late", "Nothing is planned", "Nothing was held yet"):
        assert words in nobody


def test_the_list_is_of_one_agent_and_says_who_has_not_signed(floor):
    held = floor.held(about="Held one", starts_at=NINE - timedelta(days=1))
    other = an_agent(floor.site, "Bo")
    floor.session(agents=(other,), coach=floor.manager, about="With Bo")
    assert f"not signed by {floor.lead}, {floor.agent.name}" in get(floor.lead, "sessions")
    services.sign(held, floor.lead, NINE)
    assert f"not signed by {floor.agent.name}" in get(floor.lead, "sessions")
    services.sign(held, floor.me, NINE)
    assert "not signed" not in get(floor.lead, "sessions")
    of_bo = get(floor.manager, "sessions", query=f"?agent={other.pk}")
    assert "With Bo" in of_bo
    assert "Held one" not in of_bo
    assert f"{reverse('steps')}?agent={other.pk}" in of_bo
    for word in (str(other.pk), "x", "0" * 5000):
        url = f"{reverse('sessions')}?agent={word}"
        assert signed_in(floor.lead).get(url).status_code == 404, word


def test_a_list_has_no_notes_of_talks_and_who_looks_at_one_agents_is_noted(floor):
    held = floor.held(starts_at=NINE - timedelta(days=1))
    Session.objects.filter(pk=held.pk).update(shared_notes="Was ill in May", about="")
    for who, name in ((floor.lead, "sessions"), (floor.me, "my_coaching")):
        page = get(who, name)
        assert reverse("session", args=[held.pk]) in page
        assert "ill in May" not in page
    viewed.settle()
    assert not viewed.of_agent(floor.agent).exists()
    get(floor.lead, "sessions", query=f"?agent={floor.agent.pk}")
    viewed.settle()
    assert [*viewed.of_agent(floor.agent).values_list("viewer", "what")] == [
        (floor.lead.pk, "coaching")
    ]


def test_what_is_called_off_of_a_day_to_come_is_told_until_that_day_is_over(floor):
    off = floor.session(about="Off", starts_at=NINE + 2 * DAY)
    services.call_off(off, "Ill", floor.lead, NINE)

    def place(user, name, *parts):
        page = get(user, name)
        assert page.count("Called off") == page.count("Off ·") == 1
        at = page.index("Off ·")
        return [page.index(part) < at for part in parts]

    assert place(floor.me, "my_coaching", 'id="coming"', 'id="past"') == [True, False]
    # Nothing is planned: what is brought waits for the next session.
    assert "your next session opens with it" in get(floor.me, "my_coaching")
    assert place(floor.lead, "sessions", ">Coming<", ">Held<") == [True, False]
    with time_machine.travel(NINE + 2 * DAY + timedelta(hours=12), tick=False):
        assert place(floor.me, "my_coaching", 'id="past"') == [False]
    with time_machine.travel(NINE + 3 * DAY, tick=False):
        assert place(floor.me, "my_coaching", 'id="past"') == [True]
        # Then it is found folded, with why.
        page = get(floor.lead, "sessions")
        assert place(floor.lead, "sessions", ">Coming<", ">Held<") == [True, True]
        assert "Called off (1)" in page
        assert "Ill" in page


def test_the_menu_counts_what_is_to_be_signed_what_is_late_and_what_is_proposed(floor):
    def counts(user):
        groups = signed_in(user).get(reverse("home"), follow=True).context["navigation"]
        found = {str(one["words"]): one["count"] for group in groups for one in group["entries"]}
        return {words: found[words] for words in COUNTED if found.get(words)}

    assert counts(floor.lead) == counts(floor.me) == {}
    floor.session(starts_at=NINE - timedelta(hours=3))
    held = floor.held()
    put_off = {"state": "put_off", "decided_at": NINE, "decided_by": floor.lead}
    rule = a_rule(floor.site)
    a_proposal(floor.agent, rule)
    a_proposal(floor.agent, rule, cause="late", until=(NINE + DAY).date(), **put_off)
    expected = {"Sessions": 1, "Proposals": 1}
    assert counts(floor.lead) == expected
    assert counts(floor.me) == {"My coaching": 1}
    # A session is late for who leads it.
    assert counts(floor.manager) == {"Proposals": 1}
    fresh = User.objects.get(pk=floor.lead.pk)
    assert (to_hold.count(fresh), proposals.WAITING.count(fresh)) == (1, 1)
    assert to_sign.count(User.objects.get(pk=floor.me.pk)) == 1
    # The statement that counts is kept, and what it counts depends on now.
    with time_machine.travel(NINE + DAY, tick=False):
        assert counts(floor.lead) == {"Sessions": 1, "Proposals": 2}
    post(floor.me, "session_sign", held.pk)
    assert counts(floor.me) == {}


def test_a_session_at_a_site_where_one_led_before_is_listed_in_its_month_too(floor):
    floor.session(about="Holds")
    TeamLead.objects.filter(supervisor=floor.lead).update(ends_on=NINE.date())
    other = Floor()
    TeamLead.objects.filter(supervisor=other.lead).update(supervisor=floor.lead)
    for query in ("", "?month=2026-03"):
        assert "Holds" in get(floor.lead, "sessions", query=query)
    assert "Holds" not in get(floor.lead, "sessions", query="?month=2026-02")


@pytest.mark.parametrize("many", [1, 12])
def test_a_page_asks_the_same_of_one_as_of_twelve(floor, many, django_assert_max_num_queries):
    session = floor.session()
    for n in range(many):
        post(floor.lead, "session_point", session.pk, title=f"Point {n}")
        floor.session(about=f"Session {n}")
    for n in range(min(many, 10)):
        floor.step(f"Step {n}")
    lead, me = signed_in(floor.lead), signed_in(floor.me)
    for client, at in (
        (lead, reverse("sessions")), (lead, reverse("steps")),
        (lead, reverse("sessions") + "?month=2026-03"),
        (lead, reverse("session", args=[session.pk])),
        (me, reverse("session", args=[session.pk])), (me, reverse("my_coaching")),
    ):  # fmt: skip
        with django_assert_max_num_queries(12):
            client.get(at)
