"""Models held against weeks that were: every queue at a glance, and one queue with all of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.filters import about, address, of_sites
from ccm.models import Queue, Site
from ccm.navigation import may_open
from scheduling.models import QueueProof
from scheduling.proving import drawn, shown

Table = tuple[list[str], list[list[object]]]


@login_required
@require_safe
def proofs_page(request: HttpRequest) -> HttpResponse:
    """Every queue of a site: which model to believe, and by how much it errs."""
    if not may_open("proofs", request.user):
        raise Http404
    sites = list(Site.objects.with_figures_for(request.user).order_by("name"))
    site = of_sites(request, sites)
    lines = shown.lines([] if site is None else [site])
    proof = next((one.proof for one in lines if one.proof and one.proof.last), None)
    context = {
        "sites": sites,
        "site": site,
        "lines": lines,
        "proof": proof,
        "is_old": site is not None and shown.is_old(proof, site, timezone.now()),
    }
    return render(request, "scheduling/proofs.html", context)


@login_required
@require_safe
def proof_page(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    """A queue: each model against what was, by figure and by day, and what its calls tell."""
    queue = get_object_or_404(
        Queue.objects.select_related("site", "proof").filter(
            site__in=Site.objects.with_figures_for(request.user)
        ),
        pk=pk,
    )
    about(request, queue.site)
    proof = shown.proof_of(queue)
    asked = request.GET.get("export", "")
    table = _tables(proof).get(asked) if asked else None
    if table is not None:
        return exports.download(f"proof-{queue.pk}-{asked}.csv", *table)
    held, days = shown.held_of(proof), shown.days_of(proof) if proof else []
    models = [one.model for one in held]
    own = reverse("proof", args=[queue.pk])
    context = {
        "queue": queue,
        "proof": proof,
        "held": held,
        "best": next(iter(held), None),
        "models": models,
        "days": [(one, [one.said.get(model) for model in models]) for one in days],
        "is_shared": shown.is_shared(proof),
        "is_old": shown.is_old(proof, queue.site, timezone.now()),
        "chart": drawn.by_day(days, models) if held else None,
        "patience": _patience(proof),
        "handling": _handling(proof),
        "csv": {
            name: address(own, {"export": name})
            for name in ("models", "days", "patience", "handling")
        },
    }
    return render(request, "scheduling/proof.html", context)


def _patience(proof: QueueProof | None) -> dict[str, Any] | None:
    """The curve, where anybody left."""
    if proof is None or not proof.patience.get("left"):
        return None
    kept = proof.patience
    points = list(zip(kept["seconds"], kept["staying"], strict=True))
    return {**kept, "points": points, "chart": drawn.patience(kept)}


def _handling(proof: QueueProof | None) -> dict[str, Any] | None:
    """The distribution, where there is one."""
    if proof is None or not proof.handling.get("bins"):
        return None
    return {**proof.handling, "chart": drawn.handling(proof.handling)}


def _tables(proof: QueueProof | None) -> dict[str, Table]:
    """What can be taken along as a file, in fractions and seconds; headings alone where nothing is
    known."""
    models = [one.model for one in shown.held_of(proof)]
    days = shown.days_of(proof) if proof is not None and models else []
    patience, handling = _patience(proof), _handling(proof)
    return {
        "models": _of_models(proof),
        "days": (
            [_("day"), _("calls"), _("hours of people"), _("service level"), *models],
            [
                [one.day, one.calls, one.hours, one.was, *(one.said.get(each) for each in models)]
                for one in days
            ],
        ),
        "patience": (
            [_("seconds"), _("share that waits for longer")],
            [list(one) for one in patience["points"]] if patience else [],
        ),
        "handling": (
            [_("from, s"), _("to, s"), _("share"), _("lognormal")],
            [
                [one["from"], one["to"], one["share"], one["lognormal"]]
                for one in (handling["bins"] if handling else ())
            ],
        ),
    }


def _of_models(proof: QueueProof | None) -> Table:
    header = [
        _("model"), _("figure"), _("was"), _("predicted"), _("error"), _("95 % low"),
        _("95 % high"), _("days"), _("intervals"),
    ]  # fmt: skip
    names = {
        "level": "" if proof is None else proof.variant,
        "asa": _("mean wait W1, s"),
        "abandonment": _("abandoned"),
    }
    rows: list[list[object]] = [
        [
            one.model, names[figure.name], figure.actual, figure.predicted,
            round(figure.error, 5), figure.low, figure.high, one.days, one.intervals,
        ]
        for one in shown.held_of(proof)
        for figure in one.figures
    ]  # fmt: skip
    return header, rows
