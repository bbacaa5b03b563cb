"""The pages of calibration."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from qa.models import CalibrationSession, CardCriterion, Evaluation, Scorecard
from tests.builders import NINE, a_call, a_queue, a_site
from tests.qa.after.builders import House, lines_of
from tests.qa.builders import a_version
from tests.qa.calibration.builders import a_session, score

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def house():
    with time_machine.travel(NINE + timedelta(hours=2), tick=False):
        yield House()


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def form(house, **more):
    return {
        "name": "March", "version": house.card.versions.get().pk,
        "raters": [house.reviewer.pk, house.other.pk], "expert": house.other.pk,
        "due": "2026-03-09", "way": "drawn", "many": 2, "first": "2026-03-01",
        "last": "2026-03-02", "queue": "", "calls": "", **more,
    }  # fmt: skip


def test_a_session_is_made_of_a_draw_or_of_named_calls(house):
    calls = [house.call() for _ in range(3)]
    client, new = client_of(house.reviewer), reverse("calibration_new")
    assert "No sessions" in client.get(reverse("calibrations")).content.decode()
    said = client.post(new, form(house), follow=True).content.decode()
    assert "The session is made" in said
    session = CalibrationSession.objects.get()
    assert (session.calls.count(), len(session.seed), session.how["eligible"]) == (2, 32, 3)
    assert session.seed in said
    # Until the end of that day.
    assert "due Mon 9 Mar 2026" in said
    assert "Mon 9 Mar 2026" in client.get(reverse("calibrations")).content.decode()
    # A second click makes no second one.
    client.post(new, form(house), follow=True)
    assert CalibrationSession.objects.count() == 1
    named = form(house, way="named", calls=f"{calls[0].pk} {calls[1].pk}")
    client.post(new, named, follow=True)
    assert CalibrationSession.objects.latest("pk").seed == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"raters": "one"}, "From 2 to 12 people score."),
        ({"due": "2026-02-01"}, "That day is over."),
        ({"last": "2026-01-01"}, "before the first"),
        ({"first": "2025-01-01"}, "At most 92 days."),
        ({"first": ""}, "A draw needs it."),
        ({"many": 20}, "not 20"),
        ({"way": "named", "calls": "nothing"}, "Name calls by their ids"),
        ({"way": "named", "calls": "elsewhere"}, "no such call"),
        ({"name": "x" * 300}, "at most 120"),
        ({"version": "999999"}, "valid choice"),
        ({"expert": "manager"}, "one of those who score"),
    ],
)
def test_what_cannot_be_is_told_on_the_form(house, more, words):
    house.call()
    said = {
        "one": [house.reviewer.pk],
        "elsewhere": str(a_call(House().queue).pk),
        "manager": house.manager.pk,
    }
    sent = {key: said.get(value, value) if value != "x" else value for key, value in more.items()}
    answer = client_of(house.reviewer).post(reverse("calibration_new"), form(house, **sent))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not CalibrationSession.objects.exists()


def test_a_blind_page_shows_how_far_all_are_and_no_answer(house):
    session = a_session(house)
    score(session, house.reviewer, cause="2", comment="A secret remark")
    for who in (house.reviewer, house.other, house.manager):
        said = client_of(who).get(reverse("calibration", args=[session.pk])).content.decode()
        assert "nobody sees what others have said" in said
        assert "1 of 1" in said
        assert "A secret remark" not in said
        answer = client_of(who).get(reverse("calibration_csv", args=[session.pk]))
        assert answer.status_code == 404
    ratings = reverse("api_calibration_ratings")
    said = client_of(house.manager).get(ratings, {"session": session.pk}).json()
    assert (said["state"], said["ratings"]) == ("blind", [])


def test_an_open_page_shows_the_spread_and_takes_what_is_said(house):
    session = a_session(house)
    score(session, house.reviewer, cause="2", comment="Guesses")
    score(session, house.other, cause="4")
    client, page = client_of(house.other), reverse("calibration", args=[session.pk])
    said = client.get(page).content.decode()
    assert "Guesses" in said
    assert said.count("≠ ") == 3  # beside both, and what it means
    cause = CardCriterion.objects.get(card=house.card, key="cause").pk
    about = {"call": session.calls.get().pk, "criterion": cause}
    say = reverse("calibration_say", args=[session.pk])
    client.post(say, about | {"words": "She <i>checks</i>", "do": "note"})
    client.post(say, about | {"value": "=3", "words": "One guess", "do": "agree"})
    said = client.get(page).content.decode()
    assert "She &lt;i&gt;checks&lt;/i&gt;" in said
    assert "One guess" in said
    for odd in ({"value": "=9"}, {"value": "n/a"}, {"value": "\0"}, {"words": "x" * 5000}):
        answer = client.post(say, about | {"do": "agree"} | odd, follow=True)
        assert answer.status_code == 200
    for odd in ({"call": "x"}, {"call": "9" * 30}, {"call": ""}, {"criterion": "0"}):
        assert client.post(say, about | {"words": "So"} | odd).status_code == 404
    for odd in ("?call=9", "?call=x", "?call=-1"):
        assert client.get(page + odd).status_code == 404
    client_of(house.reviewer).post(reverse("calibration_close", args=[session.pk]))
    said = client.post(say, about | {"words": "Late"}, follow=True).content.decode()
    assert "closed" in said
    rows = lines_of(client.get(reverse("calibration_csv", args=[session.pk])))
    assert len(rows) == 1 + 2 * 3
    ratings = reverse("api_calibration_ratings")
    told = client.get(ratings, {"session": session.pk}).json()["ratings"]
    assert len(told) == 6
    assert {one["agreed"] for one in told} == {"", "3"}


def test_a_new_session_opens_on_the_site_that_is_open_and_is_made_there(house):
    # First by name, and shut: its day is Sunday.
    shut = a_site("Aberdeen")
    shut.opening = {"6": [["08:00", "18:00"]]}
    shut.save()
    a_queue(shut)
    house.reviewer.sites.add(shut)
    client, new = client_of(house.reviewer), reverse("calibration_new")
    said = client.get(new).content.decode()
    assert f'action="?site={house.site.slug}"' in said
    house.call()
    house.call()
    client.post(f"{new}?site={house.site.slug}", form(house))
    assert CalibrationSession.objects.get().site == house.site


def test_a_call_that_nobody_scored_is_not_all_alike(house):
    session = a_session(house, [house.call() for _ in range(3)])
    score(session, house.reviewer, 2)
    for who in (house.reviewer, house.other):
        score(session, who, 3)
    client = client_of(house.reviewer)
    client.post(reverse("calibration_open", args=[session.pk]))
    said = client.get(reverse("calibration", args=[session.pk])).content.decode()
    for words in ("nobody scored it", "one scored it", "all alike"):
        assert said.count(f">{words}<") == 1


def test_an_agreed_answer_that_was_not_chosen_is_asked_for(house):
    session = a_session(house)
    for who in (house.reviewer, house.other):
        score(session, who)
    about = {
        "call": session.calls.get().pk, "do": "agree", "words": "So be it", "value": "",
        "criterion": CardCriterion.objects.get(card=house.card, key="cause").pk,
    }  # fmt: skip
    say = reverse("calibration_say", args=[session.pk])
    said = client_of(house.other).post(say, about, follow=True).content.decode()
    assert "Nothing is kept: say which answer was agreed on." in said
    assert not session.calls.get().agreed.exists()


def test_who_leads_a_team_has_no_sessions_and_no_entry_that_leads_to_them(house):
    client = client_of(house.lead)
    assert client.get(reverse("calibrations")).status_code == 404
    assert f'href="{reverse("calibrations")}"' not in client.get("/").content.decode()


def test_opening_it_early_says_what_is_dropped(house):
    session = a_session(house, [house.call(), house.call()])
    score(session, house.reviewer)
    page = reverse("calibration_open", args=[session.pk])
    assert client_of(house.manager).post(page).status_code == 404
    said = client_of(house.reviewer).post(page, follow=True).content.decode()
    assert "3 reviews that were not finished are dropped" in said
    assert Evaluation.objects.filter(state="dropped").count() == 3


def test_agreement_says_why_there_is_none_and_offers_a_file(house):
    assert "of the last 12 months" in client_of(house.manager).get(
        reverse("agreement")
    ).content.decode()  # fmt: skip
    session = a_session(house)
    score(session, house.reviewer)
    score(session, house.other)
    client = client_of(house.manager)
    said = client.get(reverse("agreement")).content.decode()
    assert "1 call was scored by several people; from 20 on" in said
    rows = lines_of(client.get(reverse("agreement_csv")))
    assert [row[0] for row in rows[1:]] == ["Greeting", "Verified the account", "Found the cause"]
    told = dict(zip(rows[0], rows[1], strict=True))
    assert (told["Metric"], told["Verdict"], told["alpha"]) == ("alike or not", "not known", "")
    asked = {"card": house.card.pk, "first": "2026-03-01", "last": "2026-03-31"}
    told = client.get(reverse("api_agreement"), asked).json()["criteria"]
    assert told[0]["alpha"] == {"value": None, "low": None, "high": None, "why": "too_few"}
    for odd in ("x", "0", str(2**70)):
        assert client.get(reverse("agreement"), {"card": odd}).status_code == 404
    assert client.get(reverse("api_agreement"), asked | {"last": "1"}).status_code == 400


def test_agreement_opens_on_the_scorecard_of_which_there_is_the_most_to_tell(house):
    session = a_session(house)
    for who in (house.reviewer, house.other):
        score(session, who)
    draft = Scorecard.objects.create(site=house.site, name="A draft", made_at=NINE)
    a_version(draft, published=False)
    said = client_of(house.manager).get(reverse("agreement")).content.decode()
    assert f'<option value="{house.card.pk}" selected' in said


def test_a_page_without_any_scorecard_says_so():
    from tests.builders import a_site, a_user

    manager = a_user("manager", a_site())
    assert "There is no scorecard" in client_of(manager).get(reverse("agreement")).content.decode()


@pytest.mark.parametrize("many", [1, 5])
def test_pages_ask_the_same_of_one_as_of_many(house, many, django_assert_num_queries):
    session = a_session(house, [house.call() for _ in range(many)])
    for number in range(1, many + 1):
        score(session, house.reviewer, number)
        score(session, house.other, number, cause="5")
    client = client_of(house.manager)
    page = reverse("calibration", args=[session.pk])
    client.get(page)
    # Session, user, the session, takes part, reviewers, how far, calls, reviews, answers, people,
    # agreed, notes, criteria.
    with django_assert_num_queries(13):
        client.get(page)
    with django_assert_num_queries(3):  # session, user, sessions
        client.get(reverse("calibrations"))


def test_of_two_who_agree_on_a_page_that_lay_open_the_second_is_told(house):
    session = a_session(house)
    for who in (house.reviewer, house.other):
        score(session, who)
    say, page = (reverse(f"calibration{end}", args=[session.pk]) for end in ("_say", ""))
    first, second = client_of(house.reviewer), client_of(house.other)
    assert 'name="revision" value="0"' in second.get(page).content.decode()
    about = {
        "call": session.calls.get().pk, "do": "agree", "revision": "0",
        "criterion": CardCriterion.objects.get(card=house.card, key="cause").pk,
    }  # fmt: skip
    first.post(say, about | {"value": "=3", "words": "One guess"})
    told = second.post(say, about | {"value": "=4", "words": "None"}, follow=True).content.decode()
    assert "agreed on meanwhile" in told
    assert 'name="revision" value="1"' in told
    agreed = session.calls.get().agreed.get()
    assert (agreed.value, agreed.words, agreed.by) == ("3", "One guess", house.reviewer)
    for odd in ("", "x", "-1", "9" * 30):
        second.post(say, about | {"value": "=4", "words": "None", "revision": odd})
    second.post(say, about | {"value": "=4", "words": "None", "revision": "1"})
    agreed.refresh_from_db()
    assert (agreed.value, agreed.words, agreed.revision) == ("4", "None", 2)
