"""Rows of several tables in one query."""

from datetime import date

import pytest

from ccm import together
from ccm.models import Agent, Leave, Queue, Site
from scheduling.models import ShiftTemplate, SiteRules
from tests.builders import a_leave, a_queue, a_site, an_agent
from tests.scheduling.terms.builders import a_template

pytestmark = pytest.mark.django_db


def test_rows_are_what_each_queryset_alone_reads_in_its_order(django_assert_num_queries):
    site = a_site("O'Hara 100%")
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    ben.hired_on = date(2024, 2, 29)
    ben.save()
    a_leave(ben, first_on=date(2026, 3, 16))
    pause = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}
    a_template(site, "Day", lengths=[480, 240], pauses=[pause])
    SiteRules.objects.create(site=site, weights={"pairing": 50}, mix="1.5")
    a_queue(site)
    wanted = {
        "people": Agent.objects.filter(site=site).order_by("-name"),
        "leaves": Leave.objects.filter(agent__site=site),
        "shapes": ShiftTemplate.objects.filter(site=site, name="Day"),
        "rules": SiteRules.objects.filter(site=site),
        "sites": Site.objects.filter(name="O'Hara 100%"),
        "queues": Queue.objects.filter(site=site),
    }
    with django_assert_num_queries(1):
        found = together.read(wanted)
    for name, rows in wanted.items():
        for mine, alone in zip(found[name], rows, strict=True):
            fields = [field.attname for field in mine._meta.concrete_fields]
            assert [getattr(mine, one) for one in fields] == [getattr(alone, one) for one in fields]
            assert not mine._state.adding
    assert [one.pk for one in found["people"]] == [ben.pk, ada.pk]
    assert found["people"][0].hired_on == date(2024, 2, 29)
    assert found["shapes"][0].pauses == [pause]


def test_what_can_have_no_rows_has_none(django_assert_num_queries):
    site = a_site()
    with django_assert_num_queries(1):
        found = together.read({"none": Agent.objects.none(), "sites": Site.objects.all()})
    assert (found["none"], [one.pk for one in found["sites"]]) == ([], [site.pk])
    with django_assert_num_queries(0):
        assert together.read({"none": Agent.objects.filter(pk__in=[])}) == {"none": []}
    assert together.read({"nobody": Agent.objects.filter(name="nobody")}) == {"nobody": []}
