"""What a seal is made of."""

import hmac
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

from ccm.sealed import chain
from ccm.sealed.chain import Link

AT = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)


def test_a_seal_is_the_hash_of_what_was_before_its_place_its_time_and_its_entry():
    message = bytes(32) + b"1 2026-03-02T09:00:00.000005Z\n[5, null]"
    link = Link(1, chain.written(AT), "[5, null]")
    assert chain.digest(chain.FIRST, link, "") == sha256(message).digest()
    keyed = hmac.new(b"secret", message, sha256).digest()
    assert chain.digest(chain.FIRST, link, "secret") == keyed


def test_the_same_moment_in_another_zone_is_written_the_same():
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert chain.written(AT) == chain.written(there) == "2026-03-02T09:00:00.000005Z"


def test_a_mark_tells_keys_apart_and_no_key_has_none():
    assert chain.mark("") == ""
    assert len({chain.mark("one"), chain.mark("two")}) == 2
    assert list(chain.by_mark(["one"]).values()) == ["", "one"]
