"""`callcenter token`: make a key for a machine."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.accounts import tokens
from ccm.models import Site, User

REFUSED = 2


class Command(BaseCommand):
    help = "Make an API token and print its words, which are kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        scopes = ", ".join(scope for scope, _words in tokens.scopes())
        parser.add_argument("--user", required=True, help="the login that it acts for")
        parser.add_argument("--name", required=True, help="which machine has it")
        parser.add_argument("--scopes", default="read", help=f"by commas, of: {scopes}")
        parser.add_argument("--site", help="the site it belongs to, by name or slug")
        parser.add_argument("--source", default="", help="the source that it writes as")
        parser.add_argument("--days", type=int, default=90, help="after which it ends (default 90)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            self._refuse(_("There is no account %(user)s.") % options)
        site = None
        if named := options["site"]:
            found = Site.objects.filter(name=named) | Site.objects.filter(slug=named)
            site = found.first()
            if site is None:
                self._refuse(_("There is no site %(site)s.") % options)
        try:
            days = timedelta(days=min(options["days"], 100_000))
            _token, words = tokens.make(
                name=options["name"][:120], user=user, site=site, source=options["source"][:80],
                scopes=options["scopes"].split(","), last_on=(now + days).date(), now=now,
            )  # fmt: skip
        except (tokens.Refused, OverflowError) as refusal:
            self._refuse(str(refusal))
        self.stdout.write(words)

    def _refuse(self, words: str) -> NoReturn:
        raise CommandError(words, returncode=REFUSED)
