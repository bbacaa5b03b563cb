"""A link by hand lets callers rest as the rules of their site do."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from ccm import addresses, surveys
from ccm.models import CallAddress, SurveyInvitation, SurveyOptOut
from coaching.asking import services
from coaching.models import AskedCall, AskingRule
from tests.builders import NINE, a_queue, a_site, a_user
from tests.coaching.asking.builders import a_rule, called

pytestmark = pytest.mark.django_db

NOON = NINE + timedelta(hours=3)
DAY = timedelta(days=1)


def by_hand(call, now):
    made, _words = surveys.invite(
        ["csat"], None, now + 7 * DAY, now=now, site=call.site, call=call, queue=call.queue
    )
    return made


def page_of(call, user, now):
    with time_machine.travel(now, tick=False):
        client = Client()
        client.force_login(user)
        return client.get(f"/calls/{call.pk}/").content.decode()


def test_who_was_drawn_is_asked_by_hand_only_after_the_longest_rest_of_the_sites_rules():
    queue = a_queue(a_site(zone="UTC"))
    rule = a_rule(queue.site, rest_days=10)
    a_rule(queue.site, name="Longer", rest_days=30, share="0.0001")
    a_rule(queue.site, name="Off", rest_days=90, is_on=False)
    drawn, later, other = called(queue), called(queue, minutes=60), called(queue, "b", minutes=70)
    assert services.draw(rule, NINE + timedelta(minutes=30)) == 1
    SurveyInvitation.objects.update(created_at=NINE)
    for call in (drawn, later):
        with pytest.raises(surveys.CannotAsk, match=r"asked on 2 Mar 2026, .* 30 days") as refused:
            by_hand(call, NOON)
        assert "from 1 Apr 2026 on" in str(refused.value)
    page = page_of(later, a_user("manager", queue.site), NOON)
    assert "This caller was asked on 2 Mar 2026" in page
    assert "Make a link" not in page
    # The words of a link are told once: another of the same call takes its place.
    assert by_hand(other, NOON).pk != by_hand(other, NOON).pk
    assert by_hand(later, NOON + 30 * DAY)
    # A link by hand of another call counts as well, and is looked for when one is made.
    third = called(queue, "b", minutes=80)
    with pytest.raises(surveys.CannotAsk, match="asked on "):
        by_hand(third, NOON)
    # Where none is on, those that are off say how long.
    AskingRule.objects.update(is_on=False)
    with pytest.raises(surveys.CannotAsk, match="90 days"):
        by_hand(drawn, NOON)


def test_who_was_asked_rests_though_the_rule_is_switched_off_since():
    queue = a_queue(a_site(zone="UTC"))
    rule, drawn, mailed = a_rule(queue.site), called(queue), called(queue, "", minutes=60)
    assert services.draw(rule, NINE + timedelta(minutes=30)) == 1
    assert surveys.answer(
        SurveyInvitation.objects.get(), {"csat": 5}, "", NOON - timedelta(hours=1)
    )
    # Whose number is withheld, and whose address is kept no more.
    AskedCall.objects.create(
        rule=rule, call=mailed, invitation=by_hand(mailed, NINE), state="handed", drawn_at=NINE,
        handed_at=NINE,
    )  # fmt: skip
    AskingRule.objects.update(is_on=False)
    boss = a_user("manager", queue.site)
    for call in (drawn, mailed):
        with pytest.raises(surveys.CannotAsk, match=r"asked on 2 Mar 2026, .* 30 days"):
            by_hand(call, NOON)
        page = page_of(call, boss, NOON)
        assert "This caller was asked on 2 Mar 2026" in page
        assert "Make a" not in page
    assert by_hand(mailed, NINE + 30 * DAY)


def test_who_opted_out_by_number_or_address_is_offered_no_link():
    queue = a_queue(a_site(zone="UTC"))
    boss = a_user("manager", queue.site)
    call = called(queue)
    made = by_hand(call, NINE)
    CallAddress.objects.create(
        call=call, site=call.site, sealed=addresses.seal("ann@b.example"), key="k",
        hash="h" * 32, kept_at=NINE, expires_at=NINE + DAY,
    )  # fmt: skip
    assert "Make a new link" in page_of(call, boss, NOON)
    SurveyOptOut.objects.create(caller_hash="h" * 32, at=NINE)
    with pytest.raises(surveys.CannotAsk, match="does not want to be asked"):
        by_hand(call, NOON)
    surveys.opt_out(made, NOON)
    page = page_of(call, boss, NOON)
    assert "This caller does not want to be asked any more." in page
    assert "The caller said no" in page
    assert "Make a" not in page
