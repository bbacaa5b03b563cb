"""Scores as people read them."""

from django import template

from ccm.templatetags.figures import DASH, Number, grouped, is_missing

register = template.Library()


@register.filter
def hundredths(value: Number | None, places: int = 1) -> str:
    """A share as so many of 100, to a tenth: 0.8625 is "86.3"."""
    if value is None or is_missing(value):
        return DASH
    return grouped(float(value) * 100, places)
