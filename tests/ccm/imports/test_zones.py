"""Which zone an import's times are read in, in words."""

import pytest

from ccm.imports import zones
from ccm.models import ImportBatch, Job
from tests.builders import LAYOUT, a_site, a_user

pytestmark = pytest.mark.django_db


def a_batch(**more):
    job = Job.objects.create(kind="import", created_by=a_user("admin"))
    site = a_site("Leeds", "Europe/London")
    return ImportBatch.objects.create(job=job, site=site, source="t", **more)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (LAYOUT.as_json(), "Europe/Paris (the mapping's)"),
        # One of an older program, that this one reads no more, says nothing.
        ({"columns": "of another kind"}, "Europe/London (the site's)"),
    ],
)
def test_of_a_mapping_that_is_read_its_zone_is_said_else_the_sites(mapping, words):
    assert zones.zone_words(a_batch(format="x", mapping=mapping)) == words
