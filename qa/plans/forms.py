"""The forms of plans, swaps and reviews that change hands, and of a site's rules."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import Queue, Site, Team, User
from ccm.structure.forms import Dressed, RowForm, date_field
from qa.models import DrawnCall, QualityRules, SamplingPlan, Scorecard
from qa.plans import people, services, strata, words
from qa.plans.how import How, Reviewing
from qa.transcribed.words import HIDDEN

MOST_BANDS = 6
MOST_CALLS = 100
_LONGEST_S = 86_400
_WITH_RECORD = [
    ("False", gettext_lazy("as it comes")),
    ("True", gettext_lazy("only calls with one")),
]
_DIRECTIONS: list[tuple[str, str | Promise]] = [("", gettext_lazy("any"))]


class BandsField(forms.CharField):
    """Ends of bands of length, in minutes as "2, 10" or as m:ss; in seconds in their order."""

    def clean(self, value: Any) -> list[int]:
        said = super().clean(value)
        found = set()
        for one in re.split(r"[,;\s]+", said.strip()) if said.strip() else ():
            match = re.fullmatch(r"(\d{1,4})(?::([0-5]\d))?", one, re.ASCII)
            if match is None:
                raise forms.ValidationError(
                    _("“%(one)s” is no length: write minutes as 2 or 2:30.") % {"one": one[:20]}
                )
            found.add(60 * int(match[1]) + int(match[2] or 0))
        if 0 in found or max(found, default=1) > _LONGEST_S:
            raise forms.ValidationError(_("A band ends after its beginning, within a day."))
        if len(found) > MOST_BANDS:
            raise forms.ValidationError(_("At most %(most)d ends.") % {"most": MOST_BANDS})
        return sorted(found)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return ", ".join(f"{one // 60}:{one % 60:02}" if one % 60 else str(one // 60)
                         for one in value)  # fmt: skip


class PlanForm(Dressed, forms.ModelForm):
    """A plan of one site."""

    starts_on = date_field(label=gettext_lazy("From"))
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), required=False)
    strata = forms.MultipleChoiceField(
        label=gettext_lazy("Calls are told apart by"),
        choices=SamplingPlan.Stratum.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    bands = BandsField(
        label=gettext_lazy("Bands of length end at"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("In minutes, as “2, 10”: up to 2, 2 to 10, from 10 on."),
    )
    parts = forms.CharField(
        label=gettext_lazy("How much of which"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "A line each, as “low survey = 30”: calls of each, or hundredths of the draw."
        ),
    )
    several_percent = forms.IntegerField(
        label=gettext_lazy("Reviewed by several, of 100 calls"), min_value=0, max_value=100,
        help_text=gettext_lazy("They do not see each other. The first alone counts in a score."),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = SamplingPlan
        fields = (
            "name", "card", "cadence", "starts_on", "per_agent", "due_days",
            "teams", "queues", "direction", "shortest_s", "needs_record",
            "strata", "bands", "new_hire_days", "repeat_days", "allocation", "parts",
            "several_percent", "several", "release", "release_days",
        )  # fmt: skip
        widgets = {
            "teams": forms.CheckboxSelectMultiple,
            "queues": forms.CheckboxSelectMultiple,
            "needs_record": forms.Select(choices=_WITH_RECORD),
        }
        help_texts = {
            "per_agent": gettext_lazy("Of each stratum, where so many of each are drawn."),
            "due_days": gettext_lazy("From the day of the draw on."),
            "teams": gettext_lazy("None: all of the site’s."),
            "queues": gettext_lazy("None: all of the site’s."),
            "needs_record": gettext_lazy(
                "What can neither be heard nor read is swapped, and swaps are excuses: leave it out"
                " where recordings are named on calls or transcripts are brought in."
            ),
            "cadence": gettext_lazy(
                "Weeks begin on the weekday of the first day; months are those of the calendar."
            ),
            "allocation": gettext_lazy(
                "More of some, and so many of each, go by one thing that calls are told apart by."
            ),
        }

    # What the page draws together.
    PARTS: Sequence[tuple[str, str | Promise, Sequence[str]]] = (
        ("what", gettext_lazy("What and how often"),
         ("name", "card", "cadence", "starts_on", "per_agent", "due_days")),
        ("which", gettext_lazy("Which calls may be drawn"),
         ("teams", "queues", "direction", "shortest_s", "needs_record")),
        ("strata", gettext_lazy("Strata"),
         ("strata", "bands", "new_hire_days", "repeat_days", "allocation", "parts")),
        ("after", gettext_lazy("Several reviewers, and release"),
         ("several_percent", "several", "release", "release_days")),
    )  # fmt: skip

    def __init__(self, *args: Any, site: Site, has_drawn: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.site, self.instance.site = site, site
        for name, rows in (
            ("card", self._cards(site)),
            ("teams", Team.objects.filter(site=site).order_by("name")),
            ("queues", Queue.objects.filter(site=site).order_by("name")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        card = self.fields["card"]
        assert isinstance(card, forms.ModelChoiceField)
        card.empty_label = _("choose")
        direction = self.fields["direction"]
        assert isinstance(direction, forms.ChoiceField)
        known = SamplingPlan._meta.get_field("direction").flatchoices
        direction.choices = [*_DIRECTIONS, *known]
        self._limit()
        if has_drawn:
            for name in ("card", "cadence", "starts_on"):
                self.fields[name].disabled = True
            self.fields["starts_on"].validators.clear()
            self.fields["cadence"].help_text = _("It has drawn already: its periods stay.")
        there = people.of_plan(self.instance)
        self.people = people.to_choose(site, there)
        kept = {one.user_id: one.capacity for one in there}
        for one in self.people:
            self.fields[ticked(one.pk)] = forms.BooleanField(
                label=str(one), required=False, initial=one.pk in kept
            )
            self.fields[capacity(one.pk)] = forms.IntegerField(
                label=_("At most, %(who)s") % {"who": one}, required=False, min_value=0,
                max_value=9999, initial=kept.get(one.pk),
            )  # fmt: skip
        self._begin()
        self.dress()

    def _cards(self, site: Site) -> QuerySet[Any]:
        """Those that calls of the site are reviewed by, and its own, also once that is closed."""
        rows = Scorecard.objects.of_site(site.pk)
        return rows.filter(Q(closed_at=None) | Q(pk=self.instance.card_id)).order_by("name")

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"site"}

    def _limit(self) -> None:
        for name, least, most in (
            ("per_agent", 1, MOST_CALLS), ("due_days", 0, 90), ("shortest_s", 0, _LONGEST_S),
            ("new_hire_days", 1, 3650), ("repeat_days", 1, 90), ("several", 2, 5),
            ("release_days", 0, 90),
        ):  # fmt: skip
            old = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=old.label, help_text=old.help_text, min_value=least, max_value=most,
                initial=old.initial,
            )  # fmt: skip

    def _begin(self) -> None:
        """What is kept as the form writes it."""
        share = self.instance.several_share
        self.initial["several_percent"] = int(share * 100)
        if not self.instance.pk:
            self.initial.update(bands=[120, 600], parts="")
            return
        self.initial["parts"] = self._written(self.instance)
        self.initial["seen"] = services.mark(self.instance)

    def _written(self, plan: SamplingPlan) -> str:
        known = {
            label: said
            for one in plan.strata[:1]
            for label, said in words.values_of(one, self.site, plan.bands)
        }
        return "\n".join(
            f"{known.get(label, label)} = {part}" for label, part in plan.parts.items()
        )

    @property
    def groups(self) -> list[tuple[str, str | Promise, list[Any]]]:
        """The fields in the parts of the page: (id, heading, bound fields)."""
        return [
            (name, heading, [self[one] for one in fields]) for name, heading, fields in self.PARTS
        ]

    @property
    def reviewers(self) -> list[tuple[User, Any, Any]]:
        """Everybody who could review: with the bound fields of whether, and of how many."""
        return [(one, self[ticked(one.pk)], self[capacity(one.pk)]) for one in self.people]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        told_by: list[str] = said.get("strata", [])
        allocation = said.get("allocation", "")
        if strata.LENGTH in told_by and not said.get("bands") and "bands" not in self.errors:
            self.add_error("bands", _("Say where the bands of length end."))
        said["parts"] = {}
        if allocation in (SamplingPlan.Allocation.FIXED, SamplingPlan.Allocation.SHARES):
            if len(told_by) != 1:
                self.add_error("allocation", _("Choose one thing that calls are told apart by."))
            elif "bands" not in self.errors:
                said["parts"] = self._parts(told_by[0], said, allocation)
        if said.get("release") != SamplingPlan.Release.AT_DAY:
            said["release_days"] = 0
        if not self.capacities(said):
            self.add_error(None, _("Choose who reviews these calls."))
        return said

    def _parts(self, dimension: str, said: dict[str, Any], allocation: str) -> dict[str, int]:
        """The numbers of the labels that were written, in words or as labels."""
        known: dict[str, str] = {}
        named = words.values_of(dimension, self.site, said.get("bands") or [])
        for label, called in named:
            known |= {label.casefold(): label, called.casefold(): label}
        found: dict[str, int] = {}
        typed = str(self.data.get(self.add_prefix("parts"), ""))[:4000]
        for line in filter(None, map(str.strip, typed.splitlines())):
            name, _sign, number = line.rpartition("=")
            at = known.get(name.strip().casefold())
            if at is None:
                there = ", ".join(f"“{called}”" for _label, called in named[:12])
                self.add_error(
                    "parts",
                    _("“%(name)s” is none of these: %(there)s.")
                    % {"name": (name or line).strip()[:60], "there": there},
                )
                return {}
            digits = number.strip().rstrip("%").strip()
            most = 99 if allocation == SamplingPlan.Allocation.SHARES else MOST_CALLS
            if not re.fullmatch(r"\d{1,3}", digits, re.ASCII) or not 1 <= int(digits) <= most:
                words_ = _("Of “%(name)s” say a whole number from 1 to %(most)d.")
                self.add_error("parts", words_ % {"name": name.strip()[:60], "most": most})
                return {}
            found[at] = int(digits)
        if allocation == SamplingPlan.Allocation.SHARES:
            if not found:
                self.add_error("parts", _("Say of which calls more are to be drawn."))
            elif sum(found.values()) > 99:
                self.add_error("parts", _("These leave nothing to the other calls."))
        return found

    def capacities(self, said: dict[str, Any]) -> dict[int, int | None]:
        """Who was chosen to review, and how many calls each does at most."""
        return {
            one.pk: said.get(capacity(one.pk)) for one in self.people if said.get(ticked(one.pk))
        }

    def made(self) -> SamplingPlan:
        """The plan as a valid form says it, unsaved."""
        said = self.cleaned_data
        plan: SamplingPlan = self.instance
        plan.strata, plan.bands, plan.parts = said["strata"], said["bands"], said["parts"]
        plan.several_share = Decimal(said["several_percent"]) / 100
        return plan

    def how(self, *, needs_consent: bool) -> How:
        """How the plan of a valid form would draw."""
        plan, said = self.made(), self.cleaned_data
        return How(
            per_agent=plan.per_agent,
            teams=sorted(one.pk for one in said["teams"]),
            queues=sorted(one.pk for one in said["queues"]),
            direction=plan.direction,
            shortest_s=plan.shortest_s,
            needs_record=plan.needs_record,
            strata=list(plan.strata),
            bands=sorted(plan.bands),
            new_hire_days=plan.new_hire_days,
            repeat_days=plan.repeat_days,
            allocation=plan.allocation,
            parts=dict(plan.parts),
            several_share=float(plan.several_share),
            several=plan.several,
            due_days=plan.due_days,
            needs_consent=needs_consent,
            reviewers=[Reviewing(pk, most) for pk, most in self.capacities(said).items()],
        )


def ticked(user: int) -> str:
    """The field that says whether somebody reviews."""
    return f"reviewer_{user}"


def capacity(user: int) -> str:
    """The field that says how many calls they do at most."""
    return f"capacity_{user}"


class SwapForm(Dressed, forms.Form):
    """Why a drawn call cannot be reviewed."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why it cannot be reviewed"),
        choices=[("", gettext_lazy("choose")), *DrawnCall.Reason.choices],
    )
    words = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Needed for something else."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()

    def clean_words(self) -> str:
        return masked(self.cleaned_data["words"]).strip()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        is_other = said.get("reason") == DrawnCall.Reason.OTHER
        if is_other and not said.get("words") and "words" not in self.errors:
            self.add_error("words", _("Say in words why the call cannot be reviewed."))
        return said


class HandOnForm(Dressed, forms.Form):
    """Who reviews a call instead, and why; nobody says why who gives what nobody has."""

    reviewer = forms.ModelChoiceField(
        label=gettext_lazy("Reviewer"), queryset=User.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *args: Any, site: Site, needs_reason: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["reviewer"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = people.candidates(site)
        if not needs_reason:
            del self.fields["reason"]
        self.dress()

    def clean_reason(self) -> str:
        return masked(self.cleaned_data["reason"]).strip()


class RulesForm(RowForm):
    """What holds for a site's reviews. Rules that name no kind mean all, also those that come to be
    known later; `in_boxes` shows all ticked then, and asks where none is."""

    masked = forms.MultipleChoiceField(
        label=gettext_lazy("Made unreadable in transcripts"),
        choices=[(kind.value, words) for kind, words in HIDDEN.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Before a transcript is kept, and for good; those that are kept already stay as they "
            "are. What is not ticked is kept as it was said, for all who may read the call."
        ),
    )

    class Meta:
        model = QualityRules
        fields = ("dispute_days", "answer_days", "escalate_days", "needs_consent", "masked")
        help_texts = {
            "needs_consent": gettext_lazy(
                "Calls of callers who were never asked are left out of draws then, and counted."
            ),
        }

    @property
    def is_there(self) -> bool:
        return True  # a site that said none has the defaults

    def clean_masked(self) -> list[str]:
        """Each kind once, in one order; none where it is all of them."""
        chosen = [kind.value for kind in HIDDEN if kind.value in self.cleaned_data["masked"]]
        if self.in_boxes and not chosen:
            raise forms.ValidationError(_("Tick what is made unreadable: at least one."))
        return [] if len(chosen) == len(HIDDEN) else chosen

    def __init__(self, *args: Any, may_change: bool, in_boxes: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.in_boxes = in_boxes
        if in_boxes and not self.initial.get("masked"):
            self.initial["masked"] = [kind.value for kind in HIDDEN]
        for name in ("dispute_days", "answer_days", "escalate_days"):
            old = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=old.label, min_value=0, max_value=90, initial=old.initial
            )
        for field in self.fields.values():
            field.disabled = not may_change
        self.dress()
