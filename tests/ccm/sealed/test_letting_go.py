"""The oldest of the audit log goes by a rule of retention: what is left is still a chain, and what
went is told."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from ccm.models import (
    AuditAnchor,
    AuditCheck,
    AuditEntry,
    AuditSeal,
    AuditWaiting,
    RetentionRule,
)
from ccm.sealed import letting_go, sealing, verifying
from ccm.tasks import verify_audit_log
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    """The database goes by its own clock."""
    return timezone.now()


def sealed(*days, now):
    """Entries of so many days ago, sealed in this order."""
    made = [
        AuditEntry.objects.create(
            at=now - timedelta(days=ago), action="changed", model="ccm.site", object_id="1",
            before={"name": "York"}, after={"name": "Leeds"}, names={},
        )
        for ago in days
    ]  # fmt: skip
    sealing.seal_waiting(now)
    return [one.pk for one in made]


def a_rule(days, now, **other):
    return RetentionRule.objects.create(
        kind="audit", days=days, starts_on=now.date(), made_at=now, **other
    )


def whole(now, **more):
    found = verifying.verify(now + timedelta(minutes=1), **more)
    assert [one.words for one in found.faults] == []
    return found


def test_what_is_out_goes_and_the_rest_is_a_chain_that_says_where_it_begins(now):
    made = sealed(900, 800, 500, 100, 3, now=now)
    heads = [bytes(one.hash).hex() for one in AuditSeal.objects.order_by("place")]
    a_rule(700, now)
    verifying.check(now)
    assert letting_go.would_go(700, now) == 2
    assert letting_go.let_go(now) == 2
    assert letting_go.let_go(now) == 0
    left = AuditEntry.objects.filter(model="ccm.site").order_by("pk")
    assert [one.pk for one in left] == made[2:]
    anchor = AuditAnchor.objects.get()
    assert (anchor.place, bytes(anchor.hash).hex(), anchor.entries) == (2, heads[1], 2)
    found = whole(now)
    assert (found.first, found.gone, found.seals) == (3, 2, 3)
    # It is told, and sealed with the rest.
    told = AuditEntry.objects.get(model="ccm.auditanchor")
    assert (told.who, told.action, told.after["hash"]) == (None, "removed", heads[1])
    sealing.seal_waiting(now)
    assert whole(now).seals == 4
    # A head that was told before still stands for what is here, and for the anchor.
    for head in (heads[1], heads[4]):
        whole(now, head=head)
    assert "let go of" in verifying.verify(now, heads[0]).faults[0].words


def test_it_goes_piece_by_piece_over_several_nights_and_the_chain_goes_on(now):
    sealed(900, 800, now=now)
    sealed(600, 500, 2, now=now)
    a_rule(700, now)
    verifying.check(now)
    letting_go.let_go(now)
    sealed(1, now=now)
    a_rule(400, now + timedelta(days=1))
    later = now + timedelta(days=1)
    verifying.check(later)
    letting_go.let_go(later)
    AuditWaiting.objects.update(since=later)  # which the database's clock does not know of
    assert [(one.place, one.entries) for one in AuditAnchor.objects.all()] == [(2, 2), (4, 2)]
    found = whole(later)
    assert (found.first, found.gone) == (5, 4)
    sealed(0, now=later)
    whole(later)


def test_an_old_entry_behind_a_newer_one_stays_with_it(now):
    """Sealed late, or its clock was wrong: what goes is whole from the first on."""
    sealed(900, 20, 800, 10, now=now)
    a_rule(400, now)
    verifying.check(now)
    assert letting_go.would_go(400, now) == letting_go.let_go(now) == 1
    whole(now)


def test_the_last_seal_stays_for_the_next_to_go_on_from(now):
    sealed(900, 800, now=now)
    a_rule(400, now)
    verifying.check(now)
    assert letting_go.would_go(400, now) == letting_go.let_go(now) == 1
    sealed(0, now=now)
    assert whole(now).first == 2


@pytest.mark.parametrize("days", [None, 5000])
def test_without_a_rule_or_with_a_longer_one_all_stays(now, days):
    sealed(900, 800, 1, now=now)
    verifying.check(now)
    a_rule(days, now)
    assert letting_go.let_go(now) == 0
    assert not AuditAnchor.objects.exists()


def test_a_rule_that_has_not_begun_lets_nothing_go_and_the_last_that_has_holds(now):
    assert letting_go.days_kept(now) is None
    RetentionRule.objects.create(
        kind="audit", days=400, starts_on=now.date() + timedelta(days=1), made_at=now
    )
    assert letting_go.days_kept(now) is None
    a_rule(900, now)
    assert letting_go.days_kept(now) == 900
    assert letting_go.days_kept(now + timedelta(days=2)) == 400


def test_nothing_goes_while_something_is_wrong_with_the_chain_or_nobody_looked(now):
    sealed(900, 800, 1, now=now)
    a_rule(400, now)
    assert letting_go.let_go(now) == 0  # nobody looked
    verifying.check(now - timedelta(days=3))
    assert letting_go.let_go(now) == 0  # long ago
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ccm_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ccm_auditentry SET why = 'x' WHERE at < %s", [now - timedelta(850)])
        cursor.execute("ALTER TABLE ccm_auditentry ENABLE TRIGGER USER")
    verify_audit_log()
    assert AuditCheck.objects.latest("pk").faults == 1
    assert AuditEntry.objects.filter(model="ccm.site").count() == 3


def test_what_misses_its_entry_stops_it_whatever_was_found(now):
    made = sealed(900, 850, 800, 1, now=now)
    a_rule(400, now)
    verifying.check(now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ccm_auditentry DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM ccm_auditentry WHERE id = %s", [made[1]])
        cursor.execute("ALTER TABLE ccm_auditentry ENABLE TRIGGER USER")
    assert letting_go.let_go(now) == 1
    assert [one.what for one in verifying.verify(now).faults] == ["the entry is missing"]


@pytest.mark.parametrize("kept", [None, 0, -1, 364])
def test_the_database_lets_nothing_of_the_last_year_go_whoever_asks(now, kept):
    sealed(900, 300, 1, now=now)
    with pytest.raises(DatabaseError, match="365"), transaction.atomic():
        connection.cursor().execute("SELECT ccm_let_go_of_audit(%s)", [kept])
    assert AuditSeal.objects.count() == 3


@pytest.mark.parametrize(
    "words",
    [
        "DELETE FROM ccm_auditentry WHERE id = (SELECT min(id) FROM ccm_auditentry)",
        "DELETE FROM ccm_auditseal WHERE place = 3",
        "UPDATE ccm_auditseal SET place = 1 WHERE place = 3",
        "UPDATE ccm_auditanchor SET place = 9",
        "DELETE FROM ccm_auditanchor",
    ],
)
def test_what_is_not_let_go_of_is_still_only_added_to(now, words):
    sealed(900, 800, 2, 1, now=now)
    a_rule(400, now)
    verifying.check(now)
    letting_go.let_go(now)
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        connection.cursor().execute(words)


def test_who_cuts_off_the_beginning_by_an_anchor_of_their_own_is_found(now):
    sealed(900, 10, 5, 1, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ccm_auditanchor SELECT place, hash, 3, now() FROM ccm_auditseal"
            " WHERE place = 3"
        )
        cursor.execute(
            "DELETE FROM ccm_auditentry WHERE id IN"
            " (SELECT entry FROM ccm_auditseal WHERE place < 4)"
        )
        cursor.execute("DELETE FROM ccm_auditseal WHERE place < 4")
    [fault] = verifying.verify(now).faults
    assert fault.place == 3
    assert "no entry tells" in fault.what


def test_an_anchor_with_another_hash_is_found_by_what_comes_after_it(now):
    sealed(900, 800, 1, now=now)
    a_rule(400, now)
    verifying.check(now)
    letting_go.let_go(now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ccm_auditanchor DISABLE TRIGGER USER")
        cursor.execute("UPDATE ccm_auditanchor SET hash = 'x'")
        cursor.execute("ALTER TABLE ccm_auditanchor ENABLE TRIGGER USER")
    assert any("changed" in one.what for one in verifying.verify(now).faults)


def test_the_command_says_where_the_chain_begins(now):
    sealed(900, 800, 700, 1, now=now)
    a_rule(400, now)
    verify_audit_log()
    sealing.seal_waiting(timezone.now())
    out = StringIO()
    call_command("verify", "--audit", stdout=out)
    assert "The chain begins at seal 4: 3 entries before it were let go of" in out.getvalue()
    assert f"{datetime.now(UTC):%Y-%m-%d}" in out.getvalue()
    out = StringIO()
    call_command("verify", "--audit", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["begins_at_seal"], told["let_go"], told["faults"]) == (4, 3, 0)


def test_the_page_counts_what_would_go_and_keeps_a_rule_for_all_sites_alone(client, now):
    sealed(900, 800, 700, 1, now=now)
    site = a_site("Leeds")
    client.force_login(a_user("admin"))
    address = reverse("retention")
    said = {"kind": "audit", "days": "400", "starts_on": str(now.date()), "site": ""}
    page = client.post(address, said | {"preview": "1"}).content.decode()
    assert "The audit log: 3 entries." in page
    page = client.post(address, said | {"site": site.pk, "keep": "1"}).content.decode()
    assert "There is one audit log" in page
    page = client.post(address, said | {"days": "364", "keep": "1"}).content.decode()
    assert "From 365 to" in page
    assert not RetentionRule.objects.exists()
    assert client.post(address, said | {"keep": "1"}).status_code == 302
    verify_audit_log()
    assert "all up to seal 3 went" in client.get(address).content.decode()
    assert "3 entries of this log, up to seal 3" in client.get(reverse("audit")).content.decode()
