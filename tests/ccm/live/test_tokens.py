"""Tokens open one board for a minute."""

import pytest
import time_machine
from django.core import signing

from ccm.live import tokens
from ccm.live.tokens import BadToken, Pass, read_token, stream_token, stream_url
from tests.ccm.live.words import NINE, at


def test_a_token_says_which_board_for_whom():
    token = stream_token("floor-1", tokens.kiosk(7))
    assert read_token(token) == Pass("floor-1", "kiosk:7")
    assert read_token(stream_token("floor-1", tokens.person(7))).holder == "user:7"


def test_a_token_says_until_when_its_holder_may_look():
    assert read_token(stream_token("floor-1", "kiosk:7", at(30))).until == at(30).timestamp()
    assert read_token(stream_token("floor-1", "kiosk:7")).until is None


def test_who_came_under_other_terms_is_another_holder():
    assert len({tokens.kiosk(7), tokens.kiosk(7, 1), tokens.kiosk(7, 2), tokens.kiosk(71)}) == 4


@pytest.mark.parametrize(("seconds", "good"), [(59, True), (62, False)])
def test_a_token_is_good_for_a_minute(seconds, good):
    with time_machine.travel(NINE, tick=False):
        token = stream_token("floor-1", "user:1")
    with time_machine.travel(at(seconds), tick=False):
        if good:
            assert read_token(token).slug == "floor-1"
        else:
            with pytest.raises(BadToken):
                read_token(token)


@pytest.mark.parametrize(
    "change", [str.upper, lambda t: t[:-1], lambda t: "", lambda t: "a.b", lambda t: "é:1:x"]
)
def test_a_token_that_was_touched_is_not_good(change):
    with pytest.raises(BadToken):
        read_token(change(stream_token("floor-1", "user:1")))


def test_a_token_for_something_else_is_not_good():
    with pytest.raises(BadToken):
        read_token(signing.dumps(["floor-1", "user:1"]))


def test_the_address_is_one_a_browser_can_open():
    url = stream_url("floor-1", "kiosk:7")
    assert url.startswith("/live/floor-1?t=")
    assert " " not in url
    assert '"' not in url
