"""What an operator is told of proxies and limits before strangers come in."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from ccm import checks
from ccm.settings import env_keys


@pytest.mark.parametrize(
    ("https", "host", "named", "told"),
    [
        (True, "0.0.0.0", "", ["ccm.W010"]),
        (True, "0.0.0.0", "127.0.0.1,::1", ["ccm.W010"]),
        (True, "0.0.0.0", "127.0.0.1, 172.18.0.1", []),
        (True, "0.0.0.0", "10.244.0.0/16", []),
        (True, "127.0.0.1", "127.0.0.1", []),  # the proxy is on this machine, which is believed
        (False, "0.0.0.0", "", []),
    ],
)
def test_a_proxy_that_is_not_named_is_told(settings, https, host, named, told):
    settings.HTTPS, settings.HOST, settings.FORWARDED_ALLOW_IPS = https, host, named
    assert [one.id for one in checks.proxy_is_named()] == told


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (None, ["otherwise"]),
        ("", ["otherwise"]),
        ("k" * 32, ["k" * 32]),
        (f"{'n' * 40},old", ["n" * 40, "old"]),  # what opens what was is no longer chosen
        ("k" * 31, None),
        (f"new,{'o' * 40}", None),
    ],
)
def test_a_key_that_can_be_found_by_trying_is_refused_at_the_start(monkeypatch, said, found):
    monkeypatch.delenv("CCM_FACTOR_KEYS", raising=False)
    if said is not None:
        monkeypatch.setenv("CCM_FACTOR_KEYS", said)
    if found is None:
        with pytest.raises(ImproperlyConfigured, match="fewer than 32 characters"):
            env_keys("CCM_FACTOR_KEYS", "otherwise")
    else:
        assert env_keys("CCM_FACTOR_KEYS", "otherwise") == found


def test_a_limit_of_nothing_is_an_error(settings):
    assert checks.limits_can_be() == []
    settings.LOCK_AFTER, settings.SESSION_HOURS = 0, -1
    settings.AXES_COOLOFF_TIME = timedelta(0)
    names = [one.msg.split()[0] for one in checks.limits_can_be()]
    assert names == ["CCM_SESSION_HOURS", "CCM_LOCK_AFTER", "CCM_LOCK_MINUTES"]
