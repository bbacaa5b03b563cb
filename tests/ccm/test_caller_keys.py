"""Keys of hashes: known by a mark, and what they mean when one is gone."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ccm import caller_keys, callers
from ccm.erasure import customers
from ccm.erasure.names import stand_in
from ccm.models import Call, CallerKey
from tests.builders import NINE, a_record, a_site, stored

pytestmark = pytest.mark.django_db
NUMBER = "01134960123"


def told():
    out = StringIO()
    try:
        call_command("keys", stdout=out)
    except CommandError as refusal:
        return out.getvalue(), refusal.returncode
    return out.getvalue(), 0


def test_the_key_is_remembered_by_a_mark_when_hashes_are_made_under_it(settings):
    settings.CALLER_KEY = "first-key"
    words, code = told()
    assert "nothing yet" in words
    stored(a_site(), a_record(NINE, external_id="1", caller=NUMBER))
    stored(a_site(), a_record(NINE, external_id="2", caller=NUMBER))
    assert list(CallerKey.objects.values_list("mark", flat=True)) == [caller_keys.mark()]
    words, code = told()
    assert code == 0
    assert "2 calls have" in words
    assert caller_keys.mark() in words
    assert "first-key" not in words


def test_without_the_key_no_number_matches_any_hash(settings):
    settings.CALLER_KEY = "first-key"
    site = a_site()
    stored(site, a_record(NINE, external_id="1", caller=NUMBER))
    assert len(customers.calls_of(NUMBER)) == 1
    before = callers.erased_hash(NUMBER), stand_in("log", "Ada")
    mark = caller_keys.mark()
    settings.CALLER_KEY = "another-key"
    assert customers.calls_of(NUMBER) == []
    assert (callers.erased_hash(NUMBER), stand_in("log", "Ada")) != before
    assert Call.objects.get().caller_hash != callers.caller_hash(NUMBER)
    # And it is said: hashes of before are anonymous.
    words, code = told()
    assert code == 1
    assert mark in words
    assert caller_keys.mark() in words


def test_marks_say_nothing_of_keys_and_differ(settings):
    marks = set()
    for n in range(500):
        settings.CALLER_KEY = f"key {n}"
        marks.add(caller_keys.mark())
        assert callers.caller_hash(NUMBER)[:8] != caller_keys.mark()
    assert len(marks) == 500


def test_twice_is_once():
    for _ in range(2):
        caller_keys.note(timezone.now())
    assert CallerKey.objects.count() == 1
