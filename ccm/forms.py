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

from ccm.imports.formats import FORMATS
from ccm.imports.run import AUTO
from ccm.models import Site
from ccm.models.people import known_zone

MOST_FILES = 100


def most_upload_bytes() -> int:
    """The most that one upload may hold, all its files together (CCM_MAX_UPLOAD)."""
    return int(settings.MAX_UPLOAD_BYTES)


@cache
def zones() -> list[str]:
    """Every IANA zone that is a place, and UTC."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name)]


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several uploaded files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given: Iterable[Any] = data if isinstance(data, list | tuple) and data else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class ImportForm(forms.Form):
    """What is said about a log before it is read; `sites` are those its sender may import to."""

    logs = FilesField(
        label=gettext_lazy("Log files"),
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )
    format = forms.ChoiceField(label=gettext_lazy("Format"), initial=AUTO)
    site = forms.ModelChoiceField(
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
    queue = forms.CharField(label=gettext_lazy("Queue"), required=False, max_length=120)
    dry_run = forms.BooleanField(
        label=gettext_lazy("Only try: read and count, keep nothing"), required=False
    )

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["site"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = sites
        # Drawn from one reading of the sites, each with the zone its logs are read in.
        self.sites = list(sites)
        choice.choices = [(site.pk, f"{site.name} ({site.zone})") for site in self.sites]
        form = self.fields["format"]
        assert isinstance(form, forms.ChoiceField)
        form.choices = [
            (AUTO, _("Found out from the file")),
            *((one.name, one.label) for one in FORMATS.values()),
        ]
        self.fields["logs"].help_text = _("Plain or .gz, or .xlsx; up to %(size)s in all.") % {
            "size": filesizeformat(most_upload_bytes())
        }
        without = ", ".join(one.label for one in FORMATS.values() if not one.has_queue)
        self.fields["queue"].help_text = _("Only for logs that name none (%(formats)s).") % {
            "formats": without
        }

    @property
    def choices(self) -> list[forms.BoundField]:
        return [self["format"], self["site"]]

    @property
    def words(self) -> list[forms.BoundField]:
        return [self["zone"], self["queue"]]

    def clean_logs(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["logs"]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(
                _("At most %(count)d files at once."), params={"count": MOST_FILES}
            )
        if sum(file.size or 0 for file in files) > most_upload_bytes():
            raise forms.ValidationError(too_large())
        return files


def too_large() -> str:
    """Why an upload is refused for its size, and what to do."""
    return _("This is more than %(size)s in all. Import it in parts, or packed with gzip.") % {
        "size": filesizeformat(most_upload_bytes())
    }
