"""The rhythm of coaching: who is due next, how it was, and how often each team is coached."""

from collections import Counter
from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ccm import exported, exports
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.intervals import day_of
from ccm.models import Team
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from coaching.models import Cadence
from coaching.rhythm import listed, reads, services
from coaching.rhythm.forms import CadenceForm, every
from coaching.rhythm.reads import Show
from coaching.rhythm.words import standing

ROWS = 25
SHOWS: Mapping[Show, Promise] = {
    "": gettext_lazy("everybody"),
    "waits": gettext_lazy("late or nearly, and nothing planned"),
    "late": gettext_lazy("late"),
    "soon": gettext_lazy("due soon"),
}


@login_required
@require_safe
def rhythm_page(request: HttpRequest) -> HttpResponse:
    """Which teams fall short of their rhythm, and who is to be coached next."""
    user, now = signed_in(request), timezone.now()
    teams = _teams(request)
    chosen, word = _chosen(request, teams)
    show = _shown(request)
    found = reads.of_reader(reads.of(chosen, user, now), scope_of(user).agent)
    said = {"team": word, "show": show}
    # As many as the list has that the number leads to: without the reader's own line.
    late = Counter(one.team.pk for one in reads.shown(found.lines, "late"))
    page = Paginator(reads.shown(found.lines, show), ROWS).get_page(request.GET.get("page"))
    earlier, more = (
        f"{address(request.path, said | {'page': number})}#due" if there else ""
        for there, number in (
            (page.has_previous(), page.number - 1), (page.has_next(), page.number + 1),
        )
    )  # fmt: skip
    context = {
        "teams": teams,
        "team": word,
        "show": show,
        "shows": [(one, SHOWS[one]) for one in SHOWS],
        "found": found,
        "page": page,
        "earlier": earlier,
        "more": more,
        "lines": [(one, *standing(one)) for one in page],
        "rows": [
            (
                one,
                every(one.days),
                list(zip(found.months, one.months, strict=True)),
                late[one.team.pk],
                f"{address(request.path, {'team': one.team.pk, 'show': 'late'})}#due",
            )
            for one in found.teams
        ],
        "has_rhythm": any(one.days is not None for one in found.teams),
        "export_url": address(reverse("rhythm_csv"), said),
    }
    return render(request, "coaching/rhythm.html", context)


@login_required
@require_safe
def rhythm_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Who is due, to keep; that it was is noted."""
    user, now = signed_in(request), timezone.now()
    chosen, word = _chosen(request, _teams(request))
    found = reads.of_reader(reads.of(chosen, user, now), scope_of(user).agent)
    if request.method == "GET":
        exported.listed(user, Cadence, chosen[0].site if word else None, bool(word), now)
    asked = reads.shown(found.lines, _shown(request))
    return exports.download("rhythm.csv", listed.HEADER, listed.lines(asked))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def rhythm_team(request: HttpRequest, pk: int) -> HttpResponse:
    """How often a team is coached."""
    if pk > MOST_ID or not may_open("rhythm", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    team = get_object_or_404(reads.teams(user), pk=pk)
    about(request, team.site)
    today = day_of(now, team.site.calendar)
    rules = list(Cadence.objects.filter(team=team).order_by("starts_on").select_related("made_by"))
    current = next((one.days for one in reversed(rules) if one.starts_on <= today), None)
    posted = request.POST if request.method == "POST" else None
    newest = max((one.pk for one in rules), default=None)
    form = CadenceForm(posted, today=today, days=current, newest=newest)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            services.begin(team, said["starts_on"], said["days"], user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("It is kept."))
            return redirect("rhythm")
    context = {
        "team": team,
        "form": form,
        "rules": [(one, every(one.days)) for one in reversed(rules)],
    }
    return render(request, "coaching/rhythm_team.html", context)


def _teams(request: HttpRequest) -> list[Team]:
    if not may_open("rhythm", request.user):
        raise Http404
    return list(reads.teams(request.user))


def _shown(request: HttpRequest) -> Show:
    """Of whom the address asks to be told."""
    word = request.GET.get("show", "")
    found = next((one for one in SHOWS if one == word), None)
    if found is None:
        raise Http404
    return found


def _chosen(request: HttpRequest, teams: list[Team]) -> tuple[list[Team], str]:
    """The teams that are asked for, and the word by which one of them is."""
    word = request.GET.get("team", "")
    if not word:
        return teams, ""
    found = [one for one in teams if str(one.pk) == word]
    if not found:
        raise Http404
    about(request, found[0].site)
    return found, word


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/rhythm/", rhythm_page, name="rhythm"),
        path(f"{under}/rhythm/export.csv", rhythm_csv, name="rhythm_csv"),
        path(f"{under}/rhythm/<int:pk>/", rhythm_team, name="rhythm_team"),
    ]
