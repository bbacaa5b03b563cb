"""Reads comments of callers: who sees which, and which are found.

Of a site all of them are read by who sees all its reviews, and those on the own teams by who leads
some; nobody reads those on themselves here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchVector
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.safestring import SafeString, mark_safe

from ccm import stays
from ccm.access import scope_of
from ccm.intervals import Span
from ccm.models import Agent, Call, Queue, Site, SurveyResponse, Team
from ccm.models.surveys import COMMENT_WORDS, CONFIG
from ccm.querysets import Viewer
from coaching.library.finding import any_of
from coaching.library.highlights import BEGIN, END, marked
from coaching.library.matching import Words, stems
from coaching.library.searched import has_phrases, with_phrases, words_of
from coaching.models import Complaint, VoiceMark, VoiceTag
from coaching.models.library import AS_WRITTEN
from kpis.sums.surveys import EDGES
from qa.access import sees_all_of, sites_reviewed, sites_told

BAD, GOOD = "bad", "good"
_WORDS = Words("said_by", "said_as", CONFIG, first_by_stems=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What comments are narrowed to; "" and None: not. `text` as a search engine takes it; `team`
    on its days; `score` is BAD or GOOD, by the edges of its kind (`kpis.sums.surveys.EDGES`)."""

    text: str = ""
    tag: int | None = None
    agent: int | None = None
    team: Team | None = None
    topic: int | None = None
    kind: str = ""
    score: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A comment as its reader is told of it: `words` are safe HTML, what was found marked; `scores`
    what the caller answered beside it; `call` where the reader may open it."""

    survey: SurveyResponse
    words: SafeString
    scores: Sequence[SurveyResponse]
    call: Call | None
    tags: Sequence[VoiceTag]


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites of which the user reads comments: all of them, or those on teams led."""
    return sites_told(user)


def keeps_at(user: Viewer, site: Site) -> bool:
    """Whether the user makes tags and items of a site: who reads all its comments does."""
    return bool(sites_reviewed(user).filter(pk=site.pk).exists())


def agents(user: Viewer, site: Site) -> QuerySet[Agent]:
    """Agents of a site on whom the user reads what callers said."""
    rows = Agent.objects.filter(site=site)
    if not sees_all_of(user, site.pk):
        rows = Agent.objects.answered_for_by(user).filter(site=site)
    return rows.exclude(user=user.pk, user__isnull=False)


def people(user: Viewer, site: Site) -> list[int] | None:
    """The ids of those agents where comments on others, and on nobody, are not the user's to read;
    None: they are. One query at most."""
    if sees_all_of(user, site.pk):
        return None
    return [*agents(user, site).order_by().values_list("pk", flat=True)]


def reads_comment(user: Viewer, site: Site, one: SurveyResponse) -> bool:
    """Whether the user reads a comment of a site, as `comments` has it."""
    told = people(user, site)
    if told is not None:
        return one.agent_id in told
    own = scope_of(user).agent
    return own is None or one.agent_id != own


def comments(
    user: Viewer, site: Site, span: Span, queue: Queue | None = None
) -> QuerySet[SurveyResponse]:
    """What callers of a site wrote in [start, end), as far as the user reads it."""
    rows = all_comments(site, span, queue)
    if not sees_all_of(user, site.pk):
        rows = rows.filter(agent__in=agents(user, site).order_by().values("pk"))
    elif (own := scope_of(user).agent) is not None:
        rows = rows.exclude(agent=own)
    return rows


def all_comments(site: Site, span: Span, queue: Queue | None = None) -> QuerySet[SurveyResponse]:
    """What callers of a site wrote in [start, end), the newest first.

    Sources tell one comment beside each of a caller's scores: it is told once, with the first kind
    of these.
    """
    rows = SurveyResponse.objects.filter(
        site=site, answered_at__gte=span.start, answered_at__lt=span.end
    ).exclude(comment="")
    if queue is not None:
        rows = rows.filter(queue=queue)
    same = SurveyResponse.objects.filter(
        Q(call=OuterRef("call")) | Q(call=None, call_ref=OuterRef("call_ref")),
        site=site,
        source=OuterRef("source"),
        answered_at=OuterRef("answered_at"),
        comment=OuterRef("comment"),
        kind__lt=OuterRef("kind"),
    )
    return rows.exclude(Exists(same)).order_by("-answered_at", "-pk")


def found(rows: QuerySet[SurveyResponse], asked: Asked, tag: VoiceTag | None = None) -> Any:
    """Of some comments those that are asked for."""
    if asked.text:
        rows = _taken_apart(rows).filter(says(asked.text))
    if tag is not None:
        rows = having(rows, tag)
    if asked.agent is not None:
        rows = rows.filter(agent=asked.agent)
    if asked.team is not None:
        rows = stays.in_team_at(rows, asked.team, "answered_at")
    if asked.topic is not None:
        rows = rows.filter(call__topic=asked.topic)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.score in (BAD, GOOD):
        rows = rows.filter(scored(asked.score))
    return rows


def having(rows: QuerySet[SurveyResponse], tag: VoiceTag) -> Any:
    """Of some comments those that have a tag."""
    marks = VoiceMark.objects.filter(tag=tag.pk, survey=OuterRef("pk"))
    has = Q(Exists(marks.filter(is_on=True)))
    if tag.words:
        rows = _taken_apart(rows)
        has |= says(tag.words)
    return rows.filter(has).exclude(Exists(marks.filter(is_on=False)))


def says(text: str) -> Q:
    """Comments, taken apart, that say what a text asks for: `counting` has it as SQL."""
    return _WORDS.says(text)


def _taken_apart(rows: QuerySet[SurveyResponse]) -> Any:
    """With the stems of each comment (`said_by`), and its words as they are (`said_as`)."""
    return rows.alias(said_by=COMMENT_WORDS, said_as=SearchVector("comment", config=AS_WRITTEN))


def wider(text: str) -> str:
    """A search for any of the words of a text; "": there is none wider."""
    return any_of(text)


def tags(site: Site) -> list[VoiceTag]:
    """The tags of a site that stand. One query."""
    return [*VoiceTag.objects.standing().filter(site=site).order_by("name", "pk")]


def complaints(user: Viewer, site: Site) -> list[Complaint]:
    """What returned and is somebody's to see to, what is not over first. One query."""
    rows = Complaint.objects.visible_to(user).filter(finding__site=site)
    rows = rows.select_related("finding__owner", "finding__site", "tag", "queue")
    order = {"open": 0, "doing": 1, "done": 2, "dropped": 3}
    return sorted(rows, key=lambda one: (order[one.finding.state], -one.pk))


def lines(
    rows: Sequence[Any], user: Viewer, known: Sequence[VoiceTag], text: str = ""
) -> list[Line]:
    """Comments as the user is told of them; `known` are the tags of their site. Four queries at
    most, however many they are."""
    if not rows:
        return []
    ids = [one.pk for one in rows]
    wanted = {one.call_id for one in rows if one.call_id is not None}
    calls: dict[UUID, Call] = {}
    scores: dict[UUID, list[SurveyResponse]] = {}
    if wanted:
        there = Call.objects.visible_to(user).filter(pk__in=wanted).select_related("topic")
        calls = {one.pk: one for one in there}
        said = SurveyResponse.objects.filter(call__in=wanted).defer("comment", "extra")
        for each in said.order_by("kind", "answered_at", "pk"):
            if each.call_id is not None:
                scores.setdefault(each.call_id, []).append(each)
    of_words = tagged(ids, known)
    shown = _marked(ids, text) if text else {}
    return [
        Line(
            survey=one,
            words=_safe(shown.get(one.pk, one.comment)),
            scores=scores.get(one.call_id, [one]) if one.call_id is not None else [one],
            call=calls.get(one.call_id) if one.call_id is not None else None,
            tags=[tag for tag in known if tag.pk in of_words.get(one.pk, ())],
        )
        for one in rows
    ]


def tagged(ids: Collection[UUID], known: Sequence[VoiceTag]) -> dict[UUID, set[int]]:
    """Which of the known tags each of some comments has. One query, none of no tags."""
    if not known or not ids:
        return {}
    marks = VoiceMark.objects.filter(tag__in=[tag.pk for tag in known], survey__in=ids)
    rows = _taken_apart(SurveyResponse.objects.filter(pk__in=ids))
    having_words = [tag for tag in known if tag.words]
    told: dict[UUID, set[int]] = {pk: set() for pk in ids}
    if having_words:
        rows = rows.annotate(
            **{
                f"has_{tag.pk}": ExpressionWrapper(says(tag.words), output_field=BooleanField())
                for tag in having_words
            }
        )
    names = [f"has_{tag.pk}" for tag in having_words]
    if names:
        for pk, *has in rows.values_list("pk", *names):
            told[pk] |= {tag.pk for tag, yes in zip(having_words, has, strict=True) if yes}
    for tag_id, survey, is_on in marks.values_list("tag", "survey", "is_on"):
        if is_on:
            told[survey].add(tag_id)
        else:
            told[survey].discard(tag_id)
    return told


def _marked(ids: Collection[UUID], text: str) -> Mapping[UUID, str]:
    """Comments with what was found in them between BEGIN and END."""
    asked = words_of(text) if has_phrases(text) else text
    rows: Any = SurveyResponse.objects.filter(pk__in=ids)
    if asked:
        shown = SearchHeadline(
            "comment", stems(asked, CONFIG), config=CONFIG, start_sel=BEGIN, stop_sel=END,
            highlight_all=True,
        )  # fmt: skip
        rows = rows.annotate(shown=shown)
    found = rows.values_list("pk", "shown" if asked else "comment")
    return {pk: with_phrases(said, text) for pk, said in found}


def _safe(text: str) -> SafeString:
    return mark_safe(marked(text))  # noqa: S308 - `marked` has escaped it


def scored(which: str) -> Q:
    """Answers that are good or bad ones of their kind, as figures count them."""
    share = Cast(F("score") - F("scale_min"), FloatField()) / Cast(
        F("scale_max") - F("scale_min"), FloatField()
    )
    found = Q(pk__in=[])
    for kind, (top, bottom) in EDGES.items():
        lookup = GreaterThanOrEqual(share, top) if which == GOOD else LessThanOrEqual(share, bottom)
        found |= Q(kind=kind) & Q(lookup)
    return found
