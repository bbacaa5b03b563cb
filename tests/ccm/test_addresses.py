"""Mail addresses of callers: enciphered, for whom they are wanted, and gone in time."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from ccm import addresses
from ccm.callers import caller_hash
from ccm.live import events
from ccm.models import CallAddress
from ccm.tasks import sweep_addresses
from tests.builders import NINE, a_call, a_queue

ANN = "ann.smith@example.org"


@pytest.fixture
def wanted(monkeypatch):
    """Whoever wants addresses: until when, by call."""
    until = {}
    monkeypatch.setattr(addresses, "_wanted", [lambda _site, calls, _now: {
        one: until[one] for one in calls if one in until
    }])  # fmt: skip
    return until


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (" Ann.Smith@Example.ORG ", ANN),
        ("a+calls@b.example", "a+calls@b.example"),
        ("ann@münchen.example", "ann@münchen.example"),
        ("änn@example.org", None),  # few mail servers take it
        ("ann.example.org", None),
        ("ann@", None),
        ("a@b.example, c@d.example", None),
        ("ann@example.org\nBcc: x@y.example", None),
        ("a" * 250 + "@b.example", None),
        ("", None),
    ],
)
def test_an_address_is_one_address_or_none(said, kept):
    assert addresses.plain(said) == kept


@given(st.emails())
def test_what_is_enciphered_is_opened_again_and_never_reads_the_same(address):
    one, other = addresses.seal(address), addresses.seal(address)
    assert one != other
    assert address not in one + other
    assert addresses.unseal(one) == addresses.unseal(other) == address


def test_an_addresses_hash_is_the_same_again_and_no_callers(settings):
    assert addresses.address_hash(ANN) == addresses.address_hash(ANN)
    assert addresses.address_hash(ANN) != caller_hash(ANN)
    before = addresses.address_hash(ANN)
    settings.CALLER_KEY = "another"
    assert addresses.address_hash(ANN) != before


def test_what_an_older_key_enciphered_is_read_and_without_it_nothing(settings):
    settings.ADDRESS_KEYS = ["old"]
    sealed, mark = addresses.seal(ANN), addresses.key_mark()
    settings.ADDRESS_KEYS = ["new", "old"]
    assert addresses.unseal(sealed) == ANN
    assert addresses.key_mark() != mark
    settings.ADDRESS_KEYS = ["new"]
    for broken in (sealed, "", "no cipher", sealed[:-4]):
        with pytest.raises(addresses.Unreadable):
            addresses.unseal(broken)


@pytest.mark.parametrize(
    ("line", "cell", "kept"),
    [
        ("1;ann@b.example;Sales", "ann@b.example", "1;•••@•••;Sales"),
        ("1;x ann@b.example;bob@b.example", "bob@b.example", "1;x •••@•••;•••@•••"),
        # An agent's stays.
        ("1;ann@b.example;Me <me@own.example>", "ann@b.example", "1;•••@•••;Me <me@own.example>"),
        ("1;;me@own.example;some@own.example", None, "1;;me@own.example;•••@•••"),
        ("1;ann@b.example;you@own.example", None, "1;•••@•••;•••@•••"),
        ('{"mail": "ann@b.example", "n": 5}', None, '{"mail": "•••@•••", "n": 5}'),
        ("1;ann.b.example;Sales", "ann.b.example", "1;•••@•••;Sales"),  # mistyped
        ("1;5;5", "5", "1;5;5"),
    ],
)
def test_a_line_is_kept_without_the_address(line, cell, kept):
    assert addresses.hidden(line, cell, others="Me <me@own.example>") == kept


def test_of_fixed_columns_each_stays_where_it_is():
    line = "1   ann@b.example   Sales"
    assert addresses.hidden(line, "ann@b.example", as_long=True) == "1   •••@•••         Sales"
    assert addresses.hidden_start("1;x;ann@b.example;Sa") == "1;x;•••@•••;"
    assert addresses.hidden_start("1;x;ann.sm") == "1;x;"


@pytest.mark.django_db
def test_only_what_is_wanted_is_kept_and_told_again_it_stays_no_longer(wanted):
    queue = a_queue()
    one, other, bad = a_call(queue), a_call(queue), a_call(queue)
    wanted |= dict.fromkeys((one.pk, bad.pk), NINE + timedelta(days=7))
    told = {one.pk: ANN, other.pk: "bob@example.org", bad.pk: "nobody"}
    assert addresses.keep(queue.site, told, NINE) == 1
    kept = CallAddress.objects.get()
    assert (kept.call_id, kept.hash) == (one.pk, addresses.address_hash(ANN))
    wanted[one.pk] = NINE + timedelta(days=20)
    later = NINE + timedelta(days=2)
    addresses.keep(queue.site, {one.pk: "ann@new.example"}, later)
    kept = CallAddress.objects.get()
    assert addresses.unseal(kept.sealed) == "ann@new.example"
    assert kept.expires_at == NINE + timedelta(days=7)


@pytest.mark.django_db
def test_an_address_in_clear_or_for_longer_than_a_month_is_refused_by_the_database():
    call = a_call(a_queue())
    good = {
        "call": call, "site": call.site, "sealed": addresses.seal(ANN), "key": "k", "hash": "h",
        "kept_at": NINE, "expires_at": NINE + timedelta(days=30),
    }  # fmt: skip
    for wrong in (
        {"sealed": ANN}, {"hash": ""}, {"expires_at": NINE},
        {"expires_at": NINE + timedelta(days=31)},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            CallAddress.objects.create(**good | wrong)
    CallAddress.objects.create(**good)


@pytest.mark.django_db
def test_what_has_expired_goes_and_the_rest_is_enciphered_anew(wanted, settings):
    queue = a_queue()
    calls = [a_call(queue) for _ in range(3)]
    for days, call in enumerate(calls, 1):
        wanted[call.pk] = NINE + timedelta(days=days)
    settings.ADDRESS_KEYS = ["old"]
    addresses.keep(queue.site, {calls[0].pk: ANN, calls[1].pk: ANN}, NINE)
    settings.ADDRESS_KEYS = ["lost"]
    addresses.keep(queue.site, {calls[2].pk: ANN}, NINE)
    settings.ADDRESS_KEYS = ["new", "old"]
    now = NINE + timedelta(days=1)
    assert [addresses.sweep(now), addresses.sweep(now)] == [1, 0]
    settings.ADDRESS_KEYS = ["new"]
    assert addresses.unseal(CallAddress.objects.get(call=calls[1]).sealed) == ANN
    # What nothing opens any more stays as it is until it expires.
    with pytest.raises(addresses.Unreadable):
        addresses.unseal(CallAddress.objects.get(call=calls[2]).sealed)
    sweep_addresses()
    assert not CallAddress.objects.exists()


def test_an_event_takes_no_address():
    said = {
        "id": "e",
        "kind": "call.offered",
        "at": NINE.isoformat(),
        "call": "c",
        "queue": "Sales",
    }
    event = events.read(said | {"caller_email": ANN, "basket": "shoes"}, NINE)
    assert event.extra == {"basket": "shoes"}
