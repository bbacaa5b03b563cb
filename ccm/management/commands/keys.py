"""`callcenter keys`: which keys the record's hashes and ciphers are under."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils.translation import gettext as _

from ccm import addresses, caller_keys
from ccm.models import CallAddress


class Command(BaseCommand):
    help = (
        "Tell which keys callers' hashes and kept addresses are under, by marks that say nothing of"
        " the keys. The exit code is 1 where hashes were made under another key than the one that"
        " is set: callers of before are not known again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        known = caller_keys.known()
        self.stdout.write(_("CCM_CALLER_KEY: %(count)s calls have a caller's hash") % {
            "count": f"{caller_keys.hashes():,}"
        })  # fmt: skip
        for key in known:
            since = _("nothing yet") if key.since is None else f"{key.since:%Y-%m-%d %H:%M} UTC"
            is_set = _("set") if key.is_set else _("not set here: its hashes match no number")
            self.stdout.write(f"  {key.mark}  {_('since')} {since}  {is_set}")
        self.stdout.write(_("CCM_ADDRESS_KEYS: enciphers under %(mark)s") % {
            "mark": addresses.key_mark()
        })  # fmt: skip
        rows = CallAddress.objects.order_by().values_list("key").annotate(Count("pk"))
        for mark, count in rows.order_by("key"):
            self.stdout.write(f"  {mark}  {count:,}")
        if any(not key.is_set for key in known):
            raise CommandError(
                _("Hashes were made under another key, too: see docs/personal-data.md."),
                returncode=1,
            )
