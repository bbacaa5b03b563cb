"""`callcenter entry`: help somebody in who lost what they sign in with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.accounts import services
from ccm.models import User

REFUSED = 2


class Command(BaseCommand):
    help = "Help somebody in who lost what they sign in with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reset-factors",
            metavar="USER",
            required=True,
            help="take away an account's app, passkeys and recovery codes, and sign it out; the log"
            " has it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["reset_factors"]
        user = User.objects.filter(username=name).first()
        if user is None:
            words = _("There is no user %(name)r.") % {"name": name}
            raise CommandError(words, returncode=REFUSED)
        many = services.take_factors(user.pk, None, timezone.now())
        words = ngettext("%(n)d taken away.", "%(n)d taken away.", many)
        self.stdout.write(words % {"n": many})
