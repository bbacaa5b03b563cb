"""Columns for what people write: payment cards' numbers and codes are hidden before they are kept,
whoever writes them and however (`ccm.masking`). Telephone numbers and addresses stay: places and
links of meetings have such."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ccm.masking import without_cards


class _Masked:
    """In what is kept, in what is looked for among it, and in the row that was saved."""

    def get_prep_value(self, value: Any) -> Any:
        found = super().get_prep_value(value)  # type: ignore[misc]
        return without_cards(found) if isinstance(found, (str, list, dict)) else found

    def pre_save(self, row: models.Model, add: bool) -> Any:
        value = super().pre_save(row, add)  # type: ignore[misc]
        if isinstance(value, (str, list, dict)) and (hidden := without_cards(value)) != value:
            setattr(row, self.attname, hidden)  # type: ignore[attr-defined]
            return hidden
        return value

    def deconstruct(self) -> Any:
        # To the database it is a column as any other: no migration knows of it.
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.{self.kept_as}", args, kwargs  # type: ignore[attr-defined]


class WordsField(_Masked, models.TextField):
    """A text of any length."""

    kept_as = "db.models.TextField"


class LineField(_Masked, models.CharField):
    """A short text, as a name or a reason."""

    kept_as = "db.models.CharField"


class LinesField(_Masked, ArrayField):
    """Several of them, as words of a list."""

    kept_as = "contrib.postgres.fields.ArrayField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        # Its parts go to the database by themselves, and it as a whole never does.
        found = without_cards(value) if isinstance(value, list) else value
        return super().get_db_prep_value(found, connection, prepared)


class TreeField(_Masked, models.JSONField):
    """What people put together and is kept as JSON: its texts, and the names in it."""

    kept_as = "db.models.JSONField"
