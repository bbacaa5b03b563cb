"""The form of a rule: what it looks for, where, by whom, and what it answers."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Queue, Site
from ccm.structure.forms import Dressed, NameField
from qa import checks, suggested
from qa.cards import Card
from qa.checking import kept, words
from qa.checks import By, Fault, Kind, Pattern, Place, Rule, Where
from qa.checks.rules import OF_WORDS
from qa.models import CardCriterion, CheckRule
from qa.scoring import NOT_APPLICABLE, Criterion, Value
from qa.scoring import Kind as Asked
from qa.scoring.form import CHOSEN

_NOTHING, _NA, _OPTION = "", "na", "o:"
SKIPPED = _NA
"""Not applicable, as the form sends it."""
MOST_SECONDS, MOST_LINES, MOST_SIGNS = 86_400, 10_000, 40_000
_OF_PHRASES = (Fault.NOTHING_TO_FIND, Fault.TOO_MANY, Fault.NO_WORDS, Fault.NO_REGEX,
               Fault.FINDS_NOTHING)  # fmt: skip
_PLACED = (Kind.SAY, Kind.NEVER_SAY)
_LONGEST_NAME = 80
"""Of an answer with what it stands for, in a list to choose from."""


def as_option(option: str) -> str:
    """An option of a criterion as the form sends it."""
    return f"{_OPTION}{option}"


class RuleForm(Dressed, forms.Form):
    """A rule of a criterion of a site, new or changed."""

    name = NameField(label=gettext_lazy("Name"), max_length=120)
    kind = forms.ChoiceField(
        label=gettext_lazy("What is looked for"),
        choices=[(k.value, w) for k, w in words.KINDS.items()],
    )
    said = forms.CharField(
        label=gettext_lazy("Phrases, of which any counts"), required=False, max_length=MOST_SIGNS,
        strip=False, widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    by = forms.ChoiceField(
        label=gettext_lazy("Said by"), choices=[(b.value, w) for b, w in suggested.BY.items()]
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Where it counts"),
        choices=[(p.value, w) for p, w in suggested.PLACES.items()],
    )
    seconds = forms.IntegerField(
        label=gettext_lazy("Within seconds"), required=False, min_value=1, max_value=MOST_SECONDS
    )
    lines = forms.IntegerField(
        label=gettext_lazy("Within lines"), required=False, min_value=1, max_value=MOST_LINES,
        help_text=gettext_lazy("Where both are given, lines count in transcripts without times."),
    )  # fmt: skip
    after = forms.CharField(
        label=gettext_lazy("After one of these phrases"), required=False, max_length=MOST_SIGNS,
        strip=False, widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    after_by = forms.ChoiceField(
        label=gettext_lazy("Which is said by"),
        choices=[(b.value, w) for b, w in suggested.BY.items()],
        initial=By.ANYBODY.value,
    )  # fmt: skip
    limit = forms.IntegerField(
        label=gettext_lazy("Seconds"), required=False, min_value=0, max_value=MOST_SECONDS,
        help_text=gettext_lazy(
            "Of silence or overtalk: more breaks it. Of holds: announced so long before at most."
        ),
    )  # fmt: skip
    share = forms.DecimalField(
        label=gettext_lazy("Overtalk, % of talk"), required=False, min_value=0, max_value=99,
        max_digits=4, decimal_places=1,
    )  # fmt: skip
    queues = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Queues"), queryset=Queue.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None: all."),
    )  # fmt: skip
    languages = forms.CharField(
        label=gettext_lazy("Languages"), required=False, max_length=200,
        help_text=gettext_lazy("As en, or en-gb, with commas between. None: all."),
    )  # fmt: skip
    is_active = forms.BooleanField(
        label=gettext_lazy("Calls are judged by it"), required=False, initial=True
    )
    seen = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        site: Site,
        criterion: CardCriterion,
        card: Card,
        row: CheckRule | None = None,
        seen: str = "",
        **more: Any,
    ) -> None:
        self.site, self.criterion, self.row = site, criterion, row
        self.card = card
        asked = card.find(criterion.key)
        if asked is None:
            raise ValueError(f"the card has no {criterion.key}")
        self.asked: Criterion = asked
        if row is not None:
            more.setdefault("initial", self._begun(row) | {"seen": seen})
        super().__init__(*args, **more)
        self._answers()
        self.fields["said"].help_text = words.patterns_hint()
        field = self.fields["queues"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Queue.objects.filter(site=site).order_by("name")
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        rule = self._rule(said)
        is_after = rule.where.place is Place.AFTER
        for place in (
            *(["said"] if rule.kind in OF_WORDS else []),
            *(["after"] if is_after else []),
        ):
            for line in _half_slashed(said[place]):
                self.add_error(place, words.half_slashed(line))
        for one in checks.faults(rule, self._as_numbered()):
            place = self._place(one.fault, one.where, rule)
            if not self.has_error(place):
                self.add_error(place, words.fault(one, rule.kind))
        said["rule"] = rule
        return said

    def made(self) -> CheckRule:
        """The row that is asked for, unsaved."""
        said = self.cleaned_data
        row = self.row or CheckRule(site=self.site)
        row.name, row.criterion, row.is_active = said["name"], self.criterion, said["is_active"]
        row.languages = sorted(said["rule"].languages)
        return row

    def _as_numbered(self) -> Criterion:
        """The criterion by the id that rules call it by."""
        from dataclasses import replace

        return replace(self.asked, id=str(self.criterion.pk))

    def _rule(self, said: dict[str, Any]) -> Rule:
        kind = Kind(said["kind"])
        is_placed = kind in _PLACED
        place = Place(said["place"]) if is_placed else Place.ANYWHERE
        after = _patterns(said["after"]) if place is Place.AFTER else ()
        share = said["share"] if kind is Kind.OVERTALK else None
        where = Where()
        if place is not Place.ANYWHERE:
            where = Where(
                place, said["seconds"], said["lines"], after,
                By(said["after_by"]) if after else By.ANYBODY,
            )  # fmt: skip
        return Rule(
            id="new" if self.row is None else str(self.row.pk),
            criterion=str(self.criterion.pk),
            kind=kind,
            said=_patterns(said["said"]) if kind in OF_WORDS else (),
            by=By(said["by"]),
            where=where,
            seconds=None if is_placed else said["limit"],
            share=None if share is None else Fraction(share) / 100,
            queues=frozenset(one.pk for one in said["queues"]),
            languages=_languages(said["languages"]),
            met=self._answer(said["met"]),
            broken=self._answer(said["broken"]),
            not_applicable=self._answer(said["not_applicable"]),
        )

    def _place(self, fault: Fault, where: str, rule: Rule) -> str:
        """The field that a fault is told at."""
        if fault in _OF_PHRASES:
            of_said = {one.text for one in rule.said}
            is_after = (where not in of_said) if where else bool(rule.said)
            return "after" if is_after and rule.where.place is Place.AFTER else "said"
        if fault in (Fault.NO_REACH, Fault.NOT_POSITIVE):
            return "seconds" if rule.kind in _PLACED else "limit"
        return {
            Fault.NO_LIMIT: "limit", Fault.SHARE: "share", Fault.LANGUAGE: "languages",
        }.get(fault, "broken")  # fmt: skip

    def _answers(self) -> None:
        """A field for what it answers in each case."""
        labels = {
            "met": _("When met, it suggests"),
            "broken": _("When broken, it suggests"),
            "not_applicable": _("When it does not apply, it suggests"),
        }
        may_skip = self.asked.may_skip or self.asked.is_bonus
        skip = [(_NA, _("not applicable"))] if may_skip else []
        for name, label in labels.items():
            nothing = [(_NOTHING, _("nothing"))]
            if self.asked.kind in CHOSEN:
                options = [
                    (
                        as_option(one.id),
                        Truncator(self.card.described(self.asked.id, one.id)).chars(_LONGEST_NAME),
                    )
                    for one in self.asked.options
                ]
                self.fields[name] = forms.ChoiceField(
                    label=label, required=False, choices=nothing + options + skip
                )
            elif name == "not_applicable":
                self.fields[name] = forms.ChoiceField(
                    label=label, required=False, choices=nothing + skip
                )
            else:
                self.fields[name] = forms.CharField(
                    label=label, required=False, max_length=40 if self.is_number else 500,
                    help_text=_("Empty: it suggests nothing."),
                )  # fmt: skip

    @property
    def is_number(self) -> bool:
        return self.asked.kind == Asked.NUMBER

    def clean_met(self) -> str:
        return self._sound("met")

    def clean_broken(self) -> str:
        return self._sound("broken")

    def _sound(self, name: str) -> str:
        said = str(self.cleaned_data.get(name) or "").strip()
        if self.is_number and said:
            try:
                number = Decimal(said.replace(",", "."))
            except InvalidOperation:
                raise ValidationError(_("This is no number.")) from None
            if not number.is_finite() or number.adjusted() > 12:
                raise ValidationError(_("This is no number."))
        return said

    def _answer(self, said: str) -> Value | None:
        if said == _NOTHING:
            return None
        if self.asked.kind in CHOSEN:
            return NOT_APPLICABLE if said == _NA else said.removeprefix(_OPTION)
        if said == _NA:
            return NOT_APPLICABLE
        return Decimal(said.replace(",", ".")) if self.is_number else said

    def _begun(self, row: CheckRule) -> dict[str, Any]:
        begun: dict[str, Any] = {
            "name": row.name, "is_active": row.is_active, "languages": ", ".join(row.languages),
            "queues": [one.pk for one in row.queues.all()],
        }  # fmt: skip
        rule = kept.rule_of(row)
        if rule is None:
            return begun
        share = None if rule.share is None else Decimal(rule.share.numerator * 100)
        if share is not None and rule.share is not None:
            share = (share / rule.share.denominator).quantize(Decimal("0.1"))
        return begun | {
            "kind": rule.kind.value, "said": _lines(rule.said), "by": rule.by.value,
            "place": rule.where.place.value, "seconds": rule.where.seconds,
            "lines": rule.where.lines, "after": _lines(rule.where.after),
            "after_by": rule.where.after_by.value, "limit": rule.seconds, "share": share,
            "met": self._said(rule.met), "broken": self._said(rule.broken),
            "not_applicable": self._said(rule.not_applicable),
        }  # fmt: skip

    def _said(self, value: Value | None) -> str:
        if value is None:
            return _NOTHING
        if value is NOT_APPLICABLE:
            return _NA
        return as_option(str(value)) if self.asked.kind in CHOSEN else str(value)


def _patterns(text: str) -> tuple[Pattern, ...]:
    """A phrase a line; one in slashes is an expression."""
    found = []
    for line in text.replace("\0", "").splitlines():
        plain = line.strip()
        if len(plain) > 2 and plain.startswith("/") and plain.endswith("/"):
            found.append(Pattern(plain[1:-1], is_regex=True))
        elif plain:
            found.append(Pattern(plain))
    return tuple(dict.fromkeys(found))


def _half_slashed(text: str) -> list[str]:
    """Lines with a slash at one end alone: expressions that were not ended, most likely."""
    plain = [line.strip() for line in text.splitlines()]
    return [one for one in plain if len(one) > 1 and one.startswith("/") != one.endswith("/")]


def _lines(patterns: Iterable[Pattern]) -> str:
    return "\n".join(f"/{one.text}/" if one.is_regex else one.text for one in patterns)


def _languages(text: str) -> frozenset[str]:
    parts = text.replace(";", ",").split(",")
    return frozenset(tag for one in parts if (tag := one.strip().lower().replace("_", "-")))
