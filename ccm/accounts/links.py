"""The link by which somebody chooses a password: good for `PASSWORD_RESET_TIMEOUT` seconds, until a
password was chosen, and for nobody who is inactive. Nothing of it is kept."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from ccm.models import User


class Tokens(PasswordResetTokenGenerator):
    """Words that end with the password and the last sign-in that they were made at, and when the
    account changes between active and not."""

    key_salt = "ccm.accounts.links"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


tokens = Tokens()


def hours() -> int:
    """How long a link is good."""
    return int(settings.PASSWORD_RESET_TIMEOUT) // 3600


def link_for(user: User) -> str:
    """A new link, from its https:// on."""
    words = urlsafe_base64_encode(force_bytes(user.pk)), tokens.make_token(user)
    return f"{settings.ADDRESS}{reverse('set_password', args=words)}"


def mailed(user: User, link: str) -> bool:
    """Mail somebody their link; whether a mail server took it. It goes out at once and past the
    outbox, which keeps what it sends: nobody reads a link there.

    Raises OSError where a mail server is set and does not take it (SMTPException is one).
    """
    if not (settings.MAIL_IS_SET and user.email):
        return False
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Choose your password")
        words = _(
            "An account %(username)s is there for you. Choose its password here within %(hours)d"
            " hours:\n\n%(link)s\n\nWhoever has this link can choose it. If you expected none,"
            " tell your administrator.\n"
        ) % {"username": user.get_username(), "hours": hours(), "link": link}
        send_mail(subject, words, None, [user.email])
    return True
