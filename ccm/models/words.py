"""Columns for what people write: payment cards' numbers and codes are hidden before they are kept,
whoever writes them and however (`ccm.masking`). Telephone numbers and addresses stay: places and
links of meetings have such."""

from typing import Any

from django.db import models

from ccm.masking import masked


class _Masked:
    """In what is kept, in what is looked for among it, and in the row that was saved."""

    def get_prep_value(self, value: Any) -> Any:
        found = super().get_prep_value(value)  # type: ignore[misc]
        return masked(found, cards_only=True) if isinstance(found, str) else found

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = super().pre_save(row, add)  # type: ignore[misc]
        if isinstance(value, str) and (hidden := masked(value, cards_only=True)) != value:
            setattr(row, self.attname, hidden)  # type: ignore[attr-defined]
            return hidden
        return value

    def deconstruct(self) -> Any:
        # To the database it is a column as any other: no migration knows of it.
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{self.kept_as}", args, kwargs  # type: ignore[attr-defined]


class WordsField(_Masked, models.TextField):
    """A text of any length."""

    kept_as = "TextField"


class LineField(_Masked, models.CharField):
    """A short text, as a name or a reason."""

    kept_as = "CharField"
