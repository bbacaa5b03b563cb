"""The forms of what stands on an agenda: a point worded otherwise, and an own call."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Call
from ccm.structure.forms import Dressed, NameField
from coaching.holding.forms import READ_BY_AGENT, words_field
from coaching.models import AgendaItem, Session


class ItemForm(Dressed, forms.Form):
    """A point's title and words; of one that was found the title is what its facts say, and the
    words are what the coach adds. `edited` is hidden: when what it was drawn with was last so."""

    title = NameField(label=gettext_lazy("What"), max_length=200)
    words = words_field(gettext_lazy("In words"), 3000, required=False)
    edited = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, item: AgendaItem, title: str, **more: Any) -> None:
        known = {"title": title[:200], "words": item.words, "edited": edited(item)}
        super().__init__(*args, **{"initial": known} | more)
        self.fields["words"].help_text = READ_BY_AGENT
        self.dress()


def edited(item: AgendaItem) -> str:
    """When a point was last edited, as its form sends it; "": it never was."""
    return "" if item.edited_at is None else item.edited_at.isoformat()


class _SessionField(forms.ModelChoiceField):
    """Planned sessions, by when they are and with whom."""

    def label_from_instance(self, obj: Any) -> str:
        when = date_format(obj.starts_at.astimezone(obj.site.tz), "D j M Y H:i")
        return _("%(when)s, with %(coach)s") % {"when": when, "coach": obj.coach}


class OwnCallForm(Dressed, forms.Form):
    """What an agent says of a call of theirs: at least one of both. Where no session is planned it
    is for the next one."""

    session = _SessionField(
        label=gettext_lazy("For"), queryset=Session.objects.none(), empty_label=None
    )
    well = words_field(gettext_lazy("What went well"), 3000, required=False)
    otherwise = words_field(gettext_lazy("What I would do otherwise"), 3000, required=False)

    def __init__(self, *args: Any, sessions: QuerySet[Session], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["session"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = sessions
        if not sessions:
            del self.fields["session"]
        self.dress()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not said["well"] and not said["otherwise"]:
            self.add_error("well", _("Say what went well, or what you would do otherwise."))
        return said


def title_of(call: Call) -> str:
    """How a call is called on an agenda: its queue, and when it came in."""
    when = date_format(call.offered_at.astimezone(call.site.tz), "j M Y H:i")
    return when if call.queue is None else f"{call.queue.name}, {when}"
