"""What calls are about, over the API: asked for, and read once somebody has looked."""

from typing import Any

from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ccm import exported, work
from ccm.database import MOST_ID
from ccm.models import Job, Queue, Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa import tasks
from qa.api.acts import (
    PROBLEMS,
    Acts,
    Day,
    asked_of,
    found,
    refuse_turned,
    refusing,
    reviewed_site,
    said,
)
from qa.checking import subjects
from qa.models import CallTranscript


class TopicsSought(serializers.Serializer[Any]):
    site = serializers.SlugField()
    first = Day()
    last = Day()


class TopicsQuestion(TopicsSought):
    queue = serializers.IntegerField(required=False, min_value=0, max_value=MOST_ID)


class TopicExample(serializers.Serializer[Any]):
    """A line of a call that says it, of a transcript that the caller may read."""

    call = serializers.UUIDField()
    transcript = serializers.IntegerField()
    line = serializers.IntegerField()
    quote = serializers.CharField()


class TopicPhrase(serializers.Serializer[Any]):
    words = serializers.CharField()
    calls = serializers.IntegerField(help_text="That say it.")
    times = serializers.IntegerField()
    z = serializers.FloatField(
        help_text="By how many standard errors it is more frequent than in the other queues."
    )
    examples = TopicExample(many=True)


class TopicQueue(serializers.Serializer[Any]):
    queue = serializers.IntegerField()
    queue_name = serializers.CharField()
    calls = serializers.IntegerField(help_text="That were looked at.")
    phrases = TopicPhrase(many=True)


class TopicsAnswer(serializers.Serializer[Any]):
    """`job` null: nobody has looked at these days. Until it is `done` there are no queues."""

    job = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    calls = serializers.IntegerField(allow_null=True, help_text="With a transcript, of the days.")
    looked_at = serializers.IntegerField(allow_null=True, help_text="Of these the newest.")
    queues = TopicQueue(many=True)


class TopicsView(Acts):
    """What each queue's calls are about in some days of a site."""

    @extend_schema(
        operation_id="quality_topics",
        summary="What calls are about, as far as somebody has looked",
        parameters=[TopicsQuestion],
        responses={200: TopicsAnswer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        _may_look(request)
        asked = asked_of(request, TopicsQuestion)
        site = _site(request, asked)
        queue = found(site.queues.all(), asked["queue"]) if "queue" in asked else None
        job = subjects.newest(site, asked["first"], asked["last"])
        if request.method == "GET" and job is not None:
            # Quotes of calls leave with it.
            who, now = signed_in(request), timezone.now()
            exported.listed(who, CallTranscript, site, True, now, file=exported.API)
        return Response(_told(request, job, queue))

    @extend_schema(
        operation_id="look_for_topics",
        summary="Have somebody look what calls are about",
        description="It goes on in the background; where it does so already, that is told.",
        request=TopicsSought,
        responses={202: TopicsAnswer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        _may_look(request)
        asked = said(request, TopicsSought)
        site = _site(request, asked)
        with refusing():
            job = subjects.ask(
                site, asked["first"], asked["last"], signed_in(request),
                lambda job: work.send(tasks.look_for_topics, job.pk),
            )  # fmt: skip
        return Response(_told(request, job), status=202)


def _may_look(request: Request) -> None:
    """404 for who sees no checks, whatever they ask."""
    if not may_open("checks", request.user):
        raise Http404


def _site(request: Request, asked: dict[str, Any]) -> Site:
    refuse_turned(asked)
    return reviewed_site(request, asked["site"])


def _told(request: Request, job: Job | None, queue: Queue | None = None) -> dict[str, Any]:
    of_job = {} if job is None else job.payload
    return {
        "job": job and job.pk,
        "state": job and job.state,
        "calls": of_job.get("calls"),
        "looked_at": of_job.get("looked_at"),
        "queues": [
            {
                "queue": one["queue"],
                "queue_name": one["name"],
                "calls": one["calls"],
                "phrases": [
                    {name: phrase[name] for name in ("words", "calls", "times", "z")}
                    | {"examples": phrase["shown"]}
                    for phrase in one["phrases"]
                ],
            }
            for one in subjects.told(signed_in(request), job, queue)
        ],
    }


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/topics/", TopicsView.as_view(), name="api_topics")]
