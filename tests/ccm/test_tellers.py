"""Who tells what an entry of the audit log is about says something of any entry of its model: also
of one that names no row, or says nothing of before and after, as an export of all sites does."""

import itertools

import pytest
from django.apps import apps
from django.db.models import UUIDField

from ccm import audit
from ccm.models import AuditEntry
from tests.builders import NINE

pytestmark = pytest.mark.django_db
SAID = [None, {}, {"site": None}, {"site": 7, "agent": 7}]
MODELS = sorted({one for one in audit._tellers if "." in one} | {"gone.model"})


def number_of(model):
    """The id that a row of the model may have had."""
    try:
        key = apps.get_model(model)._meta.pk
    except LookupError:
        return "7"
    return "0b9f3a52-7f0e-7c1e-8d3a-3f2f8f1d9c11" if isinstance(key, UUIDField) else "7"


def entries(model):
    """One of each: no service made them, and the page shows them all the same."""
    among = itertools.product(AuditEntry.Action, ["", number_of(model)], SAID, SAID)
    return [
        AuditEntry(
            pk=place, at=NINE, action=action, model=model, object_id=number, before=before,
            after=after, names={},
        )
        for place, (action, number, before, after) in enumerate(among, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_every_entry_is_told_in_words(model):
    some = entries(model)
    names = audit.Names(some)
    told = audit.told(some, names)
    assert told.keys() == {one.pk for one in some}
    assert all(each.words for each in told.values())
    for one in some:
        for change in audit.changes(one, names, told[one.pk]):
            assert change.name
            assert isinstance(change.before, str)
            assert isinstance(change.after, str)


@pytest.mark.parametrize("model", MODELS)
def test_one_that_is_told_by_itself_is_told_as_among_others(model):
    """A teller that asks for rows asks for those of all; one odd entry hides no other's words."""
    some = entries(model)
    names = audit.Names(some)
    together = audit.told(some, names)
    for one in some[:: len(some) // 12]:
        assert audit.told([one], names)[one.pk].words == together[one.pk].words
