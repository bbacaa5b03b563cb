"""A review as it is done: by keys alone, kept by itself, and never lost."""

import json
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ccm.models import SurveyResponse
from qa.models import Answer, Evaluation
from qa.reviews import services
from qa.reviews.saying import Changes, Pin
from tests.browser.test_my_schedule import LOOKS
from tests.builders import a_call, a_queue, a_user
from tests.qa.builders import a_card, a_plan, a_reviewed_agent, finished
from tests.qa.reviews.builders import (
    a_drawn_review,
    a_recording,
    a_suggestion,
    a_transcript,
    answered,
)
from tests.qa.reviews.cards import TWELVE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nothing_sent"),
]
SAVED = re.compile(r"^saved \d")
MIDDAY = timezone.now().replace(hour=0, minute=5)


def a_review(**more) -> Evaluation:
    """Of a recorded call with a transcript, by a card of twelve."""
    queue = a_queue(name="Technical")
    agent = a_reviewed_agent(queue.site)
    agent.name = "Sam O."
    agent.save()
    said = {
        "consent": True,
        "recording": "call.wav",
        "caller_hash": "h",
        "talk": 260,
        "acw_ms": 20_000,
    }
    call = a_call(queue, MIDDAY, agent=agent, caller_masked="+44 •••• 123", **said | more)
    a_call(queue, MIDDAY.replace(minute=1), agent=agent, caller_hash="h")
    a_recording()
    a_transcript(call)
    SurveyResponse.objects.create(
        id=call.pk, source="test", call=call, site=queue.site, kind="csat", scale_min=1,
        scale_max=5, score=2, comment="Had to say everything twice", answered_at=MIDDAY,
    )  # fmt: skip
    plan = a_plan(queue.site, a_card(queue.site, form=TWELVE), release="by_hand")
    review = a_drawn_review(call, a_user("qa_analyst", queue.site), plan=plan)
    a_suggestion(review, value="met")
    return review


def path_of(review: Evaluation) -> str:
    return f"/quality/reviews/{review.pk}/"


class Screen:
    """A reviewer's screen, by its keys."""

    def __init__(self, window, review: Evaluation) -> None:
        self.review = review
        self.window = window()
        self.window.sign_in(review.reviewer)
        self.page = self.window.open(path_of(review))
        self.pressed = 0
        if self.page.locator("#rv-player").count():
            self.page.locator("#rv-player[data-seen]").wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.pressed += len(words)

    def is_saved(self) -> None:
        expect(self.page.locator("#rv-saved")).to_have_text(SAVED)

    def kept(self) -> dict[str, str]:
        rows = Answer.objects.filter(evaluation=self.review).select_related("criterion")
        return {one.criterion.key: "n/a" if one.skipped else one.value for one in rows}


def test_twelve_criteria_are_reviewed_by_keys_alone_in_fewer_than_sixty(window):
    screen = Screen(window, a_review())
    page = screen.page
    screen.press("1", "e")  # Greeting is chosen already: met, pinned where it is heard
    screen.press("j", "1")  # Verified: met
    screen.press("ArrowRight", "j", "4", "e")  # Cause: 4 of 5, five seconds on
    screen.press("j", "1")  # The caller was put on hold ...
    # ... so that is asked
    screen.press("j", "2")
    screen.press("j", "n")  # Accuracy does not apply
    screen.press("j", "4", "Escape")  # Minutes: a number goes into its field
    screen.press("j", "5", "j", "1", "j", "1")  # Tone, listening, resolved
    screen.press("j", "2")  # no bonus
    screen.press("j", "j", "c")
    screen.type("Sound.")
    screen.press("Control+Enter")
    # 14 of 15 of tone, all else but half of the hold's: as `review_told` says it, too.
    told = page.get_by_role("status").filter(has_text="Finished: Sam O., Technical,")
    expect(told).to_contain_text("Its agent does not read it before somebody releases it.")
    expect(told).to_contain_text("No other review waits for you.")
    assert screen.pressed == 35
    assert screen.kept() == {
        "greeting": "met", "verified": "yes", "cause": "4", "held": "yes", "hold": "partly",
        "accuracy": "n/a", "minutes": "4", "tone": "5", "listening": "met", "resolved": "yes",
        "extra": "no",
    }  # fmt: skip
    review = Evaluation.objects.get(pk=screen.review.pk)
    assert (review.state, review.comment) == ("finished", "Sound.")
    pins = review.evidence.values_list("criterion__key", "at_ms", "line")
    assert set(pins) == {("greeting", 0, None), ("cause", 5000, 1)}


def test_what_is_said_is_kept_by_itself_and_outlives_a_page_that_is_loaded_anew(window):
    screen = Screen(window, a_review())
    page = screen.page
    # What is sent as the page is left may be there before or after the page that comes.
    screen.window.expect_complaint("409")
    screen.press("3")
    expect(page.locator("#rv-percent")).to_have_text("0.0")
    screen.press("j", "2")
    expect(page.locator("#rv-fail")).to_contain_text("Verified the account")
    page.get_by_label("Comment for the agent").fill("Never lost")
    page.reload()  # at once, before anything could be saved by the clock
    expect(page.get_by_label("Comment for the agent")).to_have_value("Never lost")
    screen.is_saved()
    screen.review.refresh_from_db()
    assert screen.review.comment == "Never lost"
    assert screen.kept() == {"greeting": "not", "verified": "no"}


def test_without_a_connection_nothing_is_lost_and_it_is_sent_once_there_is_one(window):
    screen = Screen(window, a_review())
    page = screen.page
    screen.window.expect_complaint("failed: .*/save/|Failed to load resource")
    page.route("**/save/", lambda route: route.abort())
    screen.press("1")
    expect(page.locator("#rv-saved")).to_contain_text("no connection")
    assert screen.kept() == {}
    page.unroute("**/save/")
    screen.is_saved()
    assert screen.kept() == {"greeting": "met"}


def test_what_was_never_sent_is_offered_again_by_the_same_tab(window):
    screen = Screen(window, a_review())
    page = screen.page
    left = {
        "user": str(screen.review.reviewer_id), "revision": 0, "comment": "Typed on the train",
        "answers": {"tone": {"value": "4", "skipped": False, "comment": ""}},
        "pins": [{"criterion": "tone", "at_ms": 1000, "line": None}], "unpinned": [],
    }  # fmt: skip
    keep = "([key, said]) => sessionStorage.setItem(key, said)"
    page.evaluate(keep, [f"review-{screen.review.pk}", json.dumps(left)])
    page.reload()
    expect(page.get_by_label("Comment for the agent")).to_have_value("Typed on the train")
    screen.is_saved()
    assert screen.kept() == {"tone": "4"}
    assert screen.review.evidence.get().at_ms == 1000
    assert (
        page.evaluate("(key) => sessionStorage.getItem(key)", f"review-{screen.review.pk}") is None
    )


def test_of_two_tabs_the_later_is_told_and_chooses(window):
    screen = Screen(window, a_review())
    first = screen.page
    second = screen.window.context.new_page()
    second.goto(first.url)
    screen.window.expect_complaint("409")
    screen.press("1", "j", "1")
    first.get_by_label("Comment for the agent").fill("From the first")
    screen.is_saved()
    tone = second.get_by_role("group", name="Tone").get_by_text("4", exact=True)
    tone.click()
    # Another criterion than the first tab's: both are kept, and nobody is asked.
    expect(second.locator("#rv-saved")).to_have_text(SAVED)
    expect(second.get_by_label("Comment for the agent")).to_have_value("From the first")
    assert screen.kept() == {"greeting": "met", "verified": "yes", "tone": "4"}
    # The same one: the first tab, which is behind now, is told.
    first.get_by_role("group", name="Tone").get_by_text("2", exact=True).click()
    expect(first.locator("#rv-notice")).to_contain_text("changed elsewhere meanwhile")
    expect(first.locator("#rv-differs")).to_contain_text("Tone")
    assert screen.kept()["tone"] == "4"
    assert screen.window.barriers() == []
    first.get_by_role("button", name="Save what is here").click()
    screen.is_saved()
    assert screen.kept()["tone"] == "2"
    second.close()


def test_finishing_too_soon_leads_to_what_is_missing(window):
    screen = Screen(window, a_review())
    page = screen.page
    screen.window.expect_complaint("422")
    screen.press("1", "Control+Enter")
    expect(page.locator("#rv-notice")).to_contain_text("8 still to be answered")
    verified = page.locator('[data-criterion="verified"]')
    expect(verified).to_be_focused()
    expect(verified).to_contain_text("Not answered yet.")
    screen.press("1")
    expect(verified.locator(".rv-lacks")).to_have_text("")
    # So low that a comment is needed: it opens before anybody asks.
    screen.press("j", "1")
    expect(page.get_by_label("Comment: Found the cause")).to_be_visible()


def test_keys_write_in_fields_and_can_be_turned_off(window):
    screen = Screen(window, a_review())
    page = screen.page
    screen.press("c")
    screen.type("j1n?/e")
    expect(page.get_by_label("Comment: Greeting and name")).to_have_value("j1n?/e")
    screen.press("Escape", "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert screen.window.barriers() == []
    page.get_by_label("Keys of a single sign are on").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    screen.press("1")
    expect(page.locator("#rv-a1-1")).not_to_be_checked()
    page.reload()
    screen.press("j", "1")
    expect(page.locator(".rv-now")).to_have_attribute("data-criterion", "greeting")
    assert "greeting" not in {key for key, value in screen.kept().items() if value}


def test_the_recording_the_transcript_and_the_evidence_lead_to_each_other(window):
    screen = Screen(window, a_review())
    page = screen.page
    at = page.locator(".rv-time")
    page.locator("#rv-line-2 a").click()
    expect(at).to_have_text("0:11 / 0:12")
    expect(page.locator("#rv-line-2")).to_have_attribute("aria-current", "true")
    screen.press("e")
    pin = page.get_by_role("group", name="Greeting and name").get_by_role("link", name="0:11")
    expect(pin).to_be_visible()
    expect(page.locator("#rv-line-2")).to_have_class(re.compile("rv-pinned"))
    screen.press("ArrowLeft", "ArrowLeft")
    expect(at).to_have_text("0:01 / 0:12")
    pin.click()
    expect(at).to_have_text("0:11 / 0:12")
    screen.is_saved()
    page.reload()
    page.get_by_role("button", name="Remove 0:11").click()
    screen.is_saved()
    assert screen.review.evidence.count() == 0
    screen.press("/")
    screen.type("the ")
    expect(page.locator("#rv-hits")).to_have_text("1 / 6")
    screen.press("Enter", "Enter")
    expect(page.locator("#rv-hits")).to_have_text("2 / 6")
    rate = "() => document.querySelector('#rv-player audio').playbackRate"
    screen.press("Escape", "+", "+")
    assert page.evaluate(rate) == 1.5
    screen.press("-", "-")
    assert page.evaluate(rate) == 1
    # A third of the tone is silence, and is left out.
    page.locator("[data-skip]").check()
    page.evaluate("() => window.recording.seek(4.5)")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.recording.at() > 7.5", timeout=3000)


def pinned(review: Evaluation) -> set[tuple[int, int]]:
    return set(review.evidence.values_list("at_ms", "line"))


def test_the_speed_stays_from_one_review_to_the_next(window):
    screen = Screen(window, a_review())
    screen.page.locator("[data-speed]").select_option("1.5")
    page = screen.window.open(path_of(screen.review))
    page.locator("#rv-player[data-seen]").wait_for()
    expect(page.locator("[data-speed]")).to_have_value("1.5")
    assert page.evaluate("() => document.querySelector('#rv-player audio').playbackRate") == 1.5


def test_what_was_found_is_heard_and_pinned_by_keys(window):
    screen = Screen(window, a_review())
    screen.press("/")
    screen.type("line")
    expect(screen.page.locator("#rv-hits")).to_have_text("1 / 1")
    expect(screen.page.locator(".rv-time")).to_have_text("0:00 / 0:12")  # typing moves nothing
    screen.press("Enter")
    expect(screen.page.locator(".rv-time")).to_have_text("0:11 / 0:12")
    screen.press("Escape", "e")
    screen.is_saved()
    assert pinned(screen.review) == {(11_000, 2)}


def test_without_a_recording_lines_are_found_and_chosen_by_keys(window):
    screen = Screen(window, a_review(recording=""))
    page = screen.page
    screen.press("e")
    expect(page.locator("#rv-live")).to_contain_text("Choose a line first")
    screen.press("/")
    screen.type("update")  # each of its letters is found in other lines, too
    screen.press("Enter", "Escape")
    expect(page.locator(".rv-chosen")).to_have_id("rv-line-5")
    screen.press("e", "ArrowLeft")
    expect(page.locator(".rv-chosen")).to_have_id("rv-line-4")
    screen.press("e")
    page.locator("#rv-line-2 > span").click()
    screen.press("ArrowLeft", "ArrowLeft", "e")  # before the first there is none
    screen.is_saved()
    assert pinned(screen.review) == {(38_000, 5), (31_000, 4), (4_000, 1)}


def test_after_a_click_on_the_picture_keys_do_what_the_page_says(window):
    screen = Screen(window, a_review())
    page = screen.page
    is_paused = "() => document.querySelector('#rv-player audio').paused"
    page.locator(".rv-wave input").click()  # in its middle
    expect(page.locator(".rv-time")).to_have_text("0:06 / 0:12")
    screen.press("ArrowRight")
    expect(page.locator(".rv-time")).to_have_text("0:11 / 0:12")
    screen.press("ArrowLeft", "ArrowLeft")
    expect(page.locator(".rv-time")).to_have_text("0:01 / 0:12")
    screen.press("Space")
    page.wait_for_function(f"!({is_paused})()")
    screen.press("Space")
    page.wait_for_function(is_paused)
    screen.press("ArrowDown")
    expect(page.locator(".rv-now")).to_have_attribute("data-criterion", "verified")


@pytest.mark.parametrize("by_key", [False, True])
def test_a_check_is_accepted_once_by_saying_so_or_by_its_key(window, by_key):
    screen = Screen(window, a_review())
    page = screen.page
    expect(page.locator("#rv-a1-1")).not_to_be_checked()
    if by_key:
        screen.press("a")
    else:
        page.get_by_role("button", name="Accept").click()
    accepted = page.get_by_role("button", name="Accepted")
    expect(accepted).to_be_disabled()
    screen.is_saved()
    assert screen.kept() == {"greeting": "met"}
    assert list(screen.review.evidence.values_list("at_ms", "line")) == [(4000, 1)]
    page.reload()
    expect(accepted).to_be_disabled()
    screen.press("k", "3")  # said otherwise: it may be accepted again
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_enabled()


def test_a_review_begins_at_the_first_criterion_that_is_still_to_be_answered(window):
    review = a_review()
    answered(review, greeting="met", verified="yes")
    screen = Screen(window, review)
    cause = screen.page.locator('[data-criterion="cause"]')
    expect(cause).to_have_class(re.compile("rv-now"))
    # What its answers mean stands there, of it alone, and of no other.
    expect(cause.get_by_text("Asks, and stops at the first answer.")).to_be_visible()
    expect(screen.page.locator(".rv-anchors:visible")).to_have_count(1)
    screen.press("4")
    screen.is_saved()
    assert screen.kept()["cause"] == "4"
    screen.press("k")
    expect(screen.page.locator(".rv-anchors:visible")).to_have_count(0)


def test_choosing_by_the_pointer_hits_what_it_is_upon(window):
    """What another one's answers mean goes away above, and nothing moves under the pointer."""
    screen = Screen(window, a_review())
    page = screen.page
    screen.press("j", "j")
    expect(page.locator(".rv-anchors:visible")).to_have_count(1)
    four = page.get_by_role("group", name="Tone").get_by_text("4", exact=True)
    four.scroll_into_view_if_needed()
    before = four.bounding_box()
    four.click()
    after = four.bounding_box()
    assert abs(before["y"] - after["y"]) < 2
    screen.is_saved()
    assert screen.kept() == {"tone": "4"}


def test_what_hangs_on_an_answer_comes_and_goes_before_the_server_knows(window):
    screen = Screen(window, a_review())
    page = screen.page
    page.route("**/save/", lambda route: None)  # no answer ever comes
    hold = page.locator('[data-criterion="hold"]')
    assert hold.is_hidden()
    screen.press("j", "j", "j", "1")
    assert hold.is_visible()
    screen.press("j", "3")
    assert hold.locator("input:checked").get_attribute("value") == "o:not"
    screen.press("k", "2")
    assert hold.is_hidden()
    screen.press("j")
    expect(page.locator(".rv-now")).to_have_attribute("data-criterion", "accuracy")


def test_why_a_criterion_is_asked_is_shown_and_hidden_by_a_key(window):
    screen = Screen(window, a_review())
    more = screen.page.locator(".rv-now .rv-more")
    expect(more).not_to_have_attribute("open", "")
    screen.press("h")
    expect(more).to_have_attribute("open", "")
    screen.press("h")
    expect(more).not_to_have_attribute("open", "")
    screen.press("?")
    expect(screen.page.get_by_role("dialog", name="Keys")).to_contain_text("accept what a check")


def test_it_fits_a_phone_and_a_desk_in_both_themes(window):
    review = a_review()
    answered(review, greeting="met", verified="yes", held="yes", cause=("2", "Guessed twice"))
    screen = Screen(window, review)
    page = screen.page
    screen.press("e")
    screen.is_saved()
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        assert not screen.window.scrolls_sideways()
        assert screen.window.barriers() == []


def test_it_works_without_a_script(window):
    review = a_review()
    one = window(java_script_enabled=False)
    one.sign_in(review.reviewer)
    page = one.page
    page.goto(one.address + path_of(review))
    page.locator("label[for=rv-a1-1]").click()
    page.get_by_label("Evidence at").first.fill("0:04")
    page.get_by_role("button", name="Save the draft").first.click()
    expect(page.get_by_text("It is saved as a draft.")).to_be_visible()
    pins = page.get_by_role("group", name="Greeting and name").get_by_role("list")
    expect(pins.get_by_role("link", name="0:04")).to_be_visible()
    assert Answer.objects.get().value == "met"


def test_a_done_review_is_heard_again_from_where_its_evidence_is(window):
    review = a_review()
    pins = Changes(pins=(Pin("cause", 5000, 3), Pin("", None, 2)))
    services.save(review, review.reviewer, 0, pins, timezone.now())
    review.refresh_from_db()
    answered(review, greeting="met", cause="4")
    finished(review, share="0.8")
    one = window()
    one.sign_in(a_user("manager", review.site))
    page = one.open(f"{path_of(review)}?at=5000")
    at = page.locator(".rv-time")
    expect(at).to_have_text("0:05 / 0:12")
    expect(page.locator("#rv-line-3")).to_have_class(re.compile("rv-pinned"))
    page.get_by_role("link", name="line 2", exact=True).click()
    expect(at).to_have_text("0:11 / 0:12")
    for theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        assert not one.scrolls_sideways()
        assert one.barriers() == []
