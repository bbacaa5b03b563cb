"""What a demo's files say can be published, and leads somewhere."""

from decimal import Decimal

import pytest

from coaching.courses import scoring
from coaching.demo import shelved
from coaching.demo.people import words
from coaching.library import text
from coaching.models import LibraryPage
from coaching.voice import reads
from tests.builders import a_site
from tests.coaching.voice.builders import a_comment, a_tag


@pytest.mark.parametrize("name", shelved.PAGES)
def test_each_page_says_why_and_its_steps_lead_somewhere(name):
    page = shelved.read(name)
    assert page.kind in LibraryPage.Kind.values
    assert 0 < len(page.said["title"]) <= 160
    assert 0 < len(page.said["why"]) <= 2000
    assert text.outline(page.said["body"]).dead == ()


def test_of_a_decision_tree_every_heading_is_reached():
    body = shelved.read("unexpected-charge").said["body"]
    assert text.outline(body).unreached == ()


def test_each_question_of_a_course_can_be_answered():
    kinds = {"single", "multiple", "number"}
    for course in words("learning")["courses"]:
        for one in course["questions"]:
            assert one["kind"] in kinds
            answers = tuple(scoring.Answer(said, right) for said, right in one["answers"])
            assert not scoring.faults(scoring.Asked(one["kind"], answers, Decimal(0)))
            assert one["why"]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "kind"), [("en", "Kind"), ("es", "Amable")])
def test_each_tag_finds_comments_and_none_of_trouble_finds_praise(language, kind):
    said, site = words("voice")[language], a_site()
    tags = [a_tag(site, name, asked) for name, asked in said["tags"]]
    pools = [said[name] for name in ("high", "middle", "low", "waited", "passed", "open")]
    pools += said["topics"].values()
    rows = {a_comment(site, one).pk: one for pool in pools for one in pool}
    found = reads.tagged([*rows], tags)
    for tag in tags:
        having = {rows[pk] for pk, some in found.items() if tag.pk in some}
        assert having, tag.name
        assert tag.name == kind or not having & {*said["high"]}, tag.name
