"""The pages of the terms of work: planners keep them, leads read them, people say what they can."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from ccm.models import AuditEntry
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    Rotation,
    ShiftTemplate,
    SiteRules,
)
from scheduling.terms import binding, read
from tests.builders import a_queue, a_site, a_team, a_user, an_agent
from tests.scheduling.terms.builders import (
    a_contract,
    a_pairing,
    a_rotation,
    a_template,
    an_availability,
    in_rotation,
    skilled,
    with_contract,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def planner(client, site):
    user = a_user("planner", site)
    client.force_login(user)
    client.user = user
    with time_machine.travel(NOW, tick=False):
        yield client


def errors(page):
    return {name: list(said) for name, said in page.context["form"].errors.items()}


# Shift templates.


def a_shift(site, **said):
    return {
        "site": site.pk, "name": "Early", "kind": "work", "first_start": "06:00",
        "last_start": "07:00", "step_minutes": "30", "lengths": "8:00, 9",
        "weekdays": ["0", "1"], "pauses": "Lunch 30 min 3:00-5:00", "colour": "c3",
        "is_active": "on",
    } | said  # fmt: skip


def test_a_template_is_kept_as_it_is_written_and_its_form_shows_it_again(planner, site):
    assert planner.post(reverse("shift_template_new"), a_shift(site)).status_code == 302
    one = ShiftTemplate.objects.get()
    assert (one.first_start, one.last_start, one.lengths) == (360, 420, [480, 540])
    assert (one.weekdays, one.colour, one.is_active) == ([0, 1], "c3", True)
    assert len(read.shapes(site)) == 6
    page = planner.get(reverse("shift_template_edit", args=[one.pk])).content.decode()
    for written in ('value="06:00"', 'value="07:00"', "8:00, 9:00", "Lunch 30 min 3:00-5:00"):
        assert written in page
    listed = planner.get(reverse("shift_template_list")).content.decode()
    for written in ("06:00–07:00 every 0:30", "Mon–Tue", 'data-colour="c3"'):
        assert written in listed


def test_a_template_without_a_last_start_has_one_and_a_split_one_has_hours_off(planner, site):
    said = a_shift(site, last_start="", lengths="4:00", gap="2", again="4:30", pauses="")
    assert planner.post(reverse("shift_template_new"), said).status_code == 302
    one = ShiftTemplate.objects.get()
    assert (one.last_start, one.lengths, one.spells) == (360, [], [[0, 240], [360, 630]])
    page = planner.get(reverse("shift_template_edit", args=[one.pk])).content.decode()
    assert 'value="4:30"' in page
    # Its hours off are taken back.
    said = a_shift(site, last_start="", lengths="8:00", pauses="")
    said["drawn"] = ""
    planner.post(reverse("shift_template_edit", args=[one.pk]), said)
    one.refresh_from_db()
    assert (one.lengths, one.spells) == ([480], [])


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"last_start": "05:30"}, "last_start", "not before the first"),
        ({"last_start": "06:50"}, "last_start", "starts at 06:30, and then at 07:00"),
        ({"lengths": "long"}, "lengths", "no number of hours"),
        ({"lengths": "25:00"}, "lengths", "no longer than a day"),
        ({"lengths": "8:02"}, "lengths", "by five minutes"),
        ({"first_start": "06:02"}, "first_start", "by five minutes"),
        ({"gap": "2"}, "again", "Say both"),
        ({"gap": "2", "again": "4"}, "lengths", "one length"),
        ({"pauses": "Lunch"}, "pauses", "“Lunch” is no pause"),
        ({"pauses": "Lunch 30 min 5:00-3:00"}, "pauses", "before it begins"),
        ({"pauses": "Lunch 30 min 3:00-7:35"}, "pauses", "does not end within the shift"),
        ({"weekdays": []}, "weekdays", "On which weekdays"),
        ({"name": " "}, "name", "required"),
    ],
)
def test_what_is_wrong_of_a_template_is_said_beside_its_field(planner, site, said, field, words):
    page = planner.post(reverse("shift_template_new"), a_shift(site, **said))
    assert page.status_code == 200
    assert words in " ".join(errors(page)[field])
    assert not ShiftTemplate.objects.exists()


def test_a_second_template_of_a_name_is_refused_in_words(planner, site):
    a_template(site, "EARLY")
    page = planner.post(reverse("shift_template_new"), a_shift(site))
    assert "of this name already" in str(errors(page))


def test_of_two_who_change_a_template_at_a_time_both_are_heard(planner, site):
    """One opens the form and changes its name; meanwhile another changed its length."""
    early = a_template(site, first_start=420, last_start=420)
    url = reverse("shift_template_edit", args=[early.pk])
    drawn = planner.get(url).context["form"].as_drawn
    ShiftTemplate.objects.update(lengths=[540])
    said = a_shift(
        site, name="Morning", first_start="07:00", last_start="", lengths="8:00", colour="c1",
        weekdays=[str(day) for day in range(7)], pauses="", drawn=drawn,
    )  # fmt: skip
    assert planner.post(url, said).status_code == 302
    early.refresh_from_db()
    assert (early.name, early.lengths, early.first_start) == ("Morning", [540], 420)


def test_a_template_that_rotations_name_is_asked_about_before_it_goes_out_of_use(planner, site):
    early = a_template(site)
    a_rotation(site, {(1, 0): [early]})
    said = a_shift(site, last_start="", lengths="8:00", drawn="")
    del said["is_active"]
    url = reverse("shift_template_edit", args=[early.pk])
    assert "Is that meant?" in str(errors(planner.post(url, said)))
    assert planner.post(url, said | {"sure": "yes"}).status_code == 302
    early.refresh_from_db()
    assert not early.is_active


# Contracts.


def test_a_contract_is_kept_in_hours_and_days(planner, site):
    said = {
        "site": site.pk, "name": "Full-time", "is_full_time": "on", "week_minutes": "38:30",
        "law": "", "most_day_minutes": "10", "most_week_minutes": "48", "most_week_days": "5",
        "rest_minutes": "11", "most_weekends": "2",
    }  # fmt: skip
    assert planner.post(reverse("contract_new"), said).status_code == 302
    one = Contract.objects.get()
    assert (one.week_minutes, one.most_day_minutes, one.most_week_minutes) == (2310, 600, 2880)
    assert (one.most_week_days, one.most_weekends, one.rest_minutes) == (5, 2, 660)
    assert one.fewest_week_minutes is None
    listed = planner.get(reverse("contract_list")).content.decode()
    assert "48:00, 5 days" in listed


def test_a_new_contract_begins_with_eleven_hours_of_rest(planner):
    form = planner.get(reverse("contract_new")).context["form"]
    assert 'value="11:00"' in str(form["rest_minutes"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"fewest_week_minutes": "40", "most_week_minutes": "38"}, "most_week_minutes"),
        # Four days of eight hours are 32; seven of ten, as German law has it, 70.
        (
            {"fewest_week_minutes": "32:15", "most_day_minutes": "8", "most_week_days": "4"},
            "fewest_week_minutes",
        ),
        ({"fewest_week_minutes": "70:15", "law": "DE"}, "fewest_week_minutes"),
        ({"most_day_minutes": "25"}, "most_day_minutes"),
        ({"most_week_days": "8"}, "most_week_days"),
        ({"week_minutes": "full"}, "week_minutes"),
    ],
)
def test_what_is_wrong_of_a_contract_is_said_beside_its_field(planner, site, said, field):
    page = planner.post(reverse("contract_new"), {"site": site.pk, "name": "Full-time"} | said)
    assert field in errors(page)


def test_hours_that_no_week_of_a_contract_can_have_are_refused_with_those_that_it_can(
    planner, site
):
    said = {
        "site": site.pk, "name": "Part-time", "fewest_week_minutes": "38",
        "most_day_minutes": "8", "most_week_days": "4",
    }  # fmt: skip
    page = planner.post(reverse("contract_new"), said)
    assert errors(page) == {
        "fewest_week_minutes": ["No week can have them: 4 days of at most 8:00 are 32:00."]
    }
    kept = planner.post(reverse("contract_new"), said | {"fewest_week_minutes": "32"})
    assert kept.status_code == 302


def test_of_two_limits_who_says_the_stricter_is_told_to_hold(planner, site):
    """German law has ten hours a day at most and eleven of rest."""
    contract = a_contract(site, law="DE", most_day_minutes=480, rest_minutes=600)
    by = {one.rule: one for one in binding.bounds(contract)}
    day, rest = by["Most hours a day"], by["Rest between shifts"]
    assert (day.own, day.law, day.holds, day.source) == ("8:00", "10:00", "8:00", None)
    assert (rest.own, rest.law, rest.holds) == ("10:00", "11:00", "11:00")
    assert rest.source.article == "§ 5(1)"


def test_a_contract_shows_what_holds_with_its_law_and_where_that_is_from(planner, site):
    contract = a_contract(site, law="DE", rest_minutes=600)
    page = planner.get(reverse("contract_edit", args=[contract.pk])).content.decode()
    assert "<b>11:00</b>" in page
    assert "gesetze-im-internet.de" in page


def test_a_law_that_there_is_no_preset_of_is_refused(planner, site):
    said = {"site": site.pk, "name": "Full-time", "law": "XX"}
    assert "law" in errors(planner.post(reverse("contract_new"), said))


def test_a_contract_that_somebody_has_does_not_go(planner, site):
    contract = a_contract(site)
    with_contract(an_agent(site), contract)
    page = planner.post(reverse("contract_remove", args=[contract.pk]))
    assert "1 people who have it, or had it" in page.content.decode()
    assert Contract.objects.exists()


# Rotations.


def test_a_rotation_is_written_by_the_names_of_its_shifts(planner, site):
    early, late = a_template(site), a_template(site, "Late")
    said = {
        "site": site.pk, "name": "Two weeks", "weeks": "2", "w_1_0": "early, Late",
        "w_1_6": "off", "w_2_0": "Late",
    }  # fmt: skip
    assert planner.post(reverse("rotation_new"), said).status_code == 302
    days = Rotation.objects.get().days.values_list("week", "weekday", "template")
    assert set(days) == {(1, 0, early.pk), (1, 0, late.pk), (1, 6, None), (2, 0, late.pk)}
    url = reverse("rotation_edit", args=[Rotation.objects.get().pk])
    page = planner.get(url).content.decode()
    assert 'value="Early, Late"' in page
    assert 'value="off"' in page
    # A week less: what was said of it goes with it.
    planner.post(url, said | {"weeks": "1", "drawn": ""})
    assert set(Rotation.objects.get().days.values_list("week", flat=True)) == {1}


def test_of_a_new_rotation_the_site_draws_again_what_is_offered_and_nothing_typed(client, site):
    client.force_login(a_user("planner", site, a_site("York")))
    form = client.get(reverse("rotation_new")).context["form"]
    assert form.fields["site"].widget.attrs["hx-select-oob"] == "#shifts"
    a_template(site, "Dawn")
    page = client.get(reverse("rotation_new"), {"site": site.pk}).content.decode()
    assert '<datalist id="shifts"><option value="off"></option><option value="Dawn">' in page


def test_a_shift_that_there_is_not_is_said_beside_its_day(planner, site):
    a_template(a_site(), "Early")
    said = {"site": site.pk, "name": "Two weeks", "weeks": "2", "w_2_3": "Early"}
    page = planner.post(reverse("rotation_new"), said)
    assert errors(page) == {"w_2_3": ["The site has no shift “Early”."]}


@pytest.mark.parametrize("weeks", ["0", "53", "many", "", "²"])
def test_a_rotation_of_no_number_of_weeks_is_refused(planner, site, weeks):
    page = planner.post(
        reverse("rotation_new"), {"site": site.pk, "name": "Two weeks", "weeks": weeks}
    )
    assert "weeks" in errors(page)


# Who works how.


def begin(client, agent, kind, **said):
    form = {"which": kind} | {f"{kind}-{name}": value for name, value in said.items()}
    return client.post(reverse("work_terms", args=[agent.pk]), form)


def test_what_somebody_works_by_is_begun_and_removed_on_their_page(planner, site):
    ann, contract, rotation, sales = (
        an_agent(site), a_contract(site), a_rotation(site), a_queue(site, "Sales"),
    )  # fmt: skip
    since = "2026-03-01"
    begun = [
        begin(planner, ann, "contract", contract=contract.pk, since=since),
        begin(planner, ann, "rotation", rotation=rotation.pk, first_week="2", since=since),
        begin(planner, ann, "skill", queue=sales.pk, proficiency="0.8", since=since),
    ]
    assert [page.status_code for page in begun] == [302] * 3
    page = planner.get(reverse("work_terms", args=[ann.pk])).content.decode()
    for words in ("Full-time", "Two weeks, begins with week 2", "Sales 0.8", "since 1 Mar 2026"):
        assert words in page
    listed = planner.get(reverse("working_list")).content.decode()
    for words in ("Full-time", "Two weeks", "Sales 0.8<"):
        assert words in listed
    for kind, model in (("contract", AgentContract), ("skill", AgentSkill)):
        url = reverse("work_spell_remove", args=[kind, model.objects.get().pk])
        assert "since 1 Mar 2026" in planner.get(url).content.decode()
        planner.post(url)
        assert not model.objects.exists()
    begin(planner, ann, "rotation", rotation="none", first_week="1", since="2026-04-01")
    assert AgentRotation.objects.get().ends_on == date(2026, 4, 1)


def test_the_page_says_that_what_lists_name_goes_on_with_the_first_queue(planner, site):
    ann, billing = an_agent(site), a_queue(site, "Billing")
    a_queue(site, "Claims")
    url = reverse("work_terms", args=[ann.pk])
    assert "only what is said here" in planner.get(url).content.decode()
    ann.skills = ["Claims"]
    ann.save()
    assert "is said with it, from the same day: Claims." in planner.get(url).content.decode()
    since = date.today() + timedelta(days=60)
    begun = begin(planner, ann, "skill", queue=billing.pk, proficiency="0.5", since=since)
    page = planner.get(begun.url).content.decode()
    for words in (
        "Kept, and with it what lists name, from the same day: Claims.",
        "Billing 0.5",
        "Claims 1",
        f"Until {since:%-d %b %Y} it is what lists name",
    ):
        assert words in page


def test_what_cannot_be_is_said_beside_its_field(planner, site):
    ann, rotation = an_agent(site), a_rotation(site)
    with_contract(ann, contract := a_contract(site))
    page = begin(planner, ann, "contract", contract=contract.pk, since="2026-03-01")
    assert "It is so already." in page.content.decode()
    page = begin(planner, ann, "rotation", rotation=rotation.pk, first_week="3", since="2026-03-01")
    assert "has weeks 1 to 2" in page.content.decode()
    page = begin(planner, ann, "contract", contract=a_contract(a_site()).pk, since="2026-03-01")
    assert "There is no such one at this site." in page.content.decode()


def test_who_leads_somebody_reads_what_they_work_by_and_has_no_form(client, site):
    boss, ann, ben = a_user("supervisor"), an_agent(site), an_agent(site)
    a_team(site, boss, ann)
    with_contract(ann, a_contract(site))
    client.force_login(boss)
    page = client.get(reverse("work_terms", args=[ann.pk])).content.decode()
    assert "Full-time" in page
    assert 'name="which"' not in page
    assert client.get(reverse("work_terms", args=[ben.pk])).status_code == 404
    listed = client.get(reverse("working_list")).content.decode()
    assert ann.name in listed
    assert ben.name not in listed


def test_the_list_of_who_works_how_is_exported_and_that_is_noted(planner, site):
    ann = an_agent(site, "Ann")
    with_contract(ann, a_contract(site))
    rows = b"".join(planner.get(reverse("working_csv")).streaming_content).decode()
    assert f"{site},Ann,,Full-time,," in rows
    assert AuditEntry.objects.filter(model="ccm.agent", action="exported").count() == 1


def test_who_left_works_no_more(planner, site):
    gone = an_agent(site, "Gone")
    gone.left_on = date(2026, 3, 1)
    gone.save()
    assert "Gone" not in planner.get(reverse("working_list")).content.decode()


# Availability.


@pytest.fixture
def ann(site):
    return an_agent(site, "Ann", user=a_user("agent", site))


def test_somebody_says_when_they_cannot_and_planners_see_who_said_it(planner, client, site, ann):
    client.force_login(ann.user)
    said = {"word": "must_not", "weekday": "4", "from_minute": "22:00", "to_minute": "06:00"}
    assert client.post(reverse("availability_new"), said).status_code == 302
    one = Availability.objects.get()
    assert (one.agent, one.from_minute, one.to_minute) == (ann, 1320, 1800)
    assert one.said_by == ann.user
    own = client.get(reverse("my_availability")).content.decode()
    assert "each Friday 22:00–06:00 (+1)" in own
    # As it was said: its form has both times of the clock.
    form = client.get(reverse("availability_edit", args=[one.pk])).content.decode()
    assert 'value="06:00"' in form
    client.force_login(planner.user)
    listed = client.get(reverse("availability_list")).content.decode()
    assert f"{ann.user}, 16 Mar 2026" in listed
    assert "each Friday 22:00–06:00 (+1)" in listed


def test_nobody_says_it_for_somebody_else_but_who_plans_them(planner, client, site, ann):
    ben = an_agent(site, "Ben")
    said = {"word": "likes", "weekday": "0", "agent": ben.pk}
    client.force_login(ann.user)
    client.post(reverse("availability_new"), said)
    assert Availability.objects.get().agent == ann
    of_ben = an_availability(ben)
    assert client.get(reverse("availability_edit", args=[of_ben.pk])).status_code == 404
    assert "Ben" not in client.get(reverse("availability_list")).content.decode()
    client.force_login(planner.user)
    client.post(reverse("availability_new"), said)
    assert Availability.objects.filter(agent=ben).count() == 2


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"word": "must_not"}, "weekday", "Say when"),
        ({"word": "likes", "from_minute": "08:00"}, "to_minute", "Say from when and to when"),
        (
            {"word": "likes", "first_on": "2026-04-02", "last_on": "2026-04-01"},
            "last_on",
            "ends before it begins",
        ),
        ({"word": "must_not", "weekday": "0", "template": "early"}, "template", "by hours"),
        (
            {"word": "likes", "template": "early", "from_minute": "8:00", "to_minute": "9:00"},
            "template",
            "Say hours, or a shift",
        ),
        ({"word": "never", "weekday": "0"}, "word", "valid choice"),
    ],
)
def test_what_is_wrong_of_it_is_said_beside_its_field(client, site, ann, said, field, words):
    early = a_template(site)
    if "template" in said:
        said = said | {"template": early.pk}
    client.force_login(ann.user)
    page = client.post(reverse("availability_new"), said)
    assert words in " ".join(errors(page)[field])
    assert not Availability.objects.exists()


def test_somebody_sees_their_own_terms_on_their_own_page(client, site, ann):
    with_contract(ann, a_contract(site))
    ann.skills = ["French"]
    ann.save()
    a_pairing(ann, an_agent(site, "Mentor"))
    client.force_login(ann.user)
    page = client.get(reverse("my_availability")).content.decode()
    for words in ("Full-time", "Mentor", "the same shifts", "Lists tell: French."):
        assert words in page
    assert 'name="which"' not in page


def test_whose_it_is_is_chosen_by_name_whatever_team_they_are_in(planner, site):
    cleo, ada, ben = (an_agent(site, name) for name in ("Cleo", "Ada", "Ben"))
    a_team(site, None, cleo)
    everyone = [(ada.pk, "Ada"), (ben.pk, "Ben"), (cleo.pk, "Cleo")]
    for name, field in (("availability", "agent"), ("pairing", "one"), ("pairing", "other")):
        form = planner.get(reverse(f"{name}_new"), {"site": site.slug}).context["form"]
        assert [*form.fields[field].choices][1:] == everyone, (name, field)


# Pairings and rules.


def test_a_pair_is_kept_whoever_is_named_first_and_said_once(planner, site):
    one, other = an_agent(site), an_agent(site)
    said = {
        "one": other.pk, "other": one.pk, "together": "no", "starts_on": "2026-03-01",
    }  # fmt: skip
    assert planner.post(reverse("pairing_new"), said).status_code == 302
    pair = Pairing.objects.get()
    assert (pair.one, pair.other, pair.together) == (one, other, False)
    page = planner.post(reverse("pairing_new"), said | {"together": "yes"})
    assert "on these days already" in str(errors(page))
    page = planner.post(reverse("pairing_new"), said | {"other": other.pk})
    assert errors(page) == {"other": ["A pair is two people."]}
    page = planner.get(reverse("pairing_edit", args=[pair.pk])).content.decode()
    assert '<option value="no" selected>' in page


def rules(**said):
    return {
        "slot_minutes": "15", "notice_days": "14", "new_weeks": "8", "night_from": "23:00",
        "night_to": "06:00", "night_minutes": "2:00", "late_from": "20:00", "rather_not": "20",
        "likes": "10", "drawn": "", "trade_until_hours": "24", "trade_short_hours": "0",
        "fairness_weeks": "26", "fairness_price": "5", "away_percent": "0",
    } | said  # fmt: skip


def test_the_rules_of_a_site_are_kept_and_those_without_a_weight_are_hard(planner, site):
    page = planner.get(reverse("roster_rules")).content.decode()
    assert 'name="night_to" value="06:00"' in page
    said = rules(soft_mix="30", soft_rest_minutes="200", mix="1.5")
    assert planner.post(f"{reverse('roster_rules')}?site={site.slug}", said).status_code == 302
    kept = SiteRules.objects.get()
    assert (kept.weights, float(kept.mix)) == ({"mix": 30, "rest_minutes": 200}, 1.5)
    assert (kept.night_from, kept.night_to, kept.night_minutes) == (1380, 1800, 120)
    assert 'name="soft_mix" value="30"' in planner.get(reverse("roster_rules")).content.decode()
    assert planner.post(f"{reverse('roster_rules')}?site={site.slug}", rules()).status_code == 302
    kept.refresh_from_db()
    assert kept.weights == {}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"night_minutes": "8:00"}, "night_minutes"),  # of seven hours
        ({"night_minutes": "0"}, "night_minutes"),
        ({"soft_mix": "0"}, "soft_mix"),
        ({"away_percent": "-1"}, "away_percent"),
        ({"away_percent": "51"}, "away_percent"),
        ({"fairness_weeks": "0"}, "fairness_weeks"),
        ({"fairness_weeks": "105"}, "fairness_weeks"),
        ({"fairness_price": "1001"}, "fairness_price"),
        ({"fairness_price": ""}, "fairness_price"),
        ({"mix": "-1"}, "mix"),
        ({"slot_minutes": "7"}, "slot_minutes"),
        ({"late_from": ""}, "late_from"),
        ({"trade_short_hours": "-1"}, "trade_short_hours"),
        ({"trade_until_hours": "9999"}, "trade_until_hours"),
    ],
)
def test_rules_that_make_no_sense_are_refused_beside_their_field(planner, site, said, field):
    page = planner.post(f"{reverse('roster_rules')}?site={site.slug}", rules(**said))
    assert field in errors(page)
    assert not SiteRules.objects.exists()


# All of them.


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("shift_template_list", 8),
        ("contract_list", 8),
        ("rotation_list", 8),
        ("availability_list", 8),
        ("pairing_list", 8),
        ("working_list", 9),
    ],
)
@pytest.mark.parametrize("many", [1, 20])
def test_a_list_asks_the_same_of_one_row_as_of_twenty(
    planner, site, django_assert_max_num_queries, name, queries, many
):
    for n in range(many):
        who, template = an_agent(site), a_template(site, f"Shift {n}")
        with_contract(who, a_contract(site, f"Contract {n}"))
        in_rotation(who, a_rotation(site, {(1, 0): [template]}, name=f"Rotation {n}"))
        skilled(who, a_queue(site))
        an_availability(who, template=template)
        a_pairing(who, an_agent(site))
    planner.get(reverse(name))
    with django_assert_max_num_queries(queries):
        page = planner.get(reverse(name))
    assert page.content.count(b"<tr ") >= many


@pytest.mark.parametrize("many", [1, 20])
def test_somebodys_page_asks_the_same_however_much_was_said(
    planner, site, django_assert_max_num_queries, many
):
    ann = an_agent(site)
    for n in range(many):
        skilled(ann, a_queue(site))
        an_availability(ann, template=a_template(site, f"Shift {n}"))
        a_pairing(ann, an_agent(site))
    planner.get(reverse("work_terms", args=[ann.pk]))
    with django_assert_max_num_queries(12):
        planner.get(reverse("work_terms", args=[ann.pk]))
