"""The tables of `coaching.models.certificates`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "CertificateKind",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "valid_months": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="valid for, months"
            ),
            "warn_days": models.PositiveSmallIntegerField(
                default=30, verbose_name="told of ahead, days"
            ),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="kind of certificate",
        verbose_name_plural="kinds of certificates",
        ordering=["name", "pk"],
        constraints=[
            models.UniqueConstraint(name="certificate_kind_once", fields=("site", "name")),
            models.CheckConstraint(
                name="certificate_kind_is_valid",
                condition=~Q(name="") & (Q(valid_months=None) | Q(valid_months__gte=1)),
            ),
        ],
    ),
    table(
        "Certificate",
        {
            "version": models.PositiveIntegerField(verbose_name="version"),
            "given_on": models.DateField(verbose_name="given"),
            "given_at": models.DateTimeField(),
            "expires_on": models.DateField(null=True, verbose_name="valid until"),
            "warn_from": models.DateField(null=True),
            "is_current": models.BooleanField(default=True),
            "withdrawn_at": models.DateTimeField(null=True, verbose_name="withdrawn"),
            "why_withdrawn": models.CharField(
                max_length=300, blank=True, verbose_name="why it is withdrawn"
            ),
            "user": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.PROTECT,
                related_name="certificates",
                verbose_name="who",
            ),
            "withdrawn_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "kind": models.ForeignKey(
                "coaching.certificatekind", models.PROTECT, related_name="certificates"
            ),
            "course": models.ForeignKey("coaching.course", models.PROTECT, related_name="+"),
        },
        verbose_name="certificate",
        verbose_name_plural="certificates",
        ordering=["-given_on", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="certificate_one_current",
                fields=("kind", "user"),
                condition=Q(is_current=True),
            ),
            models.CheckConstraint(
                name="certificate_withdrawn_says_why",
                condition=Q(why_withdrawn="", withdrawn_at=None)
                | (Q(is_current=False, withdrawn_at__isnull=False) & ~Q(why_withdrawn="")),
            ),
            models.CheckConstraint(
                name="certificate_ends_after_it_begins",
                condition=Q(expires_on=None, warn_from=None)
                | Q(expires_on__gt=F("given_on"), warn_from__lte=F("expires_on")),
            ),
        ],
        indexes=[
            models.Index(
                name="certificate_warned_of", fields=["warn_from"], condition=Q(is_current=True)
            ),
        ],
    ),
]
