"""How the audit log tells of limits of wellbeing."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.filters import address
from ccm.models import AuditEntry, Site


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By the site that they hold at."""
    ids = {said["site"] for one in entries if "site" in (said := one.after or one.before or {})}
    slugs = dict(Site.objects.filter(pk__in=ids).values_list("pk", "slug"))
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "site" not in said:
            continue
        words = _("Limits of wellbeing: %(site)s") % {"site": names.of(Site, said["site"])}
        slug = slugs.get(said["site"], "")
        url = address(reverse("wellbeing_limits"), {"site": slug}) if slug else ""
        found[one.pk] = Told(words, url)
    return found
