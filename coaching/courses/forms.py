"""What is asked of a course: of who writes it, of who has people take it, and of who takes it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of
from ccm.models import Site, Team, User
from ccm.navigation import ROLE_WORDS
from ccm.structure.forms import Dressed, NameField, SharedForm, date_field
from coaching.courses import people, reads, scoring, writing
from coaching.courses.taking import as_asked
from coaching.library import text
from coaching.models import (
    Attempt,
    CertificateKind,
    Course,
    CourseRule,
    CourseVersion,
    Lesson,
    LibraryPage,
    LibraryVersion,
    Question,
)
from qa.cards import reads as cards
from qa.models import CardCriterion, Scorecard

Kinds = CourseRule.Kind
MOST_AT_ONCE = 500


class _LinesField(forms.CharField):
    """A text of lines, without controls; browsers send two signs for the end of a line."""

    def to_python(self, value: Any) -> Any:
        return text.clean(super().to_python(value) or "")


def _long(label: Any, most: int, rows: int, **more: Any) -> _LinesField:
    widget = forms.Textarea(attrs={"rows": rows})
    return _LinesField(label=label, max_length=most, widget=widget, **more)


class NewCourseForm(Dressed, forms.Form):
    """A new course: of a site that its writer writes for."""

    site = forms.ChoiceField(label=gettext_lazy("Site"))
    title = NameField(label=gettext_lazy("Title"), max_length=160)
    about = _long(gettext_lazy("What it is for"), 1000, 3, required=False)

    def __init__(self, sites: Sequence[Site], data: Any = None, *, first: str = "") -> None:
        super().__init__(data, initial={"site": first} if first else None)
        self._sites = {one.slug: one for one in sites}
        field: Any = self.fields["site"]
        field.choices = [(one.slug, one.name) for one in sites]
        self.dress()

    @property
    def chosen(self) -> Site:
        return self._sites[self.cleaned_data["site"]]


class VersionForm(Dressed, forms.ModelForm):
    """What a draft says beside its lessons and questions. `revision` is hidden."""

    title = NameField(label=gettext_lazy("Title"), max_length=160)
    about = _long(gettext_lazy("What it is for"), 1000, 3, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = CourseVersion
        fields = writing.SAID
        help_texts = {
            "attempts": gettext_lazy("Left empty: as many as they like."),
            "draws": gettext_lazy("So many of the bank, another choice each time. Empty: all."),
            "pass_percent": gettext_lazy("Of the questions asked, answered right."),
        }

    def __init__(self, draft: CourseVersion, data: Any = None) -> None:
        # A copy: what was typed is kept by `writing` alone.
        super().__init__(data, instance=draft, initial={"seen": draft.revision})
        # Else the row alone would be held against them.
        for name in ("pass_percent", "attempts", "pause_hours", "draws"):
            held: Any = CourseVersion._meta.get_field(name)
            self.fields[name].validators.extend(held.validators)
        self.dress()

    def _post_clean(self) -> None:
        """Checked by its fields; the row is left as it is kept."""

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in writing.SAID}

    @property
    def revision(self) -> int:
        seen = self.cleaned_data.get("seen")
        return -1 if seen is None else int(seen)


class _PageField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class LessonForm(Dressed, forms.Form):
    """A lesson of a kind. `seen` is hidden: the revision that it was drawn with."""

    title = NameField(label=gettext_lazy("Title"), max_length=160)
    page = _PageField(
        label=gettext_lazy("Page of the library"), queryset=LibraryPage.objects.none(),
        empty_label=gettext_lazy("choose"),
        help_text=gettext_lazy("It is read as it is in use then."),
    )  # fmt: skip
    url = forms.URLField(
        label=gettext_lazy("Address of the video"), max_length=500, assume_scheme="https",
        help_text=gettext_lazy("The page only leads there: nothing is asked of it from here."),
    )  # fmt: skip
    body = _long(
        gettext_lazy("Text"), 40_000, 18, strip=False,
        help_text=gettext_lazy("Markdown: # heading, **bold**, - list, 1. steps, | tables |."),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, kind: str, site: Site, data: Any = None, *, lesson: Lesson | None = None
    ) -> None:
        known: dict[str, Any] = {}
        if lesson is not None:
            known = {name: getattr(lesson, name) for name in ("title", "url", "body", "page")}
            known["seen"] = lesson.revision
        super().__init__(data, initial=known)
        self.kind = kind
        if kind != Lesson.Kind.PAGE:
            del self.fields["page"]
        else:
            del self.fields["body"]
            field: Any = self.fields["page"]
            field.queryset = _pages(site)
        if kind != Lesson.Kind.VIDEO:
            del self.fields["url"]
        elif "body" in self.fields:
            self.fields["body"].required = False
            self.fields["body"].label = _("What to look for in it")
            self.fields["body"].widget.attrs["rows"] = 6
        self.dress()
        if "body" in self.fields:
            self.fields["body"].widget.attrs["spellcheck"] = "true"

    def clean_url(self) -> str:
        said = str(self.cleaned_data["url"])
        if not said.lower().startswith(("http:", "https:")):
            raise forms.ValidationError(_("Write an address of the web."))
        return said

    @property
    def said(self) -> dict[str, Any]:
        nothing: dict[str, Any] = {"body": "", "url": "", "page": None}
        told = {name: one for name, one in self.cleaned_data.items() if name != "seen"}
        return nothing | told | {"kind": self.kind}

    @property
    def revision(self) -> int:
        seen = self.cleaned_data.get("seen")
        return -1 if seen is None else int(seen)


def _pages(site: Site) -> QuerySet[LibraryPage]:
    """Pages of the library in use that everybody of a site reads, with their titles."""
    rows = LibraryPage.objects.filter(Q(site=site) | Q(site=None), retired_at=None)
    current = LibraryVersion.objects.current()
    return rows.filter(versions__in=current).annotate(title=F("versions__title")).order_by("title")


class QuestionForm(Dressed, forms.Form):
    """A question of the bank. Of a choice each line is an answer, right with * before it."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Question.Kind.choices)
    words = _long(gettext_lazy("Question"), 1000, 3)
    answers = _long(
        gettext_lazy("Answers"), 4000, 6,
        help_text=gettext_lazy(
            "A line for each; put * before each that is right. Of a number, the one that is right. "
            "Of a word or two, a line for each way to say it: case does not matter."
        ),
    )  # fmt: skip
    tolerance = forms.DecimalField(
        label=gettext_lazy("How far a number may be off"), required=False, min_value=0,
        max_digits=12, decimal_places=4,
    )  # fmt: skip
    why = _long(
        gettext_lazy("Why"), 1000, 3, required=False,
        help_text=gettext_lazy(
            "Told after each attempt, before the right answers are: leave out which they are."
        ),
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, question: Question | None = None) -> None:
        known: dict[str, Any] = {}
        if question is not None:
            known = {name: getattr(question, name) for name in ("kind", "words", "why")}
            known["tolerance"] = f"{question.tolerance.normalize():f}"
            known["answers"] = _written(question)
            known["seen"] = question.revision
        super().__init__(data, initial=known)
        self.dress()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        said["tolerance"] = said["tolerance"] or Decimal(0)
        said["answers"] = _read(said["kind"], said["answers"])
        made = Question(kind=said["kind"], answers=said["answers"], tolerance=said["tolerance"])
        found = scoring.faults(as_asked(made))
        if found:
            self.add_error("answers", writing.fault_words(found[0]))
        return said

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in writing.OF_QUESTIONS}

    @property
    def revision(self) -> int:
        seen = self.cleaned_data.get("seen")
        return -1 if seen is None else int(seen)


def _read(kind: str, words: str) -> list[list[Any]]:
    """Answers as they are kept, of lines."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if kind not in scoring.CHOICES:
        return [[line, True] for line in lines]
    return [[line.lstrip("*").strip(), line.startswith("*")] for line in lines]


def _written(question: Question) -> str:
    choice = question.kind in scoring.CHOICES
    return "\n".join(
        f"{'* ' if choice and right else ''}{words}" for words, right in question.answers
    )


class PublishForm(Dressed, forms.Form):
    """What changed, and whether whoever passed it takes it anew."""

    note = NameField(label=gettext_lazy("What changed"), max_length=300, required=False)
    is_anew = forms.TypedChoiceField(
        label=gettext_lazy("Who passed an earlier version"), widget=forms.RadioSelect,
        choices=[("no", gettext_lazy("need not take it again")),
                 ("yes", gettext_lazy("takes it again, within two weeks"))],
        coerce=lambda word: word == "yes", required=False, empty_value=None, initial="no",
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, draft: CourseVersion, last: CourseVersion | None, data: Any = None) -> None:
        super().__init__(data, initial={"seen": draft.revision})
        if last is None:
            del self.fields["is_anew"]
            self.fields["note"].label = _("A word on it, if there is one")
        self.dress()
        if last is not None:
            del self.fields["is_anew"].widget.attrs["class"]

    @property
    def revision(self) -> int:
        seen = self.cleaned_data.get("seen")
        return -1 if seen is None else int(seen)


class GivesForm(SharedForm, forms.Form):
    """What passing a course gives, and whether it is for who wants it."""

    is_there = True
    gives = forms.ModelChoiceField(
        label=gettext_lazy("Passing it gives"), queryset=CertificateKind.objects.none(),
        required=False, empty_label=gettext_lazy("no certificate"),
    )  # fmt: skip
    is_open = forms.BooleanField(
        label=gettext_lazy("For who wants it, too"), required=False,
        help_text=gettext_lazy("Everybody of the site may begin it from My learning."),
    )  # fmt: skip

    def __init__(self, course: Course, data: Any = None) -> None:
        super().__init__(data, initial={"gives": course.gives_id, "is_open": course.is_open})
        field: Any = self.fields["gives"]
        field.queryset = CertificateKind.objects.filter(site=course.site)
        self.dress()


class _CriterionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: CardCriterion) -> str:
        return f"{obj.card.name}: {obj.name}"


class _RoleField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Group) -> str:
        return str(ROLE_WORDS.get(obj.name, obj.name))


class RuleForm(Dressed, forms.Form):
    """A rule of a kind."""

    role = _RoleField(
        label=gettext_lazy("Role"), queryset=Group.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    criterion = _CriterionField(
        label=gettext_lazy("Criterion"), queryset=CardCriterion.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    times = forms.IntegerField(
        label=gettext_lazy("Missed so many times"), min_value=1, max_value=100, initial=3
    )
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=0, max_value=3650)
    due_days = forms.IntegerField(
        label=gettext_lazy("Days to take it"), min_value=1, max_value=365, initial=14
    )

    def __init__(self, kind: str, course: Course, data: Any = None) -> None:
        super().__init__(data)
        self._kind, self._course = kind, course
        fields: dict[str, Any] = self.fields
        if kind == Kinds.ROLE:
            fields["role"].queryset = Group.objects.filter(name__in=people.ROLES).order_by("name")
            for name in ("criterion", "times", "days"):
                del self.fields[name]
        elif kind == Kinds.MISSED:
            fields["criterion"].queryset = criteria(course.site)
            fields["days"].label = _("in reviews released in so many days")
            fields["days"].min_value = 1
            fields["days"].initial = 30
            del self.fields["role"]
        else:
            fields["days"].label = _("So many days after they were hired")
            fields["days"].initial = 0
            for name in ("role", "criterion", "times"):
                del self.fields[name]
        self.dress()

    def clean_days(self) -> int:
        days = int(self.cleaned_data["days"])
        if self._kind == Kinds.MISSED and days < 1:
            raise forms.ValidationError(_("A day at least."))
        return days

    def made(self, today: date) -> CourseRule:
        """The rule that a valid form says, not kept yet."""
        said = self.cleaned_data
        return CourseRule(
            course=self._course, kind=self._kind, role=said.get("role"),
            criterion=said.get("criterion"), times=said.get("times"), days=said.get("days"),
            since=today if self._kind == Kinds.HIRED else None, due_days=said["due_days"],
        )  # fmt: skip


def criteria(site: Site) -> QuerySet[CardCriterion]:
    """What calls of a site are reviewed by: the criteria of its scorecards in use."""
    rows = cards.scored(Scorecard.objects.of_site(site.pk).standing())
    return rows.select_related("card").order_by("card__name", "card", "pk")


class AssignForm(Dressed, forms.Form):
    """Who is to take a course by when."""

    team = forms.ModelChoiceField(
        label=gettext_lazy("All of a team"), queryset=Team.objects.none(), required=False,
        empty_label=gettext_lazy("none"),
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("People"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    due_on = date_field(label=gettext_lazy("To be taken by"))
    words = NameField(
        label=gettext_lazy("A word to them, if you wish"), max_length=300, required=False
    )

    def __init__(self, course: Course, user: User, now: datetime, data: Any = None) -> None:
        today = day_of(now, course.site.calendar)
        super().__init__(data, initial={"due_on": today + timedelta(days=14)})
        self._user, self._site, self._now, self._today = user, course.site, now, today
        fields: dict[str, Any] = self.fields
        fields["people"].queryset = reads.assignable(user, course.site, now)
        teams = reads.teams(user, course.site)
        fields["team"].queryset = teams
        self.dress()

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < self._today:
            raise forms.ValidationError(_("This day is over."))
        return day

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not said.get("team") and not said.get("people"):
            raise forms.ValidationError(_("Choose a team, or somebody."))
        return said

    @property
    def chosen(self) -> list[User]:
        """Those of the team of whom the user may say so, and those chosen one by one."""
        said = self.cleaned_data
        found = {one.pk: one for one in said["people"]}
        if said["team"] is not None:
            may = reads.assignable(self._user, self._site, self._now)
            team = people.in_team(said["team"].pk, self._today).values("pk")
            found |= {one.pk: one for one in may.filter(pk__in=team)}
        return list(found.values())[:MOST_AT_ONCE]


class QuizForm(forms.Form):
    """The questions of an attempt, in its order, with what was said so far.

    An answer of a choice is sent by the place at which it is shown: its place in the bank, where
    the right one is often written first, would tell.
    """

    def __init__(
        self,
        attempt: Attempt,
        questions: Sequence[Question],
        data: Any = None,
        *,
        said: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        self._questions = questions
        self._orders = {
            one.pk: scoring.ordered(
                attempt.seed, one.pk, len(one.answers), shuffled=attempt.version.shuffles
            )
            for one in questions
            if one.kind in scoring.CHOICES
        }
        known = {f"q{one.pk}": self._shown(one, (said or {}).get(one.pk, ())) for one in questions}
        super().__init__(data, initial=known)
        for one in questions:
            self.fields[f"q{one.pk}"] = _field_of(one, self._orders.get(one.pk, ()))

    @property
    def said(self) -> dict[int, list[str]]:
        """What was sent, of questions that are asked; of choices places in the bank."""
        data: Any = self.data
        return {
            one.pk: self._kept(one.pk, [str(each) for each in data.getlist(f"q{one.pk}")])
            for one in self._questions
        }

    def _shown(self, question: Question, said: Sequence[str]) -> Any:
        """What was said to a question as its field has it."""
        order = self._orders.get(question.pk)
        if order is not None:
            said = [str(at) for at, place in enumerate(order) if str(place) in said]
        if question.kind == Question.Kind.MULTIPLE:
            return list(said)
        return said[0] if said else ""

    def _kept(self, question: int, sent: list[str]) -> list[str]:
        order = self._orders.get(question)
        if order is None:
            return sent
        places = {str(at): str(place) for at, place in enumerate(order)}
        return [places[one] for one in sent if one in places]


def _field_of(question: Question, order: Sequence[int]) -> forms.Field:
    """`order`: the places of its answers as they are shown."""
    if question.kind in scoring.CHOICES:
        offered = [(str(at), question.answers[place][0]) for at, place in enumerate(order)]
        if question.kind == Question.Kind.SINGLE:
            return forms.ChoiceField(
                label=question.words, choices=offered, widget=forms.RadioSelect, required=False
            )
        return forms.MultipleChoiceField(
            label=question.words, choices=offered, widget=forms.CheckboxSelectMultiple,
            required=False, help_text=_("All that are right."),
        )  # fmt: skip
    attrs = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
    if question.kind == Question.Kind.NUMBER:
        attrs["inputmode"] = "decimal"
    return forms.CharField(
        label=question.words, max_length=200, required=False, widget=forms.TextInput(attrs=attrs)
    )
