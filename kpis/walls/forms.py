"""The forms of a board and of each of its tiles."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.forms import zones
from ccm.models import Queue, Site, User
from ccm.names import in_order
from ccm.plans import aims
from ccm.structure.forms import Dressed, NameField, RowForm, SharedForm
from kpis.definitions import KPIS, parse
from kpis.live import LIVE
from kpis.models import Board
from kpis.parameters import placeholders
from kpis.walls.kinds import KINDS
from kpis.walls.layout import HIGHEST, TODAY, WIDEST, Tile, can_be_shown
from kpis.walls.levels import is_crossed
from kpis.walls.starts import STARTS
from kpis.walls.view import WINDOW_WORDS

BOUND = gettext_lazy(
    "So from there on, itself included. Shares as 80%, times in seconds or as m:ss. Empty: none."
)
ORDER = gettext_lazy(
    "Of a figure that is better neither high nor low: below caution it is against too little, above"
    " it or alone against too much."
)
_SIDES = {
    "up": gettext_lazy("More of it is better: critical lies below caution."),
    "down": gettext_lazy("Less of it is better: critical lies above caution."),
}
SECONDS = (10, 15, 20, 30, 60, 120, 300)


class NewBoardForm(Dressed, forms.Form):
    """A board from one of the starts."""

    title = NameField(label=gettext_lazy("Title"), max_length=120)
    site = forms.ModelChoiceField(Site.objects.none(), label=gettext_lazy("Site"), empty_label=None)
    start = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        choices=[(one.id, one.name) for one in STARTS.values()],
        help_text=gettext_lazy("Each tile can be changed, moved and removed afterwards."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = Site.objects.managed_by(user).order_by("name")
        self.dress()


class BoardForm(RowForm):
    """How a whole board is: what it is of, how it looks, and which others its screen shows."""

    title = NameField(label=gettext_lazy("Title"), max_length=120)
    queues = forms.ModelMultipleChoiceField(
        Queue.objects.none(),
        label=gettext_lazy("Queues"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: all queues of the site."),
    )
    turns = forms.ModelMultipleChoiceField(
        Board.objects.none(),
        label=gettext_lazy("In turn with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "The screen shows these boards one after the other, then this again."
        ),
    )
    seconds = forms.TypedChoiceField(
        label=gettext_lazy("Each for"),
        coerce=int,
        initial=30,
        choices=[(one, gettext_lazy("%d s") % one) for one in SECONDS],
    )

    class Meta:
        model = Board
        fields = ("title", "columns", "theme", "size", "names", "chime")
        labels = {
            "columns": gettext_lazy("Columns"),
            "theme": gettext_lazy("Theme"),
            "size": gettext_lazy("Read from"),
            "names": gettext_lazy("May name people"),
            "chime": gettext_lazy("Chime when something turns critical"),
        }
        help_texts = {
            "names": gettext_lazy("Else no screen with this board shows a person's name."),
            "chime": gettext_lazy("Browsers allow sound after a first touch or key."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        board = self.instance
        columns, queues, turns = (self.fields[name] for name in ("columns", "queues", "turns"))
        columns.widget = forms.Select(choices=[(one, one) for one in range(2, 7)])
        assert isinstance(queues, forms.ModelMultipleChoiceField)
        assert isinstance(turns, forms.ModelMultipleChoiceField)
        queues.queryset = Queue.objects.filter(site=board.site_id).order_by("name")
        turns.queryset = Board.objects.managed_by(user).exclude(pk=board.pk)
        self.initial["queues"] = [one.pk for one in board.queues.all()]
        shown = list(board.turns.all())
        self.initial["turns"] = [one.shown_id for one in shown]
        self.initial["seconds"] = shown[0].seconds if shown else 30
        if self.initial["seconds"] not in SECONDS:
            seconds = self.fields["seconds"]
            assert isinstance(seconds, forms.ChoiceField)
            own = self.initial["seconds"]
            seconds.choices = [(one, _("%d s") % one) for one in (*SECONDS, own)]
        self.dress()

    def turned(self) -> list[tuple[Board, int]]:
        """The boards that its screen shows in turn, and for how long each."""
        return [(one, self.cleaned_data["seconds"]) for one in self.cleaned_data["turns"]]


class TileForm(SharedForm, forms.Form):
    """One tile of a kind: only the fields that mean something for it."""

    kpi = forms.ChoiceField(label=gettext_lazy("Shows"))
    queue = forms.TypedChoiceField(
        label=gettext_lazy("Queue"), required=False, coerce=int, empty_value=None
    )
    window = forms.ChoiceField(label=gettext_lazy("Of"), required=False, initial=TODAY)
    caution = forms.CharField(
        label=gettext_lazy("Caution at"), required=False, max_length=20, help_text=BOUND
    )
    critical = forms.CharField(
        label=gettext_lazy("Critical at"), required=False, max_length=20, help_text=ORDER
    )
    back = forms.CharField(
        label=gettext_lazy("Calm again after"),
        required=False,
        max_length=20,
        help_text=gettext_lazy(
            "How far past a bound it must come back, so that it does not blink."
        ),
    )
    target = forms.BooleanField(label=gettext_lazy("A line at the target"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    level = forms.ChoiceField(
        label=gettext_lazy("How urgent"),
        choices=[
            ("none", gettext_lazy("for information")),
            ("warn", gettext_lazy("caution")),
            ("bad", gettext_lazy("critical")),
        ],
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=gettext_lazy("By the clock of the site. Empty: until you take it away."),
    )
    zone = forms.CharField(
        label=gettext_lazy("Zone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"list": "zones"}),
        help_text=gettext_lazy("Empty: that of the site."),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty: what it shows."),
    )
    width = forms.TypedChoiceField(
        label=gettext_lazy("Wide"), coerce=int, choices=[(one, one) for one in range(1, WIDEST + 1)]
    )
    height = forms.TypedChoiceField(
        label=gettext_lazy("High"),
        coerce=int,
        choices=[(one, one) for one in range(1, HIGHEST + 1)],
    )

    def __init__(
        self,
        *args: Any,
        tile: Tile,
        site: Site,
        queues: Mapping[int, str],
        is_new: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.tile, self.site, self.is_new = tile, site, is_new
        kind = KINDS[tile.kind]
        for name in [one for one in self.fields if one not in (*kind.settings, *_OF_ALL)]:
            del self.fields[name]
        self._offer("kpi", kpi_choices(tile.kind))
        self._offer(
            "queue",
            [
                ("", _("those of the board")),
                *sorted(queues.items(), key=lambda one: in_order(one[1])),
            ],
        )
        self._offer("window", [*WINDOW_WORDS.items()])
        self.initial.update({name: getattr(tile, name) for name in self.fields})
        for name in _BOUNDS:
            if name in self.fields:
                value = getattr(tile, name)
                known = value is not None and (name != "back" or value)
                self.initial[name] = aims.written(aim_of(tile.kpi), _exact(value)) if known else ""
        if "critical" in self.fields and (words := _SIDES.get(aim_of(tile.kpi).direction)):
            self.fields["critical"].help_text = words
        if "until" in self.fields and tile.until:
            until = datetime.fromisoformat(tile.until)
            self.initial["until"] = until.astimezone(site.tz).strftime("%Y-%m-%dT%H:%M")
        self.dress()

    @property
    def is_there(self) -> bool:
        return not self.is_new

    def _offer(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_title(self) -> str:
        return str(self.cleaned_data["title"].replace("\0", "").strip())

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"].replace("\0", "").replace("\r\n", "\n").strip())

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone and zone not in zones():
            raise ValidationError(_("There is no such zone."))
        return zone

    def clean_until(self) -> str:
        """Of the clock of the site: fields know no zone."""
        until = self.cleaned_data["until"]
        if until is None:
            return ""
        there = until.replace(tzinfo=ZoneInfo(self.site.zone))
        if there <= timezone.now() and "until" in self.changed_data:
            raise ValidationError(_("That is over: the tile would be empty."))
        return str(there.astimezone(UTC).isoformat())

    def clean(self) -> dict[str, Any]:
        super().clean()
        said: dict[str, Any] = self.cleaned_data
        for name in _BOUNDS:
            if name in self.fields and name in said:
                said[name] = self._bound(name, said[name], said.get("kpi", ""))
        if "back" in said and said["back"] is None:
            said["back"] = 0.0
        self._order(said.get("caution"), said.get("critical"), said.get("kpi", ""))
        if said.get("kpi") in LIVE:
            said["window"] = TODAY
        return said

    def _order(self, caution: float | None, critical: float | None, kpi: str) -> None:
        """Critical lies on the worse side of caution; which that is, most KPIs say."""
        aim = aim_of(kpi) if kpi else None
        if aim is None or not is_crossed(aim.direction, caution, critical):
            return
        words = (
            _("For %(kpi)s critical lies below caution.")
            if aim.direction == "up"
            else _("For %(kpi)s critical lies above caution.")
        )
        self.add_error("critical", words % {"kpi": aim.name})

    def _bound(self, name: str, text: str, kpi: str) -> float | None:
        """A bound in the KPI's unit, or None; what is wrong with it is said beside it."""
        if not text.strip() or not kpi:
            return None
        read = aims.read(text)
        if read is None:
            self.add_error(name, _("This is neither a number nor a time."))
            return None
        if name == "back" and read[0] < 0:
            self.add_error(name, _("How far it comes back is never less than nothing."))
            return None
        try:
            return float(aims.value_of(aim_of(kpi), *read))
        except aims.Misfit as misfit:
            self.add_error(name, misfit.message)
            return None

    def made(self) -> Tile:
        """The tile as it is said."""
        said = {name: self.cleaned_data[name] for name in self.fields}
        return replace(self.tile, **said)


_OF_ALL = ("title", "width", "height")
_BOUNDS = ("caution", "critical", "back")


def kpi_choices(kind: str) -> list[Any]:
    """What a tile of a kind can show; live figures only where it is one number."""
    named = placeholders()
    kpis = [(one.id, str(one.name)) for one in KPIS.values() if can_be_shown(one.id)]
    variants = [
        (
            str(one.name),
            [
                (f"{one.id}:{variant.id}", f"{variant.id}: {str(variant.words).format(**named)}")
                for variant in one.variants
            ],
        )
        for one in KPIS.values()
        if can_be_shown(one.id) and len(one.variants) > 1
    ]
    now = [(one.id, str(one.name)) for one in LIVE.values()] if kind == "figure" else []
    found: list[Any] = [(_("As it is defined"), kpis)]
    if now:
        found.insert(0, (_("At this moment"), now))
    return found + variants


def aim_of(asked: str) -> aims.Aim:
    """What bounds of a figure are written as."""
    if asked in LIVE:
        one = LIVE[asked]
        return aims.Aim(one.id, one.name, one.unit, one.direction)
    kpi, variant = parse(asked)
    return aims.Aim(kpi.id, kpi.name, variant.unit, kpi.direction)


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))
