"""Figures over the API: the same rows as every page, in the same words."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import days_asked, long_reads
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.database import MOST_ID
from ccm.days_asked import LONGEST, Misdated
from ccm.filters import LONGEST_DEFINITION
from ccm.intervals import FIRST_YEAR
from ccm.models import ApiToken, Channel, Direction
from kpis import report
from kpis.choices import Choices
from kpis.choosing import beside
from kpis.definitions import KPIS, UnknownKpi, parse
from kpis.dimensions import By
from kpis.report import Unanswerable
from kpis.reports import links, machines, partial, reach
from kpis.reports.asked import COMPARISONS, DIMENSIONS, PICKED, columns
from kpis.standing import LEVELS


class _Id(serializers.IntegerField):
    def __init__(self) -> None:
        super().__init__(min_value=0, max_value=MOST_ID)


class QuestionSerializer(serializers.Serializer[Any]):
    """Site days, both inclusive; sites by their slugs; KPIs as `id`, `id:variant` or, with its own
    threshold or window, `id:variant@number`; queues, teams, agents, topics and dispositions by id.
    `by` says what rows are, `across` what columns are: then a row is a cell of both. Without a
    direction: inbound, or each where they are directions."""

    first = serializers.DateField()
    last = serializers.DateField()
    site = serializers.ListField(child=serializers.SlugField(), required=False)
    queue = serializers.ListField(child=_Id(), required=False)
    team = serializers.ListField(child=_Id(), required=False)
    agent = serializers.ListField(child=_Id(), required=False)
    topic = serializers.ListField(child=_Id(), required=False)
    disposition = serializers.ListField(child=_Id(), required=False)
    channel = serializers.ChoiceField(choices=Channel.values, required=False)
    direction = serializers.ChoiceField(choices=Direction.values, required=False)
    by = serializers.ChoiceField(choices=DIMENSIONS, default="total")
    across = serializers.ChoiceField(choices=DIMENSIONS, default="total")
    kpi = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    definition = serializers.CharField(max_length=LONGEST_DEFINITION, required=False)
    compare = serializers.ChoiceField(
        choices=COMPARISONS[1:],
        required=False,
        help_text="What stands beside each figure: that of the days before (`previous`), of the"
        " same weekdays before, what is usual, or its target.",
    )

    def validate_definition(self, value: str) -> tuple[str, ...]:
        try:
            return beside.read(value)
        except UnknownKpi as unknown:
            raise serializers.ValidationError(str(unknown)) from unknown

    def validate_kpi(self, value: list[str]) -> list[str]:
        for one in value:
            try:
                parse(one)
            except UnknownKpi as unknown:
                raise serializers.ValidationError(str(unknown)) from unknown
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        others = attrs.pop("definition", ())
        attrs["kpi"], attrs["added"] = columns(attrs.get("kpi") or [*KPIS], others)
        for other in others:
            if other not in attrs["kpi"]:
                words = _("%(definition)s stands beside nothing: ask for its KPI too.")
                raise serializers.ValidationError({"definition": words % {"definition": other}})
        if attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": _("It is before the first day.")})
        if attrs["last"] - attrs["first"] >= LONGEST:
            raise serializers.ValidationError({"last": _("Ask for at most 366 days at a time.")})
        if attrs["first"].year < FIRST_YEAR:
            raise serializers.ValidationError({"first": _("Ask for days between 1990 and today.")})
        return attrs


class FigureSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField(
        help_text="How much it was counted over: of rates and means the denominator, of counts the"
        " count. Of what is told per hour, and of turnover, what was counted, not what that was"
        " divided by."
    )
    n_unit = serializers.CharField(help_text="`count`; of shares of time `seconds`.")
    unit = serializers.CharField()
    variant = serializers.CharField()
    definition = serializers.CharField(
        help_text="The variant and what it reads, in words: as `SL3, 30 s`."
    )
    precision = serializers.CharField(
        help_text="How far the value is known, as `to the half second`; empty: exactly."
    )
    reason = serializers.CharField(help_text="Why there is no value; empty where there is one.")
    passport_url = serializers.CharField(
        help_text="Where the figure explains itself; of several sites together, where that of each"
        " stands with its passport. Empty: its rows are too many to be named, or rings of a team."
    )


class RowSerializer(serializers.Serializer[Any]):
    key = serializers.DictField(child=serializers.CharField())
    not_whole = serializers.CharField(
        help_text="What of its time is not whole, as `2 of 7 days` of a week; of days that are not"
        " all on record, as `2 of 31 days`, and where they are not, as `without Pune`; empty:"
        " nothing."
    )
    kpis = serializers.DictField(child=FigureSerializer())


class ChangeSerializer(serializers.Serializer[Any]):
    """From that day on the KPI is made by this variant and these parameters: of the rows with
    this key, or, where it is empty, of all."""

    day = serializers.DateField()
    kpi = serializers.CharField()
    variant = serializers.CharField()
    parameters = serializers.DictField()
    definition = serializers.CharField(help_text="Both in words: as `SL3, 30 s`.")
    key = serializers.DictField(child=serializers.CharField())


class BesideSerializer(serializers.Serializer[Any]):
    """What a figure is compared with. `now` is the figure of what is compared: of a day that is
    not over the part up to the same minute as of the days before, with its target all of it."""

    value = serializers.FloatField(allow_null=True)
    now = serializers.FloatField(allow_null=True)
    more_than_noise = serializers.BooleanField(
        allow_null=True, help_text="null: not judged, as of a target"
    )
    level = serializers.ChoiceField(
        choices=LEVELS,
        allow_null=True,
        required=False,
        help_text="With `compare=target`: how the figure stands to it. `warn`: not on target, but"
        " near it, or of what is good within a band outside that; `none`: of too few to judge, of"
        " no value, or neither good nor bad; null: there is no target.",
    )
    state = serializers.CharField(
        allow_null=True, required=False, help_text="The same in words, as pages say it."
    )
    reason = serializers.CharField(help_text="Why there is no value; empty where there is one.")


class ComparedSerializer(serializers.Serializer[Any]):
    """The days that a row is compared with, none of what is usual and of targets; and up to which
    time of day."""

    key = serializers.DictField(child=serializers.CharField())
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    until = serializers.CharField(allow_null=True)
    not_whole = serializers.CharField(
        help_text="What of those days is not on record, as `2 of 31 days`; empty: nothing."
    )
    kpis = serializers.DictField(child=BesideSerializer())


class ReportSerializer(serializers.Serializer[Any]):
    day_only = serializers.IntegerField(
        allow_null=True,
        help_text="Offered, but only their day is known: in no row by interval. null: not known"
        " while the site is being counted anew.",
    )
    counting = serializers.ListField(
        child=serializers.CharField(),
        help_text="Of each site that is being counted anew, what still shows what was counted"
        " before. Ask again later.",
    )
    rows = RowSerializer(many=True)
    changes = ChangeSerializer(
        many=True,
        help_text="Definitions that changed after the first day. Rows by day or quarter hour are"
        " each by that of their own day, others by that of the last.",
    )
    compared = ComparedSerializer(
        many=True, required=False, help_text="With `compare`: what stands beside each row."
    )
    notes = serializers.ListField(
        child=serializers.CharField(),
        help_text="What is to be known of it: KPIs that nobody asked for, because how fast is never"
        " told without how well; with `compare`, what stands beside it.",
    )
    read_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the calls were read that this is told from, of what takes longer than a"
        " request may; null: now.",
    )


class ReadingSerializer(serializers.Serializer[Any]):
    """It takes longer than a request may, and is being read: ask the same again."""

    detail = serializers.CharField()
    state = serializers.CharField(help_text="`queued`, `running` or `done`.")
    words = serializers.CharField(help_text="How far it is.")


class KpiReport(ReadOnly, APIView):
    """KPIs of a stretch of site days: fractions and seconds, with n and the variant of each.

    Of the sites whose figures its reader sees. An agent who sees none gets their own figures, as
    on their own page.
    """

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        summary="KPIs of a stretch of site days",
        parameters=[
            QuestionSerializer,
            OpenApiParameter(
                "kpi", str, many=True, description="id, id:variant or id:variant@number; none: all"
            ),
            OpenApiParameter(
                "definition",
                str,
                description="id:variant or id:variant@number, several by commas: figures beside"
                " the chosen ones",
            ),
        ],
        responses={200: ReportSerializer, 202: ReadingSerializer},
    )
    def get(self, request: Request) -> Response:
        asked = QuestionSerializer(data=request.query_params)
        lists = [
            name for name, one in asked.fields.items() if isinstance(one, serializers.ListField)
        ]
        refuse_unread(request, asked.fields, lists)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        seen = reach.of(request.user)
        if not seen.sites:
            seen = reach.of_self(request.user)
        slugs = wanted.get("site") or [site.slug for site in seen.sites]
        sites = [site for site in seen.sites if site.slug in slugs]
        if not sites or not {*slugs} <= {site.slug for site in sites}:
            raise NotFound
        picked: dict[By, list[int]] = {by: wanted[by] for by in PICKED if wanted.get(by)}
        for by, ids in picked.items():
            if not set(ids) <= {one.id for one in seen.among(by, sites)}:
                raise NotFound
        _left, lost, is_of_nothing = reach.left_of(picked, seen, sites)
        if is_of_nothing:
            raise serializers.ValidationError({"site": lost})
        question = reach.question(
            seen, sites, wanted["first"], wanted["last"], wanted["by"], wanted["across"], picked,
            kpis=wanted["kpi"],
            channel=wanted.get("channel", ""),
            direction=wanted.get("direction", ""),
        )  # fmt: skip
        now = long_reads.asked_at()
        todays = partial.todays_of(question.sites, now)
        try:
            days_asked.refuse_to_come(question.first, question.last, todays.values())
        except Misdated as why:
            raise serializers.ValidationError({"last": str(why)}) from why
        how = wanted.get("compare", "")
        try:
            choices = Choices(wanted["last"])
            rows = report.answer(question, choices)
            made = machines.compared(question, rows, how, now, choices)
        except Unanswerable as refusal:
            raise serializers.ValidationError({"by": str(refusal)}) from refusal
        link = links.of(question, request.build_absolute_uri("/").rstrip("/"))
        counting = [str(seen.anew[site.pk]) for site in sites if site.pk in seen.anew]
        read_at = long_reads.kept_since()
        told = machines.as_json(
            question, rows, choices, how, made, link, todays, counting, wanted["added"], read_at
        )
        return Response(told)
