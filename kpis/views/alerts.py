"""Alerts that stand and that stood, and the rules that raise them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ccm.access import scope_of
from ccm.models import User
from ccm.navigation import manages, may_open
from ccm.views.lists import Listing, Rows, signed_in
from kpis.alerts import others, services, tables
from kpis.alerts.forms import AlertRuleForm
from kpis.alerts.models import LONGEST_NOTE, Alert, AlertRule
from kpis.alerts.standing import one_zone, opened
from kpis.alerts.words import now_words

# How far back alerts that are over are shown, and how many.
SHOWN, MOST = timedelta(days=14), 200


def _with_state(rows: Rows, _now: datetime) -> Rows:
    raised = Alert.objects.filter(rule=OuterRef("pk"), cleared_at=None)
    return rows.annotate(is_raised=Exists(raised)).prefetch_related("told", "webhooks")


def _keep(request: HttpRequest, row: AlertRule, said: Mapping[str, Any]) -> None:
    services.keep(
        row, signed_in(request), timezone.now(), told=said["told"], webhooks=said["webhooks"]
    )


def _forget(request: HttpRequest, row: AlertRule) -> bool:
    services.remove(row, signed_in(request), timezone.now())
    return True


RULES = Listing(
    slug="alert_rule",
    place="alert-rules",
    words=gettext_lazy("Alert rules"),
    new_words=gettext_lazy("New rule"),
    model=AlertRule,
    related=("site", "queue"),
    searched=("name", "queue__name"),
    table=tables.AlertRuleTable,
    header=tables.RULE_HEADER,
    cells=tables.rule_cells,
    form=AlertRuleForm,
    keep=_keep,
    forget=_forget,
    shown=_with_state,
    along=(gettext_lazy("The alerts that it raised go, too."),),
)


@login_required
@require_safe
def alerts_page(request: HttpRequest) -> HttpResponse:
    """What stands now, the worst first, and what is over."""
    if not may_open("alerts", request.user):
        raise Http404
    scope, now = scope_of(request.user), timezone.now()
    known = Alert.objects.visible_to(request.user).select_related(
        "rule__site", "rule__queue", "seen_by"
    )
    standing = known.standing().order_by("level", "-raised_at")[:MOST]
    over = known.filter(cleared_at__gte=now - SHOWN).order_by("-cleared_at")[:MOST]
    zone = one_zone(one.rule.site for one in (*standing, *over))
    rules = AlertRule.objects.visible_to(request.user).filter(is_on=True)
    words = {
        "standing": [(one, now_words(one), opened(one, one.rule.site, now)) for one in standing],
        "over": [(one, opened(one, one.rule.site, now)) for one in over],
        "others": others.standing(signed_in(request)),
        "zone": zone,
        "read_alone": scope.figure_sites - scope.own_figure_sites,
        "blind": rules.exclude(unknown="").select_related("site", "queue")[:MOST],
        "rules": rules.count(),
        "manages": manages(request.user),
    }
    return render(request, "kpis/alerts.html", words)


@login_required
@require_POST
def alert_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody sees to an alert: nobody else is told of it."""
    alert = get_object_or_404(Alert.objects.answered_by(request.user), pk=pk)
    assert isinstance(request.user, User)
    note = " ".join(request.POST.get("note", "").replace("\0", "").split())
    if len(note) > LONGEST_NOTE:
        messages.error(
            request, _("A note has at most %d characters: nothing was noted.") % LONGEST_NOTE
        )
    elif services.acknowledge(alert, request.user, note, timezone.now()):
        messages.info(request, _("You see to it. Nobody else is told."))
    else:
        messages.info(request, _("Somebody sees to it already, or it is over."))
    return redirect("alerts")
