"""Asking the API in a test: somebody signed in, and what they say."""

from typing import Any

from django.test import Client
from django.urls import reverse

from ccm.models import User


def signed_in(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def act(who: User, name: str, /, *args: object, method: str = "post", **said: Any) -> Any:
    """The answer to an act of the API by its address' name."""
    client = signed_in(who)
    address = reverse(name, args=args)
    if method == "get":
        return client.get(address, said)
    return getattr(client, method)(address, said, content_type="application/json")


def pointers(answer: Any) -> list[str]:
    """Where a refusal says that something is wrong; its words are in `detail`."""
    assert answer["Content-Type"].startswith("application/problem+json"), answer.content
    return [one["pointer"] for one in answer.json()["errors"]]
