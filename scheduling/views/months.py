"""A queue's months: those that were, and eighteen ahead with what they lie between."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.filters import about, address
from ccm.models import Queue
from scheduling import drawn, shown
from scheduling.models import QueueMonths
from scheduling.scenarios import months
from scheduling.scenarios.months import Month


@login_required
@require_safe
def months_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """What scenarios reckon a queue's people of."""
    queue = shown.queue_of(Queue.objects.visible_to(request.user), pk)
    about(request, queue.site)
    kept = QueueMonths.objects.filter(queue=queue).first()
    told = [] if kept is None else months.told(kept)
    if request.GET.get("export") == "csv":
        return _csv(queue, told)
    own = reverse("queue_months", args=[queue.pk])
    context = {
        "queue": queue,
        "kept": kept,
        "months": told,
        "has_bands": any(one.edges for one in told),
        "chart": drawn.months_curve(told) if told else None,
        "csv_url": address(own, {"export": "csv"}),
    }
    return render(request, "scheduling/months.html", context)


def _csv(queue: Queue, told: Sequence[Month]) -> StreamingHttpResponse:
    header = [
        _("month"), _("came"), _("expected"), _("80 % low"), _("80 % high"), _("95 % low"),
        _("95 % high"),
    ]  # fmt: skip
    rows = ([one.first, one.came, one.expected, *(one.edges or (None,) * 4)] for one in told)
    return exports.download(f"months-{queue.pk}.csv", header, rows)
