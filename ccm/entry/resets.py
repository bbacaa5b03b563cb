"""A link to set a new password, by mail.

It is made and sent by a worker, whoever asked for whichever address: neither what the page says nor
how long it takes tells whether somebody has it, and no link lies in the outbox, which admins read.
Source: OWASP ASVS 5.0, 6.3.8 and 6.4.3.
"""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import work
from ccm.entry.reset_tokens import GOOD_SECONDS
from ccm.models import User

log = logging.getLogger(__name__)


def is_open() -> bool:
    """Whether passwords are set anew by mail here."""
    return bool(settings.MAIL_IS_SET and settings.PASSWORD_SIGN_IN)


def ask(email: str) -> None:
    """Have a link sent to whoever has this address, soon."""
    from ccm.tasks import send_reset

    work.send(send_reset, email)


def send(email: str) -> int:
    """Send a link to each account of this address that has a password; to how many.

    Who comes by the directory has none, and is sent none. The address is the account's own, not
    the one that was typed: two that look alike are not one.
    """
    sent = 0
    for user in User.objects.filter(email__iexact=email, is_active=True).order_by("pk")[:5]:
        if not user.has_usable_password() or user.email.lower() != email.lower():
            continue
        key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
        said = {
            "user": user,
            "url": settings.ADDRESS + reverse("account_reset_password_from_key", kwargs=key),
            "minutes": GOOD_SECONDS // 60,
        }
        body = render_to_string("account/mail/reset.txt", said)
        try:
            send_mail(_("A new password"), body, None, [user.email])
        except OSError as fault:
            log.warning("a link for a new password was not sent: %s", type(fault).__name__)
            continue
        sent += 1
    return sent
