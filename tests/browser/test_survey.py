"""A caller answers on a phone, by link."""

from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm import surveys
from ccm.models import Call, SurveyInvitation, SurveyResponse
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def link():
    site = a_site_in_the_afternoon("Leeds")
    admin = a_user("admin")
    told(site, [Visit(minutes_ago(30), agent="Ada Lovelace")], admin)
    call = Call.objects.get()
    _made, words = surveys.invite(
        list(surveys.QUESTIONS),
        admin,
        timezone.now() + timedelta(days=1),
        now=timezone.now(),
        site=site,
        call=call,
        queue=call.queue,
        agent=call.agent,
    )
    return f"/s/{words}/"


def test_a_caller_answers_with_a_thumb_and_once(window, link):
    phone = window(viewport={"width": 390, "height": 844}, has_touch=True)
    page = phone.open(link)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert phone.barriers() == []
    assert not phone.scrolls_sideways()
    low = page.get_by_role("group", name="How satisfied").get_by_role("radio")
    assert all(
        box["height"] >= 44
        for box in low.evaluate_all("all => all.map(a => a.getBoundingClientRect().toJSON())")
    )
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_role("alert")).to_have_text("Please answer at least one question.")
    page.get_by_role("group", name="How satisfied").get_by_role("radio", name="4").check()
    page.get_by_role("group", name="How likely").get_by_role("radio", name="10").check()
    page.get_by_role("group", name="in this one call").get_by_role("radio", name="yes").check()
    page.get_by_label("Anything you want to tell us").fill("Quick")
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert phone.barriers() == []
    given = {one.kind: (one.score, one.comment) for one in SurveyResponse.objects.all()}
    assert given == {"csat": (4, "Quick"), "nps": (10, ""), "fcr": (1, "")}
    # Nothing of the visit stays in the browser.
    assert phone.context.cookies() == []
    phone.expect_complaint("404")
    page = phone.open(link)
    expect(page.get_by_text("thank you, your answer has arrived")).to_be_visible()
    assert phone.barriers() == []


def test_it_can_be_answered_with_the_keyboard_and_without_scripts(window, link):
    person = window(java_script_enabled=False)
    page = person.page
    page.goto(person.address + link)
    page.get_by_role("group", name="How satisfied").get_by_role("radio", name="1").focus()
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert SurveyResponse.objects.get().score == 3


def test_who_presses_send_twice_is_thanked(window, link):
    person = window(viewport={"width": 390, "height": 844})
    page = person.open(link)
    page.get_by_role("group", name="How satisfied").get_by_role("radio", name="5").check()
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert SurveyResponse.objects.get().score == 5


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_that_an_answer_was_touched_is_told_once_and_never_which(window, link, scripts):
    phone = window(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    page, posts = phone.page, []
    page.on("request", lambda one: posts.append(one.post_data) if one.method == "POST" else None)
    page.goto(phone.address + link)
    assert SurveyInvitation.objects.get().begun_at is None
    satisfied = page.get_by_role("group", name="How satisfied")
    if scripts:
        with page.expect_response(lambda one: one.request.method == "POST") as told:
            satisfied.get_by_role("radio", name="4").check()
        assert told.value.status == 204
    else:
        satisfied.get_by_role("radio", name="4").check()
    page.get_by_role("group", name="How likely").get_by_role("radio", name="10").check()
    page.get_by_label("Anything you want to tell us").fill("Quick")
    # It is on its way after one touch, and says nothing but that.
    assert [sorted(parse_qs(one)) for one in posts] == ([["begun", "token"]] if scripts else [])
    begun_at = SurveyInvitation.objects.get().begun_at
    assert (begun_at is not None) == scripts
    assert not SurveyResponse.objects.exists()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    given = {one.kind: (one.score, one.comment) for one in SurveyResponse.objects.all()}
    assert given == {"csat": (4, "Quick"), "nps": (10, "")}
    made = SurveyInvitation.objects.get()
    assert made.begun_at == (begun_at or made.used_at)
    assert len(posts) == 1 + scripts
