"""Of days counted before, unpaid pauses are judged as far as they were planned: days that are over
are judged whole, and the one under way is counted again within a minute.

A site's month at a time, each a transaction of its own: nobody waits for long, and what was done
stays done where it is ended between two. Safe to run twice: of what is told already nothing is
told again.
"""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import TruncMonth


def tell(apps, _editor):
    days = apps.get_model("scheduling", "AdherenceDay").objects.filter(
        is_told=True, leave="", unpaid_seconds__gt=0, unpaid_judged_seconds=0
    )
    parts = days.order_by().annotate(month=TruncMonth("day")).values_list("site", "month")
    for site, month in sorted(parts.distinct()):
        some = days.filter(site=site, day__year=month.year, day__month=month.month)
        some.update(unpaid_judged_seconds=F("unpaid_seconds"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("scheduling", "0002_unpaid_pauses_as_judged")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
