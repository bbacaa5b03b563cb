"""The languages that pages are in: the source's own, and those that a catalogue translates it to.

Django knows dozens of languages. One of them that this program has no words in would be promised
by the page's `lang` and the reader given English, with days and numbers in another language.
"""

from collections.abc import Iterable
from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language


def spoken(source: str, folders: Iterable[Path]) -> list[tuple[str, str]]:
    """Codes and own names of the source's language and of those with a compiled catalogue in one of
    these folders, as the setting LANGUAGES has them."""
    catalogues = {
        to_language(found.parent.parent.name)
        for folder in folders
        for found in folder.glob("*/LC_MESSAGES/django.mo")
    }
    codes = [source, *sorted(catalogues - {source})]
    return [(code, LANG_INFO.get(code, {}).get("name_local", code)) for code in codes]
