"""People are told of what was published and of changes at short notice, once."""

from datetime import timedelta

import pytest

from ccm.models import Delivery
from scheduling.mine import notices, services
from scheduling.models import RosterNotice
from tests.builders import a_site, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_shift, published
from tests.scheduling.mine.test_my_schedule import moved
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def site():
    return a_site()


def somebody(site, name, email):
    user = a_user("agent", name=name.lower())
    user.email = email
    user.save()
    return an_agent(site, name, user=user)


@pytest.fixture
def ada(site):
    return somebody(site, "Ada", "ada@example.com")


@pytest.fixture
def roster(site, ada):
    """Published, with two shifts of Ada, one of somebody without an address and one of who has no
    account."""
    made = published(a_roster(site))
    for agent, day in (
        (ada, MONDAY), (ada, MONDAY + DAY), (somebody(site, "Bob", ""), MONDAY),
        (an_agent(site, "Cy"), MONDAY),
    ):  # fmt: skip
        a_shift(made, agent, day)
    return made


def test_a_publication_is_told_once_to_those_with_an_address_however_often_it_is_looked_at(
    roster,
):
    assert [notices.put_due(NOW), notices.put_due(NOW)] == [1, 0]
    [mail] = Delivery.objects.all()
    assert mail.address == "ada@example.com"
    assert mail.subject == "Your shifts from 16 Mar to 22 Mar"
    assert "You have 2 shifts.\nMon 16 Mar: 09:00–17:00\nTue 17 Mar: 09:00–17:00" in mail.body
    assert "/my-schedule/" in mail.body
    assert "Bob" not in mail.body


def test_a_draft_is_nobodys_news(site, ada):
    a_shift(a_roster(site), ada)
    assert notices.put_due(NOW) == 0


def test_what_was_published_long_ago_or_is_over_is_no_news(roster):
    assert notices.put_due(NOW + timedelta(days=3)) == 0
    roster.published_at = NOW + 9 * DAY
    roster.save()
    assert notices.put_due(NOW + 9 * DAY) == 0


def test_a_change_at_short_notice_is_told_from_what_was_to_what_is(roster, ada):
    notices.put_due(NOW)
    moved(roster, ada, None)
    assert [notices.put_due(NOW), notices.put_due(NOW)] == [1, 0]
    mail = Delivery.objects.latest("pk")
    assert mail.subject == "Your shift on Mon 16 Mar has changed"
    assert "Mon 16 Mar: 09:00–17:00 → 10:00–18:00" in mail.body


def test_what_somebody_did_themselves_or_has_seen_already_is_not_told(roster, ada):
    notices.put_due(NOW)
    moved(roster, ada, None, by_themselves={ada.pk})
    moved(roster, ada, None, day=MONDAY + DAY)
    services.acknowledge(ada, ada.user, NOW, up_to=10**9)
    assert notices.put_due(NOW) == 0


def test_who_may_not_sign_in_any_more_is_told_nothing(roster, ada):
    ada.user.is_active = False
    ada.user.save()
    assert notices.put_due(NOW) == 0


def test_one_roster_that_cannot_be_told_of_holds_up_no_other(site, roster, ada, monkeypatch):
    other = published(a_roster(site, first_day=MONDAY + 7 * DAY))
    a_shift(other, ada, other.first_day)
    tell = notices._tell_published

    def fails_first(pk, now):
        if pk == roster.pk:
            raise RuntimeError
        return tell(pk, now)

    fails_first.__name__ = "fails_first"
    monkeypatch.setattr(notices, "_tell_published", fails_first)
    assert notices.put_due(NOW) == 1
    assert not RosterNotice.objects.filter(roster=roster).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once(roster):
    assert elsewhere(*[lambda: notices.put_due(NOW)] * 2) == ["done", "done"]
    assert Delivery.objects.count() == 1
