"""What is sent to one address is done one after the other."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from ccm import database

_SAFE = ("GET", "HEAD", "OPTIONS")


def in_turn(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have a view take what people send to the same address in turn, each in a transaction.

    So a form that is held against what is there by now (`SharedForm`) meets what whoever came a
    moment before has kept. What is only looked at waits for nobody.
    """

    @wraps(view)
    def one_by_one(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in _SAFE:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            database.hold(f"form {request.path}")
            return view(request, *args, **kwargs)

    return one_by_one
