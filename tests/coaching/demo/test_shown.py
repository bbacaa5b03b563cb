"""A demo shows coaching on each of its pages: once, nothing of days to come, and as its calls were.

One small centre is loaded for all of it; its reviews are none of this test's.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.apps import apps
from django.db.models import Exists, OuterRef
from django.test import Client
from django.urls import reverse

from ccm.demo import load, logins
from ccm.demo.load import Wanted
from ccm.models import AuditEntry, Site, SurveyInvitation, SurveyResponse, User
from coaching.demo import belonging, shown
from coaching.demo.people import words
from coaching.models import (
    Action,
    AskedCall,
    AskingRule,
    Attempt,
    Certificate,
    CourseAssignment,
    Kudos,
    LibraryVersion,
    Newcomer,
    Participant,
    PulseQuestion,
    PulseSurvey,
    Session,
    Trial,
)
from coaching.pulse import services as pulse
from coaching.suggestions import services as box
from coaching.trials import reads as trials
from qa.demo import house

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 11, 15, 0, tzinfo=UTC)
TALKS, TOGETHER, LEARNING = (words(name) for name in ("talks", "belonging", "learning"))
COURSE, SUGGESTED = LEARNING["courses"][0]["title"], TOGETHER["suggestions"]
# What each finds on a page.
SHOWN = {
    "agent": {
        "my_coaching": TALKS["plans"][0]["goal"],
        "my_learning": LEARNING["courses"][1]["title"],
        "recognition": TOGETHER["kudos"][1],
        "remarks": words("remarks")["figure"]["answer"][:40],
        "suggestions": SUGGESTED[1]["title"],
        "pulse": TOGETHER["pulse"]["title"],
        "challenges": TOGETHER["challenges"][1][0],
        "badges": TOGETHER["badges"][0][0],
    },
    "supervisor": {
        "sessions": "late",
        "plans": TALKS["plans"][0]["goal"],
        "library": "Unexpected charge",
        "courses": COURSE,
        "certificates": LEARNING["certificate"][0],
        "huddles": "held",
        "leaderboard": "Change it",
        "voice_comments": "Call",
    },
    "manager": {
        "rhythm": "Plan a session",
        "trigger_rules": "on",
        "suggestions": SUGGESTED[5]["title"],
        "asking": "switched off",
        "voice_tags": words("voice")["en"]["tags"][0][0],
    },
    "trainer": {"courses": COURSE, "onboarding_paths": LEARNING["path"]["name"]},
}


def counts():
    models = apps.get_app_config("coaching").get_models()
    found = {one.__name__: one._default_manager.count() for one in models}
    comments = SurveyResponse.objects.exclude(comment="").count()
    return found | {"comments": comments, "audit": AuditEntry.objects.count()}


class Killed(BaseException):
    """Whoever made it is gone."""


def test_it_is_made_once_however_often_and_wherever_it_was_cut_off(monkeypatch):
    load.load(Wanted(seed=2, days=30, agents=24), NOW)
    house.sign_ins()
    admin = User.objects.get(username=logins.username("admin"))
    house.scorecards(admin, NOW - timedelta(days=45))
    _somebody_was_there_before(admin)
    with monkeypatch.context() as cut:

        def kill(*_some):
            raise Killed

        cut.setattr(belonging, "_pulses", kill)
        with pytest.raises(Killed):
            shown.write(NOW)
    assert shown.write(NOW)
    there = counts()
    assert shown.write(NOW)
    assert counts() == there

    _is_of_the_past()
    _double_books_nobody()
    _fits_the_calls()
    _is_not_all_alike()
    _leaves_the_centre()
    _renews_what_ends()
    _is_seen()


def _somebody_was_there_before(admin):
    """Whoever tries the demo out at once has put something into the box, and asks who leaves."""
    site = Site.objects.get(slug="leeds")
    box.suggest(site, "Shade for the car park", "It is hot.", None, NOW - timedelta(days=3))
    asked = pulse.Asked(
        site, None, PulseSurvey.Kind.EXIT, "Who leaves", NOW.date(), NOW.date() + timedelta(90),
        [("Would you come back?", PulseQuestion.Scale.FIVE)],
    )  # fmt: skip
    pulse.make(asked, admin, NOW)


def _is_of_the_past():
    held = Session.objects.held()
    assert held.count() > 10
    assert not held.filter(held_at__gt=NOW).exists()
    assert not Participant.objects.filter(signed_at__gt=NOW).exists()
    assert not Action.objects.filter(made_at__gt=NOW).exists()
    assert not Action.objects.filter(ended_at__gt=NOW).exists()
    assert not Attempt.objects.filter(finished_at__gt=NOW).exists()
    assert not Kudos.objects.filter(given_at__gt=NOW).exists()
    assert not LibraryVersion.objects.filter(published_at__gt=NOW).exists()
    # Nobody was coached by themselves, or before they came.
    for one in held.prefetch_related("participants__agent").select_related("coach"):
        for each in one.participants.all():
            assert each.agent.user_id != one.coach_id
            assert each.agent.hired_on <= one.held_at.date()
    # Of whoever is on a path stages are signed off one after the other.
    for one in Newcomer.objects.prefetch_related("signs__stage"):
        days = [each.done_on for each in sorted(one.signs.all(), key=lambda it: it.stage.place)]
        assert days == sorted(days)
    # A trial was decided when it was told, beside colleagues whom no other has.
    for one in Trial.objects.exclude(decision=""):
        assert one.decided_at.date() >= trials.told_on(one)
        assert not trials.at_the_same_time(one.site, one.starts_on, one.ends_on, one).exists()
    near = Certificate.objects.current().warned_of(NOW.date())
    assert near.exists()
    taken = CourseAssignment.objects.standing().values("user", "course")
    assert not near.exclude(Exists(taken.filter(user=OuterRef("user"), course=OuterRef("course"))))


def _double_books_nobody():
    """Who leads one session or is in it is in no other at that time."""
    taken = {}
    for one in Session.objects.exclude(state="cancelled").prefetch_related("participants__agent"):
        span = (one.starts_at, one.starts_at + timedelta(minutes=one.minutes))
        for who in {one.coach_id} | {each.agent.user_id for each in one.participants.all()}:
            taken.setdefault(who, []).append(span)
    assert any(len(some) > 3 for some in taken.values())
    for some in taken.values():
        some.sort()
        assert all(one[1] <= after[0] for one, after in pairwise(some))


def _fits_the_calls():
    """Nobody says that they waited, were passed on, or have nothing settled where they did not."""
    said = {language: words("voice")[language] for language in ("en", "es")}
    for pool, holds in (
        ("waited", lambda one: one.call.wait_ms >= 150_000),
        ("passed", lambda one: one.call.transfer_kind != ""),
    ):
        for text in said["en"][pool] + said["es"][pool]:
            rows = SurveyResponse.objects.filter(comment__contains=text).select_related("call")
            assert all(holds(one) for one in rows), text
    good = set(said["en"]["high"] + said["es"]["high"])
    rows = SurveyResponse.objects.filter(comment__in=good)
    assert rows.exists()
    assert not rows.filter(score__lt=4).exists()


def _is_not_all_alike():
    """Of what callers wrote no comment is one of thirty, and most are nobody else's."""
    many = Counter(SurveyResponse.objects.exclude(comment="").values_list("comment", flat=True))
    assert many.most_common(1)[0][1] < sum(many.values()) / 30
    assert sum(n == 1 for n in many.values()) > len(many) / 2
    assert not any("{" in one for one in many)


def _leaves_the_centre():
    """Nobody is asked: links are a list that nobody took, and the rule is off."""
    assert not AskingRule.objects.filter(is_on=True).exists()
    assert not AskingRule.objects.exclude(webhook=None).exists()
    assert not AskedCall.objects.filter(state="handed").exists()
    assert SurveyInvitation.objects.filter(used_at=None).count() == SurveyInvitation.objects.count()


def _renews_what_ends():
    """Whoever has a certificate that ends soon is to take its course again, as each night says."""
    today = NOW.date()
    ending = Certificate.objects.warned_of(today).order_by("user").values_list("user", flat=True)
    renewing = CourseAssignment.objects.filter(source="renewal", state="open")
    assert set(ending) == set(renewing.values_list("user", flat=True))
    assert ending


def _is_seen():
    for role, pages in SHOWN.items():
        client = Client()
        client.force_login(User.objects.get(username=logins.username(role)))
        for name, text in pages.items():
            found = client.get(reverse(name), {"site": "leeds"} if role == "manager" else {})
            assert found.status_code == 200, (role, name)
            assert text in found.content.decode(), (role, name)
