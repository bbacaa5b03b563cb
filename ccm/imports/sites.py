"""The site that a log belongs to: found by its name, or made."""

from django.db import transaction
from django.utils.translation import gettext as _

from ccm import database
from ccm.imports.records import FileRefused
from ccm.models import Site
from ccm.names import unlike


@transaction.atomic
def site_for(name: str, zone: str, implied: str | None) -> Site:
    """The site of this name, in whatever case, made in `zone` when there is none.

    Without a name: the only site there is, or a first one named "Main". Raises FileRefused
    when it cannot be told which site, or in which zone a new one lies.
    """
    # Of two that would make it at once the second finds it made.
    database.hold("sites")
    found = list(Site.objects.filter(name__iexact=name) if name else Site.objects.all()[:2])
    if len(found) > 1:
        # Two that differ in case alone are told apart by it.
        found = [site for site in found if site.name == name] or found
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise FileRefused(_("There are several sites: say which one the log belongs to."))
    where = zone or implied
    if where is None:
        raise FileRefused(
            _("A new site needs its time zone: say which, for instance Europe/London.")
        )
    name = name or "Main"
    return Site.objects.create(name=name, zone=where, slug=free_slug(name))


def free_slug(name: str) -> str:
    """A slug for a new site, unlike those there are."""
    taken = set(Site.objects.values_list("slug", flat=True))
    return unlike(name, taken, 50, "site")
