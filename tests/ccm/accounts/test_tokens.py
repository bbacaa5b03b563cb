"""Keys for machines: made and revoked on pages and by a command."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.access import ADMIN, MANAGER
from ccm.accounts import services
from ccm.models import ApiToken, AuditEntry, token_hash
from tests.builders import a_call, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site("York")


@pytest.fixture
def admin(client):
    user = a_user(ADMIN)
    client.force_login(user)
    return user


@pytest.fixture
def mo(site):
    return a_user(MANAGER, site, name="mo")


def saying(**more):
    ends = timezone.now().date() + timedelta(days=30)
    return {"name": "Wallboard", "login": "mo", "scopes": ["read"], "last_on": ends, **more}


def made(client, **more):
    page = client.post(reverse("token_new"), saying(**more))
    (words,) = re.findall(r'value="(ccm_[^"]+)"', page.content.decode())
    return ApiToken.objects.get(hash=token_hash(words)), words


def reads(words):
    return Client().get(reverse("api_queues"), headers={"Authorization": f"Bearer {words}"})


def test_a_token_is_made_its_words_shown_once_and_kept_as_a_hash(client, admin, mo):
    token, words = made(client)
    assert reads(words).status_code == 200
    assert token.user == mo
    assert words not in client.get(reverse("tokens")).content.decode()
    entry = AuditEntry.objects.get(model="ccm.apitoken")
    assert (entry.who, entry.action) == (admin, "created")
    assert entry.after["scopes"] == ["read"]
    assert words not in str(entry.after)
    assert token.hash not in str(entry.after)


def test_a_token_that_is_revoked_is_refused_and_stays_listed(client, admin, mo):
    token, words = made(client)
    for _twice in range(2):
        client.post(reverse("token_revoke", args=[token.pk]))
    assert reads(words).status_code == 401
    assert "revoked" in client.get(reverse("tokens")).content.decode()
    assert AuditEntry.objects.filter(model="ccm.apitoken", action="changed").count() == 1


def test_tokens_of_who_is_made_inactive_stop_with_the_next_request(client, admin, mo):
    _token, words = made(client)
    assert reads(words).status_code == 200
    services.set_active(mo.pk, False, admin, timezone.now())
    assert reads(words).status_code == 401
    assert "its account is inactive" in client.get(reverse("tokens")).content.decode()


def test_when_a_token_was_used_last_is_kept_to_the_minute(client, admin, mo):
    token, words = made(client)
    seen = []
    begin = timezone.now()
    for seconds in (0, 59, 61):
        with time_machine.travel(begin + timedelta(seconds=seconds), tick=False):
            reads(words)
        token.refresh_from_db()
        seen.append(round((token.last_used_at - begin).total_seconds()))
    assert seen == [0, 0, 61]


def test_a_token_ends_with_its_day_and_within_a_year(client, admin, mo):
    with time_machine.travel("2026-03-02T09:00Z", tick=False):
        token, words = made(client, last_on="2026-03-04")
        assert f"{token.expires_at:%Y-%m-%d %H:%M}" == "2026-03-05 00:00"
        for day in ("2026-03-01", "2027-03-03", "2099-01-01"):
            page = client.post(reverse("token_new"), saying(last_on=day))
            assert page.context["form"].errors
        made(client, last_on="2027-03-02")
    for moment, status in (("2026-03-04T23:59Z", 200), ("2026-03-05T00:00Z", 401)):
        with time_machine.travel(moment, tick=False):
            assert reads(words).status_code == status


@pytest.mark.parametrize(
    "said",
    [
        {"name": ""},
        {"login": "nobody-of-this-name"},
        {"login": ""},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["events:write"], "source": "pbx"},  # for no site
        {"site": "999999"},
        {"source": "x" * 81},
        {"last_on": "soon"},
    ],
)
def test_what_cannot_be_is_refused_in_words(client, admin, mo, said):
    page = client.post(reverse("token_new"), saying(**said))
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not ApiToken.objects.exists()


def test_no_token_is_made_for_an_inactive_account(client, admin, mo):
    services.set_active(mo.pk, False, admin, timezone.now())
    page = client.post(reverse("token_new"), saying())
    assert "no active account" in page.content.decode()


def test_the_list_shows_those_that_are_good_or_ended(client, admin, mo):
    made(client, name="Good")
    gone, _words = made(client, name="Gone")
    client.post(reverse("token_revoke", args=[gone.pk]))

    def found(state):
        table = client.get(reverse("tokens"), {"state": state}).context["table"]
        return [row.record.name for row in table.paginated_rows]

    assert (found("good"), found("ended"), found("'")) == (["Good"], ["Gone"], ["Gone", "Good"])


def test_a_command_makes_a_token_and_says_its_words_alone(mo, site, capsys):
    call_command("token", "--user=mo", "--name=PBX", "--scopes=record:write,events:write",
                 "--site=York", "--source=pbx", "--days=10")  # fmt: skip
    words = capsys.readouterr().out.strip()
    token = ApiToken.objects.get(hash=token_hash(words))
    assert (token.scopes, token.site, token.source) == (
        ["events:write", "record:write"], site, "pbx"
    )  # fmt: skip


@pytest.mark.parametrize("scope", ["read", "imports:write", "quality:write"])
def test_no_token_seems_to_be_kept_to_a_site_that_is_not(client, admin, mo, site, scope):
    for scopes in ([scope], [scope, "events:write"]):
        page = client.post(reverse("token_new"), saying(scopes=scopes, site=site.pk, source="pbx"))
        assert "A site limits what is written for it" in page.content.decode()
    assert not ApiToken.objects.exists()
    made(client, scopes=["events:write", "record:write"], site=site.pk, source="pbx")


@pytest.mark.parametrize(
    "wrong",
    [("--user=nobody",), ("--scopes=all",), ("--days=400",), ("--site=Leeds",)],
)
def test_a_command_refuses_in_words(mo, site, wrong):
    said = {"--user": "mo", "--name": "PBX", "--scopes": "read", "--days": "9"}
    said |= dict(one.split("=") for one in wrong)
    with pytest.raises(CommandError):
        call_command("token", *(f"{name}={value}" for name, value in said.items()))
    assert not ApiToken.objects.exists()


def test_a_token_of_a_site_writes_no_note_and_asks_no_caller_of_another(site):
    leeds = a_site("Leeds")
    own, other = (a_call(a_queue(one), timezone.now()) for one in (site, leeds))
    _token, words = ApiToken.issue(
        name="crm", user=a_user(ADMIN), site=site, scopes=[ApiToken.WRITE_RECORD],
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    client = Client(headers={"authorization": f"Bearer {words}"})

    def post(url, **body):
        return client.post(url, body, content_type="application/json").status_code

    asking = reverse("api_survey_invitations")
    for call, note, asked in ((own, 201, 201), (other, 404, 400)):
        url = reverse("api_call_note", args=[call.pk])
        key = {"Idempotency-Key": f"n{call.pk.hex}"}
        told = client.post(url, {"words": "x"}, content_type="application/json", headers=key)
        assert told.status_code == note
        assert post(asking, call=str(call.pk), questions=["csat"]) == asked
        about = {"site": call.site.slug, "queue": call.queue.name}
        assert post(asking, **about, questions=["csat"]) == asked
