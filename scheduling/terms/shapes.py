"""Shift templates as the shapes that a roster may give: each of their staggered starts."""

from collections.abc import Iterable, Iterator

from scheduling.models import ShiftTemplate
from scheduling.shifts import Kind, Pause, Shape


def template_id(pk: int) -> str:
    """How a roster calls a template (`Shape.template`)."""
    return str(pk)


def shape_id(template: int, start: int, minutes: int) -> str:
    """How a roster calls a shape: its template, its start, and how long it is from its beginning to
    its end, so that it is the same in each roster as long as its template has such a start."""
    return f"{template}-{start}-{minutes}"


def template_of(shape: str) -> int:
    """The template of a shape, by its id."""
    return int(shape.partition("-")[0])


def of_template(template: ShiftTemplate) -> tuple[Shape, ...]:
    """Every start of a template, each as long as it may be: by start, then by length."""
    return tuple(_shapes(template))


def of_templates(templates: Iterable[ShiftTemplate]) -> tuple[Shape, ...]:
    return tuple(shape for one in templates for shape in _shapes(one))


def _shapes(template: ShiftTemplate) -> Iterator[Shape]:
    forms: list[tuple[tuple[int, int], ...]]
    forms = [((0, length),) for length in sorted(template.lengths)]
    if template.spells:
        forms = [tuple((since, to) for since, to in template.spells)]
    pauses = tuple(Pause(**one) for one in template.pauses)
    for start in range(template.first_start, template.last_start + 1, template.step_minutes):
        for spells in forms:
            yield Shape(
                id=shape_id(template.pk, start, spells[-1][1]),
                start=start,
                spells=spells,
                template=template_id(template.pk),
                kind=Kind(template.kind),
                pauses=pauses,
                weekdays=frozenset(template.weekdays),
            )
