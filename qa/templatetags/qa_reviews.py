"""How a review's page writes places of a call."""

from django import template

from ccm.templatetags.figures import clock

register = template.Library()


@register.filter
def ms_clock(milliseconds: int | None) -> str:
    """Milliseconds as a clock: 126_400 is "2:06", the second that has begun."""
    return clock(None if milliseconds is None else milliseconds // 1000)
