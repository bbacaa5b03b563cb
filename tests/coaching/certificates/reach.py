"""Rows of the matrix of access of certificates."""

from django.urls import reverse

from coaching.models import Certificate, CertificateKind
from tests.builders import NINE
from tests.coaching.certificates.builders import a_certificate
from tests.coaching.courses.builders import a_kind
from tests.coaching.courses.reach import TOLD, WRITERS, learner
from tests.reach import Row, World, to


def _held(world: World) -> str:
    """Of the agent."""
    user = learner(world)
    one = Certificate.objects.current().filter(user=user).first()
    return reverse("certificate_withdraw", args=[(one or a_certificate(world.site, user)).pk])


def _kind(world: World) -> str:
    one = CertificateKind.objects.filter(site=world.site).first()
    return reverse("certificate_kind", args=[(one or a_kind(world.site, made_at=NINE)).pk])


ROWS: dict[str, list[Row]] = {
    "certificates": [Row(to("certificates"), TOLD, of_a_site=False)],
    "certificates_csv": [Row(to("certificates_csv"), TOLD, of_a_site=False)],
    "certificate_withdraw": [
        Row(_held, WRITERS),
        # Without a reason.
        Row(_held, WRITERS, "post"),
    ],
    "certificate_kinds": [
        Row(to("certificate_kinds"), WRITERS, of_a_site=False),
        Row(to("certificate_kinds"), WRITERS, "post", of_a_site=False),
    ],
    "certificate_kind": [Row(_kind, WRITERS), Row(_kind, WRITERS, "post")],
}
PAGES: tuple[str, ...] = (
    "certificates", "certificate_withdraw", "certificate_kinds", "certificate_kind",
)  # fmt: skip
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
