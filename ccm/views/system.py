"""How the centre runs: what is wrong with it, and the settings that hold. For admins."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ccm import environment
from ccm.navigation import may_open
from ccm.watching.doctor import seen
from ccm.watching.doctor.judged import Level, judge, worst

LEVELS = {
    Level.WELL: ("none", gettext_lazy("well")),
    Level.WARNING: ("warn", gettext_lazy("warning")),
    Level.WRONG: ("bad", gettext_lazy("wrong")),
    Level.UNKNOWN: ("none", gettext_lazy("not known")),
}
SOURCES = {
    environment.Source.ENVIRONMENT: gettext_lazy("environment"),
    environment.Source.MADE: gettext_lazy("callcenter itself"),
    environment.Source.DEFAULT: gettext_lazy("default"),
}


@login_required
@never_cache
@require_safe
def system_page(request: HttpRequest) -> HttpResponse:
    """What `callcenter doctor` finds, but for what waits for another server."""
    _admin(request)
    now = timezone.now()
    found = judge(seen.look(now), slow=False)
    # What presses stands first.
    order = (Level.WRONG, Level.WARNING, Level.UNKNOWN, Level.WELL)
    found.sort(key=lambda one: order.index(one.finding.level))
    rows = [
        {
            "level": LEVELS[one.finding.level][0],
            "state": LEVELS[one.finding.level][1],
            "what": one.check.words,
            "words": one.finding.words,
            "advice": _coded(one.finding.advice),
        }
        for one in found
    ]
    words = {"rows": rows, "worst": worst(found).name, "now": now}
    return render(request, "ccm/system.html", words)


@login_required
@never_cache
@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    """Each setting: what holds in this process, where it came from, what it does."""
    _admin(request)
    rows = [
        {
            "name": one.setting.name,
            "value": one.value,
            "source": SOURCES[one.source],
            "default": _coded(one.setting.default),
            "meaning": _coded(one.setting.meaning),
            "told": one.setting.told.replace("-", " "),
        }
        for one in environment.effective()
    ]
    return render(request, "ccm/settings.html", {"rows": rows})


def _coded(words: str) -> SafeString:
    """Words of which those between backticks are code."""
    parts = words.split("`")
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", part) if place % 2 else conditional_escape(part),)
            for place, part in enumerate(parts)
        ),
    )


def _admin(request: HttpRequest) -> None:
    if not may_open("system", request.user):
        raise Http404
