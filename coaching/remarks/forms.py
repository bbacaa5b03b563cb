"""What is asked of a note or a question, and of whoever answers it."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm.structure.forms import Dressed
from coaching.models import Remark


class RemarkForm(Dressed, forms.Form):
    """A note or a question on what the page names."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=[
            (Remark.Kind.QUESTION, gettext_lazy("A question: whoever leads me answers it")),
            (Remark.Kind.NOTE, gettext_lazy("A note: it stays beside the figure")),
        ],
        initial=Remark.Kind.QUESTION,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("What is not right, or what one should know who reads it."),
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.dress()
        self.fields["kind"].widget.attrs.clear()


class AnswerForm(Dressed, forms.Form):
    """What a question is answered. `revision` is that of what it was drawn with."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[one for one in Remark.Outcome.choices if one[0]],
    )
    answer = forms.CharField(
        label=gettext_lazy("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, one: Remark, data: QueryDict | None = None) -> None:
        known = {"outcome": one.outcome, "answer": one.answer, "revision": one.revision}
        super().__init__(data, initial=known)
        self.dress()

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)
