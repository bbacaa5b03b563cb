"""The mail that asks a caller: plain text, the same as HTML, and how to be asked no more."""

from dataclasses import dataclass
from datetime import datetime
from email.header import decode_header, make_header
from email.utils import formataddr, parseaddr
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from coaching.models import AskingRule


@dataclass(frozen=True, slots=True)
class Letter:
    """What a caller is sent. `stop` is where they say that they are not to be asked."""

    sender: str
    subject: str
    text: str
    html: str
    stop: str

    @property
    def sender_read(self) -> str:
        """The sender as people read it."""
        return str(make_header(decode_header(self.sender)))

    def message(self, address: str, key: str) -> EmailMultiAlternatives:
        """As a mail to an address; `key` names it."""
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
        headers = {
            "Message-ID": f"<{sha256(key.encode()).hexdigest()[:40]}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{self.stop}>",
        }
        if self.stop.startswith("https:"):
            # A mail program may post there by itself (RFC 8058).
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        made = EmailMultiAlternatives(
            self.subject, self.text, from_email=self.sender, to=[address], headers=headers
        )
        made.attach_alternative(self.html, "text/html")
        return made


def letter(rule: AskingRule, words: str, ends: datetime, called_at: datetime | None) -> Letter:
    """The letter of a rule about a call that began at `called_at`, with the link of some `words`,
    good until `ends`; in the language of the installation, since that of a caller is not known."""
    site = rule.site
    zone = ZoneInfo(site.zone)
    stop = f"{settings.ADDRESS}{reverse('survey_stop', args=[words])}"
    with translation.override(settings.LANGUAGE_CODE):
        said = {
            "site": site.name,
            "words": rule.words,
            "called_on": None if called_at is None else localtime(called_at, zone).date(),
            "ends_on": localtime(ends, zone).date(),
            "link": f"{settings.ADDRESS}{reverse('survey', args=[words])}",
            "stop": stop,
        }
        subject = rule.subject or _("Your call to %(site)s") % {"site": site.name}
        text, html = (
            render_to_string(f"coaching/mail/asking.{kind}", said | {"subject": subject})
            for kind in ("txt", "html")
        )
    sender = formataddr((site.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    return Letter(sender, " ".join(subject.split()), text, html, stop)


def example(rule: AskingRule, now: datetime, ends: datetime) -> Letter:
    """What the mails of a rule say, with a link that opens nothing."""
    return letter(rule, "…", ends, now)
