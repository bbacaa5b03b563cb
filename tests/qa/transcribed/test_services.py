"""Transcripts are kept beside their calls, safe and once; what cannot be is told in words."""

import pytest

from ccm.models import AuditEntry
from qa.models import CallTranscript, QualityRules
from qa.transcribed import services
from qa.transcribed.sent import Given
from qa.transcribed.services import What, keep, remove
from tests.builders import NINE, a_call, a_queue, a_user, an_agent
from tests.qa.checking.builders import a_check, told
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db
SAID = "Agent: Your card?\nCustomer: 4111 1111 1111 1111, and my mail is ann@example.com"


@pytest.fixture
def queue():
    return a_queue()


@pytest.fixture
def keeper(queue):
    return a_user("qa_analyst", queue.site)


@pytest.fixture
def call(queue):
    return a_call(queue, agent=an_agent(queue.site, "Ann Lind"), external_id="77.1")


def fates(who, *given):
    return [one.what.value for one in keep(given, who, NINE)]


def test_what_was_said_is_hidden_before_it_is_kept(call, keeper):
    (fate,) = keep([Given("a", SAID, call=call.pk, language="en_GB")], keeper, NINE)
    assert (fate.what, fate.lines, fate.hidden) == (What.STORED, 2, 2)
    row = CallTranscript.objects.get(call=call.pk)
    assert row.lines == [
        {"words": "Your card?", "speaker": "agent", "label": "Agent"},
        {"words": "••••, and my mail is ••••", "speaker": "caller", "label": "Customer"},
    ]
    assert (row.masked, row.language) == ({"card": 1, "email": 1}, "en-gb")
    assert (row.site, row.queue, row.agent) == (call.site, call.queue, call.agent)
    assert (row.called_at, row.checked_at) == (call.offered_at, None)
    kept = AuditEntry.objects.get(model="qa.calltranscript")
    assert "Your card" not in str(kept.after)


def test_a_site_says_what_is_hidden(call, keeper):
    QualityRules.objects.create(site=call.site, masked=["card"])
    keep([Given("a", SAID, call=call.pk)], keeper, NINE)
    assert CallTranscript.objects.get().masked == {"card": 1}


def test_the_same_again_is_the_same_and_another_takes_its_place(call, keeper):
    one = Given("a", SAID, call=call.pk)
    assert fates(keeper, one, one) == ["stored", "same"]
    CallTranscript.objects.update(checked_at=NINE)
    assert fates(keeper, Given("a", "Agent: Hello", call=call.pk)) == ["updated"]
    row = CallTranscript.objects.get()
    assert (len(row.lines), row.checked_at) == (1, None)
    assert fates(keeper, Given("a", "Agent: Hello", call=call.pk)) == ["same"]


def test_names_of_the_calls_agent_are_the_agents(call, keeper):
    keep([Given("a", "Ann Lind: Hello\nSomebody: Hi", external_id="77.1")], keeper, NINE)
    assert CallTranscript.objects.get().lines[0]["speaker"] == "agent"


def test_refusals_are_told_in_words_and_keep_nothing(call, queue, keeper):
    no = a_call(queue, agent=call.agent, consent=False)
    far = a_call(a_queue(), agent=None)
    given = [
        Given("no consent", SAID, call=no.pk),
        Given("another site", SAID, call=far.pk),
        Given("nobody's", SAID, external_id="88"),
        Given("says none", SAID),
        Given("empty", "  \n ", call=call.pk),
        Given("broken", '{"segments": [{"start": 1}]}', call=call.pk),
        Given("times", "WEBVTT\n\n00:04.000 --> 00:01.000\n<v Agent>Hi", call=call.pk),
        Given("wrong", wrong="No."),
        Given("bytes", b"\xff\xfe\xff", call=call.pk),
    ]
    found = keep(given, keeper, NINE)
    assert {one.what for one in found} == {What.REFUSED}
    assert all(one.words for one in found)
    assert "did not agree" in found[0].words
    assert found[5].entry == 1
    assert found[6].line == 3
    assert not CallTranscript.objects.exists()


def test_an_unknown_consent_is_refused_where_the_site_needs_it(call, keeper):
    QualityRules.objects.create(site=call.site, needs_consent=True)
    (fate,) = keep([Given("a", SAID, call=call.pk)], keeper, NINE)
    assert "Nobody knows" in fate.words


def test_of_calls_of_one_id_the_answered_one_is_meant_or_none(call, queue, keeper):
    a_call(queue, external_id="77.1", outcome="abandoned", talk=None, linked_id="9",
           at=NINE.replace(hour=10))  # fmt: skip
    assert fates(keeper, Given("a", SAID, external_id="77.1")) == ["stored"]
    assert CallTranscript.objects.get().call_id == call.pk
    a_call(queue, external_id="77.1", agent=call.agent, at=NINE.replace(hour=11))
    (fate,) = keep([Given("a", SAID, external_id="77.1")], keeper, NINE)
    assert fate.words.startswith("2 calls have this id")
    (fate,) = keep([Given("a", SAID, external_id="77.1", source="other")], keeper, NINE)
    assert fate.what == What.REFUSED


def test_who_keeps_no_reviews_finds_no_call(call):
    for role in ("manager", "agent", "trainer"):
        assert fates(a_user(role, call.site), Given("a", SAID, call=call.pk)) == ["refused"]


def test_many_ask_the_same_of_the_database_for_their_calls(
    queue, keeper, django_assert_num_queries
):
    calls = [a_call(queue, external_id=f"x{n}", at=NINE.replace(minute=n)) for n in range(12)]
    given = [Given(str(n), external_id=f"x{n}") for n in range(12)]
    with django_assert_num_queries(2):  # the user's roles, contacts by index
        found = services._calls(given, keeper)
    assert found == calls


def test_a_removed_transcript_goes_with_what_was_made_of_it(call, keeper):
    a_check(call.site)
    row = told(call, "Agent: Hello")
    assert remove(row, keeper, NINE)
    assert not remove(row, keeper, NINE)
    last = AuditEntry.objects.filter(model="qa.calltranscript").latest("pk")
    assert (last.action, last.after) == ("removed", None)


@pytest.mark.django_db(transaction=True)
def test_two_who_send_one_at_once_keep_one():
    queue = a_queue()
    call = a_call(queue, agent=an_agent(queue.site))
    keeper = a_user("qa_analyst", queue.site)
    one = Given("a", SAID, call=call.pk)
    assert elsewhere(*[lambda: keep([one], keeper, NINE)] * 4) == ["done"] * 4
    assert CallTranscript.objects.count() == 1
