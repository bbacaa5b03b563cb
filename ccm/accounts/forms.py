"""The forms of accounts, tokens, substitutes and emergencies."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.access import MANAGER, PLANNER, QA_ANALYST, ROLES, SUPERVISOR, TRAINER
from ccm.accounts import emergency, services, standing_in, tokens
from ccm.models import ApiToken, EmergencyReach, Site, Substitution, User
from ccm.navigation import ROLE_WORDS
from ccm.structure.forms import Dressed, NameField, RowForm, date_field

# Roles that hold at the sites of the account. A supervisor is offered as one at these alone.
OF_SITES = frozenset({MANAGER, PLANNER, SUPERVISOR, QA_ANALYST, TRAINER})


class UserForm(RowForm):
    """An account: who it is for, its roles, and the sites where they hold."""

    first_name = NameField(label=gettext_lazy("Given name"), max_length=150, required=False)
    last_name = NameField(label=gettext_lazy("Family name"), max_length=150, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=[(role, ROLE_WORDS[role]) for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("None: signs in and sees nothing."),
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "roles", "sites")
        labels = {
            "username": gettext_lazy("Username"),
            "email": gettext_lazy("Mail"),
            "sites": gettext_lazy("Sites"),
        }
        help_texts = {"sites": gettext_lazy("Where the roles hold; an admin's hold everywhere.")}
        widgets = {"sites": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = _("Up to 150 letters, digits and @ . + - _")
        sites = self.fields["sites"]
        assert isinstance(sites, forms.ModelMultipleChoiceField)
        sites.queryset = Site.objects.order_by("name")
        sites.required = False
        if self.instance.pk:
            self.initial["roles"] = sorted(services.roles_of(self.instance), key=ROLES.index)
            if self.instance.pk == user.pk:
                for name in ("roles", "sites"):
                    self.fields[name].disabled = True
                self.fields["roles"].help_text = _("Your own: another admin changes them.")
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is an account of this login already."))
        return name

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        roles = OF_SITES & {*said.get("roles", ())}
        if roles and "sites" in said and not said["sites"] and not self.fields["sites"].disabled:
            self.add_error("sites", _("Say where these roles hold."))
        return said

    @property
    def said(self) -> services.Said:
        """What a valid form says."""
        told = self.cleaned_data
        return services.Said(
            username=told["username"],
            first_name=told["first_name"],
            last_name=told["last_name"],
            email=told["email"],
            roles=frozenset(told["roles"]),
            sites=frozenset(one.pk for one in told["sites"]),
        )


class TokenForm(Dressed, forms.Form):
    """A key for a machine that acts for somebody."""

    name = NameField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("Which machine has it, and what for."),
    )
    login = forms.CharField(
        label=gettext_lazy("For the user"),
        max_length=150,
        help_text=gettext_lazy("It sees what this account sees, and stops with it."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Say what it may.")},
    )
    site = forms.ModelChoiceField(
        Site.objects.none(),
        label=gettext_lazy("Site"),
        required=False,
        empty_label=gettext_lazy("any that its account reaches"),
        help_text=gettext_lazy(
            "For events and records, which it then writes for no other. What it reads or imports a"
            " site does not limit: make another token for that."
        ),
    )
    source = NameField(
        label=gettext_lazy("Writes as source"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("The name of the system in the record, as pbx."),
    )
    last_on = date_field(label=gettext_lazy("Good until the end of (UTC)"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope, f"{words} ({scope})") for scope, words in tokens.scopes()
        ]
        self.fields["site"].queryset = Site.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["last_on"].initial = (now + timedelta(days=90)).date()
        self.dress()

    def clean_login(self) -> User:
        found = User.objects.filter(
            username__iexact=self.cleaned_data["login"], is_active=True
        ).first()
        if found is None:
            raise forms.ValidationError(_("There is no active account of this login."))
        return found

    def make(self, who: User) -> tuple[ApiToken, str] | None:
        """The token of a valid form, with its words; None where it says why there is none."""
        told = self.cleaned_data
        try:
            return tokens.make(
                name=told["name"], user=told["login"], scopes=told["scopes"],
                last_on=told["last_on"], now=self.now, site=told["site"], source=told["source"],
                who=who,
            )  # fmt: skip
        except tokens.Refused as refusal:
            self.add_error(None, str(refusal))
            return None


class SubstituteForm(Dressed, forms.Form):
    """Who stands in for whom, as what, where and when."""

    absent = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("For"))
    role = forms.ChoiceField(label=gettext_lazy("As"))
    substitute = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Stands in"))
    site = forms.ModelChoiceField(Site.objects.none(), label=gettext_lazy("At"))
    first_on = date_field(label=gettext_lazy("From"))
    last_on = date_field(label=gettext_lazy("To the end of"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name, rows in (
            ("absent", standing_in.absents(user)),
            ("substitute", standing_in.substitutes(user)),
            ("site", standing_in.sites(user)),
        ):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = rows
            choice.error_messages["invalid_choice"] = _("There is no such one within your reach.")
            # Read once: a field that asks for its rows anew does so for each look at them.
            every = [(one.pk, str(one)) for one in rows]
            is_plain = name != "substitute" and len(every) == 1
            choice.widget.choices = every if is_plain else [("", _("choose")), *every]
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        roles = standing_in.roles(user)
        empty = [] if len(roles) == 1 else [("", _("choose"))]
        role.choices = [*empty, *((one, ROLE_WORDS[one]) for one in roles)]
        self.dress()

    def make(self, now: datetime) -> Substitution | None:
        """What a valid form says, begun; None where it says why it cannot be."""
        told = self.cleaned_data
        try:
            return standing_in.begin(
                told["absent"], told["substitute"], told["site"], told["first_on"],
                told["last_on"], self.user, now, told["role"],
            )  # fmt: skip
        except standing_in.Refused as refusal:
            self.add_error(None, str(refusal))
            return None


class EmergencyForm(Dressed, forms.Form):
    """Reach to one site, for a while and a reason."""

    site = forms.ModelChoiceField(
        Site.objects.none(), label=gettext_lazy("Site"), empty_label=gettext_lazy("choose")
    )
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("For"),
        coerce=int,
        choices=[(one, f"{one} min") for one in emergency.MINUTES],
    )
    reason = NameField(
        label=gettext_lazy("Why"),
        max_length=300,
        help_text=gettext_lazy("Read by the site's managers and admins."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        choice = self.fields["site"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = emergency.sites(user)
        choice.error_messages["invalid_choice"] = _("There is no such site to ask for.")
        self.dress()

    def make(self, now: datetime) -> EmergencyReach | None:
        """What a valid form asks for, granted; None where it says why it is not."""
        told = self.cleaned_data
        try:
            return emergency.begin(self.user, told["site"], told["reason"], told["minutes"], now)
        except emergency.Refused as refusal:
            self.add_error(None, str(refusal))
            return None
