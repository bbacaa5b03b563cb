"""What the database keeps of when a row was written, taken away from nameless suggestions.

Postgres notes beside each row which transaction wrote it (`xmin`) and keeps rows in the order in
which they came (`ctid`): by what else was written about then, both tell a moment. So these rows are
written anew, all in one transaction and in the order of their random ids, with each that comes in,
and every hour until all have been read for a day. So are the marks that writing leaves on sites.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from ccm.models import Site
from coaching.models import Suggestion
from coaching.models.suggestions import last_day_out

_MORE = timedelta(days=1)


@transaction.atomic
def mix(now: datetime, site: int | None = None) -> int:
    """Write the latest nameless suggestions anew, of one site or of all; how many there were. Safe
    to run twice, and beside whoever writes one."""
    rows = Suggestion.objects.filter(is_anonymous=True, day__gte=last_day_out(now) - _MORE)
    if site is not None:
        rows = rows.filter(site=site)
    its = Site.objects.filter(pk__in=rows.order_by().values("site"))
    # Locking leaves a mark, too: this one's covers that of whoever wrote last.
    list(its.select_for_update(no_key=True).order_by("pk"))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        Suggestion.objects.filter(pk=pk).update(day=F("day"))
    return len(ids)
