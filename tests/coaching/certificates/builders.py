"""Certificates for tests."""

from datetime import date
from typing import Any

from ccm.models import Site, User
from coaching.models import Certificate, CertificateKind
from tests.builders import NINE
from tests.coaching.courses.builders import a_course, a_kind


def a_certificate(
    site: Site, user: User, kind: CertificateKind | None = None, **more: Any
) -> Certificate:
    """Given on the day of NINE, for a year."""
    kind = kind or CertificateKind.objects.filter(site=site).first() or a_kind(site)
    said = {
        "course": a_course(site, gives=kind), "version": 1, "given_on": NINE.date(),
        "given_at": NINE, "expires_on": date(2027, 3, 2), "warn_from": date(2027, 1, 31), **more,
    }  # fmt: skip
    made: Certificate = Certificate.objects.create(kind=kind, user=user, **said)
    return made
