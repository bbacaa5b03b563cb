"""Accounts as an admin makes and changes them, and the link by which a password is chosen."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.access import ADMIN, AGENT, MANAGER, PLANNER, scope_of
from ccm.accounts import links, services
from ccm.models import AuditEntry, User
from tests.builders import PASSWORD, a_site, a_user
from tests.messages import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site("York")


@pytest.fixture
def admin(client):
    user = a_user(ADMIN)
    client.force_login(user)
    return user


def sent(client, page, *args, **said):
    return client.post(reverse(page, args=args), said)


def saying(username="jo", roles=(MANAGER,), sites=(), **more):
    return {"username": username, "roles": roles, "sites": [one.pk for one in sites], **more}


def shown_link(page):
    (found,) = re.findall(
        r'value="https?://[^/]+(/accounts/password/choose/[^"]+)"', page.content.decode()
    )
    return found


def chosen(link, password=PASSWORD):
    """What the page of a link answers to a password, asked as by a browser without a session."""
    visitor = Client()
    page = visitor.get(link, follow=True)
    at = page.redirect_chain[-1][0] if page.redirect_chain else link
    return visitor.post(at, {"password1": password, "password2": password})


def errors(page):
    return {name: [str(one) for one in said] for name, said in page.context["form"].errors.items()}


def of_the_log(user):
    return AuditEntry.objects.filter(model="ccm.user", object_id=str(user.pk)).order_by("pk")


def test_an_account_is_made_without_a_password_and_its_link_chooses_one(client, admin, site):
    page = sent(client, "user_new", **saying(sites=[site], email="jo@example.com"))
    made = User.objects.get(username="jo")
    assert not made.has_usable_password()
    assert scope_of(made).managed_sites == {site.pk}
    assert page["Cache-Control"].count("no-store") == 1
    answer = chosen(shown_link(page))
    assert "Your password is kept" in answer.content.decode()
    assert Client().login(username="jo", password=PASSWORD)


def test_a_link_is_good_once_and_for_72_hours(admin):
    jo = a_user(AGENT)
    first, second = links.link_for(jo), links.link_for(jo)
    path = first.partition("//")[2].partition("/")[2]
    with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1)):
        assert "not good any more" in chosen(f"/{path}").content.decode()
    assert "is kept" in chosen(f"/{path}").content.decode()
    for link in (first, second):
        used = "/" + link.partition("//")[2].partition("/")[2]
        assert "not good any more" in chosen(used).content.decode()


def test_a_link_of_an_account_that_became_inactive_is_none(admin):
    jo = a_user(AGENT)
    link = "/" + links.link_for(jo).partition("//")[2].partition("/")[2]
    services.set_active(jo.pk, False, admin, timezone.now())
    assert "not good any more" in chosen(link).content.decode()
    services.set_active(jo.pk, True, admin, timezone.now())
    assert "is kept" in chosen(link).content.decode()


def test_a_password_that_is_too_short_is_refused_in_words(admin):
    jo = a_user(AGENT)
    link = "/" + links.link_for(jo).partition("//")[2].partition("/")[2]
    assert "at least 12 characters" in chosen(link, "short").content.decode()
    jo.refresh_from_db()
    assert not jo.has_usable_password()


@pytest.mark.parametrize("words", ["MQ/xyz", "..%2F/x", "MQ/" + "a" * 3000, "%00/x"])
def test_a_made_up_link_is_told_to_be_none(words):
    answer = Client().get(f"/accounts/password/choose/{words}/")
    assert answer.status_code in (200, 400, 404)


def test_a_link_is_mailed_where_mail_is_set_and_stands_in_no_outbox(client, admin, settings):
    settings.MAIL_IS_SET = True
    jo = a_user(AGENT, name="jo")
    User.objects.filter(pk=jo.pk).update(email="jo@example.com")
    page = sent(client, "user_link", jo.pk)
    (one,) = mail.outbox
    assert one.to == ["jo@example.com"]
    assert shown_link(page) in one.body
    from ccm.models import Delivery

    assert not Delivery.objects.exists()


def test_a_mail_server_that_takes_nothing_is_told_and_the_link_is_there(
    client, admin, settings, monkeypatch
):
    settings.MAIL_IS_SET = True
    jo = a_user(AGENT, name="jo")
    User.objects.filter(pk=jo.pk).update(email="jo@example.com")

    def away(*_args):
        raise ConnectionRefusedError("no mail server there")

    monkeypatch.setattr(links, "send_mail", away)
    page = sent(client, "user_link", jo.pk)
    assert "no mail server there" in page.content.decode()
    assert shown_link(page)


def test_a_change_of_roles_holds_from_the_next_request(client, admin, site):
    jo = a_user(MANAGER, site, name="jo")
    theirs = Client()
    theirs.force_login(jo)
    assert theirs.get(reverse("imports")).status_code == 200
    sent(client, "user", jo.pk, **saying(roles=[PLANNER], sites=[site]))
    assert theirs.get(reverse("imports")).status_code == 302, "the session ended with the role"
    theirs.force_login(User.objects.get(pk=jo.pk))
    assert theirs.get(reverse("imports")).status_code == 404
    assert theirs.get(reverse("rosters")).status_code == 200


def test_who_is_made_inactive_is_out_with_the_next_request(client, admin, site):
    jo = a_user(MANAGER, site)
    theirs = Client()
    theirs.force_login(jo)
    sent(client, "user_active", jo.pk, to="inactive")
    assert theirs.get(reverse("imports")).status_code == 302
    sent(client, "user_active", jo.pk, to="active")
    assert theirs.get(reverse("imports")).status_code == 302
    theirs.force_login(jo)
    assert theirs.get(reverse("imports")).status_code == 200


def test_nobody_changes_their_own_roles_sites_or_activity(client, admin, site):
    other = a_user(ADMIN)
    sent(client, "user", admin.pk, **saying(admin.username, roles=[], sites=[site]))
    assert services.roles_of(admin) == {ADMIN}
    assert not admin.sites.exists()
    page = client.post(reverse("user_active", args=[admin.pk]), {"to": "inactive"}, follow=True)
    assert "Nobody makes their own account inactive" in told(page)[-1][1]
    with pytest.raises(services.Refused):
        services.change(admin.pk, a_said(admin, roles=set()), admin, timezone.now())
    assert other in services.admins()


def a_said(user, roles, sites=()):
    return services.Said(user.username, "", "", "", frozenset(roles), frozenset(sites))


def test_the_last_admin_stays_one_whoever_asks(admin):
    now = timezone.now()
    for act in (
        lambda: services.change(admin.pk, a_said(admin, set()), None, now),
        lambda: services.set_active(admin.pk, False, None, now),
    ):
        with pytest.raises(services.Refused, match="last admin"):
            act()
    assert [*services.admins()] == [admin]
    # One who may not sign in is none to fall back to.
    other = a_user(ADMIN)
    services.set_active(other.pk, False, admin, now)
    with pytest.raises(services.Refused, match="last admin"):
        services.set_active(admin.pk, False, None, now)


def test_a_superuser_who_is_no_admin_any_more_is_no_superuser(admin, site):
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    assert services.roles_of(boss) == {ADMIN}
    services.change(boss.pk, a_said(boss, {MANAGER}, {site.pk}), admin, timezone.now())
    boss.refresh_from_db()
    assert (boss.is_superuser, boss.is_staff) == (False, False)
    assert scope_of(User.objects.get(pk=boss.pk)).managed_sites == {site.pk}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "JO"}, "username"),
        ({"username": "j o"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"roles": ["king"]}, "roles"),
        ({"roles": [MANAGER], "sites": []}, "sites"),
        ({"sites": [999_999]}, "sites"),
        ({"sites": ["one"]}, "sites"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(client, admin, site, said, field):
    a_user(AGENT, name="jo")
    page = sent(client, "user_new", **saying("kim", sites=[site]) | said)
    assert page.status_code == 200
    assert field in errors(page)
    assert User.objects.count() == 2


def test_the_log_has_each_change_and_no_name(client, admin, site):
    page = sent(client, "user_new", **saying("kim", sites=[site], first_name="Kim"))
    kim = User.objects.get(username="kim")
    chosen(shown_link(page))
    said = {"first_name": "Kim", "last_name": "Ono", "email": "k@example.com"}
    sent(client, "user", kim.pk, **saying("kimberly", [PLANNER], [site], **said))
    sent(client, "user_active", kim.pk, to="inactive")
    made, link, password, changed, stopped = of_the_log(kim)
    assert made.after == {"roles": ["manager"], "sites": [site.pk], "is_active": True}
    assert (link.who, link.after) == (admin, {"link": True})
    assert (password.who, password.after) == (kim, {"password": True})
    assert changed.after["roles"] == ["planner"]
    assert changed.after["changed"] == ["username", "name", "email"]
    assert (stopped.before["is_active"], stopped.after["is_active"]) == (True, False)
    assert "kim" not in str([(one.before, one.after, one.names) for one in of_the_log(kim)]).lower()
    shown = client.get(reverse("audit")).content.decode()
    assert "Account of Kim Ono" in shown
    assert "login, name, mail" in shown


def test_the_list_is_narrowed_by_role_site_state_and_words(client, admin, site):
    mo = a_user(MANAGER, site, name="mo")
    a_user(PLANNER, site, name="pat")
    services.set_active(a_user(AGENT, name="gone").pk, False, admin, timezone.now())

    def found(**asked):
        page = client.get(reverse("users"), asked)
        return {row.record.username for row in page.context["table"].paginated_rows}

    assert found(role=MANAGER) == {"mo"}
    assert found(site=site.slug) == {"mo", "pat"}
    assert found(state="inactive") == {"gone"}
    assert found(q="PA") == {"pat"}
    assert found(role=ADMIN) == {admin.username}
    assert found(role="x'--", site="no-such", state="'") == {"mo", "pat", "gone", admin.username}
    assert mo.username in client.get(reverse("users")).content.decode()


@pytest.mark.parametrize("many", [1, 60])
def test_the_list_asks_the_same_of_one_account_as_of_many(
    client, admin, site, many, django_assert_num_queries
):
    for _one in range(many):
        a_user(MANAGER, site)
    client.get(reverse("users"))
    # Session, user, sites to choose from, how many, a page of them, their roles and their sites.
    with django_assert_num_queries(7):
        client.get(reverse("users"))


def test_somebody_of_no_such_number_is_not_there(client, admin):
    for number in (0, 10**18, 10**30):
        assert client.get(f"/users/{number}/").status_code == 404
