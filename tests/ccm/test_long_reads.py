"""Answers that take longer than a page may: handed to a worker, kept, and then there at once."""

from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.utils import timezone
from rest_framework.decorators import api_view
from rest_framework.response import Response

from ccm import exported, jobs, long_reads, tasks
from ccm.long_reads import asking
from ccm.models import ApiToken, AuditEntry, Job
from ccm.views.failures import not_found, server_error
from tests import broker
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db(transaction=True)

# Longer than a page waits here, and shorter than anybody would notice.
SLEEP = 0.6


def slept(seconds: float, what: str = "calls") -> str:
    sql = "SELECT %(what)s::text FROM pg_sleep(%(seconds)s)"
    ((told,),) = long_reads.rows(sql, {"what": what, "seconds": seconds})
    return str(told)


def a_page(request: HttpRequest) -> JsonResponse:
    seconds = float(request.GET.get("seconds", SLEEP))
    if request.GET.get("breaks") and long_reads.is_rehearsal():
        raise ValueError("broken")
    read = [slept(seconds), slept(0, "more")]
    since = long_reads.kept_since()
    who = getattr(request.user, "username", "")
    return JsonResponse(
        {"read": read, "at": long_reads.asked_at().isoformat(), "kept": bool(since), "who": who}
    )


def a_file(request: HttpRequest) -> HttpResponse:
    slept(SLEEP)
    exported.figures(request.user, [a_site()], *[timezone.now().date()] * 2, timezone.now())
    return HttpResponse("file", content_type="text/csv")


@api_view()
def endpoint(_request) -> Response:
    return Response({"read": slept(SLEEP, "for a program")})


urlpatterns = [
    path("a-page/", a_page),
    path("a-file/", a_file),
    path("api/endpoint/", endpoint),
    path("", include("ccm.urls")),
]
handler404, handler500 = not_found, server_error


@pytest.fixture(autouse=True)
def hurry(settings):
    settings.ROOT_URLCONF = __name__
    settings.ANSWER_SECONDS = 0.3
    broker.empty()


@pytest.fixture
def manager(client):
    user = a_user("manager", a_site())
    client.force_login(user)
    return user


def the_job() -> Job:
    return Job.objects.get(kind=asking.KIND)


def test_what_is_read_in_time_is_answered_at_once(client, manager):
    answer = client.get("/a-page/?seconds=0")
    assert answer.json()["read"] == ["calls", "more"]
    assert not answer.json()["kept"]
    assert not Job.objects.exists()


def test_a_page_that_takes_long_says_how_far_it_is_and_is_there_when_a_worker_read_it(
    client, manager
):
    page = client.get("/a-page/")
    assert page.status_code == 202
    job = the_job()
    assert (job.state, job.created_by) == (Job.State.QUEUED, manager)
    poll = f"/answers/{job.pk}/"
    assert f'hx-get="{poll}"' in page.content.decode()
    assert "HX-Refresh" not in client.get(poll)

    asking.run(job.pk)

    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.words
    assert job.done == 2
    assert client.get(poll)["HX-Refresh"] == "true"
    answer = client.get("/a-page/").json()
    assert answer == {
        "read": ["calls", "more"],
        # As of the moment that it was asked for first.
        "at": job.created_at.isoformat(),
        "kept": True,
        "who": manager.username,
    }


def test_who_asks_the_same_twice_waits_for_one_job(client, manager):
    client.get("/a-page/")
    client.get("/a-page/")
    assert Job.objects.count() == 1


def test_nobody_waits_for_more_than_a_few_at_a_time(client, manager):
    for number in range(asking.MOST_WAITING):
        assert client.get(f"/a-page/?n={number}").status_code == 202
    refused = client.get("/a-page/?n=one-more")
    assert refused.status_code == 429
    assert "You wait for 5 answers" in refused.content.decode()
    assert Job.objects.count() == asking.MOST_WAITING


def test_one_worker_does_all_that_wait_and_another_leaves_them_to_it(client, manager):
    for number in range(3):
        client.get(f"/a-page/?n={number}&seconds={SLEEP + number / 100}")
    asking.run(Job.objects.order_by("pk").first().pk)
    assert {job.state for job in Job.objects.all()} == {Job.State.DONE}


def test_a_job_that_was_cut_off_is_found_and_done_again(client, manager):
    client.get("/a-page/")
    Job.objects.update(state=Job.State.RUNNING, attempts=1)
    assert [job.pk for job in jobs.stale(timedelta(0))] == [the_job().pk]
    tasks.TASKS[asking.KIND].run(the_job().pk)
    assert the_job().state == Job.State.DONE


def test_somebody_elses_answer_is_seen_by_nobody(client, manager):
    client.get("/a-page/")
    client.force_login(a_user("manager", a_site()))
    assert client.get(f"/answers/{the_job().pk}/").status_code == 404


def test_who_may_not_sign_in_any_more_gets_no_answer_read(client, manager):
    client.get("/a-page/")
    manager.is_active = False
    manager.save()
    asking.run(the_job().pk)
    assert the_job().state == Job.State.FAILED
    assert "may not sign in" in the_job().words


def test_what_breaks_in_the_worker_is_told_on_the_page(client, manager):
    client.get("/a-page/?breaks=1")
    asking.run(the_job().pk)
    page = client.get("/a-page/?breaks=1")
    assert page.status_code == 503
    assert "stopped on an error of ours" in page.content.decode()
    assert "Try again" in page.content.decode()


def test_what_takes_a_worker_too_long_asks_for_less(client, manager, settings):
    client.get("/a-page/?seconds=3")
    settings.FILE_SECONDS = 1
    asking.run(the_job().pk)
    assert the_job().state == Job.State.FAILED
    assert "ask for fewer days" in the_job().words


def test_the_api_says_to_ask_again_and_then_answers(client, manager):
    _token, words = ApiToken.issue(
        user=manager,
        name="x",
        scopes=[ApiToken.READ],
        expires_at=timezone.now() + timedelta(days=1),
    )
    headers = {"Authorization": f"Bearer {words}"}
    client.logout()
    waits = client.get("/api/endpoint/", headers=headers)
    assert waits.status_code == 202
    assert int(waits["Retry-After"]) > 0
    assert waits.json()["state"] == "queued"
    asking.run(the_job().pk)
    assert client.get("/api/endpoint/", headers=headers).json() == {"read": "for a program"}


def test_an_export_is_noted_when_it_is_sent_and_not_when_it_is_read(client, manager):
    page = client.get("/a-file/?export=csv")
    assert page.status_code == 202
    asking.run(the_job().pk)
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).exists()
    assert "Download the file" in client.get(f"/answers/{the_job().pk}/").content.decode()
    assert client.get("/a-file/?export=csv").content == b"file"
    assert AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).count() == 1


def test_what_was_kept_is_read_anew_when_asked(client, manager):
    client.get("/a-page/")
    asking.run(the_job().pk)
    assert client.get("/a-page/").status_code == 200
    to = client.post("/answers/anew/", {"address": "/a-page/"})
    assert to["Location"] == "/a-page/"
    assert client.get("/a-page/").status_code == 202


def test_reading_anew_leads_to_no_other_host(client, manager):
    to = client.post("/answers/anew/", {"address": "https://example.org/"})
    assert to["Location"] == "/"


def test_whoever_is_not_signed_in_waits_for_nothing(client):
    assert client.get("/a-page/").status_code == 503
    assert not Job.objects.exists()


def test_a_broker_that_is_away_keeps_nothing_and_breaks_nothing(client, manager, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert client.get("/a-page/?seconds=0").json()["read"] == ["calls", "more"]


def test_commands_and_tasks_wait_and_find_nothing_kept(client, manager):
    client.get("/a-page/")
    asking.run(the_job().pk)
    assert long_reads.kept_since() is None
    assert slept(SLEEP) == "calls"  # longer than a page may
