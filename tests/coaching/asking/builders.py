"""Rules of asking callers, for tests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from ccm.models import Call, Queue, Site, Webhook
from coaching.models import AskingRule
from tests.builders import NINE, a_call


def a_rule(site: Site, *queues: Queue, **more: Any) -> AskingRule:
    """Everybody is asked, at any hour."""
    said = {
        "name": "After calls", "questions": ["csat"], "share": Decimal(1), "rest_days": 30,
        "first_hour": 0, "last_hour": 24, "seed": "seed", "since": NINE - timedelta(days=1), **more,
    }  # fmt: skip
    made: AskingRule = AskingRule.objects.create(site=site, **said)
    made.queues.set(queues)
    return made


def a_webhook(site: Site) -> Webhook:
    return Webhook.objects.create(site=site, name="Mailer", url="https://mailer.example/hook")


def called(queue: Queue, caller: str = "a", minutes: int = 0, **more: Any) -> Call:
    """An answered call of two minutes from a caller."""
    return a_call(
        queue,
        NINE + timedelta(minutes=minutes),
        caller_hash=caller and caller.ljust(32, "0"),
        **more,
    )
