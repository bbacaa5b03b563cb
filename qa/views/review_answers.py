"""Reviews as rows of a file, one for each answer."""

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exported, exports, filters
from ccm.access import scope_of
from ccm.database import id_of
from ccm.models import Site
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from qa.access import sees_reviews
from qa.models import Evaluation
from qa.models.querysets import DONE, OPEN
from qa.reviews import table

_STATES = {"open": OPEN, "done": DONE}


@login_required
@require_safe
def review_answers_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Reviews of calls of some days of a site, a row for each answer; that they were taken along is
    noted."""
    user, now = signed_in(request), timezone.now()
    shown = filters.read(request, now, "28d", sites=Site.objects.with_calls_for(user))
    if shown is None:
        raise Http404
    if shown.problem:
        raise Misread(shown.problem)
    there = Evaluation.objects.visible_to(user).told_to(user).exclude(state="dropped")
    rows: QuerySet[Evaluation] = there.filter(
        site=shown.site, called_at__gte=shown.span.start, called_at__lt=shown.span.end
    )
    if shown.queue is not None:
        rows = rows.filter(queue=shown.queue)
    rows, narrowed = _narrowed(request, rows)
    if request.method == "GET":
        narrowed = narrowed or shown.queue is not None
        reach = scope_of(user)
        own = None if sees_reviews(reach) else reach.agent
        exported.listed(user, Evaluation, shown.site, narrowed, now, agent=own)
    return exports.download(
        f"reviews-{shown.site.slug}-{shown.first}-{shown.last}.csv",
        table.header(shown.site.zone),
        table.rows(rows.order_by("called_at", "pk"), shown.site.tz),
    )


def _narrowed(
    request: HttpRequest, rows: QuerySet[Evaluation]
) -> tuple[QuerySet[Evaluation], bool]:
    """Rows as the address asks for them, and whether it does. Raises Misread for what it cannot."""
    narrowed = False
    for name, field in (("agent", "agent"), ("reviewer", "reviewer"), ("card", "version__card")):
        if not (word := request.GET.get(name, "")):
            continue
        if id_of(word) is None:
            raise Misread(_("%(name)s is the number of one.") % {"name": name})
        rows, narrowed = rows.filter(**{field: int(word)}), True
    if kind := request.GET.get("kind", ""):
        if kind not in Evaluation.Kind.values:
            raise Misread(_("There is no such kind of review."))
        rows, narrowed = rows.filter(kind=kind), True
    if state := request.GET.get("state", ""):
        if state not in _STATES:
            raise Misread(_("There is no such state of a review."))
        rows, narrowed = rows.filter(state__in=_STATES[state]), True
    return rows, narrowed


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/reviews/answers.csv", review_answers_csv, name="review_answers_csv")]
