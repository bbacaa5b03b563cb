"""What fills an agenda: the preparation, a point worded otherwise, calls played, an own call."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm.access import scope_of
from ccm.filters import about
from ccm.models import Call
from ccm.views.lists import signed_in
from coaching.holding import agenda, reads, services
from coaching.models import AgendaItem, Session
from coaching.preparing import services as preparing
from coaching.preparing import told
from coaching.preparing.forms import ItemForm, OwnCallForm, edited, title_of
from coaching.views.sessions import done, item_of, prepare, renew, session_of


@login_required
@require_POST
def session_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill the agenda, again where it was filled before."""
    session = session_of(request, pk, changes=True)
    prepare(request, session)
    return redirect("session", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Word a point otherwise."""
    session = session_of(request, pk, changes=True)
    one = item_of(session, str(item))
    if one.source == AgendaItem.Source.OWN:
        raise Http404
    (point,) = told.points(session, [one], preparing.agent_of(session), signed_in(request))
    posted = request.POST if request.method == "POST" else None
    form = ItemForm(posted, item=one, title=point.title)
    if form.is_bound and form.is_valid():
        said, user = form.cleaned_data, signed_in(request)
        before, now = parse_datetime(said["edited"]), timezone.now()
        title = said["title"]
        if one.found_as and not one.title and title.split() == point.title[:200].split():
            # It is as it was found: it goes on being what its figures say.
            title = ""

        def act() -> AgendaItem:
            return agenda.edit(one, title, said["words"], before, user, now)

        try:
            if done(form, act):
                return redirect("session", pk=pk)
        except services.Stale as stale:
            one = item_of(session, str(item))
            (point,) = told.points(session, [one], preparing.agent_of(session), signed_in(request))
            renew(form, "edited", edited(one))
            form.add_error(None, stale.messages[0])
    context = {"session": session, "point": point, "form": form}
    return render(request, "coaching/session_item.html", context)


@login_required
@require_POST
def session_played(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Say that the call of a point was played."""
    session = session_of(request, pk, changes=True)
    try:
        agenda.play(item_of(session, str(item)), signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("session", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def self_review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """An agent puts a call of theirs on the agenda of a session, with what they say of it."""
    user, now = signed_in(request), timezone.now()
    mine = scope_of(user).agent
    if mine is None:
        raise Http404
    rows = Call.objects.visible_to(user).select_related("site", "queue", "agent")
    call = get_object_or_404(rows, pk=pk, agent=mine)
    about(request, call.site)
    sessions = Session.objects.of_agent(mine).planned().select_related(*reads.SHOWN)
    sessions = sessions.order_by("starts_at", "pk")
    form = OwnCallForm(request.POST if request.method == "POST" else None, sessions=sessions)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data

        session: Session | None = said.get("session")
        agent = call.agent
        assert agent is not None  # it is the reader's own

        def act() -> AgendaItem:
            own = {"call": call, "otherwise": said["otherwise"]}
            if session is None:
                return services.note(agent, title_of(call), said["well"], user, now, **own)
            return services.add(
                session, title_of(call), said["well"], user, now, agent=agent, **own
            )

        if done(form, act) is not None:
            if session is None:
                messages.info(request, _("Your next session opens with it."))
                return redirect("my_coaching")
            messages.info(request, _("It stands on the agenda: your coach reads it."))
            return redirect("session", pk=session.pk)
    context = {"call": call, "form": form, "sessions": sessions}
    return render(request, "coaching/self_review.html", context)


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/sessions/<int:pk>"
    return [
        path(f"{one}/prepare/", session_prepare, name="session_prepare"),
        path(f"{one}/points/<int:item>/", session_item, name="session_item"),
        path(f"{one}/points/<int:item>/played/", session_played, name="session_played"),
        path(f"{under}/calls/<uuid:pk>/", self_review, name="self_review"),
    ]
