"""A course taken on a phone to its certificate, and the pages of those who teach, as they look."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ccm.models import Agent
from coaching.models import Certificate
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_site, a_team, a_user, an_agent
from tests.coaching.certificates.builders import a_certificate
from tests.coaching.courses.builders import a_course, a_kind, a_version, assigned, current, taken
from tests.coaching.library.builders import a_page
from tests.coaching.onboarding.builders import a_newcomer, a_path
from tests.kpis.test_ramp import MONDAY, someone, works

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]
PHONE = {"width": 390, "height": 844}


def wrong_with(view, page):
    """What is wrong with how a page looks."""
    wrong = []
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        if view.scrolls_sideways():
            wrong.append(f"{page.url} {width}: scrolls sideways")
    wrong += [f"{page.url}: {one}" for one in view.barriers()]
    page.set_viewport_size(PHONE)
    return wrong


def looks_right(view, page):
    assert wrong_with(view, page) == []


def test_a_course_is_taken_on_a_phone_to_its_certificate(window):
    site, now = a_site("Leeds"), timezone.now()
    ada = a_user("agent", name="ada")
    an_agent(site, "Ada", user=ada)
    course = a_course(site, gives=a_kind(site), lessons=1, at=now, about="What callers trust us in")
    current(course).lessons.create(
        place=2, kind="page", title="Refunds", page=a_page(site, body="# Refunds\n\nAsk first.")
    )
    assigned(course, ada, now.date() + timedelta(days=2), words="Before Monday, please")
    view = window(viewport=PHONE)
    view.sign_in(ada)
    page = view.open(reverse("my_learning"))
    looks_right(view, page)
    page.get_by_role("link", name="Go on: Data protection").press("Enter")
    looks_right(view, page)
    page.get_by_role("link", name="Begin").press("Enter")
    page.get_by_role("button", name="Done: next lesson").press("Enter")
    expect(page.get_by_text("Ask first.")).to_be_visible()
    looks_right(view, page)
    page.get_by_role("button", name="Done: back to the course").press("Enter")
    page.get_by_role("button", name="Begin the quiz").press("Enter")
    page.get_by_label("The caller").press("Space")
    page.get_by_role("button", name="Finish").press("Enter")
    expect(page.get_by_text("Answer this, too.")).to_have_count(3)
    expect(page.get_by_label("The caller")).to_be_checked()
    looks_right(view, page)
    page.get_by_label("Name").press("Space")
    page.get_by_label("Date of birth").press("Space")
    page.get_by_label("Days to answer?").fill("20")
    page.get_by_label("Which law?").fill("gdpr")
    page.get_by_role("button", name="Finish").press("Enter")
    expect(page.get_by_text("4 of 4 right")).to_be_visible()
    looks_right(view, page)
    page.get_by_role("link", name="My learning").first.press("Enter")
    expect(page.get_by_text("Nothing is due")).to_be_visible()
    assert Certificate.objects.get().user == ada
    looks_right(view, page)


def test_those_who_teach_see_who_is_where(window):
    site, now = a_site("Leeds"), timezone.now()
    max_, lead = a_user("manager", site, name="max"), a_user("supervisor", name="lea")
    team = a_team(site, lead)
    kind = a_kind(site)
    course = a_course(site, gives=kind, at=now, about="What callers trust us in")
    a_version(course, 2, published=False, at=now)
    path = a_path(site)
    for number in range(4):
        agent = someone(team, now.date() - timedelta(days=30 * number + 9))
        Agent.objects.filter(pk=agent.pk).update(user=a_user("agent"))
        agent.refresh_from_db()
        task = assigned(course, agent.user, now.date() + timedelta(days=number - 2))
        if number:
            taken(task, right=number, at=now)
        works(agent, [200, 180, None, 150])
        newcomer = a_newcomer(agent, path, starts_on=now.date() - timedelta(days=number))
    for number in range(5):
        works(someone(team, date(2020, 1, 1)), [100 + 10 * number] * 15)
    works(someone(team, MONDAY), [300, 200, None, *[120] * 11])
    a_certificate(site, agent.user, kind, warn_from=now.date())
    view = window()
    view.sign_in(max_)
    task = course.assignments.order_by("pk").last()
    wrong = []
    for url in (
        reverse("courses"),
        reverse("course", args=[course.pk]) + "?state=all",
        reverse("course_questions", args=[course.pk]),
        reverse("course_learner", args=[task.pk]),
        reverse("course_assign", args=[course.pk]),
        reverse("course_draft", args=[course.pk]),
        reverse("course_settings", args=[course.pk]),
        reverse("course_question_new", args=[course.pk]),
        reverse("certificates"),
        reverse("certificate_kinds"),
        reverse("onboarding"),
        reverse("onboarding_person", args=[newcomer.pk]),
        reverse("onboarding_path", args=[path.pk]),
        reverse("ramp") + "?from=2025-12-01&to=2026-03-31",
    ):
        wrong += wrong_with(view, view.open(url))
    assert not wrong, "\n".join(wrong)
