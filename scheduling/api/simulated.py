"""A centre that is told in JSON, played, and told in JSON what came of it.

One description for a file and for the API. What it may say and how large it may be is here; the
file's has no limit on work, for who starts it can also end it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from rest_framework import serializers

from scheduling.simulation import playing
from scheduling.simulation.centre import (
    MOST_SLOTS,
    Array,
    Break,
    CallBack,
    Centre,
    Line,
    Listed,
    Pool,
    Times,
)
from scheduling.simulation.outcome import VARIANTS, Outcome, estimate
from scheduling.simulation.required import Aim, Required, required

_DAY = 86_400
_WEEK = 7 * 96
_MOST_PEOPLE = 2_000
_MOST_OBSERVED = 20_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one description may ask for; None: as much as it likes."""

    contacts: int | None = None
    """In all days of all trials, with calls again and calls out."""
    cells: int | None = None
    """Queues, pools and lists, times intervals, times days: what is kept until the end."""


REQUEST = Limits(contacts=6_000_000, cells=400_000)
"""A request is answered within some seconds."""
_TRIALS = 300
_FEWEST_TRIALS = 20


class _Strict(serializers.Serializer[Any]):
    """Refuses what it does not know: a word that is mistyped would be ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = {
                str(name): _("There is no such member: it would be ignored.")
                for name in data
                if name not in self.fields
            }
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


def _share(**more: Any) -> Any:
    return serializers.FloatField(min_value=0, max_value=1, **more)


def _seconds(least: float = 0, **more: Any) -> Any:
    return serializers.FloatField(min_value=least, max_value=_DAY, **more)


def _observed(words: str) -> Any:
    return serializers.ListField(
        child=_seconds(), min_length=1, max_length=_MOST_OBSERVED, required=False, help_text=words
    )


def _counts(most: int, **more: Any) -> Any:
    child = serializers.IntegerField(min_value=0, max_value=most)
    return serializers.ListField(child=child, min_length=1, max_length=_WEEK, **more)


def _several(of: Any, most: int = 20, allow_empty: bool = True) -> Any:
    told = {"default": list} if allow_empty else {"allow_empty": False}
    return of(many=True, max_length=most, **told)


class _Handled(_Strict):
    """With how long contacts take: around a mean, or as they were."""

    handle_seconds = _seconds(1, required=False, help_text="Their mean, exponential.")
    handle_observed_seconds = _observed("As they were, each as likely as the next.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("handle_seconds" in attrs) == ("handle_observed_seconds" in attrs):
            words = _("Say handle_seconds or handle_observed_seconds, one of them.")
            raise serializers.ValidationError({"handle_seconds": words})
        observed = attrs.get("handle_observed_seconds")
        if observed is not None and sum(observed) < len(observed):
            words = _("On average they take a second or more.")
            raise serializers.ValidationError({"handle_observed_seconds": words})
        return attrs


class CallBackSerializer(_Strict):
    share = _share(help_text="Of those who may be called back instead of waiting, who says yes.")
    after_seconds = _seconds(default=60.0, help_text="So long they have waited, or would have to.")
    when = serializers.ChoiceField(
        choices=("waited", "expected"),
        default="waited",
        help_text="`expected`: on coming, where who stands first has waited for longer so far.",
    )
    priority = serializers.IntegerField(
        min_value=0,
        max_value=1000,
        allow_null=True,
        default=None,
        help_text="Among the lines' priorities; null: the place in the queue is kept.",
    )


class LineSerializer(_Handled):
    """A queue."""

    name = serializers.CharField(max_length=120)
    calls = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=100_000),
        min_length=1,
        max_length=_WEEK,
        help_text="Contacts that are expected in each interval.",
    )
    patience_seconds = _seconds(
        1, required=False, help_text="Mean, exponential; without one nobody leaves."
    )
    patience_observed_seconds = _observed("As they were.")
    target_seconds = _seconds(default=20.0)
    variant = serializers.ChoiceField(
        choices=VARIANTS, default="SL4", help_text="Of the service level."
    )
    service_level = serializers.FloatField(
        min_value=0.01,
        max_value=0.9999,
        required=False,
        help_text="At least; asked of `required` alone.",
    )
    priority = serializers.IntegerField(
        min_value=0, max_value=1000, default=0, help_text="Lower goes first."
    )
    slots = serializers.IntegerField(
        min_value=1,
        max_value=MOST_SLOTS,
        default=1,
        help_text="So many fill one person, as of chats; 1: as of calls.",
    )
    stretch = serializers.FloatField(
        min_value=0,
        max_value=10,
        default=0.0,
        help_text="By which share each further contact that its person holds makes it longer.",
    )
    again = _share(default=0.0, help_text="Of those who leave, who calls again,")
    again_seconds = _seconds(1, default=600.0, help_text="so much later on average.")
    call_back = CallBackSerializer(required=False, allow_null=True, default=None)
    spread = serializers.FloatField(
        min_value=0, max_value=2, default=0.0, help_text="How much whole days move beyond chance."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if {"patience_seconds", "patience_observed_seconds"} <= attrs.keys():
            words = _("Say patience_seconds or patience_observed_seconds, not both.")
            raise serializers.ValidationError({"patience_seconds": words})
        return attrs


class BreakSerializer(_Strict):
    starts_seconds = serializers.FloatField(
        min_value=0, max_value=_WEEK * _DAY, help_text="From the start of the first interval on."
    )
    seconds = _seconds(1)
    people = serializers.IntegerField(min_value=1, max_value=_MOST_PEOPLE, default=1)


class PoolSerializer(_Strict):
    """People who can do the same."""

    name = serializers.CharField(max_length=120)
    people = _counts(
        _MOST_PEOPLE,
        help_text="In each interval. Of `required` alone: 0 is closed, and how many are found.",
    )
    skills = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=100),
        allow_empty=False,
        help_text="Names of lines, with how much rather: 1 before 2.",
    )
    most_at_once = serializers.IntegerField(
        min_value=1,
        max_value=MOST_SLOTS,
        allow_null=True,
        default=None,
        help_text="Contacts that one person holds at most; null: as the lines allow.",
    )
    breaks: Any = _several(BreakSerializer, 200)
    lists = serializers.ListField(
        child=serializers.CharField(max_length=120),
        default=list,
        max_length=20,
        help_text="Names of lists that are called out from when nobody waits, in this order.",
    )
    kept_free = serializers.IntegerField(
        min_value=0,
        max_value=_MOST_PEOPLE,
        default=0,
        help_text="So many stay free for who comes when somebody calls out.",
    )


class ListSerializer(_Handled):
    """People to be called out to."""

    name = serializers.CharField(max_length=120)
    dials = _counts(
        100_000,
        allow_null=True,
        default=None,
        help_text="So many more from the start of each interval on; null: without an end.",
    )


class RequiredSerializer(_Strict):
    """Asks for the fewest people with whom each line has its `service_level`."""

    sureness = serializers.FloatField(min_value=0.5, max_value=0.999, default=0.95)


class Description(_Strict):
    """A centre, and how often it is played."""

    interval_seconds = _seconds(60, default=1800.0)
    days = serializers.IntegerField(
        min_value=2, max_value=1000, default=100, help_text="Played, each drawn by itself."
    )
    seed = serializers.IntegerField(min_value=0, max_value=2**53, default=1)
    warm_up_intervals = serializers.IntegerField(
        min_value=0, max_value=_WEEK, default=0, help_text="The first that do not count."
    )
    lines: Any = _several(LineSerializer, allow_empty=False)
    pools: Any = _several(PoolSerializer, allow_empty=False)
    lists: Any = _several(ListSerializer)
    required: Any = RequiredSerializer(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if faults := dict(_faults(attrs)):
            raise serializers.ValidationError(_nested(faults))
        centre = _centre(attrs)
        trials = _TRIALS
        limits: Limits = self.context.get("limits", Limits())
        work = _contacts(centre, attrs["required"] is not None) * attrs["days"]
        if limits.contacts is not None:
            trials = min(trials, int(limits.contacts // max(work, 1)) - 1)
        fewest = 0 if attrs["required"] is None else _FEWEST_TRIALS
        parts = len(centre.lines) + len(centre.pools) + len(centre.lists)
        cells = parts * centre.length * attrs["days"]
        words = ""
        if trials < fewest:
            words = _(
                "That is too much for one request: some %(many)s contacts, and at most %(most)s. "
                "Play fewer days, or fewer intervals."
            ) % {"many": f"{work * max(fewest + 1, 1):,.0f}", "most": f"{limits.contacts:,}"}
        elif limits.cells is not None and cells > limits.cells:
            words = _(
                "That is too much for one request: %(many)s queues and pools, times intervals, "
                "times days, and at most %(most)s. Play fewer days, or fewer intervals."
            ) % {"many": f"{cells:,}", "most": f"{limits.cells:,}"}
        if words:
            raise serializers.ValidationError({"days": words})
        return attrs | {"centre": centre, "trials": trials}


# Where something is wrong, step by step, and why.
_Fault = tuple[tuple[str | int, ...], str]


def _faults(told: Mapping[str, Any]) -> Iterator[_Fault]:
    """What does not fit together, though each part is right."""
    length = len(told["lines"][0]["calls"])
    words = _("The first line has %(many)d intervals; this has not.") % {"many": length}
    for kind, member in (("lines", "calls"), ("pools", "people"), ("lists", "dials")):
        names: set[str] = set()
        for place, one in enumerate(told[kind]):
            if one[member] is not None and len(one[member]) != length:
                yield (kind, place, member), words
            if one["name"] in names:
                yield (kind, place, "name"), _("There is another of this name.")
            names.add(one["name"])
    lines, lists = ({one["name"] for one in told[kind]} for kind in ("lines", "lists"))
    for place, pool in enumerate(told["pools"]):
        for name in pool["skills"].keys() - lines:
            yield ("pools", place, "skills", name), _("There is no line of this name.")
        for number, name in enumerate(pool["lists"]):
            if name not in lists:
                yield ("pools", place, "lists", number), _("There is no list of this name.")
            elif name in pool["lists"][:number]:
                yield ("pools", place, "lists", number), _("This list is named twice.")
    if told["warm_up_intervals"] >= length:
        yield ("warm_up_intervals",), _("No interval is left that counts.")
    if told["required"] is None:
        return
    if all("service_level" not in line for line in told["lines"]):
        yield ("required",), _("No line says its service_level.")
    able = {name for pool in told["pools"] if any(pool["people"]) for name in pool["skills"]}
    for place, line in enumerate(told["lines"]):
        if "service_level" in line and line["name"] not in able:
            yield ("lines", place, "service_level"), _("No pool that is open serves this line.")


def _nested(faults: Mapping[tuple[str | int, ...], str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, words in faults.items():
        inner = found
        for step in path[:-1]:
            inner = inner.setdefault(str(step), {})
        inner.setdefault(str(path[-1]), []).append(words)
    return found


def _times(told: Mapping[str, Any], name: str) -> Times | None:
    observed = told.get(f"{name}_observed_seconds")
    if observed is not None:
        return Times.of(observed)
    mean = told.get(f"{name}_seconds")
    return None if mean is None else Times(mean)


def _handled(told: Mapping[str, Any]) -> Times:
    found = _times(told, "handle")
    assert found is not None  # as it was checked
    return found


def _centre(told: Mapping[str, Any]) -> Centre:
    lines = [
        Line(
            calls=np.array(one["calls"], float),
            handle=_handled(one),
            patience=_times(one, "patience"),
            call_back=None if one["call_back"] is None else CallBack(**one["call_back"]),
            **{
                name: one[name]
                for name in (
                    "target_seconds", "priority", "slots", "stretch", "again", "again_seconds",
                    "spread",
                )
            },
        )
        for one in told["lines"]
    ]  # fmt: skip
    numbers = {one["name"]: number for number, one in enumerate(told["lines"])}
    of_lists = {one["name"]: number for number, one in enumerate(told["lists"])}
    pools = [
        Pool(
            people=np.array(one["people"], np.int64),
            skills={numbers[name]: rather for name, rather in one["skills"].items()},
            most_at_once=one["most_at_once"],
            breaks=[
                Break(each["starts_seconds"], each["seconds"], each["people"])
                for each in one["breaks"]
            ],
            lists=[of_lists[name] for name in one["lists"]],
            kept_free=one["kept_free"],
        )
        for one in told["pools"]
    ]
    lists = [
        Listed(_handled(one), None if one["dials"] is None else np.array(one["dials"], np.int64))
        for one in told["lists"]
    ]
    return Centre(lines, pools, told["interval_seconds"], lists)


def _contacts(centre: Centre, is_required: bool) -> float:
    """How many contacts a day is played with, about and at most: calls, those again, and out. One
    of a pool whose people are followed one by one takes longer, by how many they are."""
    calls = sum(float(line.calls.sum()) / max(1 - line.again, 0.2) for line in centre.lines)
    out = 0.0
    for number, one in enumerate(centre.lists):
        callers = [pool for pool in centre.pools if number in pool.lists]
        if one.dials is not None:
            out += float(one.dials.sum())
        else:
            seconds = sum(float(pool.people.sum()) for pool in callers) * centre.interval_seconds
            out += seconds / one.handle.mean
    most = max(int(pool.people.max()) for pool in centre.pools)
    if is_required:
        load = sum(float(line.calls.max()) * line.handle.mean for line in centre.lines)
        most = max(most, int(2 * load / centre.interval_seconds) + 10)
    is_shared = any(line.slots > 1 for line in centre.lines)
    each = 1 + is_shared * (_SHARED + most * len(centre.pools) / _PEOPLE_A_CONTACT)
    return (calls + out) * each + _DAY_AS_CONTACTS * (1 + len(centre.lists))


# As measured: so much longer a contact of a shared pool takes, and once more for so many people who
# are looked at; to begin a day, and each of its lists, takes as long as so many contacts.
_SHARED, _PEOPLE_A_CONTACT, _DAY_AS_CONTACTS = 2, 300, 500


def answer(told: Mapping[str, Any]) -> dict[str, Any]:
    """What comes of a description that was checked."""
    centre: Centre = told["centre"]
    first = told["warm_up_intervals"]
    found: Required | None = None
    if told["required"] is None:
        days = playing.played(centre, told["days"], told["seed"])
    else:
        aims = {
            number: Aim(line["service_level"], line["variant"])
            for number, line in enumerate(told["lines"])
            if "service_level" in line
        }
        found = required(
            centre,
            aims,
            sureness=told["required"]["sureness"],
            days=told["days"],
            seed=told["seed"],
            most_trials=told["trials"],
            first=first,
        )
        days = found.outcome
    return {
        "days": told["days"],
        "seed": told["seed"],
        "lines": [_line(days, number, line, first) for number, line in enumerate(told["lines"])],
        "pools": [
            {
                "name": pool["name"],
                "occupancy": _estimate(days.occupancy(first)[:, number], most=1.0),
                "concurrency": _estimate(days.concurrency(first)[:, number]),
            }
            for number, pool in enumerate(told["pools"])
        ],
        "lists": [
            {
                "name": one["name"],
                "dials_per_hour": _estimate(days.dials_per_hour(first)[:, number]),
            }
            for number, one in enumerate(told["lists"])
        ],
        "required": None if found is None else _required(found, told),
    }


def _line(days: Outcome, number: int, line: Mapping[str, Any], first: int) -> dict[str, Any]:
    counts = {
        name: _estimate(days.of(name, first)[:, number])
        for name in ("offered", "answered", "abandoned", "still_there")
    }
    level = _estimate(days.service_level(line["variant"], first)[:, number], most=1.0)
    return {
        "name": line["name"],
        **counts,
        "service_level": {"variant": line["variant"], **level},
        "asa_seconds": {"variant": "W1", **_estimate(days.asa("W1", first)[:, number])},
        "abandonment": {"variant": "A2", **_estimate(days.abandonment(first)[:, number], most=1.0)},
        "call_backs": {
            "asked": _estimate(days.of("called_back", first)[:, number]),
            "done": _estimate(days.of("back_done", first)[:, number]),
            "until_done_seconds": _estimate(days.until_called_back(first)[:, number]),
        },
    }


def _required(found: Required, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "is_enough": found.is_enough,
        "is_fewest": found.is_fewest,
        "trials": found.trials,
        "sureness": told["required"]["sureness"],
        "pools": [
            {"name": pool["name"], "people": people.tolist(), "formula": formula.tolist()}
            for pool, people, formula in zip(
                told["pools"], found.people, found.formula, strict=True
            )
        ],
        "lines": [
            {
                "name": told["lines"][number]["name"],
                "variant": told["lines"][number]["variant"],
                "service_level": told["lines"][number]["service_level"],
                "surely": sure,
            }
            for number, sure in found.sure.items()
        ],
    }


def _estimate(by_day: Array, *, most: float = np.inf) -> dict[str, float | None]:
    """Of days, with the bounds of 95 %; null: nothing to tell."""
    found = estimate(by_day, most=most)
    return {
        name: value if np.isfinite(value) else None
        for name, value in (("mean", found.mean), ("low", found.low), ("high", found.high))
    }


def pointed(detail: Any, path: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """A refusal's words, each with where it is said, as in `lines/0/calls`."""
    if isinstance(detail, Mapping):
        for name, more in detail.items():
            yield from pointed(more, path if name == "non_field_errors" else (*path, str(name)))
    elif isinstance(detail, list):
        for place, more in enumerate(detail):
            yield from pointed(more, path if isinstance(more, str) else (*path, str(place)))
    else:
        yield "/".join(path), str(detail)
