"""What is asked of a recognition."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import names
from ccm.models import Agent, Call, Site, SurveyResponse, User
from ccm.structure.forms import Dressed
from ccm.templatetags.figures import rounded
from coaching.models import Kudos
from coaching.recognition import reads
from qa.cells import yes
from qa.models import CardCriterion


class _ByCard(forms.models.ModelChoiceIterator):
    """Criteria under the names of their scorecards."""

    def __iter__(self) -> Iterator[Any]:
        field: Any = self.field
        yield "", field.empty_label
        for card, some in groupby(self.queryset, key=lambda one: one.card):
            yield card.name, [self.choice(one) for one in some]


class _CriterionField(forms.ModelChoiceField):
    iterator = _ByCard

    def label_from_instance(self, obj: CardCriterion) -> str:
        return obj.name


class _SurveyField(forms.ModelChoiceField):
    def label_from_instance(self, obj: SurveyResponse) -> str:
        return survey_words(obj)


class KudosForm(Dressed, forms.Form):
    """A recognition of somebody at a site; of a `call`, it is of the agent who took it."""

    agent = forms.ModelChoiceField(
        label=gettext_lazy("For"),
        queryset=Agent.objects.none(),
        empty_label=gettext_lazy("choose"),
    )
    words = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Say what they did, and whom it helped. The whole site reads it."),
    )
    survey = _SurveyField(
        label=gettext_lazy("For what the caller said"),
        queryset=SurveyResponse.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
    )
    criterion = _CriterionField(
        label=gettext_lazy("Criterion"),
        queryset=CardCriterion.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
    )

    def __init__(
        self,
        site: Site,
        user: User,
        now: datetime,
        data: QueryDict | None = None,
        *,
        call: Call | None = None,
        given: dict[str, Any] | None = None,
    ) -> None:
        """`given` is what is filled in."""
        super().__init__(data, initial=given)
        self.call = call
        fields: dict[str, Any] = self.fields
        if call is None:
            fields["agent"].queryset = reads.agents(user, site, now)
            del self.fields["survey"]
        else:
            fields["survey"].queryset = reads.surveys(call)
            del self.fields["agent"]
        fields["criterion"].queryset = reads.criteria(site)
        self.dress()

    def clean_words(self) -> str:
        said = str(self.cleaned_data["words"])
        if not names.visible(said).strip():
            field: Any = self.fields["words"]
            raise forms.ValidationError(field.error_messages["required"], code="required")
        return said

    def made(self) -> Kudos:
        """The recognition that a valid form says, not kept yet."""
        said = self.cleaned_data
        return Kudos(
            agent=said["agent"] if self.call is None else self.call.agent,
            words=said["words"],
            call=self.call,
            survey=said.get("survey"),
            criterion=said["criterion"],
        )


def survey_words(one: SurveyResponse) -> str:
    """What a caller answered, in words: "Satisfaction: 5 on a scale of 1 to 5. Thank you!"."""
    if (one.scale_min, one.scale_max) == (0, 1):
        score = str(yes(bool(one.score)))
    else:
        score = _("%(score)s on a scale of %(low)d to %(high)d") % {
            "score": f"{rounded(one.score, 1).normalize():f}",
            "low": one.scale_min,
            "high": one.scale_max,
        }
    said = {"kind": one.get_kind_display(), "score": score}
    words = _("%(kind)s: %(score)s") % said
    return f"{words}. {one.comment[:120]}" if one.comment else words
