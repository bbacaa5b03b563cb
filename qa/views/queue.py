"""Reviews that are to be done: one's own, and for who sees those of others how the work lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import exported, exports, periods, tables, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import Choices, about, address
from ccm.models import Site, User, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.access import kept_sites, sees_reviews
from qa.models import Evaluation
from qa.plans import queue, swapping
from qa.plans.forms import HandOnForm
from qa.plans.tables import HEADER, ReviewTable, rows

_FILTERS = ("reviewer", "agent", "plan")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list of reviews is asked for; empty: no matter. What is not to be chosen is passed
    over."""

    state: str
    chosen: Mapping[str, str]
    choices: Mapping[str, Choices]

    @property
    def parameters(self) -> dict[str, object]:
        return {"state": self.state, **self.chosen}

    @property
    def narrows(self) -> bool:
        return bool(self.state or any(self.chosen.values()))

    @property
    def ids(self) -> dict[str, int | None]:
        return {name: int(said) if said else None for name, said in self.chosen.items()}


def _asked(request: HttpRequest, user: User) -> Asked:
    state = request.GET.get("state", "open")
    every = queue.listed(user, timezone.now())
    choices = queue.choices(every)
    chosen = {
        name: said if (said := request.GET.get(name, "")) in dict(choices[name]) else ""
        for name in _FILTERS
    }
    return Asked(state if state in queue.STATES else "", chosen, choices)


@login_required
@require_safe
def reviews_page(request: HttpRequest) -> HttpResponse:
    """What the reader is to review and did lately; and the reviews of all whom they see."""
    if not may_open("reviews", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    own = queue.read(queue.own(user)[: queue.MOST_OWN])
    done = queue.read(queue.own_done(user)[: queue.MOST_DONE])
    others: list[Evaluation] = []
    context: dict[str, Any] = {"most": queue.MOST_OWN, "days": queue.LATELY.days}
    scope = scope_of(user)
    if sees_reviews(scope):
        asked = _asked(request, user)
        found = queue.listed(user, now, state=asked.state, **asked.ids)
        kept = None if scope.everything else kept_sites(scope)
        table = ReviewTable(
            found, now, kept=kept, done=asked.state in ("done", "unreleased"),
            scored=asked.state in ("", "done", "unreleased"),
        )  # fmt: skip
        if asked.narrows:
            table.empty_text = _("No review fits these filters")
        tables.arrange(table, request.GET)
        others = [one.record for one in table.paginated_rows]
        if table.paginator.count:
            table.export_url = address(reverse("reviews_csv"), asked.parameters)
        context |= {
            "asked": asked,
            "table": table,
            "loads": queue.loads(user, now),
            "states": [
                ("", _("all")), ("open", _("open")), ("overdue", _("overdue")),
                ("done", _("done")), ("unreleased", _("to be released")),
            ],
            "unreleased": queue.listed(user, now, state="unreleased").count(),
            "answers": _answers(user, asked),
        }  # fmt: skip
    names = queue.names_of([*own, *done, *others])
    if "table" in context:
        context["table"].names = names
    context |= {
        "own": [
            (one, reverse("review", args=[one.review.pk])) for one in queue.told(own, names, now)
        ],
        "mine": next((one for one in context.get("loads", ()) if one.id == user.pk), None),
        "done": [
            (one, reverse("review", args=[one.review.pk])) for one in queue.told(done, names, now)
        ],
    }
    return render(request, "qa/reviews.html", context)


def _answers(user: User, asked: Asked) -> dict[str, Any]:
    """How answers are asked for as a file: of reviews that are done, of a site and some days, and
    of the agent and reviewer that are chosen."""
    kept = {"state": "done", **asked.chosen}
    return {
        "sites": list(Site.objects.with_calls_for(user)),
        "period": "90d",
        "periods": [one for one in periods.PERIODS.items() if one[0] != periods.CUSTOM],
        "keep": [(name, said) for name, said in kept.items() if said and name != "plan"],
    }


@login_required
@require_safe
def reviews_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same reviews as on the page; that they were exported is noted."""
    if not may_open("reviews", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    asked = _asked(request, user)
    if request.method == "GET":
        exported.listed(user, Evaluation, None, asked.narrows, now)
    found = queue.listed(user, now, state=asked.state, **asked.ids)
    return exports.download("reviews.csv", HEADER, rows(found[: exports.MOST_ROWS + 1], now))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Have somebody else do an open review."""
    if pk > MOST_ID:
        raise Http404
    user, now = signed_in(request), timezone.now()
    review = get_object_or_404(
        Evaluation.objects.handed_on_by(user).select_related(*queue.NAMED, "version"),
        pk=pk,
    )
    about(request, review.site)
    if request.method != "POST":
        viewed.note(user, [review.agent_id], Viewing.What.REVIEW, now)
    form = HandOnForm(request.POST if request.method == "POST" else None, site=review.site)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            swapping.hand_on(review, said["reviewer"], said["reason"], user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("It is theirs to review."))
            return redirect("reviews")
    context = {"review": queue.shown_of(review, now), "form": form}
    return render(request, "qa/sampling_reassign.html", context)


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/reviews/", reviews_page, name="reviews"),
        path(f"{under}/reviews/export.csv", reviews_csv, name="reviews_csv"),
        path(f"{under}/reviews/<int:pk>/reassign/", review_reassign, name="review_reassign"),
    ]
