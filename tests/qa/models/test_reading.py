"""Who reads which review: the table of docs/quality.md, walked cell by cell."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from qa.models import CalibrationCall, CalibrationSession, DrawnCall, Evaluation
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.qa.builders import a_version_of, an_evaluation, finished
from tests.qa.plans.builders import NEXT, Centre

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "quality.md"
STATES = {
    "To do or begun": ("todo", "draft"),
    "Finished": ("finished",),
    "Released": ("released",),
    "Dropped": ("dropped",),
}
BLIND, DISCUSSED = "Calibration, blind", "Calibration, discussed"


def table():
    """(reader, column): what they read."""
    lines = DOCUMENT.read_text().split("| Reader |")[1].splitlines()
    columns = [one.strip() for one in lines[0].strip("| ").split("|")]
    found = {}
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        reader, *cells = (one.strip() for one in line.strip("| ").split("|"))
        found |= {(reader, column): cell for column, cell in zip(columns, cells, strict=True)}
    return found


class House:
    def __init__(self):
        self.site = a_site("Leeds")
        queue = a_queue(self.site, "Billing")
        self.agent = an_agent(self.site, user=a_user("agent"))
        self.lead = a_user("supervisor")
        a_team(self.site, self.lead, self.agent)
        self.reviewer = a_user("qa_analyst", self.site)
        self.call = a_call(queue, agent=self.agent)
        self.queue = queue
        self.reviews = {}
        for column, states in STATES.items():
            self.reviews[column] = [self.review(one) for one in states]
        self.reviews[BLIND] = [self.rating("blind")]
        self.reviews[DISCUSSED] = [self.rating("open"), self.rating("closed")]

    def review(self, state):
        call = a_call(self.queue, agent=self.agent)
        one = finished(an_evaluation(call, self.reviewer))
        return finished(one, state=state, released_at=NINE if state == "released" else None)

    def rating(self, state):
        version = a_version_of(self.site)
        session = CalibrationSession.objects.create(
            site=self.site, name=state, version=version, due_at=NINE, made_at=NINE, state=state,
            opened_at=None if state == "blind" else NINE,
            closed_at=NINE if state == "closed" else None,
        )  # fmt: skip
        call = a_call(self.queue, agent=self.agent)
        of = CalibrationCall.objects.create(session=session, call=call)
        return finished(
            an_evaluation(call, self.reviewer, kind="calibration", session_call=of, version=version)
        )

    def readers(self):
        other_lead = a_user("supervisor")
        a_team(self.site, other_lead, an_agent(self.site))
        twice, rater = (a_user("qa_analyst", self.site) for _ in range(2))
        twice.groups.add(Group.objects.get(name="agent"))
        for reviews in self.reviews.values():
            for one in reviews:
                an_evaluation(one.call, rater)
        another = an_agent(self.site, user=a_user("agent"))
        return {
            "admin": a_user("admin"),
            "manager": a_user("manager", self.site),
            "QA analyst": a_user("qa_analyst", self.site),
            "its reviewer": self.reviewer,
            "supervisor of its agent": self.lead,
            "its agent": self.agent.user,
            "QA analyst who is its agent": twice,
            "QA analyst with a review of the call to do": rater,
            "supervisor of another team": other_lead,
            "QA analyst of another site": a_user("qa_analyst", a_site("York")),
            "another agent": another.user,
            "trainer": a_user("trainer", self.site),
            "planner": a_user("planner", self.site),
        }


def read(user, review):
    row = Evaluation.objects.visible_to(user).told_to(user).filter(pk=review.pk).first()
    return "none" if row is None else "all" if row.is_told else "that it is"


def test_each_reader_reads_of_each_review_what_the_table_says():
    house = House()
    readers, expected = house.readers(), table()
    assert {reader for reader, _column in expected} == set(readers)
    assert {column for _reader, column in expected} == set(house.reviews)
    found = {}
    # Last, for until then the agent is another.
    for reader, user in sorted(readers.items(), key=lambda one: "who is its agent" in one[0]):
        if "who is its agent" in reader:
            house.agent.user = user
            house.agent.save()
        for column, reviews in house.reviews.items():
            (found[reader, column],) = {read(user, one) for one in reviews}
    assert found == expected


def test_what_counts_is_the_same_of_one_review_as_of_rows():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.draw()
    for one in Evaluation.objects.all():
        finished(one)
    first = [one.pk for one in Evaluation.objects.filter(rank=0).order_by("pk")]
    Evaluation.objects.filter(pk=first[0]).update(state="draft")
    Evaluation.objects.filter(pk=first[1]).update(share=None)
    DrawnCall.objects.filter(evaluations=first[2]).update(
        state="swapped", swap_reason="no_talk", swapped_at=NEXT
    )
    finished(an_evaluation(a_call(centre.queue, agent=centre.agents[0]), centre.analysts[0]))
    # Five were drawn: one is begun, one has no score, one was swapped.
    scored = {one.pk for one in Evaluation.objects.scored()}
    assert scored == set(first[3:])
    assert {one.pk for one in Evaluation.objects.all() if one.counts} == scored
