"""The forms of kiosk links and of pairing a screen."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of, site_day
from ccm.models import Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from kpis.kiosks import links, networks, pairing
from kpis.models import Board, KioskLink

_KEEP, _UNTIL = "keep", "until"
_LIVES = [
    ("7", gettext_lazy("7 days")),
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("a year")),
]


class _NamedScreen(Dressed, forms.Form):
    """A screen's name, until when it shows its board, and from which networks."""

    name = NameField(
        label=gettext_lazy("Screen"),
        max_length=120,
        help_text=gettext_lazy("Where it hangs, to tell it from others."),
        error_messages={"required": gettext_lazy("Say where the screen hangs.")},
    )
    good_for = forms.ChoiceField(label=gettext_lazy("Good for"), choices=_LIVES, initial="90")
    networks = forms.CharField(
        label=gettext_lazy("Only from"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "Networks, as 192.168.7.0/24 or 2001:db8::/48; empty: from anywhere."
        ),
    )

    def clean_networks(self) -> list[str]:
        try:
            return networks.read(self.cleaned_data["networks"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class LinkForm(_NamedScreen):
    """The terms of a link of a board of `site`: a new one's, or others for one that is there."""

    until = date_field(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The last day, if you chose to name it."),
    )
    field_order = ("name", "good_for", "until", "networks")

    def __init__(
        self, *args: Any, site: Site, now: datetime, link: KioskLink | None = None, **more: Any
    ) -> None:
        if link is not None:
            more["initial"] = {
                "name": link.name, "good_for": _KEEP, "networks": "\n".join(link.networks)
            }  # fmt: skip
        super().__init__(*args, **more)
        self.site, self.now, self.link = site, now, link
        good_for = self.fields["good_for"]
        assert isinstance(good_for, forms.ChoiceField)
        kept = [(_KEEP, _("as it is"))] if link else []
        good_for.choices = [*kept, *_LIVES, (_UNTIL, _("until a day that you name"))]
        self.dress()

    def clean(self) -> None:
        if self.cleaned_data.get("good_for") == _UNTIL and "until" not in self.errors:
            self._check_day()

    def _check_day(self) -> None:
        day = self.cleaned_data.get("until")
        if day is None:
            self.add_error("until", _("Name the last day."))
            return
        last = day_of(self.now + links.LONGEST, self.site.calendar) - timedelta(days=1)
        if not day_of(self.now, self.site.calendar) <= day <= last:
            self.add_error("until", _("A day from today to %(last)s.") % {"last": last.isoformat()})

    @property
    def expires_at(self) -> datetime:
        """When the link ends, by what was said."""
        good_for = self.cleaned_data["good_for"]
        if good_for == _KEEP and self.link is not None:
            return self.link.expires_at
        if good_for == _UNTIL:
            return site_day(self.cleaned_data["until"], self.site.calendar).end
        return self.now + timedelta(days=int(good_for))


class CodeForm(Dressed, forms.Form):
    """The code that a screen shows."""

    code = forms.CharField(
        label=gettext_lazy("Code on the screen"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autofocus": True}),
        help_text=gettext_lazy("Six digits, good for ten minutes."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()

    def clean_code(self) -> str:
        code = re.sub(r"[\s\-–.]", "", self.cleaned_data["code"])
        if len(code) != pairing.DIGITS or not (code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("The code has six digits."))
        return code


class PairForm(_NamedScreen):
    """Which board a screen that asks is to show, under which name."""

    board = forms.ModelChoiceField(
        Board.objects.none(), label=gettext_lazy("Shows the wall"), empty_label=None
    )
    screen = forms.IntegerField(widget=forms.HiddenInput)
    code = forms.CharField(widget=forms.HiddenInput, max_length=pairing.DIGITS)
    field_order = ("name", "board", "good_for", "networks")

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        board = self.fields["board"]
        assert isinstance(board, forms.ModelChoiceField)
        board.queryset = Board.objects.managed_by(user)
        self.dress()
