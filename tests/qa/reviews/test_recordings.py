"""A recording is sent to who may hear it, in parts, and from its folder alone."""

import os

import pytest
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry, Call, RecordingRegion, Site
from qa.models import QualityRules
from qa.reviews import recordings
from qa.reviews.recordings import MOST_AT_ONCE, OutOfRange, Part, Recording, part_of
from tests.builders import a_call, a_queue, a_site, a_user
from tests.qa.builders import a_reviewed_agent, an_evaluation


@pytest.fixture
def folder(tmp_path, settings):
    there = tmp_path / "recordings"
    there.mkdir()
    settings.RECORDINGS = str(there)
    (there / "2026").mkdir()
    (there / "2026" / "a.wav").write_bytes(bytes(range(200)))
    (there / "notes.txt").write_text("no sound")
    (tmp_path / "secret.wav").write_bytes(b"secret")
    return there


def test_only_files_of_sound_within_the_folder_are_recordings(folder):
    (folder / "out.wav").symlink_to(folder.parent / "secret.wav")
    (folder / "in.wav").symlink_to(folder / "2026" / "a.wav")
    (folder / "lies.wav").symlink_to(folder / "notes.txt")
    (folder / "loop.wav").symlink_to(folder / "loop.wav")
    (folder / "folder.wav").mkdir()
    assert recordings.of("2026/a.wav", str(folder)) == Recording(file=True)
    assert recordings.path_of("in.wav", str(folder)) == folder / "2026" / "a.wav"
    for named in (
        "../secret.wav", "2026/../../secret.wav", str(folder.parent / "secret.wav"), "out.wav",
        "lies.wav", "loop.wav", "folder.wav", "notes.txt", "none.wav", "a\0.wav",
        f"{'x' * 300}.wav", "/etc/passwd", ".", "..",
    ):  # fmt: skip
        assert recordings.path_of(named, str(folder)) is None, named
        assert recordings.of(named, str(folder)) == Recording(lacks=True)
    assert recordings.of("2026/a.wav", "") == Recording(lacks=True)
    assert recordings.of(" ", str(folder)) == Recording()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("https://pbx.example/r/1.wav", Recording(url="https://pbx.example/r/1.wav")),
        ("http://pbx.example/1", Recording(url="http://pbx.example/1")),
        ("javascript://x/%0aalert(1)", Recording(lacks=True)),
        ("file:///etc/passwd", Recording(lacks=True)),
        ("https://", Recording(lacks=True)),
        ("https://[", Recording(lacks=True)),
    ],
)
def test_an_address_elsewhere_is_one_of_the_web(named, expected):
    assert recordings.of(named, "") == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, None),
        ("", None),
        ("items=0-5", None),
        ("bytes=0-5,7-9", None),  # several: all of it
        ("bytes=-", None),
        ("bytes=0-0", Part(0, 1, 200)),
        ("bytes=10-19", Part(10, 20, 200)),
        ("bytes=190-999", Part(190, 200, 200)),
        ("bytes=150-", Part(150, 200, 200)),
        ("bytes=-50", Part(150, 200, 200)),
        ("bytes=-999", Part(0, 200, 200)),
    ],
)
def test_parts_are_asked_for_as_the_web_does(asked, expected):
    assert part_of(asked, 200) == expected


@pytest.mark.parametrize("asked", ["bytes=200-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(asked):
    with pytest.raises(OutOfRange):
        part_of(asked, 200)


def test_who_asks_for_the_rest_is_sent_so_much_that_no_thread_is_held():
    assert part_of("bytes=5-", 10 * MOST_AT_ONCE) == Part(5, 5 + MOST_AT_ONCE, 10 * MOST_AT_ONCE)


def a_page(user, address):
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


def a_recorded_call(**more):
    queue = a_queue()
    said = {"recording": "2026/a.wav", "consent": True} | more
    return a_call(queue, agent=a_reviewed_agent(queue.site), **said)


def ask(user, call, **headers):
    client = Client()
    client.force_login(user)
    return client.get(reverse("recording", args=[call.pk]), headers=headers)


@pytest.mark.django_db
def test_a_recording_is_heard_whole_or_in_parts_and_that_it_was_is_noted_once(folder):
    call = a_recorded_call()
    user = a_user("qa_analyst", call.site)
    whole = ask(user, call)
    assert (whole.status_code, b"".join(whole)) == (200, bytes(range(200)))
    assert (whole["Content-Type"], whole["Accept-Ranges"]) == ("audio/wav", "bytes")
    assert whole["Cache-Control"].startswith("private")
    part = ask(user, call, range="bytes=10-19")
    assert (part.status_code, b"".join(part)) == (206, bytes(range(10, 20)))
    assert (part["Content-Range"], part["Content-Length"]) == ("bytes 10-19/200", "10")
    beyond = ask(user, call, range="bytes=200-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */200")
    b"".join(ask(user, call, range="bytes=0-"))
    entry = AuditEntry.objects.get(model="qa.recording")
    assert (entry.who_id, entry.object_id, entry.action) == (user.pk, str(call.pk), "exported")
    assert entry.after == {"site": call.site_id, "agent": call.agent_id}


@pytest.mark.django_db
def test_who_may_open_the_call_or_reviews_it_hears_it_and_nobody_else(folder):
    call = a_recorded_call()
    reviewer = a_user("qa_analyst", a_site())
    heard = {
        "qa": a_user("qa_analyst", call.site),
        "manager": a_user("manager", call.site),
        "own": call.agent.user,
    }
    assert {name: ask(user, call).status_code for name, user in heard.items()} == dict.fromkeys(
        heard, 200
    )
    for nobody in (
        a_user("planner", call.site), a_user("trainer", call.site), reviewer, a_user("manager"),
        a_reviewed_agent(call.site).user,
    ):  # fmt: skip
        assert ask(nobody, call).status_code == 404
    an_evaluation(call, reviewer)  # asked to from another site
    assert ask(reviewer, call).status_code == 200


@pytest.mark.django_db
def test_without_consent_nothing_is_heard(folder):
    call = a_recorded_call(consent=False)
    user = a_user("qa_analyst", call.site)
    assert ask(user, call).status_code == 404
    unknown = a_recorded_call(consent=None)
    other = a_user("qa_analyst", unknown.site)
    assert ask(other, unknown).status_code == 200
    QualityRules.objects.create(site=unknown.site, needs_consent=True)
    assert ask(other, unknown).status_code == 404


@pytest.mark.django_db
def test_where_the_region_asks_for_consent_it_does_whatever_the_site_says(folder):
    call = a_recorded_call(consent=None)
    Site.objects.filter(pk=call.site_id).update(country="US", region="CA")
    user = a_user("qa_analyst", call.site)
    review = an_evaluation(call, user)
    RecordingRegion.objects.create(country="US", must_agree=False)
    assert ask(user, call).status_code == 200
    RecordingRegion.objects.create(country="US", region="CA")
    assert ask(user, call).status_code == 404
    QualityRules.objects.create(site=call.site, needs_consent=False)
    assert ask(user, call).status_code == 404
    page = a_page(user, reverse("review", args=[review.pk]))
    assert "Nobody knows whether the caller agreed" in page
    rules = a_page(user, reverse("quality_rules"))
    assert "The region of this site asks for callers to have agreed" in rules
    Call.objects.filter(pk=call.pk).update(consent=True)
    assert ask(user, call).status_code == 200


@pytest.mark.django_db
def test_a_file_that_is_not_there_or_leads_out_is_not_found(folder):
    os.symlink(folder.parent / "secret.wav", folder / "out.wav")
    call = a_recorded_call()
    user = a_user("qa_analyst", call.site)
    for named in ("out.wav", "../secret.wav", "gone.wav", "", "https://pbx.example/1.wav"):
        Call.objects.filter(pk=call.pk).update(recording=named)
        assert ask(user, call).status_code == 404
