"""What a reviewer is told once a review is finished: of whom it is, how it scored, when its agent
reads it, and which of their own is next."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ccm.models import User
from ccm.templatetags.figures import percent
from qa.models import Evaluation
from qa.plans import queue


def said(pk: int, user: User) -> SafeString:
    """In a line, with a link to the next one of the reader's queue. Two queries."""
    related = Evaluation.objects.select_related("agent", "queue", "site")
    done = related.get(pk=pk)
    after = queue.own(user).select_related("agent", "queue", "site").first()
    about = ", ".join(filter(None, [_whose(done), _score(done)]))
    finished = _("Finished: %(about)s.") % {"about": about}
    if after is None:
        return format_html("{} {} {}", finished, _read(done), _("No other review waits for you."))
    due = after.due_day
    words = _whose(after)
    if due is not None:
        words = _("%(whose)s, due %(day)s") % {"whose": words, "day": date_format(due, "D j M")}
    return format_html(
        '{} {} {} <a class="link" href="{}">{}</a>', finished, _read(done), _("Next:"),
        reverse("review", args=[after.pk]), words,
    )  # fmt: skip


def _whose(one: Evaluation) -> str:
    return f"{one.agent.name}, {one.queue.name}" if one.queue else one.agent.name


def _score(one: Evaluation) -> str:
    if one.is_failed:
        return _("automatic fail")
    return "" if one.share is None else str(percent(one.share))


def _read(one: Evaluation) -> str:
    """When its agent reads it."""
    if one.kind == Evaluation.Kind.CALIBRATION:
        return _("It is told of once its session is discussed.")
    if one.measures_reviewers:
        return _("A second review measures reviewers: its agent is not shown it.")
    if one.state == Evaluation.State.RELEASED:
        return _("Its agent reads it now.")
    if one.release_at is None:
        return _("Its agent does not read it before somebody releases it.")
    when = date_format(one.release_at.astimezone(one.site.tz), "D j M Y H:i")
    return _("Its agent reads it from %(when)s on.") % {"when": when}
