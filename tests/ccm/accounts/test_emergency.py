"""Reach in an emergency: with a reason, for a while, to read, and noted page by page."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.access import ADMIN, AGENT, MANAGER, PLANNER, QA_ANALYST, SUPERVISOR, TRAINER
from ccm.accounts import emergency
from ccm.backend import Backend
from ccm.models import ApiToken, AuditEntry, Delivery, EmergencyReach, Site, User
from ccm.navigation import may_open
from kpis.kiosks import links, pairing
from kpis.mailings.models import Mailing
from kpis.models import Board, KioskLink
from qa.access import kept_sites, reviewed_sites
from tests.builders import a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.reach import an_alert

pytestmark = pytest.mark.django_db

REASON = "The night shift of Leeds is without a lead"


class Place:
    """Leeds, with a queue, somebody who takes calls, and one call."""

    def __init__(self):
        self.site = a_site("Leeds")
        self.queue = a_queue(self.site)
        self.kim = an_agent(self.site, "Kim")
        self.call = a_call(self.queue, timezone.now() - timedelta(minutes=9), agent=self.kim)


@pytest.fixture
def leeds():
    return Place()


@pytest.fixture
def mo():
    return a_user(MANAGER, a_site("York"), name="mo")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def asked(client, site, minutes=30, reason=REASON):
    return client.post(
        reverse("emergencies"), {"site": site.pk, "minutes": minutes, "reason": reason}
    )


def viewed():
    return AuditEntry.objects.filter(model=emergency.MODEL, action="viewed").order_by("pk")


def reads(client, leeds):
    """The statuses of its pages: figures, calls, a call, a person."""
    today = timezone.now().date()
    days = f"?site={leeds.site.slug}&from={today}&to={today}"
    pages = (
        reverse("queues") + days, reverse("calls") + days,
        reverse("call", args=[leeds.call.pk]), reverse("agent", args=[leeds.kim.pk]),
    )  # fmt: skip
    return [client.get(page).status_code for page in pages]


@pytest.mark.parametrize("role", [MANAGER, SUPERVISOR])
def test_it_is_granted_at_once_for_reading_and_ends_by_itself(leeds, role):
    york = a_site("York")
    who = a_user(role, york)
    a_team(york, who)
    client = signed_in(who)
    assert reads(client, leeds) == [404] * 4
    assert asked(client, leeds.site).status_code == 302
    assert reads(client, leeds) == [200] * 4
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        client = signed_in(who)
        assert reads(client, leeds) == [404] * 4


def test_it_ends_by_a_click_of_whoever_has_it_or_of_whoever_answers_for_the_site(leeds, mo):
    for who, status in (
        (mo, 302), (a_user(MANAGER, leeds.site), 302), (a_user(ADMIN), 302),
        (a_user(MANAGER, a_site()), 404), (a_user(SUPERVISOR, leeds.site), 404),
        (a_user(AGENT, leeds.site), 404),
    ):  # fmt: skip
        client = signed_in(mo)
        assert asked(client, leeds.site).status_code == 302
        row = EmergencyReach.objects.get(ended_at=None)
        for _twice in range(2):
            answer = signed_in(who).post(reverse("emergency_end", args=[row.pk]))
            assert answer.status_code == status
        assert reads(client, leeds) == [404 if status == 302 else 200] * 4
        EmergencyReach.objects.all().delete()


def test_it_is_for_reading_and_changes_plans_reviews_and_coaches_nothing(leeds, mo):
    both = a_user(MANAGER, a_site(), name="both")
    both.groups.add(a_user(QA_ANALYST).groups.get())
    for who in (mo, both):
        client = signed_in(who)
        own = Backend().get_user(who.pk)._ccm_scope
        asked(client, leeds.site)
        scope = Backend().get_user(who.pk)._ccm_scope
        there = {leeds.site.pk}
        assert scope.figure_sites == own.figure_sites | there
        assert scope.call_sites == own.call_sites | there
        assert scope.agent_sites == own.agent_sites | there
        for name in (
            "sites", "managed_sites", "planned_sites", "floor_sites", "trained_sites", "teams",
            "team_sites", "own_call_sites",
        ):  # fmt: skip
            assert getattr(scope, name) == getattr(own, name), name
        assert not there & (reviewed_sites(scope) | kept_sites(scope))
        for page, number in (
            ("queue_edit", leeds.queue.pk), ("agent_edit", leeds.kim.pk),
            ("queue_plan", leeds.queue.pk), ("name", None),
        ):  # fmt: skip
            named = ["agents", leeds.kim.pk] if number is None else [number]
            assert client.get(reverse(page, args=named)).status_code == 404, page


def a_board(site):
    said = {"title": site.name, "site": site, "tiles": []}
    return Board.objects.get_or_create(slug=site.slug, defaults=said)[0]


def test_no_link_for_a_screen_is_made_paired_changed_or_ended_there(leeds, mo):
    board, own = a_board(leeds.site), a_board(mo.sites.get())
    link, _words = links.make_link(board, "Hall", a_user(ADMIN))
    screen, _secret = pairing.wait("127.0.0.1", "", timezone.now())
    client = signed_in(mo)
    asked(client, leeds.site)
    assert client.get(reverse("board", args=[board.slug])).status_code == 200
    said = {"name": "Mine", "good_for": "365", "networks": ""}
    for page in (
        reverse("kiosk_links", args=[board.slug]), reverse("kiosk_link", args=[link.pk]),
        reverse("revoke_link", args=[link.pk]),
    ):  # fmt: skip
        assert (client.get(page).status_code, client.post(page, said).status_code) == (404, 404)
    shown = client.get(reverse("boards")).content.decode()
    assert reverse("kiosk_links", args=[own.slug]) in shown
    assert reverse("kiosk_links", args=[board.slug]) not in shown
    paired = {"code": screen.code, "screen": screen.pk, **said}
    page = client.post(reverse("pair") + f"?board={board.slug}", {**paired, "board": board.pk})
    assert "not one of the available choices" in page.content.decode()
    assert KioskLink.objects.get() == link
    assert link.revoked_at is None
    client.post(reverse("pair"), {**paired, "board": own.pk})
    assert KioskLink.objects.exclude(pk=link.pk).get().board == own


def test_alerts_are_read_there_and_seen_to_by_others_and_no_recap_is_mailed(leeds, mo):
    alert, own = an_alert(leeds.site), an_alert(mo.sites.get())
    client = signed_in(mo)
    asked(client, leeds.site)
    shown = client.get(reverse("alerts")).content.decode()
    assert shown.count(alert.words) == 2
    for one, status in ((alert, 404), (own, 302)):
        page = reverse("alert_seen", args=[one.pk])
        assert (page in shown) is (status == 302)
        assert client.post(page, {"note": "mine"}).status_code == status
        one.refresh_from_db()
        assert one.note == ("mine" if status == 302 else "")
    form = client.get(reverse("recap_new") + f"?site={leeds.site.slug}")
    assert form.context["mailing"].site == mo.sites.get()
    client.post(
        reverse("recap_new") + f"?site={leeds.site.slug}",
        {"name": "x", "every": "day", "weekday": "0", "hour": "7", "told": [mo.pk]},
    )
    assert not Mailing.objects.filter(site=leeds.site).exists()


def test_who_reads_no_calls_by_role_gets_no_file_for_analysts(leeds):
    york = a_site("York")
    lead = a_user(SUPERVISOR, york)
    a_team(york, lead)
    client = signed_in(lead)
    asked(client, leeds.site)
    assert client.get(reverse("analysts")).status_code == 404
    assert not may_open("analysts", Backend().get_user(lead.pk))
    mo = a_user(MANAGER, york)
    client = signed_in(mo)
    asked(client, leeds.site)
    form = client.get(reverse("analysts")).context["form"]
    assert [*form.fields["site"].queryset] == [york]


def test_no_file_is_made_while_it_goes_on_and_none_is_noted_as_taken(leeds, mo):
    own = mo.sites.get()
    a_call(a_queue(own), timezone.now() - timedelta(minutes=9))
    client = signed_in(mo)
    today = timezone.now().date()
    taken = [
        f"{reverse(page)}{end}?site={site.slug}&from={today}&to={today}{more}"
        for site in (leeds.site, own)
        for page, end, more in (
            ("calls_csv", "", ""), ("queues", "", "&export=csv"), ("agents", "", "&export=csv"),
            ("reports", "", "&export=xlsx"),
        )
    ]  # fmt: skip
    asked(client, leeds.site)
    for page in taken:
        answer = client.get(page)
        assert answer.status_code == 404, page
        assert "No file is made while you read" in answer.content.decode()
    # One whose address does not say that it is a file.
    answer = client.get(reverse("my_data_file"))
    assert answer.status_code == 404
    assert not AuditEntry.objects.filter(action="exported").exists()
    emergency.end(EmergencyReach.objects.get().pk, mo, timezone.now())
    assert client.get(taken[4]).status_code == 200
    assert AuditEntry.objects.filter(action="exported").count() == 1


def test_whatever_else_is_a_file_is_kept_back_too(leeds, mo, rf):
    from django.http import Http404, HttpResponse

    from ccm.middleware import noted_in_emergencies

    emergency.begin(mo, leeds.site, REASON, 30, timezone.now())
    request = rf.get("/somewhere/")
    request.user = Backend().get_user(mo.pk)
    request.COOKIES["sessionid"] = "any"
    kept = HttpResponse(headers={"Content-Disposition": 'attachment; filename="x"'})
    with pytest.raises(Http404, match="No file is made"):
        noted_in_emergencies(lambda _asked: kept)(request)
    shown = HttpResponse(headers={"Content-Disposition": "inline"})
    assert noted_in_emergencies(lambda _asked: shown)(request) is shown


def test_a_site_that_is_theirs_by_another_role_stays_so(leeds):
    """Who leads a team elsewhere and plans, or reviews, here: nothing goes while they read here."""
    for role in (PLANNER, QA_ANALYST):
        who = a_user(role, leeds.site, name=f"both {role}")
        who.groups.add(a_user(SUPERVISOR).groups.get())
        before = Backend().get_user(who.pk)._ccm_scope
        emergency.begin(who, leeds.site, REASON, 30, timezone.now())
        scope = Backend().get_user(who.pk)._ccm_scope
        assert scope.emergency is not None
        assert scope.call_sites == {leeds.site.pk}
        for name in ("planned_sites", "floor_sites", "own_call_sites", "own_figure_sites"):
            assert getattr(scope, name) == getattr(before, name), (role, name)
        assert reviewed_sites(scope) == reviewed_sites(before)


def test_each_page_is_noted_before_it_is_shown_and_says_what_was_asked_for(leeds, mo):
    client = signed_in(mo)
    client.get(reverse("queues"))
    asked(client, leeds.site)
    client.get(reverse("calls"), {"site": leeds.site.slug, "q": "Ada Lovelace", "x": "a b"})
    client.get(reverse("agent", args=[leeds.kim.pk]))
    client.get("/calls/nothing-there/")
    row = EmergencyReach.objects.get()
    found = [*viewed()]
    assert [one.after["page"] for one in found] == [
        reverse("calls"), reverse("agent", args=[leeds.kim.pk]), "/calls/nothing-there/",
    ]  # fmt: skip
    assert found[0].after["asked"] == {"site": leeds.site.slug}
    assert {(one.who, one.object_id) for one in found} == {(mo, str(row.pk))}
    page = signed_in(a_user(ADMIN)).get(reverse("audit")).content.decode()
    assert "Reach in an emergency, Leeds" in page
    assert REASON in page
    listed = signed_in(a_user(ADMIN)).get(reverse("emergencies"))
    assert listed.context["table"].rows[0].get_cell("pages") == 3


def test_what_cannot_be_noted_is_not_shown(leeds, mo, monkeypatch):
    client = signed_in(mo)
    asked(client, leeds.site)

    def full(*_args, **_more):
        raise OSError("no room")

    monkeypatch.setattr(AuditEntry.objects, "create", full)
    with pytest.raises(OSError, match="no room"):
        client.get(reverse("call", args=[leeds.call.pk]))


def test_what_is_sent_without_a_name_is_not_noted(leeds, mo):
    from coaching.suggestions import UNLOGGED

    client = signed_in(mo)
    asked(client, leeds.site)
    client.post(UNLOGGED)
    assert not viewed().exists()


def test_a_banner_is_on_every_page_with_a_way_to_end_it(leeds, mo):
    client = signed_in(mo)
    asked(client, leeds.site)
    row = EmergencyReach.objects.get()
    for page in ("home", "emergencies", "imports"):
        shown = client.get(reverse(page)).content.decode()
        assert "You read at Leeds in an emergency" in shown
        assert reverse("emergency_end", args=[row.pk]) in shown


def test_managers_of_the_site_and_admins_are_told_by_mail_and_beside_the_entry(leeds, mo):
    boss, ada = a_user(MANAGER, leeds.site, name="boss"), a_user(ADMIN, name="ada")
    gone, other = a_user(ADMIN, name="gone"), a_user(MANAGER, a_site(), name="other")
    User.objects.filter(pk__in=[one.pk for one in (boss, ada, gone, other, mo)]).update(
        email="somebody@example.com"
    )
    User.objects.filter(pk=gone.pk).update(is_active=False)
    asked(signed_in(mo), leeds.site)
    row = EmergencyReach.objects.get()
    keys = {one.key for one in Delivery.objects.all()}
    assert keys == {f"emergency {row.pk} {boss.pk}", f"emergency {row.pk} {ada.pk}"}
    assert all(REASON in one.body for one in Delivery.objects.all())
    assert mail.outbox == []
    for who, many in ((boss, 1), (ada, 1), (other, 0), (mo, 0)):
        assert emergency.count(Backend().get_user(who.pk)) == many, who
        assert emergency.count(User.objects.get(pk=who.pk)) == many, who


def test_a_key_for_a_machine_has_none_of_it(leeds, mo):
    asked(signed_in(mo), leeds.site)
    ends = timezone.now() + timedelta(days=1)
    _token, words = ApiToken.issue(name="x", user=mo, scopes=["read"], expires_at=ends)
    answer = Client().get(
        reverse("api_call", args=[leeds.call.pk]), headers={"Authorization": f"Bearer {words}"}
    )
    assert answer.status_code == 404
    # By the session it is read, and noted.
    assert signed_in(mo).get(reverse("api_call", args=[leeds.call.pk])).status_code == 200
    assert viewed().get().after["page"] == reverse("api_call", args=[leeds.call.pk])


@pytest.mark.parametrize("role", [PLANNER, QA_ANALYST, TRAINER, AGENT, ""])
def test_others_may_not_ask(leeds, role):
    who = a_user(role, a_site())
    assert asked(signed_in(who), leeds.site).status_code == 404
    with pytest.raises(emergency.Refused):
        emergency.begin(who, leeds.site, REASON, 30, timezone.now())


def test_who_manages_every_site_is_told_that_there_is_none_to_ask_for(leeds, mo):
    client = signed_in(mo)
    assert "You manage every site" not in client.get(reverse("emergencies")).content.decode()
    mo.sites.add(*Site.objects.all())
    page = signed_in(mo).get(reverse("emergencies"))
    assert page.context["form"] is None
    assert "You manage every site" in page.content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"reason": ""}, "required"),
        ({"reason": "  \u200b  "}, "required"),
        ({"reason": "because"}, "Say why"),
        ({"reason": "x" * 301}, "at most 300"),
        ({"minutes": 61}, "not one of the available choices"),
        ({"minutes": "forever"}, "not one of the available choices"),
        ({"site": "own"}, "no such site"),
        ({"site": "999999"}, "no such site"),
    ],
)
def test_what_cannot_be_is_refused_in_words(leeds, mo, said, words):
    given = {"site": leeds.site.pk, "minutes": 30, "reason": REASON, **said}
    if given["site"] == "own":
        given["site"] = mo.sites.get().pk
    page = signed_in(mo).post(reverse("emergencies"), given)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not EmergencyReach.objects.exists()


def test_one_goes_on_at_a_time_and_one_that_is_over_makes_room(leeds, mo):
    client, hull = signed_in(mo), a_site("Hull")
    asked(client, leeds.site, 15)
    page = asked(client, hull, 15)
    assert "Another one goes on" in page.content.decode()
    later = timezone.now() + timedelta(minutes=16)
    with time_machine.travel(later):
        assert asked(signed_in(mo), hull, 15).status_code == 302
    first, second = EmergencyReach.objects.order_by("pk")
    assert first.ended_at == first.ends_at
    assert second.ended_at is None


def test_the_database_refuses_more_than_an_hour(leeds, mo):
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyReach.objects.create(
            user=mo, site=leeds.site, reason=REASON, begins_at=now,
            ends_at=now + timedelta(hours=1, seconds=1),
        )  # fmt: skip


def test_who_loses_the_role_loses_it_at_once(leeds, mo):
    client = signed_in(mo)
    asked(client, leeds.site)
    mo.groups.clear()
    # The session ended with the role; whoever signs in again has none of it either.
    assert reads(client, leeds) == [302] * 4
    assert reads(signed_in(mo), leeds) == [404] * 4
