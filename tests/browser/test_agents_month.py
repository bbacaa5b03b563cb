"""An agent's month on a phone: what is on now, own results against the month before, a question
that is answered, and everything that is held about them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ccm import viewed
from ccm.models import Agent, Call
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_team, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looked_at(person, page):
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not person.scrolls_sideways(), (page.url, width)
        assert person.barriers() == [], (page.url, theme, width)


def test_an_agent_sees_what_changed_asks_about_it_and_takes_their_data_along(window):
    site, lead = a_site_in_the_afternoon("Leeds"), a_user("supervisor")
    # Thirty days of a minute less than thirty before them.
    visits = [
        Visit(minutes_ago(60 + 5 * place) - timedelta(days=day), talk=talk + 7 * (day % 3),
              agent="Ada Lovelace")
        for day in range(1, 60)
        for place in (0, 1)
        for talk in (240 if day <= 28 else 300,)
    ]  # fmt: skip
    told(site, visits)
    ada = Agent.objects.get(name="Ada Lovelace")
    ada.user = a_user("agent", name="ada")
    ada.save()
    a_team(site, lead, ada)

    agent = window(viewport={"width": 390, "height": 844})
    agent.sign_in(ada.user)
    page = agent.open(reverse("my_day"))
    expect(page.get_by_text("no call yet")).to_be_visible()
    looked_at(agent, page)
    last, first = timezone.now().date() - timedelta(days=1), timezone.now().date() - timedelta(28)
    span = f"period=custom&from={first}&to={last}"
    page = agent.open(f"/agents/{ada.pk}/?{span}")
    past = page.get_by_role("region", name="Against your own past").first
    expect(past).to_be_visible()
    expect(past.get_by_text("less").first).to_be_visible()
    looked_at(agent, page)

    past.get_by_role("link").first.click()
    drawer = page.locator("#drawer-body")
    drawer.get_by_role("link", name="Ask about this figure, or note something").click()
    page.get_by_label("In your words").fill("On the 3rd the line was down.")
    looked_at(agent, page)
    page.get_by_role("button", name="Send it").press("Enter")
    expect(page.get_by_text("On the 3rd the line was down.")).to_be_visible()
    looked_at(agent, page)

    answers = window()
    answers.sign_in(lead)
    theirs = answers.open("/coaching/questions/")
    looked_at(answers, theirs)
    theirs.get_by_role("main").get_by_role("link").first.click()
    theirs.get_by_label("Answer").fill("True: those calls were moved.")
    theirs.get_by_role("button", name="Answer", exact=True).press("Enter")
    expect(theirs.get_by_text("True: those calls were moved.").first).to_be_visible()
    answers.open(f"/agents/{ada.pk}/")
    viewed.settle()

    page = agent.open("/coaching/questions/")
    expect(page.get_by_text("True: those calls were moved.")).to_be_visible()
    page = agent.open("/my-data/")
    expect(page.get_by_role("region", name="Who looked").get_by_text(str(lead))).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Notes and questions")).to_be_visible()
    looked_at(agent, page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download all of it").click()
    assert taken.value.suggested_filename == "my-data.zip"
    page.get_by_role("link", name="Calls", exact=True).last.click()
    expect(page.get_by_text("Page 1 of 3")).to_be_visible()
    looked_at(agent, page)
    assert Call.objects.filter(agent=ada).count() == 118
