"""Words by which it is seen whose a row is: planted in every text column of the rows of a site."""

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Field, Model
from psycopg2 import sql

MARK = "Qzxvj"
FOUND = re.compile(rb"[Qq]zxvj\w*")
OURS = ("ccm", "kpis", "scheduling", "qa", "coaching")
_TEXTS = (models.CharField, models.TextField)
# Columns whose text is a word of the program's own or is made by it, by model and field; a page
# would find no such thing. What people or sources write stands in none of them.
NOT_FREE = {
    "ccm.Site.slug", "ccm.Site.zone", "ccm.Site.country", "ccm.Site.region", "ccm.Site.currency",
    "ccm.User.password", "ccm.AuditEntry.model", "ccm.AuditEntry.object_id",
    "ccm.Call.caller_hash", "ccm.Call.ended_by", "ccm.Call.transfer_kind",
    "ccm.Call.recording", "ccm.Call.transcript", "ccm.Job.kind", "ccm.ImportBatch.format",
    "ccm.ImportBatch.zone", "ccm.ImportFile.format", "ccm.ImportFile.sha256",
    "ccm.ImportFile.shape", "ccm.ImportFile.header", "ccm.ImportFile.delimiter",
    "ccm.NameMerge.kind", "ccm.Webhook.url", "ccm.Cost.currency", "ccm.Sale.currency",
    "ccm.Target.kpi", "ccm.SurveyInvitation.hash", "ccm.SurveyInvitation.address_hash",
    "kpis.AlertRule.kpi", "kpis.Board.slug", "kpis.KioskLink.hash",
    "scheduling.Contract.law", "scheduling.KeptShift.shape", "scheduling.ShiftOfferAnswer.rule",
    "scheduling.Trade.rule", "qa.CardCriterion.key", "qa.CardCriterion.kind",
    "qa.CalibrationSession.seed", "qa.PlanDraw.seed", "qa.PlanDraw.digest", "qa.AgentDraw.digest",
    "qa.Answer.value", "qa.CallTranscript.language", "qa.CallTranscript.digest",
    "coaching.AskingRule.seed", "coaching.Challenge.kpi", "coaching.Attempt.seed",
    "coaching.AgendaItem.found_as", "coaching.Action.kpi", "coaching.PublicPage.slug",
    "coaching.Remark.kpi", "coaching.TriggerRule.kpi", "coaching.TriggerRule.survey",
    "coaching.Proposal.cause", "ccm.ImportProfile.slug", "ccm.EventShape.slug",
    "ccm.LinkTemplate.template", "kpis.KpiChoice.kpi", "kpis.KpiChoice.variant",
    "kpis.Mailing.zone",
}  # fmt: skip
# Filled only where something else is, which most rows of tests do not have: the database says so.
OF_A_STATE = {
    "coaching.Certificate.why_withdrawn", "coaching.Lesson.url", "coaching.Huddle.notes",
    "coaching.Remark.answer", "coaching.Suggestion.answer", "coaching.Trial.why_stopped",
    "coaching.Trial.decided_words", "ccm.Webhook.old_secret",
}  # fmt: skip


def kept() -> list[type[Model]]:
    """The models of the project's own that have a table."""
    return [one for one in apps.get_models() if one._meta.app_label in OURS and one._meta.managed]


def there() -> dict[type[Model], set[Any]]:
    """The keys of all rows there are."""
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in kept()}


def made_since(before: dict[type[Model], set[Any]]) -> dict[type[Model], list[Any]]:
    """The keys of the rows that came since, of models that have any."""
    now = there()
    since = {model: sorted(now[model] - before.get(model, set()), key=str) for model in now}
    return {model: keys for model, keys in since.items() if keys}


def columns(model: type[Model]) -> Iterator[Field]:
    """The columns of a model in which people or sources write what they like."""
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, _TEXTS) and not isinstance(field, ArrayField)
        if not is_text or field.primary_key or field.choices:
            continue
        if f"{model._meta.label}.{field.name}" not in NOT_FREE:
            yield field


def plant(rows: dict[type[Model], list[Any]], word: str = MARK) -> dict[str, str]:
    """Write marks into every text column of the rows; columns that refused them, and why."""
    refused: dict[str, str] = {}
    for model, keys in rows.items():
        fields = list(columns(model))
        if not fields:
            continue
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _guard(cursor, model, "DISABLE")
            for field in fields:
                for number, key in enumerate(keys):
                    text = f"{word}{field.name[:3]}{number}"[: field.max_length or None]
                    if why := _write(model, key, field, text):
                        refused[f"{model._meta.label}.{field.name}"] = why
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _guard(cursor, model, "ENABLE")
    return refused


def _write(model: type[Model], key: Any, field: Field, text: str) -> str:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=key).update(**{field.name: text})
    except DatabaseError as refusal:
        return str(refusal).splitlines()[0]
    return ""


def _guard(cursor: Any, model: type[Model], how: str) -> None:
    """What may only be added to is marked, too."""
    name = sql.Identifier(model._meta.db_table)
    cursor.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(name, sql.SQL(how)))
