"""Recognition: who gives it to whom, what of it who reads, and what becomes of it."""

import csv
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.models import Agent, AuditEntry, Call, User
from ccm.signals import names_merged
from coaching.models import Kudos
from coaching.recognition import reads, services
from kpis.models import Board
from kpis.walls import frames
from qa.cards import services as cards
from qa.models import CardCriterion
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.coaching.recognition.builders import a_kudos, an_answer
from tests.qa.after.test_listed import found_with_facts
from tests.qa.builders import a_card

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def order(said, *words):
    """Whether the words stand in this order."""
    places = [said.index(word) for word in words]
    return places == sorted(places)


def an_agents_user(site, name=""):
    user = a_user("agent")
    return user, an_agent(site, name, user=user)


@pytest.mark.parametrize(
    "role", ["admin", "manager", "planner", "supervisor", "qa_analyst", "trainer", "agent"]
)
def test_anybody_at_a_site_thanks_an_agent_of_it(role):
    site = a_site()
    user, ann = a_user(role, site), an_agent(site, "Ann")
    if role == "supervisor":
        a_team(site, user, an_agent(site))
    elif role == "agent":
        an_agent(site, user=user)
    url = reverse("recognition_new") + f"?site={site.slug}"
    with time_machine.travel(NINE, tick=False):
        answer = signed_in(user).post(url, {"agent": ann.pk, "words": "Helped me out"})
    assert answer.url == reverse("recognition")
    one = Kudos.objects.get()
    assert (one.agent, one.giver, one.site, one.words) == (ann, user, site, "Helped me out")
    assert one.given_at == NINE
    assert "Helped me out" in text(signed_in(user).get(reverse("recognition")))


def test_nobody_thanks_themselves():
    site = a_site()
    user, own = an_agents_user(site)
    other = an_agent(site)
    client = signed_in(user)
    url = reverse("recognition_new")
    form = client.get(url).context["form"]
    assert [one.pk for one in form.fields["agent"].queryset] == [other.pk]
    answer = client.post(url, {"agent": own.pk, "words": "I was good"})
    assert list(answer.context["form"].errors) == ["agent"]
    with pytest.raises(ValidationError, match="this is you"):
        services.give(Kudos(agent=own, words="I was good"), user, NINE)
    assert not Kudos.objects.exists()
    # A lead who takes calls, too, and one's own call.
    lead = a_user("supervisor")
    mine = an_agent(site, user=lead)
    a_team(site, lead, mine)
    call = a_call(a_queue(site), agent=mine)
    assert signed_in(lead).get(f"{url}?call={call.pk}").status_code == 404


def test_nobody_thanks_an_agent_of_another_site_or_who_left():
    site, other = a_site(), a_site()
    manager = a_user("manager", site)
    far, gone = an_agent(other), an_agent(site)
    Agent.objects.filter(pk=gone.pk).update(left_on=NINE.date() - DAY)
    for agent in (far, gone):
        answer = signed_in(manager).post(
            reverse("recognition_new"), {"agent": agent.pk, "words": "x"}
        )
        assert list(answer.context["form"].errors) == ["agent"]
    with pytest.raises(ValidationError, match="no site of yours"):
        services.give(Kudos(agent=far, words="x"), manager, NINE)
    assert not Kudos.objects.exists()


def test_a_post_that_comes_twice_makes_one():
    site = a_site()
    user, ann = a_user("manager", site), an_agent(site)
    said = {"agent": ann.pk, "words": "Helped me out"}
    client = signed_in(user)
    with time_machine.travel(NINE, tick=False) as clock:
        client.post(reverse("recognition_new"), said)
        clock.shift(timedelta(seconds=20))
        client.post(reverse("recognition_new"), said)
        assert Kudos.objects.count() == 1
        assert AuditEntry.objects.filter(model="coaching.kudos").count() == 1
        # Of another person, or later, it is another.
        signed_in(a_user("manager", site)).post(reverse("recognition_new"), said)
        clock.shift(timedelta(minutes=3))
        client.post(reverse("recognition_new"), said)
    assert Kudos.objects.count() == 3


def test_it_is_tied_to_a_call_and_what_its_caller_said_where_the_giver_may_open_it():
    site = a_site()
    lead, stranger = a_user("supervisor"), a_user("supervisor")
    ann = an_agent(site, "Ann")
    a_team(site, lead, ann)
    a_team(site, stranger, an_agent(site))
    card = a_card(site)
    call = a_call(a_queue(site), agent=ann)
    other = a_call(a_queue(site), agent=an_agent(site))
    survey, elsewhere = an_answer(call, comment="So patient"), an_answer(other, 2)
    criterion = CardCriterion.objects.get(card=card, key="greeting")
    url = f"{reverse('recognition_new')}?call={call.pk}"
    client = signed_in(lead)
    said = text(client.get(url))
    assert "Recognise Ann" in said
    assert "Satisfaction: 5 on a scale of 1 to 5. So patient" in said
    sent = {"words": "Calm", "survey": survey.pk, "criterion": criterion.pk}
    assert client.post(url, sent | {"survey": elsewhere.pk}).status_code == 200
    client.post(url, sent)
    one = Kudos.objects.get()
    assert (one.agent, one.call, one.survey, one.criterion) == (ann, call, survey, criterion)
    # Who may not open the call ties nothing to it, and is told of it neither.
    assert signed_in(stranger).get(url).status_code == 404
    assert signed_in(stranger).post(url, sent).status_code == 404
    with pytest.raises(ValidationError, match="may not open this call"):
        services.give(Kudos(agent=ann, words="Calm", call=call), stranger, NINE)
    with pytest.raises(ValidationError, match="somebody else took it"):
        services.give(Kudos(agent=ann, words="Calm", call=other), a_user("manager", site), NINE)
    said = text(signed_in(stranger).get(reverse("recognition")))
    assert "Calm" in said
    assert "So patient" not in said
    assert str(call.pk) not in said
    for user in (lead, a_user("manager", site)):
        said = text(signed_in(user).get(reverse("recognition")))
        assert "So patient" in said
        assert reverse("call", args=[call.pk]) in said
        assert "Greeting · Support" in said


def test_a_call_that_is_none_or_that_nobody_took_is_not_there():
    site = a_site()
    manager = a_user("manager", site)
    call = a_call(a_queue(site), outcome="abandoned")
    client = signed_in(manager)
    for word in (call.pk, "x", "-1", "00000000-0000-7000-8000-000000000000"):
        assert client.get(f"{reverse('recognition_new')}?call={word}").status_code == 404


def test_the_page_of_a_call_leads_there_but_for_who_took_it():
    site = a_site()
    user, own = an_agents_user(site)
    call, missed = a_call(a_queue(site), agent=own), a_call(a_queue(site), outcome="abandoned")
    url = f"{reverse('recognition_new')}?call={call.pk}"
    manager = signed_in(a_user("manager", site))
    assert url in text(manager.get(reverse("call", args=[call.pk])))
    assert url not in text(signed_in(user).get(reverse("call", args=[call.pk])))
    assert "recognition/new" not in text(manager.get(reverse("call", args=[missed.pk])))


def test_it_stays_when_its_call_is_gone_with_its_month():
    site = a_site()
    ann = an_agent(site)
    call = a_call(a_queue(site), agent=ann)
    a_kudos(ann, call=call, survey=an_answer(call), words="Stands")
    Call.objects.filter(pk=call.pk).delete()
    client = signed_in(a_user("manager", site))
    said = text(client.get(reverse("recognition")))
    assert "Stands" in said
    assert str(call.pk) not in said
    assert client.get(reverse("recognition_csv")).status_code == 200


def test_it_stays_when_the_scorecard_of_its_criterion_is_removed():
    site = a_site()
    card = a_card(site)
    criterion = CardCriterion.objects.get(card=card, key="greeting")
    one = a_kudos(an_agent(site), criterion=criterion)
    cards.remove(card, a_user("admin"), NINE)
    one.refresh_from_db()
    assert one.criterion is None


def test_the_feed_is_of_own_sites_and_an_agents_own_stands_first():
    site, other = a_site(), a_site()
    user, ann = an_agents_user(site, "Ann")
    ben = an_agent(site, "Ben")
    a_kudos(ann, words="Older and mine", given_at=NINE - 9 * DAY)
    a_kudos(ben, words="Newest", given_at=NINE)
    a_kudos(ben, words="Newer", given_at=NINE - DAY)
    a_kudos(an_agent(other), words="Elsewhere")
    said = text(signed_in(user).get(reverse("recognition")))
    assert order(said, "For you", "Older and mine", "Newest", "Newer")
    assert "Elsewhere" not in said
    assert said.count("Older and mine") == 1
    # To whom nothing was given it is the newest first.
    said = text(signed_in(a_user("planner", site)).get(reverse("recognition")))
    assert "For you" not in said
    assert order(said, "Newest", "Newer", "Older and mine")


def test_the_feed_is_narrowed_to_a_team_ones_own_and_what_one_gave():
    site, other = a_site("Leeds"), a_site("York")
    user, ann = an_agents_user(site)
    lead = a_user("supervisor")
    mate, far = an_agent(site), an_agent(site)
    a_team(site, lead, ann, mate)
    a_team(site, None, far)
    a_kudos(ann, words="To me")
    a_kudos(mate, words="To a mate")
    a_kudos(far, user, words="From me")
    a_kudos(an_agent(other), words="In York")
    url = reverse("recognition")

    def shown(who, query):
        rows = signed_in(who).get(f"{url}?{query}").context["rows"]
        return sorted(row["one"].words for row in rows)

    assert shown(user, "whose=team") == ["To a mate", "To me"]
    assert shown(user, "whose=mine") == ["To me"]
    assert "Show it on walls" in text(signed_in(user).get(f"{url}?whose=mine"))
    assert shown(user, "whose=given") == ["From me"]
    assert shown(lead, "whose=team") == ["To a mate", "To me"]
    assert shown(lead, "whose=mine") == []
    assert shown(lead, "whose=x") == ["From me", "To a mate", "To me"]
    both = a_user("manager", site, other)
    assert shown(both, f"site={other.slug}") == ["In York"]
    assert shown(both, "") == ["From me", "In York", "To a mate", "To me"]
    assert signed_in(user).get(f"{url}?site={other.slug}").status_code == 404


def test_ones_own_is_taken_back_within_a_day_and_no_later():
    site = a_site()
    giver, ann = a_user("manager", site), an_agent(site)
    with time_machine.travel(NINE, tick=False):
        one = services.give(Kudos(agent=ann, words="Too soon"), giver, NINE)
        late = services.give(Kudos(agent=ann, words="Stands"), giver, NINE - 2 * DAY)
        client = signed_in(giver)
        said = text(client.get(reverse("recognition")))
        take_back = reverse("recognition_take_back", args=[one.pk])
        assert take_back in said
        assert reverse("recognition_take_back", args=[late.pk]) not in said
        # Nobody else takes it back, an admin no more than whom it was given to.
        for other in (a_user("manager", site), a_user("admin")):
            assert take_back not in text(signed_in(other).get(reverse("recognition")))
            assert signed_in(other).post(take_back).status_code == 404
        refused = client.post(reverse("recognition_take_back", args=[late.pk]), follow=True)
        assert "can be taken back no more" in text(refused)
        assert client.post(take_back).url == reverse("recognition")
        # Sent twice, it is gone once.
        assert client.post(take_back).status_code == 404
        services.take_back(one.pk, giver, NINE)
    assert [row.words for row in Kudos.objects.all()] == ["Stands"]
    entries = AuditEntry.objects.filter(model="coaching.kudos", object_id=str(one.pk))
    assert [entry.action for entry in entries] == ["removed", "created"]


@pytest.mark.parametrize(
    ("after", "stands"),
    [
        (DAY - timedelta(seconds=1), False),
        (DAY, True),  # a day later it stands
    ],
)
def test_a_day_is_twenty_four_hours(after, stands):
    site = a_site()
    giver = a_user("manager", site)
    one = services.give(Kudos(agent=an_agent(site), words="x"), giver, NINE)
    if stands:
        with pytest.raises(ValidationError, match="more than a day"):
            services.take_back(one.pk, giver, NINE + after)
    else:
        services.take_back(one.pk, giver, NINE + after)
    assert Kudos.objects.exists() == stands


def test_the_file_is_for_who_manages_and_of_what_they_manage():
    site, other = a_site("Leeds"), a_site("York")
    manager, giver = a_user("manager", site), a_user("planner", site)
    ann = an_agent(site, "Ann")
    call = a_call(a_queue(site), agent=ann)
    card = a_card(site)
    criterion = CardCriterion.objects.get(card=card, key="greeting")
    one = a_kudos(ann, giver, words="=cmd()", call=call, criterion=criterion)
    a_kudos(an_agent(other), words="Elsewhere")
    url = reverse("recognition_csv")
    answer = signed_in(manager).get(f"{url}?site={site.slug}")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(body.splitlines())
    assert row == {
        "Recognition": str(one.pk), "Site": "Leeds", "Given": "2026-03-02T09:00:00+00:00",
        "Agent": "Ann", "From": str(giver), "What for": "'=cmd()", "Criterion": "Greeting",
        "Scorecard": "Support", "Call": str(call.pk),
    }  # fmt: skip
    (entry,) = AuditEntry.objects.filter(action="exported")
    assert entry.model == "coaching.kudos"
    assert "Recognition of Leeds" in text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "recognition/export.csv" in text(signed_in(manager).get(reverse("recognition")))
    assert "export.csv" not in text(signed_in(giver).get(reverse("recognition")))
    assert signed_in(giver).get(url).status_code == 404


def test_the_log_has_who_gave_it_to_whom_and_not_the_words():
    site = a_site()
    giver, ann = a_user("manager", site), an_agent(site, "Ann")
    services.give(Kudos(agent=ann, words="Not for the log"), giver, NINE)
    entry = AuditEntry.objects.get(model="coaching.kudos")
    assert entry.who_id == giver.pk
    told = {"site": site.pk, "agent": ann.pk, "criterion": None, "is_on_walls": False}
    assert entry.after == told
    said = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "Recognition of Ann" in said
    assert "Not for the log" not in said


def test_it_follows_an_agent_that_is_merged_with_another():
    site = a_site()
    loser, keeper = an_agent(site), an_agent(site)
    one = a_kudos(loser)
    names_merged.send(sender=Agent, loser=loser.pk, keeper=keeper.pk)
    one.refresh_from_db()
    assert one.agent == keeper


def test_what_is_of_no_call_has_no_answer_of_a_caller():
    site = a_site()
    ann = an_agent(site)
    survey = an_answer(a_call(a_queue(site), agent=ann))
    with pytest.raises(IntegrityError, match="kudos_survey_is_of_a_call"), transaction.atomic():
        a_kudos(ann, survey=survey)
    with pytest.raises(IntegrityError, match="kudos_says_what_for"), transaction.atomic():
        a_kudos(ann, words="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"words": ""}, {"words": "x" * 501}, {"words": " \u200b "}, {"agent": ""},
        {"agent": "99999999999999999999"}, {"criterion": "one"}, {"words": "a\0b"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_its_field(wrong):
    site = a_site()
    said = {"agent": an_agent(site).pk, "words": "Well done"} | wrong
    answer = signed_in(a_user("manager", site)).post(reverse("recognition_new"), said)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Kudos.objects.exists()


def test_criteria_are_those_that_the_sites_scorecards_score():
    site, other = a_site(), a_site()
    a_card(site, "Support")
    a_card(other, "Elsewhere")
    user, _own = an_agents_user(site)
    choices = signed_in(user).get(reverse("recognition_new")).context["form"]["criterion"]
    told = [(card, [words for _pk, words in some]) for card, some in [*choices.field.choices][1:]]
    assert told == [("Support", ["Greeting", "Verified the account", "Found the cause"])]


def test_hostile_text_is_text():
    site = a_site()
    client = signed_in(a_user("manager", site))
    said = {"agent": an_agent(site).pk, "words": "<script>x</script>"}
    client.post(reverse("recognition_new"), said)
    page = client.get(reverse("recognition")).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    for query in ("page=x", "page=-1", "page=99", "whose=all", "agent=1"):
        assert client.get(f"{reverse('recognition')}?{query}").status_code == 200
    for number in (2**31, 2**63, 10**25):
        url = reverse("recognition_take_back", args=[number])
        assert client.post(url).status_code == 404


def test_a_feed_with_nothing_says_so():
    site = a_site()
    client = signed_in(a_user("manager", site))
    assert "Nobody was recognised yet" in text(client.get(reverse("recognition")))
    said = text(client.get(f"{reverse('recognition')}?whose=given"))
    assert "Nothing is there of what was chosen" in said
    # Without a site there is nobody to thank, and nothing that leads there.
    from ccm.models import Site

    Site.objects.all().delete()
    admin = signed_in(a_user("admin"))
    assert "recognition/new" not in text(admin.get(reverse("recognition")))
    assert admin.get(reverse("recognition_new")).status_code == 404


@pytest.mark.parametrize("many", [1, 30])
def test_the_feed_asks_the_same_of_one_as_of_thirty(django_assert_num_queries, many):
    site = a_site()
    user, own = an_agents_user(site)
    a_team(site, a_user("supervisor"), own)
    giver = a_user("manager", site)
    queue, card = a_queue(site), a_card(site)
    criterion = CardCriterion.objects.get(card=card, key="greeting")
    for number in range(many):
        mate = an_agent(site)
        call = a_call(queue, agent=own)
        said = {"criterion": criterion, "call": call, "survey": an_answer(call, number + 1)}
        a_kudos(own, giver, **said)
        a_kudos(mate, giver, criterion=criterion)
    client = signed_in(user)
    assert reads.count(found_with_facts(user, reads.facts())) == many
    # Session, user, sites, own, count, page, calls, surveys; and that they are read by now.
    with django_assert_num_queries(9):
        client.get(reverse("recognition"))
    assert reads.count(User.objects.get(pk=user.pk)) == 0
    with django_assert_num_queries(8):
        client.get(reverse("recognition"))
    # Whose team it is takes the day of its site.
    with django_assert_num_queries(8):
        client.get(f"{reverse('recognition')}?whose=team")


def test_walls_show_what_who_was_thanked_wants_shown_and_name_them_where_they_may():
    site = a_site()
    user, ann = an_agents_user(site, "Ann")
    mine = a_kudos(ann, words="Stayed\ncalm", given_at=NINE - DAY)
    a_kudos(an_agent(site, "Ben"), words="Not asked", given_at=NINE)
    client = signed_in(user)
    url = reverse("recognition_walls", args=[mine.pk])

    def wall(**board):
        made, _new = Board.objects.update_or_create(
            slug="b",
            defaults={
                "title": "B",
                "site": site,
                "tiles": [{"id": "t", "kind": "thanks"}],
                **board,
            },
        )
        return [
            [cell["text"] for cell in row] for row in frames.frame(made, NINE)["tiles"][0]["rows"]
        ]

    with time_machine.travel(NINE, tick=False):
        assert wall(names=True) == []
        assert "Show it on walls" in text(client.get(reverse("recognition")))
        client.post(url, {"show": "1"})
        assert wall(names=True) == [["Ann", "Stayed calm"]]
        assert wall(names=False) == [["Stayed calm"]]
        assert "Take it off the walls" in text(client.get(reverse("recognition")))
    # Two weeks after it was given it is no news.
    Kudos.objects.filter(pk=mine.pk).update(given_at=NINE - 15 * DAY)
    assert wall(names=True) == []
    Kudos.objects.filter(pk=mine.pk).update(given_at=NINE)
    client.post(url, {"show": "0"})
    assert wall(names=True) == []
    # Nobody else's to show, not even its giver's.
    giver = a_user("manager", site)
    Kudos.objects.filter(pk=mine.pk).update(giver=giver)
    assert signed_in(giver).post(url, {"show": "1"}).status_code == 404
    assert not Kudos.objects.get(pk=mine.pk).is_on_walls
