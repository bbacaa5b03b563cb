"""What planners say: lists of events and overrides, words on days, and how a queue is planned."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ccm import exports
from ccm.database import MOST_ID
from ccm.filters import Choices, about, address
from ccm.masking import masked
from ccm.models import Queue, Site, User
from ccm.navigation import plans
from ccm.structure.forms import WEEKDAYS
from ccm.views.lists import Choice, Listing, Rows, of_field, signed_in
from scheduling.made import making
from scheduling.models import KnownEvent, Override, QueueGroup
from scheduling.planned import begun, curve, forms, services, tables
from scheduling.planned.hours import Asked
from scheduling.requirements import aims
from scheduling.shown.queues import queue_of

LONGEST_REASON = 300


def _kinds(rows: Rows) -> Choices:
    found = rows.order_by("kind").values_list("kind", flat=True).distinct()
    return [(one, one) for one in found]


def _with_queues(rows: Rows, _now: Any) -> Rows:
    return rows.prefetch_related("queues").distinct()


def _with_others(rows: Rows, now: Any) -> Rows:
    events: Any = rows
    return _with_queues(events.with_others(), now)


def _with_later(rows: Rows, _now: Any) -> Rows:
    overrides: Any = rows
    found: Rows = overrides.with_later()
    return found


def _keep(request: HttpRequest, row: services.Said, said: Mapping[str, Any]) -> str | None:
    if services.keep(row, signed_in(request), timezone.now(), queues=said.get("queues")):
        return None
    return _("You have said the same already: it stands once, and nothing was added.")


def _keep_override(request: HttpRequest, row: Override, said: Mapping[str, Any]) -> str | None:
    """It lies over the hours that are open; of the others it is told that none comes then."""
    told = _keep(request, row, said)
    asked = Asked.of(row.queue, row.first, row.last, row.starts, row.ends)
    if told or not (closed := asked.closed_words()):
        return told
    words = _("%(name)s is kept. No calls lie where the queue is closed: %(hours)s.")
    return words % {"name": tables.override_words(row), "hours": closed}


def _forget(request: HttpRequest, row: services.Said) -> bool:
    return services.forget(row, signed_in(request), timezone.now())


_ALONG = (gettext_lazy("It goes. What was published with it stays as it was published."),)
EVENTS = Listing(
    slug="known_event",
    place="known-events",
    words=gettext_lazy("Events"),
    new_words=gettext_lazy("New event"),
    model=KnownEvent,
    searched=("kind", "note", "queues__name"),
    choice=Choice(gettext_lazy("Kind"), _kinds, of_field("kind")),
    shown=_with_others,
    table=tables.EventTable,
    header=tables.EVENT_HEADER,
    cells=tables.event_cells,
    told=tables.event_words,
    form=forms.EventForm,
    keep=_keep,
    forget=_forget,
    along=_ALONG,
    begun_with=("queue",),
    kept_by=plans,
    sites=lambda user: Site.objects.planned_by(user),
)
GROUPS = Listing(
    slug="queue_group",
    place="queue-groups",
    words=gettext_lazy("Queue groups"),
    new_words=gettext_lazy("New queue group"),
    model=QueueGroup,
    searched=("name", "queues__name"),
    shown=_with_queues,
    table=tables.GroupTable,
    header=tables.GROUP_HEADER,
    cells=tables.group_cells,
    form=forms.GroupForm,
    keep=_keep,
    forget=_forget,
    along=(gettext_lazy("It goes with its forecast; its queues and theirs stay."),),
    kept_by=plans,
    sites=lambda user: Site.objects.planned_by(user),
)
OVERRIDES = Listing(
    slug="override",
    place="overrides",
    words=gettext_lazy("Overrides"),
    new_words=gettext_lazy("New override"),
    model=Override,
    related=("site", "queue", "made_by"),
    searched=("queue__name", "reason"),
    shown=_with_later,
    table=tables.OverrideTable,
    header=tables.OVERRIDE_HEADER,
    cells=tables.override_cells,
    told=tables.override_words,
    form=forms.OverrideForm,
    keep=_keep_override,
    forget=_forget,
    along=_ALONG,
    begun_with=("queue",),
    kept_by=plans,
    sites=lambda user: Site.objects.planned_by(user),
)


@login_required
@require_POST
def forecast_day(request: HttpRequest, pk: int) -> HttpResponse:
    """Say of a day whether forecasts learn from it, or take that back."""
    queue, who = planned_queue(request, pk)
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        messages.error(request, _("Choose a day."))
        return redirect("forecast", pk=queue.pk)
    word, now = request.POST.get("word", ""), timezone.now()
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())
    if word == "as_any":
        services.take_back(queue, day, who, now)
    elif word in {"keep", "leave_out"}:
        reason = masked(reason)[:LONGEST_REASON]
        services.say_of_day(queue, day, word == "keep", reason, who, now)
    else:
        raise Http404
    messages.info(request, _("Said. The forecast is made anew soon, and goes by it."))
    return redirect("forecast", pk=queue.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def queue_plan(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """How a queue is forecast and staffed."""
    sent = request.POST if request.method == "POST" else None
    which = request.POST.get("which", "")
    with transaction.atomic():
        if sent is not None and pk <= MOST_ID:
            # Whoever saves it a moment later meets what is written here.
            Queue.objects.select_for_update(no_key=True).filter(pk=pk).first()
        queue, who = planned_queue(request, pk)
        forecast = forms.ForecastPlanForm(
            sent if which == "forecast" else None, instance=making.plan_of(queue), prefix="f"
        )
        staffing = forms.StaffingPlanForm(
            sent if which == "staffing" else None, instance=aims.plan_of(queue), prefix="s"
        )
        for form in (forecast, staffing):
            if form.is_bound and form.is_valid():
                try:
                    services.keep_plan(form.save(commit=False), who, timezone.now())
                except ValidationError as refusal:
                    # Somebody closed a circle since the form was read.
                    form.add_error("analogue", refusal)
                    break
                messages.info(
                    request,
                    _("Kept. The forecast is made anew soon, and goes by it.")
                    if form is forecast
                    else _("Kept. What is reckoned from now on goes by it."),
                )
                return redirect("queue_plan", pk=queue.pk)
    typed = forecast.typed
    told = typed and curve.shown(queue, *typed, forecast.minutes)
    if told and sent is None and request.GET.get("export") == "csv":
        header = [_("from"), *WEEKDAYS]
        rows = ([clock, *calls] for clock, calls in told.rows)
        return exports.download(f"typed-{queue.pk}.csv", header, rows)
    context = {
        "queue": queue,
        "forecast_form": forecast,
        "staffing_form": staffing,
        "typed": told,
        "weekdays": WEEKDAYS,
        "csv_url": address(reverse("queue_plan", args=[queue.pk]), {"export": "csv"}),
        "begun": None if forecast.way_of_plan == forecast.OWN else begun.enough_since(queue),
    }
    return render(request, "scheduling/plan.html", context)


def planned_queue(request: HttpRequest, pk: int) -> tuple[Queue, User]:
    """A queue that the reader plans, and the reader. Raises Http404 for any other."""
    who = signed_in(request)
    queue = queue_of(Queue.objects.planned_by(who), pk)
    about(request, queue.site)
    return queue, who
