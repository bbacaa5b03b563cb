"""How long what is held of people is kept: the rules, what they would let go, what went."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ccm import database
from ccm.models import AuditAnchor, RetentionKind, RetentionRule, RetentionRun, Site
from ccm.navigation import may_open
from ccm.retention import rules, work
from ccm.retention.forms import RuleForm
from ccm.sealed import letting_go
from ccm.views.lists import signed_in

# So many nights are shown: a class of a site each.
SHOWN = 40


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retention_page(request: HttpRequest) -> HttpResponse:
    """The rules with what went by them, and the form of a rule: first what would go by it is
    counted, then it is kept. For admins."""
    if not may_open("retention", request.user):
        raise Http404
    now = timezone.now()
    previews: list[work.Preview] | None = None
    entries: int | None = None
    form = RuleForm(
        request.POST or None, today=now.date(), initial={"starts_on": now.date()}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if "keep" in request.POST:
            try:
                rules.keep(
                    said["kind"], said["site"], said["days"], said["starts_on"],
                    signed_in(request), now,
                )  # fmt: skip
            except rules.RuleRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.info(
                    request, _("Kept. What it lets go goes in the night after it begins.")
                )
                return redirect("retention")
        elif said["kind"] == RetentionKind.AUDIT:
            previews = []
            entries = letting_go.would_go(said["days"], now) if said["days"] else 0
        else:
            previews = _previews(said)
    words = {
        "form": form,
        "previews": previews,
        "entries": entries,
        "anchor": AuditAnchor.objects.order_by("-place").first(),
        "rules": RetentionRule.objects.select_related("site", "made_by"),
        "kinds": RetentionKind.choices,
        "runs": RetentionRun.objects.select_related("site")[:SHOWN],
    }
    return render(request, "ccm/retention.html", words)


def _previews(said: dict[str, Any]) -> list[work.Preview]:
    """What would go at once, were the rule in force now, site by site."""
    if said["days"] is None:
        return []
    now = timezone.now()
    sites = [said["site"]] if said["site"] else list(Site.objects.order_by("name"))
    # A page's seconds are few for all the calls of a site.
    with database.allowed(settings.FILE_SECONDS):
        return [
            work.preview(site, said["kind"], rules.cut(said["days"], site, now)) for site in sites
        ]
