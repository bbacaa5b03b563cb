"""Writes certificates and their kinds; each is in the audit log, without why one was withdrawn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, User
from coaching.certificates.terms import term
from coaching.models import Certificate, CertificateKind, Course

UNSAID = ("id", "is_current", "given_at", "warn_from", "why_withdrawn", "withdrawn_by")


@transaction.atomic
def give(course: Course, version: int, user: User, today: date, now: datetime) -> Certificate:
    """Give what passing a course gives, instead of what they have of its kind. Call it once a pass,
    with the course locked or the pass. A course gives something, or this raises ValueError."""
    kind = course.gives
    if kind is None:
        raise ValueError("the course gives no certificate")
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    held = Certificate.objects.current().filter(kind=kind, user=user)
    held.update(is_current=False)
    until = term(today, kind.valid_months, kind.warn_days)
    made: Certificate = Certificate.objects.create(
        kind=kind, user=user, course=course, version=version, given_on=today,
        given_at=now, expires_on=until.expires_on, warn_from=until.warn_from,
    )  # fmt: skip
    audit.record(user, made, before=None, after=values(made), now=now)
    return made


@transaction.atomic
def withdraw(pk: int, why: str, who: User, now: datetime) -> bool:
    """Have a certificate hold no more; False where it does not already. What it had taken the place
    of, and was not withdrawn, is the current one again, be it over by now. Raises ValidationError
    without a reason."""
    if not why.strip():
        raise ValidationError({"why": _("Say why: whoever has it wants to know.")})
    holder = Certificate.objects.values_list("user", flat=True).get(pk=pk)
    # As who gives one.
    User.objects.select_for_update(no_key=True).get(pk=holder)
    one: Certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=pk)
    if one.withdrawn_at is not None or not one.is_current:
        return False
    before = values(one)
    one.is_current, one.withdrawn_at, one.withdrawn_by = False, now, who
    one.why_withdrawn = why
    one.save(update_fields=["is_current", "withdrawn_at", "withdrawn_by", "why_withdrawn"])
    others = Certificate.objects.filter(kind=one.kind_id, user=holder, withdrawn_at=None)
    last = others.order_by(F("expires_on").desc(nulls_first=True), "-given_on", "-pk").first()
    if last is not None:
        Certificate.objects.filter(pk=last.pk).update(is_current=True)
    audit.record(who, one, before=before, after=values(one), now=now)
    return True


@transaction.atomic
def keep_kind(
    kind: CertificateKind | None, site: Site, said: Mapping[str, Any], who: User, now: datetime
) -> CertificateKind:
    """A new kind of certificate of a site, or one that is changed: what was given stays as it is.
    Raises ValidationError where the site has another of this name."""
    before = None if kind is None else _kind_values(kind)
    kept = kind or CertificateKind(site=site, made_by=who, made_at=now)
    for name in ("name", "valid_months", "warn_days"):
        setattr(kept, name, said[name])
    others = CertificateKind.objects.filter(site=site, name=kept.name).exclude(pk=kept.pk)
    words = _("There is one of this name at the site already.")
    if others.exists():
        raise ValidationError({"name": words})
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise ValidationError({"name": words}) from None
    after = _kind_values(kept)
    if before != after:
        audit.record(who, kept, before=before, after=after, now=now)
    return kept


def values(one: Certificate) -> dict[str, Any]:
    return audit.values_of(one, UNSAID)


def _kind_values(kind: CertificateKind) -> dict[str, Any]:
    return audit.values_of(kind, ("id", "made_by", "made_at"))
