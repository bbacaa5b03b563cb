"""Pages of personal data: how they look, by keyboard and mouse, in both themes, at three widths."""

from datetime import UTC, datetime

from django.utils import timezone

from ccm import addresses
from ccm.models import Erasure, RetentionRule, RetentionRun
from ccm.retention.work import Job
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import PASSWORD, a_call, a_queue, a_user, an_agent

SIZES = (("light", 1920), ("light", 1280), ("dark", 390))


def looked_at(person, page, name):
    wrong = []
    for theme, width in SIZES:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        if person.scrolls_sideways():
            wrong.append(f"{name} {width}: scrolls sideways")
        wrong += [f"{name} {theme} {width}: {one}" for one in person.barriers()]
    return wrong


def test_retention_erasure_and_the_file_for_analysts_are_clean_with_something_in_them(window):
    site = a_site_in_the_afternoon("Leeds")
    admin = a_user("admin", site, name="admin", password=PASSWORD)
    queue, agent = a_queue(site, "Sales"), an_agent(site, "Ada")
    for day in (3, 4):
        a_call(queue, datetime(2025, 3, day, 9, tzinfo=UTC), agent=agent)
    now = timezone.now()
    job = Job.objects.create(kind="retention", state="done")
    RetentionRule.objects.create(
        kind="comments", site=site, days=30, starts_on=now.date(), made_by=admin, made_at=now
    )
    RetentionRun.objects.create(
        job=job, site=site, kind="calls", before=now.date(), started_at=now, finished_at=now,
        expected={"ccm_call": 21_000, "ccm_offer": 40_000},
        gone={"ccm_call": 21_000, "ccm_offer": 40_000}, months=["2025-01", "2025-02"],
    )  # fmt: skip
    one = Erasure.objects.create(
        kind="customer", sealed=addresses.seal("01134960123"), state="found", why="Request 12",
        found={"ccm_call": 3, "ccm_surveyresponse": 1}, asked_by=admin, asked_at=now,
    )  # fmt: skip
    person = window(color_scheme="light")
    page = person.open("/accounts/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{person.address}/")

    person.open("/personal-data/retention/")
    page.get_by_label("Days kept").fill("100")
    page.get_by_label("Days kept").press("Enter")
    page.get_by_text("Leeds, before").wait_for()
    wrong = looked_at(person, page, "retention")
    assert page.get_by_role("button", name="Keep this rule").is_visible()
    person.open("/personal-data/erasures/")
    wrong += looked_at(person, page, "erasures")
    person.open(f"/personal-data/erasures/{one.pk}/")
    wrong += looked_at(person, page, "erasure")
    person.open("/personal-data/analysts/")
    page.get_by_label("From", exact=True).fill("2025-03-01")
    page.get_by_label("To", exact=True).fill("2025-03-31")
    page.get_by_role("button", name="Look at what it would tell").click()
    page.get_by_text("2 calls.").wait_for()
    wrong += looked_at(person, page, "analysts")
    with page.expect_download() as file:
        page.get_by_role("button", name="Download the file").click()
    assert file.value.suggested_filename.startswith("analysts-")
    person.open("/personal-data/map/")
    wrong += looked_at(person, page, "data map")
    assert not wrong, "\n".join(wrong)
