"""Whoever asks is found by a statement that is put together once, as by one put together anew."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models import Exists
from django.test.utils import CaptureQueriesContext

from ccm import kept, navigation
from ccm.access import facts, facts_signed_in
from ccm.backend import Backend
from ccm.entry import factors
from ccm.kept import Kept
from ccm.models import Site, User
from coaching.suggestions import services as suggestions
from tests.builders import NINE, a_site, a_user
from tests.reach import a_world

pytestmark = pytest.mark.django_db


def anew(pk):
    asked = facts() | facts_signed_in() | {"has_factor": factors.has_one()} | navigation.counted()
    return User.objects.filter(pk=pk).annotate(**asked).first()


def said(user):
    """All that is known of a user, but what is kept for the rest of a request."""
    return {name: value for name, value in vars(user).items() if name[0] != "_"}


def test_each_role_is_found_with_all_that_the_sidebar_counts_as_anew_and_at_any_time():
    world = a_world()
    with time_machine.travel(NINE):
        suggestions.suggest(world.site, "Chairs", "Better ones", None, NINE)
    waiting = set()
    for days in (0, 1, 2, 3):
        with time_machine.travel(NINE + timedelta(days=days), tick=False):
            for role, person in world.people.items():
                found = Backend().get_user(person.pk)
                assert said(found) == said(anew(person.pk)), (role, days)
            waiting.add((days, len(found.suggestions_waiting)))
    # What was put in without a name is out from the second day after: in one statement for all.
    assert waiting == {(0, 0), (1, 0), (2, 1), (3, 1)}


def test_it_is_one_query_and_of_nobody_none_is_found():
    user = a_user("manager", a_site())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert Backend().get_user(user.pk) == user
        assert Backend().get_user(user.pk + 1_000_000) is None
    assert len(asked) == 2


def test_a_row_of_any_model_is_found_and_can_be_saved():
    made = []

    def make():
        made.append(1)
        return Site.objects.filter(pk=kept.ID)

    one, other, known = a_site("Leeds"), a_site("Goa"), Kept(make)
    assert [known.get(one.pk).name, known.get(other.pk).name] == ["Leeds", "Goa"]
    assert made == [1]
    found = known.get(one.pk)
    found.name = "York"
    found.save()
    assert known.get(one.pk).name == "York"
    known.forget()
    known.get(one.pk)
    assert made == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_forgot_the_statement_answers_and_is_told_it_again():
    user = a_user("manager", a_site())
    known = Kept(lambda: User.objects.filter(pk=kept.ID))
    assert known.get(user.pk) == user
    with connection.cursor() as cursor:
        cursor.execute(f"DEALLOCATE {known._known.name}")
    assert known.get(user.pk) == user
    with CaptureQueriesContext(connection) as asked:
        assert known.get(user.pk) == user
    assert [one["sql"][:7] for one in asked] == ["EXECUTE"]
    connection.close()
    assert known.get(user.pk) == user


def test_what_is_in_the_words_of_a_statement_stays():
    a_site("50 % off")
    site = a_site("Leeds")
    known = Kept(
        lambda: Site.objects.filter(pk=kept.ID).annotate(
            off=Exists(Site.objects.filter(name__contains="% off"))
        )
    )
    assert known.get(site.pk).off is True


def test_a_moment_that_would_be_kept_is_refused():
    frozen = Kept(lambda: User.objects.filter(pk=kept.ID, date_joined__lt=NINE))
    with pytest.raises(ValueError, match="use Late"):
        frozen.get(1)
