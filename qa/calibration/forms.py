"""The forms of calibration: a new session, what was said, what was agreed on."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.access import ADMIN, MANAGER, QA_ANALYST
from ccm.database import id_of
from ccm.intervals import day_of, site_day
from ccm.models import Call, Queue, Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from qa.calibration import drawing
from qa.calibration.drawing import Draw
from qa.calibration.services import FEWEST_RATERS, MOST_CALLS, MOST_RATERS, Asked
from qa.models import CardVersion, Scorecard

DRAWN, NAMED = "drawn", "named"
LONGEST_NAME = 120
_WAYS = (
    (DRAWN, gettext_lazy("Drawn at random")),
    (NAMED, gettext_lazy("Named by hand")),
)


def raters_of(site: Site) -> QuerySet[Any]:
    """Who may score a session's calls: whoever sees all reviews of the site."""
    of_site = Q(groups__name__in=(QA_ANALYST, MANAGER), sites=site)
    admins = Q(groups__name=ADMIN) | Q(is_superuser=True)
    rows: QuerySet[Any] = User.objects.filter(of_site | admins, is_active=True)
    return rows.distinct().order_by("username")


def versions_of(site: Site) -> QuerySet[Any]:
    """The newest published version of each scorecard that calls of a site are reviewed by."""
    cards = Scorecard.objects.standing().of_site(site.pk)
    rows: QuerySet[Any] = CardVersion.objects.published().filter(card__in=cards)
    newest = rows.order_by("card_id", "-number").distinct("card_id").values("pk")
    return CardVersion.objects.filter(pk__in=newest).select_related("card").order_by("card__name")


class SessionForm(Dressed, forms.Form):
    """A new session: by which scorecard, who scores, of which calls."""

    name = NameField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)
    version = forms.ModelChoiceField(
        label=gettext_lazy("Scorecard"), queryset=CardVersion.objects.none()
    )
    raters = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who scores"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each scores every call, and sees nothing of the others until all "
                               "have."),
    )  # fmt: skip
    expert = forms.ModelChoiceField(
        label=gettext_lazy("Expert"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("nobody"),
        help_text=gettext_lazy("One of them, whose answers stand first."),
    )
    due = date_field(label=gettext_lazy("To be scored until"))
    way = forms.ChoiceField(label=gettext_lazy("Calls"), choices=_WAYS, initial=DRAWN)
    many = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=1, max_value=MOST_CALLS, initial=4, required=False
    )
    queue = forms.ModelChoiceField(
        label=gettext_lazy("Of the queue"),
        queryset=Queue.objects.none(),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    first = date_field(label=gettext_lazy("From"), required=False)
    last = date_field(label=gettext_lazy("To"), required=False)
    calls = forms.CharField(
        label=gettext_lazy("Calls by hand"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Their ids or the addresses of their pages, one a line."),
    )

    def __init__(
        self, *args: Any, site: Site, who: User, begun: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        """`begun` may say what it opens with: a `name`, and a `card` whose newest version it is
        by; the site's analysts are ticked then."""
        today = day_of(timezone.now(), site.calendar)
        people, versions = raters_of(site), versions_of(site)
        first: dict[str, Any] = {
            "due": today + timedelta(days=7), "first": today - timedelta(days=28), "last": today,
        }  # fmt: skip
        if begun and begun.get("name"):
            analysts = people.filter(groups__name=QA_ANALYST)[:MOST_RATERS]
            card = id_of(begun.get("card", ""))
            first |= {
                "name": begun["name"][:LONGEST_NAME],
                "raters": [one.pk for one in analysts],
                "version": None if card is None else versions.filter(card=card).first(),
            }
        more.setdefault("initial", first)
        super().__init__(*args, **more)
        self.site, self.who = site, who
        for name, rows in (
            ("version", versions),
            ("raters", people),
            ("expert", people),
            ("queue", Queue.objects.filter(site=site).order_by("name")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        version = self.fields["version"]
        assert isinstance(version, forms.ModelChoiceField)
        version.empty_label = _("choose")
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        raters = list(said.get("raters") or ())
        if "raters" in said and not FEWEST_RATERS <= len(raters) <= MOST_RATERS:
            told = {"few": FEWEST_RATERS, "many": MOST_RATERS}
            self.add_error("raters", _("From %(few)s to %(many)s people score.") % told)
        expert = said.get("expert")
        if expert is not None and expert not in raters:
            self.add_error("expert", _("The expert is one of those who score."))
        due = said.get("due")
        if due is not None and due < day_of(timezone.now(), self.site.calendar):
            self.add_error("due", _("That day is over."))
        if said.get("way") == DRAWN:
            self._check_days(said)
        return said

    def _check_days(self, said: dict[str, Any]) -> None:
        for name in ("many", "first", "last"):
            if name not in self.errors and said.get(name) is None:
                self.add_error(name, _("A draw needs it."))
        first, last = said.get("first"), said.get("last")
        if first is None or last is None:
            return
        if last < first:
            self.add_error("last", _("The last day is before the first."))
        elif (last - first).days >= drawing.LONGEST_DAYS:
            told = {"days": drawing.LONGEST_DAYS}
            self.add_error("last", _("At most %(days)s days.") % told)

    def asked(self) -> Asked:
        """What is asked for, with the calls that are named. Raises ValidationError where there are
        no such calls."""
        said = self.cleaned_data
        raters = list(said["raters"])
        due_at = site_day(said["due"], self.site.calendar).end
        draw = None
        calls: list[Call] = []
        if said["way"] == DRAWN:
            seed = secrets.token_hex(16)
            draw = Draw(seed, said["first"], said["last"], said["queue"], said["many"])
        else:
            try:
                calls = drawing.named(self.site, said["calls"], self.who)
            except ValidationError as refusal:
                raise ValidationError({"calls": refusal.messages}) from None
        return Asked(
            self.site, said["name"], said["version"], raters, said["expert"], due_at, calls, draw,
        )  # fmt: skip
