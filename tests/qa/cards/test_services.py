"""Scorecards are made, changed, published and closed; two who do so at once lose nothing."""

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry
from qa.cards import document, edits, reads, services
from qa.models import CardCriterion, CardVersion, Scorecard
from qa.scoring import Kind
from tests.builders import NINE, a_site, a_user
from tests.qa.builders import a_plan, an_evaluation, finished
from tests.qa.cards.builders import a_draft, a_published, changed
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def keeper(site):
    return a_user("qa_analyst", site)


def keys(card):
    return dict(CardCriterion.objects.filter(card=card).values_list("key", "name"))


def test_what_is_published_is_frozen_and_its_criteria_are_there(site, keeper):
    card = a_published(site, keeper)
    version = card.versions.get()
    assert (version.state, version.published_by, version.published_at) == (
        "published", keeper, NINE,
    )  # fmt: skip
    assert keys(card) == {
        "greeting": "Greeting",
        "verified": "Verified the account",
        "cause": "Found the cause",
        "remark": "Remark",
    }
    with pytest.raises(services.Stale):
        services.keep(version, edits.empty(), keeper, NINE, revision=0)


def test_the_next_version_begins_as_the_last_and_its_criteria_stay_the_same_rows(site, keeper):
    card = a_published(site, keeper)
    before = dict(CardCriterion.objects.filter(card=card).values_list("key", "pk"))
    draft = services.begin(card, keeper, NINE)
    assert (draft.number, draft.form) == (2, card.versions.get(number=1).form)
    assert services.begin(card, keeper, NINE) == draft
    form = edits.remove(changed(draft, name="Greets by name"), "remark")
    one, said = edits.fresh("hold", "Holds", Kind.YES_NO, {"yes": "Met", "no": "Not met"})
    form = edits.put(form, one, said, "care")
    draft = services.keep(draft, form, keeper, NINE, revision=0)
    # Nothing of it shows before it is published.
    assert keys(card)["greeting"] == "Greeting"
    services.publish(draft, "Holds, too", keeper, NINE, revision=1)
    after = dict(CardCriterion.objects.filter(card=card).values_list("key", "pk"))
    assert {key: after[key] for key in before} == before
    assert keys(card)["greeting"] == "Greets by name"
    assert keys(card)["remark"] == "Remark"  # what was answered to it can still be named
    assert {*after} - {*before} == {"hold"}


def test_of_two_who_change_a_draft_the_second_is_told_and_the_first_is_kept(site, keeper):
    draft = a_draft(site, keeper)
    first = services.keep(draft, changed(draft, weight=50), keeper, NINE, revision=0)
    assert first.revision == 1
    with pytest.raises(services.Stale) as stale:
        services.keep(draft, changed(draft, weight=60), keeper, NINE, revision=0)
    assert stale.value.version.revision == 1
    draft.refresh_from_db()
    assert document.read(draft.form).find("greeting").weight == 50
    # What changes nothing is no change.
    same = document.read(draft.form)
    assert services.keep(draft, same, keeper, NINE, revision=1).revision == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_change(site, keeper):
    draft = a_draft(site, keeper)
    said = elsewhere(*(
        lambda weight=weight: services.keep(
            CardVersion.objects.get(pk=draft.pk), changed(draft, weight=weight), keeper, NINE,
            revision=0,
        )
        for weight in (11, 12)
    ))  # fmt: skip
    assert sorted(said)[1] == "done"
    assert "Somebody changed this draft" in sorted(said)[0]
    draft.refresh_from_db()
    assert draft.revision == 1


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_published_once_and_begun_once(site, keeper):
    draft = a_draft(site, keeper)
    said = elsewhere(*[lambda: services.publish(draft, "", keeper, NINE, revision=0)] * 2)
    assert sorted(said)[1] == "done"
    assert "no such draft" in sorted(said)[0]
    card = Scorecard.objects.get()
    assert elsewhere(*[lambda: services.begin(card, keeper, NINE)] * 2) == ["done", "done"]
    assert list(card.versions.values_list("number", "state")) == [(2, "draft"), (1, "published")]


def test_what_has_faults_is_not_published_and_says_all_of_them(site, keeper):
    draft = a_draft(site, keeper, form=None)
    with pytest.raises(services.Faulty) as faulty:
        services.publish(draft, "", keeper, NINE, revision=0)
    assert faulty.value.messages == ["Nothing on it is scored: give a criterion a weight."]
    form = edits.add_section(changed(a_draft(site, keeper, "Other"), options=[]), "end", "End")
    draft = services.keep(draft, form, keeper, NINE, revision=0)
    with pytest.raises(services.Faulty) as faulty:
        services.publish(draft, "", keeper, NINE, revision=1)
    assert faulty.value.messages == [
        "Greeting: There must be at least two answers.",
        "End: This section has no criteria yet.",
    ]
    assert not CardCriterion.objects.exists()


def test_a_version_that_says_nothing_new_is_not_published(site, keeper):
    draft = services.begin(a_published(site, keeper), keeper, NINE)
    with pytest.raises(ValidationError, match="nothing to publish"):
        services.publish(draft, "Again", keeper, NINE, revision=0)


def test_a_discarded_draft_leaves_the_last_version_and_the_only_one_is_not_discarded(site, keeper):
    card = a_published(site, keeper)
    draft = services.begin(card, keeper, NINE)
    with pytest.raises(services.Stale):
        services.discard(draft, keeper, NINE, revision=3)
    services.discard(draft, keeper, NINE, revision=0)
    assert card.versions.get().number == 1
    with pytest.raises(ValidationError, match="all there is"):
        services.discard(a_draft(site, keeper, "New"), keeper, NINE, revision=0)


def test_a_card_with_reviews_is_closed_and_never_removed(site, keeper):
    card = a_published(site, keeper)
    review = finished(an_evaluation(version=card.versions.get()))
    assert not services.remove(card, keeper, NINE)
    assert reads.hanging(card) == ["1 review"]
    assert services.close(card, keeper, NINE)
    assert not services.close(card, keeper, NINE)
    with pytest.raises(ValidationError, match="closed"):
        services.begin(card, keeper, NINE)
    assert Scorecard.objects.standing().count() == 0
    review.refresh_from_db()
    assert review.version.card == card
    assert services.reopen(card, keeper, NINE)
    assert services.begin(card, keeper, NINE).number == 2


def test_a_card_that_nothing_was_made_by_may_go_but_not_one_that_a_plan_draws_for(site, keeper):
    card = a_published(site, keeper)
    a_plan(site, card)
    assert reads.hanging(card) == ["1 sampling plan"]
    assert not services.remove(card, keeper, NINE)
    other = a_published(site, keeper, "Other")
    assert services.remove(other, keeper, NINE)
    assert list(Scorecard.objects.all()) == [card]


def test_a_name_is_there_once_a_site_and_may_be_elsewhere(site, keeper):
    a_draft(site, keeper)
    with pytest.raises(ValidationError, match="another scorecard of this name"):
        a_draft(site, keeper)
    other = a_draft(a_site(), keeper).card
    services.rename(other, "Sales", "For sales", keeper, NINE)
    services.make("Support", None, "", edits.empty(), keeper, NINE)
    with pytest.raises(ValidationError, match="another scorecard of this name"):
        services.make("Support", None, "", edits.empty(), keeper, NINE)


def test_a_card_that_is_published_or_in_a_plan_stays_at_its_site(site, keeper):
    there = a_site("Aarhus")
    planned = a_draft(site, keeper, "Planned").card
    a_plan(site, planned)
    for card in (planned, a_published(site, keeper)):
        with pytest.raises(ValidationError, match="in use by now: its site stays"):
            services.place(card, card.name, there, "", keeper, NINE)
        services.place(card, f"{card.name} 2", site, "", keeper, NINE)
        card.refresh_from_db()
        assert (card.site, card.name[-2:]) == (site, " 2")


def test_the_log_has_what_changed_and_no_more(site, keeper):
    draft = a_draft(site, keeper)
    services.keep(draft, changed(draft, weight=50, why="Trust."), keeper, NINE, revision=0)
    entry = AuditEntry.objects.first()
    own = {"card": draft.card_id, "number": 1, "revision": 1}
    assert (entry.who, entry.model, entry.action) == (keeper, "qa.cardversion", "changed")
    assert entry.before == own | {
        "greeting.weight": 40,
        "greeting.why": "Callers who know who they talk to repeat themselves less.",
    }
    assert entry.after == own | {"greeting.weight": 50, "greeting.why": "Trust."}


def test_a_new_criterion_never_takes_the_key_of_one_that_was_answered(site, keeper):
    card = a_published(site, keeper)
    draft = services.begin(card, keeper, NINE)
    form = edits.remove(document.read(draft.form), "greeting")
    assert edits.new_id("Greeting", reads.taken(card, form), "criterion") == "greeting-2"
    versions = list(card.versions.published())
    assert [*reads.gone(versions, form)] == ["greeting"]
    assert reads.gone(versions, document.read(draft.form)) == {}
