"""Reads which transcripts there are."""

from collections.abc import Collection, Iterable

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet

from ccm.models import Site
from ccm.querysets import Viewer
from qa.models import CallTranscript

MOST_SHOWN = 50


def newest(user: Viewer, sites: Iterable[Site]) -> QuerySet[CallTranscript]:
    """The transcripts of sites that came last, with what a list tells of them."""
    rows: QuerySet[CallTranscript] = (
        CallTranscript.objects.visible_to(user)
        .filter(site__in=[one.pk for one in sites])
        .select_related("site", "queue", "agent", "made_by")
        .annotate(
            suggested=Count("suggestions"),
            many_lines=Func(F("lines"), function="jsonb_array_length", output_field=IntegerField()),
        )
        .defer("lines")
        .order_by("-made_at", "-pk")
    )
    return rows


def counts(sites: Iterable[Site]) -> tuple[int, int]:
    """How many transcripts of sites are checked, and how many are still to be, of those
    that may be heard."""
    found = (
        CallTranscript.objects.heard()
        .filter(site__in=[one.pk for one in sites])
        .aggregate(all=Count("pk"), left=Count("pk", filter=Q(checked_at=None)))
    )
    return found["all"] - found["left"], found["left"]


def of_calls(user: Viewer, calls: Collection[str]) -> list[CallTranscript]:
    """The transcripts of calls, by the calls' ids, that the user may read."""
    return list(CallTranscript.objects.visible_to(user).heard().filter(call__in=[*calls]))
