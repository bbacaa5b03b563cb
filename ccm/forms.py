"""The form that starts an import."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.imports.choosing import AUTO, MAPPED
from ccm.imports.formats import FORMATS
from ccm.models import ImportProfile, Site
from ccm.models.people import known_zone

MOST_FILES = 100
NEW = "new"


def most_upload_bytes() -> int:
    """The most that one upload may hold, all its files together (CCM_MAX_UPLOAD)."""
    return int(settings.MAX_UPLOAD_BYTES)


@cache
def zones() -> list[str]:
    """Every IANA zone that is a place, and UTC."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name)]


def _group(label: str, choices: Iterable[tuple[str, str]]) -> list[Any]:
    """Choices under a label; nothing where there are none."""
    listed = list(choices)
    return [(label, listed)] if listed else []


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several uploaded files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given: Iterable[Any] = data if isinstance(data, list | tuple) and data else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class SiteField(forms.ModelChoiceField):
    """A site, or NEW where the form offers to make one."""

    offers_new = False

    def to_python(self, value: Any) -> Any:
        return NEW if self.offers_new and value == NEW else super().to_python(value)


class ImportForm(forms.Form):
    """What is said about a log before it is read.

    `sites` are those its sender may import to; `may_make_site` offers a new one beside them,
    which the form does not make: then `cleaned_data["site"]` is NEW and `new_site` its name.
    """

    logs = FilesField(
        label=gettext_lazy("Log files"),
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), initial=AUTO)
    site = SiteField(
        Site.objects.none(),
        label=gettext_lazy("Site"),
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Say which site the log belongs to."),
            "invalid_choice": gettext_lazy("There is no such site within your reach."),
        },
    )
    zone = forms.CharField(
        label=gettext_lazy("Zone of its times"),
        required=False,
        max_length=64,
        validators=[known_zone],
        help_text=gettext_lazy("Empty: the site's, or the one the format is known to be in."),
    )
    new_site = forms.CharField(
        label=gettext_lazy("Name of the new site"), required=False, max_length=120
    )
    queue = forms.CharField(label=gettext_lazy("Queue"), required=False, max_length=120)
    date_order = forms.ChoiceField(
        label=gettext_lazy("Order of its dates"),
        required=False,
        choices=[
            ("", gettext_lazy("Found out from the file")),
            ("dmy", gettext_lazy("Day, month, year")),
            ("mdy", gettext_lazy("Month, day, year")),
        ],
        help_text=gettext_lazy("Asked for where 03/04 could be either."),
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only try: read and count, keep nothing"), required=False
    )

    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("All or nothing: keep no row where any is rejected"), required=False
    )

    def __init__(
        self, *args: Any, sites: QuerySet[Site], may_make_site: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["site"]
        assert isinstance(choice, SiteField)
        choice.queryset = sites
        # Drawn from one reading of the sites, each with the zone its logs are read in.
        self.sites = list(sites)
        there = [(str(site.pk), f"{site.name} ({site.zone})") for site in self.sites]
        choice.offers_new = may_make_site
        # Of several none stands there unsaid: calls of another site are the worst of mistakes.
        unsaid = [("", _("choose a site"))] if len(there) > 1 else []
        new = [(NEW, _("A new site"))] if may_make_site else []
        choice.choices = [*unsaid, *there, *new]
        form = self.fields["format"]
        assert isinstance(form, forms.ChoiceField)
        form.choices = [
            (AUTO, _("Found out from the file")),
            (MAPPED, _("Another one: say what its columns mean")),
            *_group(_("Described here"), ImportProfile.objects.values_list("slug", "name")),
            *_group(_("Known"), sorted((one.name, one.label) for one in FORMATS.values())),
        ]
        self.fields["logs"].help_text = _("Plain or .gz, or .xlsx; up to %(size)s in all.") % {
            "size": filesizeformat(most_upload_bytes())
        }
        without = ", ".join(one.label for one in FORMATS.values() if not one.has_queue)
        self.fields["queue"].help_text = _("Only for logs that name none (%(formats)s).") % {
            "formats": without
        }

    @property
    def said(self) -> list[forms.BoundField]:
        """What is said about the files, in the order of the page."""
        return [
            self[name] for name in ("format", "site", "new_site", "zone", "queue", "date_order")
        ]

    @property
    def has_somewhere_to_go(self) -> bool:
        """Whether there is any site to choose, be it a new one."""
        choice = self.fields["site"]
        return isinstance(choice, SiteField) and (choice.offers_new or bool(self.sites))

    def clean(self) -> dict[str, Any]:
        """A new site has a name of its own and a zone."""
        said = super().clean() or self.cleaned_data
        if said.get("site") != NEW:
            return said
        name = said.get("new_site", "")
        if not name and "new_site" not in self.errors:
            self.add_error("new_site", _("A new site needs a name."))
        elif Site.objects.filter(name__iexact=name).exists():
            self.add_error("new_site", _("There is a site of this name: choose it above."))
        form = FORMATS.get(said.get("format", ""))
        if not said.get("zone") and not (form and form.zone) and "zone" not in self.errors:
            self.add_error("zone", _("A new site needs its time zone, for instance Europe/London."))
        return said

    def clean_logs(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["logs"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(
                _("At most %(count)d files at once."), params={"count": MOST_FILES}
            )
        if sum(file.size or 0 for file in files) > most_upload_bytes():
            raise forms.ValidationError(too_large())
        return files


class CorrectionForm(forms.Form):
    """Rejected rows of an import, corrected."""

    rows = forms.FileField(
        label=gettext_lazy("The corrected rows"),
        error_messages={
            "required": gettext_lazy("Choose the file of corrected rows."),
            "empty": gettext_lazy("There is nothing in the file."),
        },
    )

    def clean_rows(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["rows"]
        if (file.size or 0) > most_upload_bytes():
            raise forms.ValidationError(too_large())
        return file


def too_large() -> str:
    """Why an upload is refused for its size, and what to do."""
    return _("This is more than %(size)s in all. Import it in parts, or packed with gzip.") % {
        "size": filesizeformat(most_upload_bytes())
    }
