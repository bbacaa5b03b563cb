"""The reviews behind a criterion's lost points."""

from typing import Any

import django_tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ccm.filters import Filters
from ccm.models import User
from ccm.tables import WORDS, WRAPPED
from ccm.templatetags.figures import DASH, grouped, local_time
from qa import cards
from qa.insight import reads
from qa.insight.told import Asked
from qa.models import Answer


def answers(user: User, filters: Filters, asked: Asked, criterion: int) -> QuerySet[Answer]:
    """Answers that lost points on a criterion, of reviews that count in scores and that the reader
    may read."""
    # Of one reading of the reviews: where the planner knows too little of them, two that are held
    # against each other take seconds.
    readable = reads.of_reader(user, filters.site).visible_to(user)
    rows = readable.filter(reads.drawn_from(filters.first, filters.last))
    narrowed = {
        "queue": filters.queue, "version__card": asked.card, "drawn__drawn__team": asked.team,
        "reviewer": asked.reviewer,
    }  # fmt: skip
    rows = rows.filter(**{name: one for name, one in narrowed.items() if one is not None})
    return (
        Answer.objects.filter(evaluation__in=rows.values("pk"), criterion=criterion, lost__gt=0)
        .select_related(
            "criterion", "evaluation__agent", "evaluation__queue", "evaluation__reviewer",
            "evaluation__version",
        )
        .order_by("-lost", "-evaluation__called_at", "pk")
    )  # fmt: skip


class LostTable(django_tables2.Table):
    call = django_tables2.Column(
        accessor="evaluation__called_at", verbose_name=_("Call"), attrs=WORDS
    )
    agent = django_tables2.Column(
        accessor="evaluation__agent__name", verbose_name=_("Agent"), attrs=WORDS
    )
    queue = django_tables2.Column(
        accessor="evaluation__queue__name", verbose_name=_("Queue"), attrs=WORDS
    )
    reviewer = django_tables2.Column(
        accessor="evaluation__reviewer", verbose_name=_("Reviewer"), attrs=WORDS
    )
    value = django_tables2.Column(verbose_name=_("Answer"), attrs=WORDS, orderable=False)
    lost = django_tables2.Column(verbose_name=_("Points lost"))
    comment = django_tables2.Column(verbose_name=_("Comment"), attrs=WRAPPED, orderable=False)

    label = _("Reviews that lost points")
    empty_hint = _("Of those that you may read, in these days.")
    export_url = ""

    class Meta:
        default = DASH
        empty_text = _("No review lost points on it")

    def __init__(self, *args: Any, zone: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._zone = zone
        self._cards: dict[int, cards.Card] = {}

    def render_call(self, record: Answer) -> SafeString | str:
        review = record.evaluation
        said = local_time(review.called_at, self._zone, "j M Y H:i")
        url = reverse("review", args=[review.pk])
        return format_html('<a class="link" href="{}">{}</a>', url, said) if url else said

    def render_value(self, record: Answer) -> str:
        version = record.evaluation.version
        if version.pk not in self._cards:
            self._cards[version.pk] = cards.read(version.form)
        return self._cards[version.pk].option(record.criterion.key, record.value)

    def render_lost(self, record: Answer) -> str:
        return grouped(100 * (record.lost or 0), 1)
