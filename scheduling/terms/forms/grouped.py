"""Forms of which some fields stand together under a heading."""

from collections.abc import Sequence

from django import forms
from django.utils.functional import Promise

Words = str | Promise
Groups = list[tuple[Words, Words, list[forms.BoundField]]]


class Grouped:
    """A form of which some fields stand together under a heading, with a hint."""

    grouped: Sequence[tuple[Words, Words, Sequence[str]]] = ()
    fields: dict[str, forms.Field]

    @property
    def plain(self) -> list[forms.BoundField]:
        """Those that stand under none."""
        apart = {name for _words, _hint, names in self.grouped for name in names}
        return [self[name] for name in self.fields if name not in apart]  # type: ignore[index]

    @property
    def groups(self) -> Groups:
        return [
            (heading, hint, [self[name] for name in names if name in self.fields])  # type: ignore[index]
            for heading, hint, names in self.grouped
        ]
