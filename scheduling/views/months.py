"""Months of a queue, or of queues as one: those that were, and eighteen ahead with their bands."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.filters import about, address
from ccm.models import Queue
from scheduling.models import QueueMonths
from scheduling.scenarios import months
from scheduling.scenarios.months import Month
from scheduling.shown import drawn
from scheduling.shown.queues import queue_of
from scheduling.views.groups import group_of


@login_required
@require_safe
def months_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """What scenarios reckon a queue's people of."""
    queue = queue_of(Queue.objects.visible_to(request.user), pk)
    about(request, queue.site)
    kept = QueueMonths.objects.filter(queue=queue).first()
    told = [] if kept is None else months.told(kept)
    if request.GET.get("export") == "csv":
        return _csv(str(queue.pk), told)
    own = reverse("queue_months", args=[queue.pk])
    context = {
        "named": queue,
        "up_url": reverse("forecast", args=[queue.pk]),
        "known_until": None if kept is None else kept.known_until,
        "has_trend": kept is not None and kept.by_trend,
    }
    return render(request, "scheduling/months.html", context | _shown(told, own))


@login_required
@require_safe
def group_months_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """The same of queues as one."""
    group = group_of(request, pk)
    queues = list(group.queues.all())
    rows = list(QueueMonths.objects.filter(queue__in=queues))
    told, known = months.together(rows)
    if request.GET.get("export") == "csv":
        return _csv(f"group-{group.pk}", told)
    own = reverse("group_months", args=[group.pk])
    context = {
        "named": group,
        "up_url": reverse("group", args=[group.pk]),
        "known_until": max((one.known_until for one in rows), default=None),
        "has_trend": all(one.by_trend for one in rows),
        "left_out": [one.name for one in queues if one.pk not in known],
    }
    return render(request, "scheduling/months.html", context | _shown(told, own))


def _shown(told: Sequence[Month], own: str) -> dict[str, Any]:
    return {
        "months": told,
        "has_bands": any(one.edges for one in told),
        "chart": drawn.months_curve(told) if told else None,
        "csv_url": address(own, {"export": "csv"}),
    }


def _csv(named: str, told: Sequence[Month]) -> StreamingHttpResponse:
    header = [
        _("month"), _("came"), _("expected"), _("80 % low"), _("80 % high"), _("95 % low"),
        _("95 % high"),
    ]  # fmt: skip
    rows = ([one.first, one.came, one.expected, *(one.edges or (None,) * 4)] for one in told)
    return exports.download(f"months-{named}.csv", header, rows)
