"""The words of a link that was asked for by mail. They end sooner than those that an admin hands
out (`ccm.accounts.links`), for which Django's own limit stands."""

from django.utils.http import base36_to_int

from ccm.accounts import links
from ccm.models import User

GOOD_SECONDS = 3600


class Tokens(links.Tokens):
    """Words that are good for `GOOD_SECONDS`, once, and end with what ends theirs."""

    key_salt = "ccm.entry.reset_tokens"

    def check_token(self, user: User | None, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        made = base36_to_int(str(token).partition("-")[0])
        age: int = self._num_seconds(self._now()) - made
        return age <= GOOD_SECONDS
