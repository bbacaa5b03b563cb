"""`callcenter rebuild`: recount everything from the raw calls."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ccm.models import Site
from kpis import rollups


class Command(BaseCommand):
    help = "Recount every KPI's counts from the raw calls."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", default="", help="only this site")

    def handle(self, *args: Any, **options: Any) -> None:
        sites = Site.objects.all()
        if options["site"]:
            sites = sites.filter(name=options["site"])
            if not sites:
                raise CommandError(
                    _("There is no site named %(name)s.") % {"name": options["site"]}, returncode=2
                )
        days = rollups.rebuild(sites)
        self.stdout.write(_("%(count)s site days counted") % {"count": days})
