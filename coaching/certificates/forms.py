"""What is asked of a kind of certificate, and of who withdraws one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ccm.models import Site
from ccm.structure.forms import Dressed, NameField, SharedForm
from coaching.models import CertificateKind


class KindForm(SharedForm, forms.Form):
    """A kind of certificate of a site."""

    site = forms.ChoiceField(label=gettext_lazy("Site"))
    name = NameField(label=gettext_lazy("Name"), max_length=120)
    valid_months = forms.IntegerField(
        label=gettext_lazy("Valid for, months"), min_value=1, max_value=600, required=False,
        help_text=gettext_lazy("Left empty: for good."),
    )  # fmt: skip
    warn_days = forms.IntegerField(
        label=gettext_lazy("Told of ahead, days"), min_value=0, max_value=365, initial=30,
        help_text=gettext_lazy("Before its end it is listed, and its course is to be retaken."),
    )  # fmt: skip

    def __init__(
        self, sites: Sequence[Site], data: Any = None, *, kind: CertificateKind | None = None
    ) -> None:
        known: dict[str, Any] = {}
        if kind is not None:
            known = {name: getattr(kind, name) for name in ("name", "valid_months", "warn_days")}
        super().__init__(data, initial=known)
        self._sites = {one.slug: one for one in sites}
        self._kind = kind
        if kind is not None:
            del self.fields["site"]
        else:
            field: Any = self.fields["site"]
            field.choices = [(one.slug, one.name) for one in sites]
        self.dress()

    @property
    def is_there(self) -> bool:
        return self._kind is not None

    @property
    def chosen(self) -> Site:
        return self._sites[self.cleaned_data["site"]] if self._kind is None else self._kind.site


class WithdrawForm(Dressed, forms.Form):
    why = NameField(
        label=gettext_lazy("Why"), max_length=300,
        help_text=gettext_lazy("Whoever has it reads this."),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.dress()
