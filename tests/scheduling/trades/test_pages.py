"""The pages of trades: what one may take and why not, one's own, and what one decides."""

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from scheduling.models import Contract, SiteRules, Trade
from scheduling.trades import services
from tests.builders import a_leave, a_site, a_team, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_shift
from tests.scheduling.mine.test_my_schedule import TRAINING
from tests.scheduling.terms.builders import a_session, an_availability
from tests.scheduling.trades.builders import HOUR, Centre

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def centre():
    with time_machine.travel(NOW, tick=False):
        yield Centre(a_site())


@pytest.fixture
def ada(centre):
    return centre.person("Ada")


@pytest.fixture
def bob(centre):
    return centre.person("Bob")


def page_of(agent, name="my_trades", *args):
    client = Client()
    client.force_login(agent.user)
    return client.get(reverse(name, args=args))


def act(agent, trade, what, **sent):
    client = Client()
    client.force_login(agent.user)
    answer = client.post(reverse("trade_act", args=[trade.pk, what]), sent, follow=True)
    assert answer.status_code in (200, 404)
    return answer


def test_where_nothing_is_offered_the_page_says_so(ada):
    said = page_of(ada).content.decode()
    assert "Nothing is offered" in said
    assert "no published shifts to come" in said


def test_one_sees_what_one_may_take_and_why_not_what_one_may_not(centre, ada, bob):
    cy = centre.person("Cy")
    centre.offer(centre.gives(ada, 1))
    centre.gives(bob, 0, centre.late)
    for agent, refusal in ((cy, ""), (bob, "Bob rests too shortly")):
        [offered] = page_of(agent).context["offered"]
        assert (offered.words, offered.whom) == ("Tue 17 Mar, 09:00–17:00", "Ada")
        looked = page_of(agent, "trade_offered", offered.trade.pk)
        said = looked.context["looked"].refusal
        assert said.startswith(refusal)
        assert bool(said) is bool(refusal)
        assert ("Take it" in looked.content.decode()) is not bool(refusal)


def test_rules_that_may_be_broken_are_told_to_who_takes_and_to_who_decides(centre, ada, bob):
    """Bob works 16 hours of at most 16 already: with Ada's shift it is 24, which may be."""
    SiteRules.objects.update(trades_by_supervisor=True, weights={"most_week_minutes": 5})
    Contract.objects.update(most_week_minutes=960)
    for n in (2, 3):
        centre.gives(bob, n)
    trade = centre.offer(centre.gives(ada, 1))
    said = page_of(bob, "trade_offered", trade.pk).content.decode()
    assert "No rule that must be kept speaks against it." in said
    broken = "Bob works too many hours in a week, Thu 19 Mar: 24:00, allowed 16:00"
    assert broken in said
    act(bob, trade, "take")
    lead = Client()
    lead.force_login(a_user("planner", centre.site))
    assert broken in lead.get(reverse("trades")).content.decode()


def test_who_has_a_shift_on_the_day_reads_so_in_the_list(centre, ada, bob):
    centre.offer(centre.gives(ada, 1))
    centre.offer(centre.gives(ada, 2), "swap")
    for n in (1, 2):
        centre.gives(bob, n)
    cover, swap = page_of(bob).context["offered"]
    # Theirs of the same day may be what they give for it.
    assert (cover.has_shift, swap.has_shift) == (True, False)
    assert page_of(bob).content.decode().count("You have a shift on that day.") == 1


def test_what_is_offered_to_nobody_of_theirs_is_not_looked_at(centre, ada, bob):
    cy = centre.person("Cy")
    named = centre.offer(centre.gives(ada), to=bob)
    assert page_of(cy, "trade_offered", named.pk).status_code == 404
    elsewhere = Centre(a_site()).person("Dee")
    trade = centre.offer(centre.gives(ada, 1))
    assert page_of(elsewhere, "trade_offered", trade.pk).status_code == 404
    # Their own, and one that somebody was quicker to take, are said to be open no more.
    act(bob, trade, "take")
    for agent in (ada, cy):
        assert page_of(agent, "trade_offered", trade.pk).url == reverse("my_trades")


def test_of_colleagues_one_sees_names_and_the_shift_offered_alone(centre, ada, bob):
    secret = "Late, of Ada's own"
    centre.late.name = secret
    centre.late.save()
    centre.gives(ada, 3, centre.late)
    centre.contract.fewest_week_minutes = 960
    centre.contract.save()
    centre.offer(centre.gives(ada, 1))
    [offered] = page_of(bob).context["offered"]
    said = page_of(bob).content.decode()
    said += page_of(bob, "trade_offered", offered.trade.pk).content.decode()
    assert "Tue 17 Mar, 09:00–17:00" in said
    assert "19 Mar" not in said
    assert "Late, of Ada" not in said
    # Ada would work too few hours: Bob is told that there is a rule, and not which.
    assert "It would break a rule of the other." in said
    assert "too few hours" not in said


def test_a_shift_is_offered_by_its_form_and_then_no_more(centre, ada, bob):
    shift = centre.gives(ada)
    client = Client()
    client.force_login(ada.user)
    url = reverse("trade_new", args=[shift.pk])
    centre.gives(bob, 2)
    assert "Bob" in client.get(url).content.decode()
    sent = {"kind": "swap", "to": bob.pk, "note": "a wedding; 4111 1111 1111 1111 pays"}
    assert client.post(url, sent).url == reverse("my_trades")
    trade = Trade.objects.get()
    assert (trade.kind, trade.to) == ("swap", bob)
    assert "4111 1111" not in trade.note
    again = client.post(url, sent)
    assert again.context["form"].non_field_errors() == ["It is offered already."]
    assert page_of(ada).context["tradable"] == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "sell"}, "kind"),
        ({"kind": "cover", "to": "0"}, "to"),
        ({"kind": "cover", "note": "x" * 301}, "note"),
        ({}, "kind"),
    ],
)
def test_what_is_wrong_with_an_offer_is_said_beside_it(centre, ada, sent, field):
    client = Client()
    client.force_login(ada.user)
    page = client.post(reverse("trade_new", args=[centre.gives(ada).pk]), sent)
    assert set(page.context["form"].errors) == {field}
    assert not Trade.objects.exists()


def test_why_a_shift_is_not_given_up_is_said_on_its_form(centre, ada):
    client = Client()
    client.force_login(ada.user)
    url = reverse("trade_new", args=[centre.gives(ada).pk])
    page = client.post(url, {"kind": "give_up"})
    [said] = page.context["form"].non_field_errors()
    assert said == "It leaves 8:00 hours short of people, allowed 0:00."


def test_nobody_offers_the_shift_of_another(centre, ada, bob):
    assert page_of(bob, "trade_new", centre.gives(ada).pk).status_code == 404
    draft = a_shift(a_roster(centre.site, first_day=MONDAY + 7 * DAY), bob, MONDAY + 7 * DAY)
    assert page_of(bob, "trade_new", draft.pk).status_code == 404


def test_a_swap_goes_from_page_to_page(centre, ada, bob):
    theirs = centre.gives(bob, 2)
    trade = centre.offer(centre.gives(ada), "swap", to=bob)
    looked = page_of(bob, "trade_offered", trade.pk).context["looked"]
    assert looked.gives == [(theirs.pk, "Wed 18 Mar, 09:00–17:00")]
    act(bob, trade, "take", back=theirs.pk)
    answered = page_of(ada)
    assert "Bob gives you Wed 18 Mar, 09:00–17:00" in answered.content.decode()
    act(ada, trade, "agree")
    assert centre.who_works() == {("Bob", 0): "09:00", ("Ada", 2): "09:00"}
    assert page_of(ada).context["own"][0].state == "Done"


def test_of_a_swap_one_chooses_among_what_one_may_give_and_reads_why_not_the_rest(centre, ada, bob):
    """Ada would rest eight hours before Tuesday's shift if she took Bob's late one of Monday."""
    centre.gives(ada, 1)
    trade = centre.offer(centre.gives(ada, 5), "swap")
    late = centre.gives(bob, 0, centre.late)
    same_day = centre.gives(bob, 1)
    training = centre.gives(bob, 2, activities=[TRAINING])
    free = centre.gives(bob, 3)
    page = page_of(bob, "trade_offered", trade.pk)
    looked = page.context["looked"]
    assert looked.gives == [(free.pk, "Thu 19 Mar, 09:00–17:00")]
    assert looked.stays == [
        ("Mon 16 Mar, 16:00–00:00", "It would break a rule of the other."),
        ("Tue 17 Mar, 09:00–17:00", "The other has a shift on that day already."),
        ("Wed 18 Mar, 09:00–17:00",
         "There is training, coaching or a meeting in it, which another cannot take."),
    ]  # fmt: skip
    told = page.content.decode()
    assert "What you may not give for it, and why:" in told
    assert told.count("<option") == 1
    for shift in (late, same_day, training):
        with pytest.raises(ValidationError):
            services.take(trade, bob, bob.user, NOW, back=shift)


def test_who_may_give_nothing_for_a_swap_reads_why(centre, ada, bob):
    centre.gives(ada, 1)
    trade = centre.offer(centre.gives(ada), "swap")
    centre.gives(bob, 1)
    told = page_of(bob, "trade_offered", trade.pk).content.decode()
    assert "You have no shift that you may give in exchange." in told
    assert "The other has a shift on that day already." in told
    assert "Offer the swap" not in told


def test_a_refusal_of_a_swap_comes_back_to_its_page_and_keeps_what_was_chosen(centre, ada, bob):
    """Ada was given a shift of that day between the page and the choice, and lost it again."""
    trade = centre.offer(centre.gives(ada), "swap")
    centre.gives(bob, 2)
    chosen = centre.gives(bob, 3)
    second = centre.gives(ada, 3)
    answer = act(bob, trade, "take", back=chosen.pk)
    where = f"/my-schedule/trades/{trade.pk}/?back={chosen.pk}"
    assert answer.redirect_chain == [(where, 302)]
    assert "The other has a shift on that day already." in answer.content.decode()
    second.delete()
    page = as_role(bob.user).get(where).content.decode()
    assert f'<option value="{chosen.pk}" selected>' in page
    assert page.count(" selected>") == 1


def test_beside_each_of_ones_shifts_is_said_what_may_become_of_it(centre, ada):
    """Up to 48 hours before: Monday's nine o'clock is 45 hours away."""
    SiteRules.objects.update(trade_until_hours=48)
    shifts = [centre.gives(ada, n) for n in (0, 1, 2)]
    shifts[2].activities = [TRAINING]
    shifts[2].save()
    with time_machine.travel(shifts[0].begins_at - 45 * HOUR, tick=False):
        page = page_of(ada)
    told = [(one.shift.pk, one.may_be_offered, one.why) for one in page.context["tradable"]]
    assert told == [
        (shifts[0].pk, False, "Shifts are traded until 48 hours before they begin."),
        (shifts[1].pk, True, ""),
        (shifts[2].pk, True,
         "There is training, coaching or a meeting in it: it can only be given up."),
    ]  # fmt: skip
    assert reverse("trade_new", args=[shifts[0].pk]) not in page.content.decode()
    assert reverse("trade_new", args=[shifts[2].pk]) in page.content.decode()


def test_a_shift_with_training_in_it_can_only_be_given_up_on_its_form(centre, ada):
    shift = centre.gives(ada, activities=[TRAINING])
    page = as_role(ada.user).get(reverse("trade_new", args=[shift.pk]))
    assert [*page.context["form"].fields] == ["kind", "note"]
    assert [key for key, _words in page.context["form"].fields["kind"].choices] == ["give_up"]
    assert "it can only be given up" in page.content.decode()


def test_a_shift_of_a_day_of_leave_is_not_offered(centre, ada):
    shifts = [centre.gives(ada, n) for n in (0, 1)]
    a_leave(ada, first_on=MONDAY, last_on=MONDAY)
    assert [one.shift for one in page_of(ada).context["tradable"]] == shifts[1:]
    client = Client()
    client.force_login(ada.user)
    page = client.get(reverse("trade_new", args=[shifts[0].pk]), follow=True)
    assert page.redirect_chain == [(reverse("my_trades"), 302)]
    assert "You are on leave on that day" in page.content.decode()


def test_of_a_swap_one_reads_that_the_other_is_away_and_that_it_stays_in_its_roster(
    centre, ada, bob
):
    trade = centre.offer(centre.gives(ada), "swap")
    centre.gives(bob, 2)
    a_leave(ada, first_on=MONDAY + 2 * DAY, last_on=MONDAY + 2 * DAY)
    page = page_of(bob, "trade_offered", trade.pk)
    stays = [("Wed 18 Mar, 09:00–17:00", "The other is away on Wed 18 Mar.")]
    assert page.context["looked"].stays == stays
    said = "it is for one of your shifts from Mon 16 Mar to Sun 22 Mar"
    assert said in page.content.decode()


def test_what_is_offered_and_cannot_be_taken_is_refused_at_once(centre, ada):
    shift = centre.gives(ada, activities=[TRAINING])
    sent = {"kind": "cover", "note": "a wedding"}
    page = as_role(ada.user).post(reverse("trade_new", args=[shift.pk]), sent)
    assert set(page.context["form"].errors) == {"kind"}
    assert "a wedding" in page.content.decode()
    assert not Trade.objects.exists()


def test_acts_of_others_and_of_trades_that_one_does_not_see_are_not_there(centre, ada, bob):
    cy = centre.person("Cy")
    trade = centre.offer(centre.gives(ada), to=bob)
    for what in ("take", "agree", "decline", "withdraw"):
        assert act(cy, trade, what).status_code == 404
    assert act(bob, trade, "withdraw").status_code == 404
    assert act(bob, trade, "agree").status_code == 404
    assert Trade.objects.get().state == "offered"


@pytest.mark.parametrize("back", ["", "-1", "x", "9" * 40])
def test_a_shift_in_exchange_that_is_none_is_said_to_be_missing(centre, ada, bob, back):
    trade = centre.offer(centre.gives(ada), "swap")
    said = act(bob, trade, "take", back=back).content.decode()
    assert "Say which of your shifts you give in exchange." in said


def test_what_is_done_twice_is_said_to_be_gone(centre, ada, bob):
    trade = centre.offer(centre.gives(ada))
    act(bob, trade, "take")
    assert "is not there any more" in act(bob, trade, "take").content.decode()
    assert centre.who_works() == {("Bob", 0): "09:00"}


def test_the_sidebar_counts_what_waits_for_the_reader(centre, ada, bob):
    centre.offer(centre.gives(ada), to=bob)
    entries = [one for group in page_of(bob).context["navigation"] for one in group["entries"]]
    counts = {str(one["words"]): one["count"] for one in entries}
    assert counts["My trades"] == 1


def as_role(user):
    client = Client()
    client.force_login(user)
    return client


def test_who_leads_or_plans_decides_and_nobody_decides_their_own(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = services.take(centre.offer(centre.gives(ada)), bob, bob.user, NOW)
    boss = a_user("supervisor")
    a_team(centre.site, boss, ada)
    other = a_user("supervisor")
    a_team(centre.site, other, an_agent(centre.site))
    decide = reverse("trade_decide", args=[trade.pk])
    assert as_role(other).post(decide, {"approves": "yes"}).status_code == 404
    assert as_role(a_user("planner", a_site())).post(decide, {"approves": "yes"}).status_code == 404
    assert as_role(boss).post(decide, {"approves": "maybe"}).status_code == 404
    [waiting] = as_role(boss).get(reverse("trades")).context["waiting"]
    assert waiting.words == "Mon 16 Mar, 09:00–17:00"
    facts = {"hours": 0.0, "limit": 0.0, "asked": 8.0, "short": 0.0, "after": 0.0}
    assert waiting.trade.facts == facts
    assert as_role(boss).post(decide, {"approves": "yes"}).url == reverse("trades")
    assert centre.who_works() == {("Bob", 0): "09:00"}
    # One who leads a team and is of it does not approve their own.
    from django.contrib.auth.models import Group

    ada.user.groups.add(Group.objects.get(name="supervisor"))
    a_team(centre.site, ada.user, bob)
    [trade] = Trade.objects.all()
    assert not Trade.objects.visible_to(ada.user).filter(pk=trade.pk).exists()


def test_who_decides_reads_what_the_day_asks_for_and_what_comes_of_either_answer(centre, ada):
    """One position is asked for from nine to five, Ada's; without her its eight hours are missing.
    The site lets so many be."""
    SiteRules.objects.update(trades_by_supervisor=True, trade_short_hours=8)
    centre.offer(centre.gives(ada), "give_up")
    page = as_role(a_user("planner", centre.site)).get(reverse("trades"))
    [waiting] = page.context["waiting"]
    assert waiting.cover == (
        "Mon 16 Mar needs 8:00 hours of people: 0:00 are short (0\u00a0%), with this"
        " 8:00 (100\u00a0%)."
        " It leaves 8:00 more hours short of people; the site allows 8:00."
    )
    told = page.content.decode()
    for said in ("Take it from Ada", "Ada keeps it"):
        assert f'aria-label="{said}: Mon 16 Mar, 09:00–17:00">{said}</button>' in told


def test_of_several_sites_each_trade_says_its_own_and_one_is_chosen(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = services.take(centre.offer(centre.gives(ada)), bob, bob.user, NOW)
    boss = a_user("planner", centre.site)
    one = as_role(boss).get(reverse("trades")).content.decode()
    said = f"<small>{centre.site.name}</small>"
    assert ('name="site"' in one, said in one) == (False, False)
    other = a_site()
    boss.sites.add(other)
    client = as_role(boss)
    both = client.get(reverse("trades"))
    assert said in both.content.decode()
    assert client.get(reverse("trades"), {"site": other.slug}).context["waiting"] == []
    here = client.get(reverse("trades"), {"site": centre.site.slug})
    assert [told.trade for told in here.context["waiting"]] == [trade]
    assert client.get(reverse("trades"), {"site": a_site().slug}).status_code == 404
    decide = reverse("trade_decide", args=[trade.pk])
    sent = {"approves": "no", "reason": "Not now", "site": centre.site.slug}
    assert client.post(decide, sent).url == f"/rostering/trades/?site={centre.site.slug}"


def test_what_cannot_be_approved_any_more_says_why(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = services.take(centre.offer(centre.gives(ada)), bob, bob.user, NOW)
    centre.gives(bob, template=centre.late)
    planner = as_role(a_user("planner", centre.site))
    decide = reverse("trade_decide", args=[trade.pk])
    said = planner.post(decide, {"approves": "yes"}, follow=True).content.decode()
    assert "Bob has a shift on Mon 16 Mar already." in said
    said = planner.post(decide, {"approves": "no"}, follow=True).content.decode()
    assert "A refusal needs a reason" in said
    for wrong in ("x" * 301, "a\0b"):
        planner.post(decide, {"approves": "no", "reason": wrong})
        assert Trade.objects.get().state == "waiting"
    sent = {"approves": "no", "reason": "Bob works late"}
    said = planner.post(decide, sent, follow=True).content.decode()
    assert "It is refused." in said


def test_both_sides_and_the_list_say_who_refused_and_why(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = services.take(centre.offer(centre.gives(ada)), bob, bob.user, NOW)
    planner = a_user("planner", centre.site, name="Nathan")
    sent = {"approves": "no", "reason": "Call 4111 1111 1111 1111 first"}
    as_role(planner).post(reverse("trade_decide", args=[trade.pk]), sent)
    [row] = [told for told, _plans in as_role(planner).get(reverse("trades")).context["rows"]]
    for told in (row, page_of(ada).context["own"][0], page_of(bob).context["own"][0]):
        assert told.state == "Refused"
        assert told.rule.startswith("By Nathan: Call ")
        assert "4111 1111" not in told.rule


def test_whoever_takes_or_decides_sees_the_hours_of_the_week_beside_those_of_the_contract(
    centre, ada, bob
):
    """Both have 40 hours a week and at most 48. Bob has five days of eight hours; a sixth is eight
    hours over. Ada has one. On Sunday of the week before nobody counts what Bob works."""
    SiteRules.objects.update(trades_by_supervisor=True)
    centre.contract.week_minutes, centre.contract.most_week_minutes = 2400, 2880
    centre.contract.save()
    for n in (0, 1, 2, 3, 4):
        centre.gives(bob, n)
    trade = centre.offer(centre.gives(ada, 5))
    line = (
        "Your week from Mon 16 Mar: 40:00 → 48:00 of 40:00, at most 48:00 (8:00 over the contract)"
    )
    looked = page_of(bob, "trade_offered", trade.pk)
    assert looked.context["looked"].weeks == [line]
    assert line in looked.content.decode()
    services.take(trade, bob, bob.user, NOW)
    planner = as_role(a_user("planner", centre.site))
    [waiting] = planner.get(reverse("trades")).context["waiting"]
    assert waiting.weeks == [
        "Ada, week from Mon 16 Mar: 8:00 → 0:00 of 40:00, at most 48:00",
        "Bob, week from Mon 16 Mar: 40:00 → 48:00 of 40:00, at most 48:00 (8:00 over the contract)",
    ]


def test_of_a_swap_one_reads_ones_own_hours_and_who_decides_those_of_both(centre, ada, bob):
    """Bob gives six hours for eight. Of what is as long nothing need be told."""
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = centre.offer(centre.gives(ada), "swap")
    short = centre.gives(bob, 2, worked_minutes=360)
    same = centre.gives(bob, 3)
    gives = page_of(bob, "trade_offered", trade.pk).context["looked"].gives
    assert gives == [
        (short.pk, "Wed 18 Mar, 09:00–17:00 (Your week from Mon 16 Mar: 14:00 → 16:00)"),
        (same.pk, "Thu 19 Mar, 09:00–17:00"),
    ]
    act(bob, trade, "take", back=short.pk)
    [answered] = page_of(ada).context["answered"]
    assert answered.weeks == ["Your week from Mon 16 Mar: 8:00 → 6:00"]
    act(ada, trade, "agree")
    page = as_role(a_user("planner", centre.site)).get(reverse("trades"))
    [waiting] = page.context["waiting"]
    assert waiting.weeks == [
        "Ada, week from Mon 16 Mar: 8:00 → 6:00", "Bob, week from Mon 16 Mar: 14:00 → 16:00",
    ]  # fmt: skip


def test_who_took_a_shift_lets_it_go_on_their_page_and_nobody_else_does(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = services.take(centre.offer(centre.gives(ada)), bob, bob.user, NOW)
    said = "Do not take it after all"
    assert [said in page_of(one).content.decode() for one in (ada, bob)] == [False, True]
    assert act(ada, trade, "let_go").status_code == 404
    assert "You do not take it." in act(bob, trade, "let_go").content.decode()
    assert Trade.objects.get().state == "offered"
    assert "is not there any more" not in act(bob, trade, "take").content.decode()


def test_a_planner_posts_open_shifts_and_takes_one_back(centre, ada):
    planner = as_role(a_user("planner", centre.site))
    sent = {
        "roster": centre.roster.pk, "day": "2026-03-18", "template": centre.day.pk,
        "start": "10:00", "length": "6:00", "many": "2", "note": "",
    }  # fmt: skip
    assert planner.post(reverse("open_shift_new"), sent).url == reverse("trades")
    offered = page_of(ada).context["offered"]
    assert [one.words for one in offered] == ["Wed 18 Mar, 10:00–16:00"] * 2
    looked = page_of(ada, "trade_offered", offered[0].trade.pk)
    assert looked.context["looked"].refusal == ""
    first = Trade.objects.first()
    for said in ("is withdrawn", "not there any more"):
        page = planner.post(reverse("open_shift_withdraw", args=[first.pk]), follow=True)
        assert said in page.content.decode()
    assert len(page_of(ada).context["offered"]) == 1


def test_open_shifts_are_of_one_site_whose_rosters_and_kinds_alone_can_be_chosen(centre):
    other = Centre(a_site())
    boss = a_user("planner", centre.site, other.site)
    page = as_role(boss).get(reverse("open_shift_new"), {"site": other.site.slug})
    form = page.context["form"]
    assert {str(words) for _key, words in form.fields["template"].choices} == {"Day", "Late"}
    assert {one.pk for one in form.fields["template"].queryset} == {other.day.pk, other.late.pk}
    assert [words for _key, words in form.fields["roster"].choices] == [
        "Mon 16 Mar – Sun 22 Mar 2026"
    ]
    sent = {
        "roster": other.roster.pk, "day": "2026-03-18", "template": centre.day.pk,
        "start": "10:00", "length": "6:00", "many": "1",
    }  # fmt: skip
    url = f"{reverse('open_shift_new')}?site={other.site.slug}"
    assert url in page.content.decode()
    assert set(as_role(boss).post(url, sent).context["form"].errors) == {"template"}
    sent["template"] = other.day.pk
    assert as_role(boss).post(url, sent).status_code == 302
    assert Trade.objects.get().roster == other.roster


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "2026-03-30"}, "day"),
        ({"start": "soon"}, "start"),
        ({"length": "0"}, "length"),
        ({"length": "25"}, "length"),
        ({"many": "0"}, "many"),
        ({"roster": "0"}, "roster"),
        ({"template": "0"}, "template"),
    ],
)
def test_what_is_wrong_with_open_shifts_is_said_beside_it(centre, wrong, field):
    planner = as_role(a_user("planner", centre.site))
    sent = {
        "roster": centre.roster.pk, "day": "2026-03-18", "template": centre.day.pk,
        "start": "10:00", "length": "6:00", "many": "1",
    }  # fmt: skip
    page = planner.post(reverse("open_shift_new"), sent | wrong)
    assert field in page.context["form"].errors
    assert not Trade.objects.exists()


@pytest.mark.parametrize("many", [1, 6])
def test_the_page_of_an_offer_asks_the_same_in_a_large_roster_as_in_a_small_one(
    centre, ada, many, django_assert_max_num_queries
):
    """Of many people with terms of their own, of shifts by hand, and with training on its days."""
    for n in range(many):
        giver = centre.person(f"Giver {n}")
        an_availability(giver, "rather_not", weekday=n, from_minute=0, to_minute=60)
        centre.gives(giver, n, shape=f"0-{540 + n}-480", template=None)
        a_session(centre.site, f"Training {n}", people=[giver, ada])
    offered = centre.offer(centre.gives(centre.person("Other")))
    swapped = centre.offer(centre.gives(centre.person("Another")), "swap")
    centre.gives(ada, 5)
    for trade, said in (
        (offered, "No rule speaks"), (centre.open(2), "No rule speaks"), (swapped, "You give"),
    ):  # fmt: skip
        client = as_role(ada.user)
        with django_assert_max_num_queries(12):
            assert said in client.get(f"/my-schedule/trades/{trade.pk}/").content.decode()


@pytest.mark.parametrize("many", [1, 6])
def test_the_pages_ask_the_same_of_one_trade_as_of_many(
    centre, ada, many, django_assert_max_num_queries
):
    SiteRules.objects.update(trades_by_supervisor=True)
    for n in range(many):
        centre.offer(centre.gives(centre.person(f"Giver {n}"), n))
        taken = centre.offer(centre.gives(centre.person(f"Other {n}"), n))
        services.take(taken, (taker := centre.person(f"Taker {n}")), taker.user, NOW)
        centre.gives(ada, n, centre.late)
    client, planner = as_role(ada.user), as_role(a_user("planner", centre.site))
    with django_assert_max_num_queries(9):
        assert len(client.get(reverse("my_trades")).context["offered"]) == many
    with django_assert_max_num_queries(10):
        planner.get(reverse("trades"))
