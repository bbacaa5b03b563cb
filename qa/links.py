"""Addresses of pages that other parts of quality review bring."""

from django.urls import NoReverseMatch, reverse


def page(name: str, *args: object) -> str:
    """The address of a page; empty where there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
