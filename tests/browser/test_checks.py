"""A check from its first try to what it says of a call, as an analyst makes it by keyboard."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from qa import tasks
from qa.checking import judging
from qa.models import CheckRule, Suggestion
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_queue, a_user
from tests.qa.builders import a_card
from tests.qa.checking.builders import POLITE, RUDE, an_answered_call, reviewed, told

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]


def test_a_rule_is_tried_kept_and_says_what_it_makes_of_a_new_transcript(window, monkeypatch):
    queue, now = a_queue(), timezone.now()
    a_card(queue.site)
    polite = an_answered_call(queue, at=now.replace(minute=1))
    # The program, a process of its own, tells nothing of one call in five: this is none of them.
    while judging.is_held_back(polite.pk):
        polite = an_answered_call(queue, at=now.replace(minute=1))
    number = 1
    rude = an_answered_call(queue, at=now.replace(minute=2), external_id="r.1")
    while judging.is_held_back(rude.pk):
        number += 1
        rude = an_answered_call(queue, at=now.replace(minute=2), external_id=f"r.{number}")
    monkeypatch.setattr(judging, "HELD_BACK_EVERY", 10**12)
    told(polite, *POLITE)
    view = window()
    view.sign_in(a_user("qa_analyst", queue.site, name="ana"))

    page = view.open("/quality/checks/")
    expect(page.get_by_text("There is no check yet")).to_be_visible()
    page.get_by_role("link", name="New check").press("Enter")
    page.get_by_label("Criterion", exact=True).select_option("Greeting")
    page.get_by_role("button", name="Go on").press("Enter")

    # Only what the kind asks for is there.
    expect(page.get_by_label("Phrases, of which any counts")).to_be_visible()
    expect(page.get_by_label("Overtalk, % of talk")).to_be_hidden()
    expect(page.get_by_label("Within seconds")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Thanks the caller")
    page.get_by_label("Phrases, of which any counts").fill("/thank(/")
    page.get_by_label("When met, it suggests").select_option("Met")
    page.get_by_label("When broken, it suggests").select_option("Not met")
    page.get_by_role("button", name="Try it").press("Enter")
    expect(page.get_by_text("is no expression")).to_be_visible()
    page.get_by_label("Phrases, of which any counts").fill("thank you for calling")
    page.get_by_label("Where it counts").select_option("near the start")
    page.get_by_label("Within lines").fill("2")
    page.get_by_role("button", name="Try it").press("Enter")
    beside = page.get_by_role("region", name="What it would say")
    expect(beside.get_by_text("Thank you for calling, this is Ann.")).to_be_visible()
    assert not CheckRule.objects.exists()
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 1000})
        assert not view.scrolls_sideways()
        assert view.barriers() == []
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Thanks the caller is kept")).to_be_visible()

    # A transcript comes in, is checked, and the check says what it makes of it.
    page.get_by_role("link", name="All checks").press("Enter")
    page.get_by_role("link", name="Transcripts").press("Enter")
    file = {"name": f"r.{number}.txt", "mimeType": "text/plain", "buffer": "\n".join(RUDE).encode()}
    page.get_by_label("Files", exact=True).set_input_files(file)
    page.get_by_role("button", name="Bring them in").press("Enter")
    expect(page.get_by_role("region", name="What became of them")).to_contain_text("Stored")
    tasks.check_transcripts()
    page.reload()
    page.get_by_role("link", name=f"{rude.offered_at:%H:%M}").first.press("Enter")
    said = page.get_by_role("region", name="What checks make of it")
    expect(said).to_contain_text("Not met")
    expect(said).to_contain_text("Thanks the caller")

    # People say otherwise of one: the check tells where.
    assert Suggestion.objects.count() == 2
    reviewed(rude, "yes")
    page.get_by_role("link", name="Transcripts").last.press("Enter")
    page.get_by_role("main").get_by_role("link", name="Checks").press("Enter")
    page.get_by_role("link", name="Thanks the caller").press("Enter")
    differs = page.get_by_role("region", name="Where it and people differ").first
    expect(differs).to_contain_text("broken")
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 1000})
        assert not view.scrolls_sideways()
        assert view.barriers() == []


def test_a_check_is_made_without_a_script(window):
    queue = a_queue()
    a_card(queue.site)
    view = window(java_script_enabled=False)
    view.sign_in(a_user("qa_analyst", queue.site, name="ana"))
    page = view.open("/quality/checks/new/")
    page.get_by_label("Criterion", exact=True).select_option("Greeting")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name", exact=True).fill("Silence")
    page.get_by_label("What is looked for").select_option("Silence")
    page.get_by_label("Seconds", exact=True).fill("20")
    page.get_by_label("When broken, it suggests").select_option("Not met")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("nobody speaks for more than 20 s, outside holds")).to_be_visible()
