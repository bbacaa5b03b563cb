"""The zone in which times are read: said, implied by a format or mapping, or the site's."""

from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ccm.imports import formats
from ccm.imports.cells.clocks import ZONE_TOLD
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import Format
from ccm.models import ImportBatch, ImportProfile, Site


def implied_zone(form: str) -> str | None:
    """The zone that a format, or a saved mapping, says its times are in."""
    if form in formats.FORMATS:
        return formats.FORMATS[form].zone
    profile = ImportProfile.objects.get(slug=form)
    return Profile.from_json(profile.mapping).zone or None


def zone_for(form: Format, site: Site, said: str) -> ZoneInfo:
    """The zone of the log's times: implied by the format, said, or the site's."""
    if form.zone and not said:
        return ZoneInfo(form.zone)
    return ZoneInfo(said or site.zone)


def zone_words(batch: ImportBatch, rules: Collection[str] = (ZONE_TOLD,)) -> str:
    """The zone in which an import's times are read, and who says so.

    Where the ids of a file told another clock it is that, whatever was said. `rules` are those of
    its issues, as far as they are known.
    """
    clocks = {}
    if ZONE_TOLD in rules:
        offsets = batch.issues.filter(rule=ZONE_TOLD).order_by("file", "pk")
        clocks = dict(offsets.values_list("file", "value"))
    told = [
        _("UTC%s (told by the times in its ids)") % one for one in dict.fromkeys(clocks.values())
    ]
    if not told:
        return _said(batch)
    if len(clocks) == batch.files.count():
        words = _("%(clocks)s, not %(said)s")
        if not batch.zone:
            return ", ".join(told)
    else:
        words = _("%(clocks)s, and of its other files %(said)s")
    return words % {"clocks": ", ".join(told), "said": _said(batch)}


def _said(batch: ImportBatch) -> str:
    """The zone that was said, or is implied, and who says so."""
    if batch.zone:
        return batch.zone
    if batch.mapping is not None:
        of_mapping = _zone_of(batch.mapping)
        zones = {_("%(zone)s (the mapping's)") % {"zone": of_mapping} if of_mapping else ""}
    else:
        names = {file.format for file in batch.files.all() if file.format} or {batch.format}
        zones = {_of_format(name) for name in names}
    of_site = _("%(zone)s (the site's)") % {"zone": batch.site.zone}
    return ", ".join(sorted(zone or of_site for zone in zones))


def _of_format(name: str) -> str:
    """The zone that a format says, as `zone_words` has it; empty where it says none."""
    if name in formats.FORMATS:
        zone = formats.FORMATS[name].zone
        return _("%(zone)s (the format's)") % {"zone": zone} if zone else ""
    saved = ImportProfile.every.filter(slug=name).first()
    zone = _zone_of(saved.mapping) if saved else ""
    return _("%(zone)s (the mapping's)") % {"zone": zone} if zone else ""


def _zone_of(mapping: dict[str, Any]) -> str:
    try:
        return Profile.from_json(mapping).zone
    except ValueError:
        return ""  # no longer read, so nothing is read by it
