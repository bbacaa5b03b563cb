"""Addresses that take what a form sends and have no page of their own.

Whoever opens one all the same, as by loading a refused form again, is led to where it belongs.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, URLPattern, resolve

View = Callable[..., HttpResponse]


def leads_back(view: View, page: str = "") -> View:
    """A view that leads who only opens it to the `page` of that name, of the row that the address
    is of; unless said to the nearest page above it."""

    @wraps(view)
    def leading(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        is_opened = request.method in ("GET", "HEAD")
        if not is_opened or answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return answer
        return redirect(page, pk=kwargs["pk"]) if page else redirect(_above(request.path))

    return leading


def all_lead_back(patterns: list[URLPattern]) -> list[URLPattern]:
    """The same of each of these addresses that has no page of its own."""
    return [
        URLPattern(one.pattern, leads_back(one.callback), one.default_args, one.name)
        for one in patterns
    ]


def _above(path: str) -> str:
    """The nearest address above that there is."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return path
