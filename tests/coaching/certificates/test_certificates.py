"""Certificates: whose end is near, for whom; withdrawn with a reason; the register as a file."""

import csv
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry, User
from coaching.certificates import reads, services
from coaching.models import Certificate
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.certificates.builders import a_certificate
from tests.coaching.courses.builders import a_kind

pytestmark = pytest.mark.django_db

NEAR = NINE.replace(year=2027, month=2, day=1)
OVER = NINE.replace(year=2027, month=3, day=2)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def counted(user):
    """By the facts that come with a user, and asked for one alone: the same."""
    with_facts = User.objects.annotate(**reads.facts()).get(pk=user.pk)
    told = {reads.count(with_facts), reads.count(User.objects.get(pk=user.pk))}
    assert len(told) == 1
    return told.pop()


def test_the_sidebar_counts_what_ends_soon_of_whom_one_leads_or_trains():
    site, other = a_site(), a_site()
    lead, boss, trainer = a_user("supervisor"), a_user("manager", site), a_user("trainer", other)
    ann, bob = (an_agent(site, user=a_user("agent")) for _ in range(2))
    a_team(site, lead, ann)
    for one in (ann, bob):
        a_certificate(site, one.user)
    with time_machine.travel(NEAR - timedelta(days=2), tick=False):
        assert counted(boss) == 0
    with time_machine.travel(NEAR, tick=False):
        assert (counted(boss), counted(lead), counted(trainer)) == (2, 1, 0)
        assert counted(a_user("admin")) == 2
        assert counted(ann.user) == 0
        said = signed_in(lead).get(reverse("certificates"))
        assert [row.user for row in said.context["table"].data.data] == [ann.user]
        assert "ends soon" in said.content.decode()
    with time_machine.travel(OVER, tick=False):
        assert counted(lead) == 1
        assert "expired" in signed_in(lead).get(reverse("certificates")).content.decode()


def test_what_ends_of_who_has_left_is_told_of_no_more():
    site = a_site()
    boss = a_user("manager", site)
    ann, bob, cid = (an_agent(site, user=a_user("agent")) for _ in range(3))
    for one in (ann, bob, cid):
        a_certificate(site, one.user)
    type(ann).objects.filter(pk=ann.pk).update(left_on=OVER.date())
    User.objects.filter(pk=bob.user_id).update(is_active=False)
    with time_machine.travel(OVER, tick=False):
        assert counted(boss) == 1

        def shown(state):
            page = signed_in(boss).get(reverse("certificates"), {"state": state})
            return {row.user for row in page.context["table"].data.data}

        assert shown("near") == shown("over") == {cid.user}
        assert shown("all") == {ann.user, bob.user, cid.user}
    with time_machine.travel(OVER - timedelta(days=1), tick=False):
        assert counted(boss) == 2


def test_it_is_withdrawn_with_a_reason_that_its_holder_reads_and_the_log_does_not():
    site = a_site()
    boss, ann = a_user("trainer", site), an_agent(site, user=a_user("agent")).user
    one = a_certificate(site, ann)
    with pytest.raises(ValidationError, match="Say why"):
        services.withdraw(one.pk, " ", boss, NINE)
    assert services.withdraw(one.pk, "Taken by another", boss, NINE)
    assert not services.withdraw(one.pk, "Again", boss, NINE)
    entry = AuditEntry.objects.get(model="coaching.certificate")
    assert "Taken by another" not in f"{entry.before} {entry.after}"
    with time_machine.travel(NINE, tick=False):
        assert "Taken by another" in signed_in(ann).get(reverse("my_learning")).content.decode()
        rows = reads.register(boss, [site], NINE, state="withdrawn")
        assert [each.stand for each in rows] == ["withdrawn"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=one.pk).update(is_current=True)


@pytest.mark.parametrize("after", ["near", "over"])
def test_with_one_withdrawn_what_it_took_the_place_of_holds_again_and_is_told_of(after):
    site = a_site()
    boss, ann = a_user("trainer", site), an_agent(site, user=a_user("agent")).user
    older = a_certificate(site, ann)
    course = older.course
    now = NEAR if after == "near" else OVER
    newer = services.give(course, 1, ann, now.date(), now)
    older.refresh_from_db()
    assert not older.is_current
    assert reads.register(boss, [site], now, state="near").count() == 0
    assert services.withdraw(newer.pk, "Taken by another", boss, now)
    rows = reads.register(boss, [site], now, state="near")
    assert [(each.pk, each.stand) for each in rows] == [(older.pk, after)]
    # Withdrawn as well, nothing is left that could.
    assert services.withdraw(older.pk, "Of the same day", boss, now)
    assert not Certificate.objects.current().exists()


def test_nobody_withdraws_their_own():
    site = a_site()
    boss = a_user("trainer", site)
    one = a_certificate(site, boss)
    url = reverse("certificate_withdraw", args=[one.pk])
    assert signed_in(boss).get(url).status_code == 404
    assert signed_in(a_user("manager", site)).get(url).status_code == 200


def test_the_register_is_a_file_without_formulas_and_that_it_left_is_noted():
    site = a_site()
    kind = a_kind(site, name="=Data protection")
    ann, bob = (an_agent(site, user=a_user("agent")).user for _ in range(2))
    a_certificate(site, ann, kind)
    a_certificate(site, bob, kind, expires_on=None, warn_from=None)
    boss = a_user("manager", site)
    url = reverse("certificates_csv") + "?state=all&sort=until"
    with time_machine.travel(NINE, tick=False):
        answer = signed_in(boss).get(url)
    lines = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert [line[1] for line in lines[1:]] == [ann.username, bob.username]
    assert lines[1][4].lstrip("'") == "=Data protection"
    assert not lines[1][4].startswith("=")
    assert [line[7] for line in lines[1:]] == ["2027-03-02", ""]
    assert AuditEntry.objects.filter(action="exported").count() == 1


def test_a_kind_is_named_once_a_site_and_what_was_given_stays_as_it_is():
    site, boss = a_site(), None
    boss = a_user("trainer", site)
    client = signed_in(boss)
    url = reverse("certificate_kinds")
    said = {"site": site.slug, "name": "Compliance", "valid_months": "12", "warn_days": "30"}
    assert client.post(url, said).status_code == 302
    again = client.post(url, said)
    assert list(again.context["form"].errors) == ["name"]
    ann = an_agent(site, user=a_user("agent")).user
    one = a_certificate(site, ann)
    kind = one.kind
    changed = reverse("certificate_kind", args=[kind.pk])
    client.post(changed, {"name": "Compliance", "valid_months": "6", "warn_days": "10"})
    one.refresh_from_db()
    kind.refresh_from_db()
    assert (kind.valid_months, one.expires_on) == (6, date(2027, 3, 2))


@pytest.mark.parametrize("many", [1, 12])
def test_the_register_asks_the_same_of_few_as_of_many(many, django_assert_max_num_queries):
    site = a_site()
    for _ in range(many):
        a_certificate(site, an_agent(site, user=a_user("agent")).user)
    with time_machine.travel(NEAR, tick=False):
        client = signed_in(a_user("manager", site))
        with django_assert_max_num_queries(9):
            page = client.get(reverse("certificates"))
    assert page.content.decode().count(">ends soon<") == many
