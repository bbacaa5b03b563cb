"""The audit log: what was changed, by whom, and what it was before."""

from datetime import date
from typing import Any

import django_tables2 as django_tables
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ccm import audit, days_asked, tables
from ccm.days_asked import Misdated
from ccm.filters import Choices
from ccm.models import AuditEntry, User
from ccm.navigation import may_open


class AuditTable(django_tables.Table):
    """Entries with what they are about (`told`, by id), a row each."""

    at = tables.SortedColumn("at", verbose_name=gettext_lazy("When"), attrs=tables.WORDS)
    who = django_tables.Column(
        verbose_name=gettext_lazy("Who"), attrs=tables.WORDS, orderable=False, empty_values=()
    )
    action = django_tables.Column(
        verbose_name=gettext_lazy("Did"), attrs=tables.WORDS, orderable=False
    )
    about = django_tables.Column(
        verbose_name=gettext_lazy("What"),
        accessor="pk",
        attrs=tables.NARROW,
        orderable=False,
    )
    changes = django_tables.Column(
        verbose_name=gettext_lazy("Before and after"),
        accessor="pk",
        attrs=tables.WRAPPED,
        orderable=False,
    )

    label: Any = gettext_lazy("Audit log")
    empty_hint: Any = ""
    export_url = ""

    class Meta:
        order_by = "-at"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = audit.Names([])
        self.told: dict[int, audit.Told] = {}

    def before_render(self, request: HttpRequest) -> None:
        shown = [row.record for row in self.paginated_rows]
        self.names = audit.Names(shown)
        self.told = audit.told(shown, self.names)

    def render_at(self, record: AuditEntry) -> str:
        return f"{record.at:%Y-%m-%d %H:%M:%S} UTC"

    def render_who(self, record: AuditEntry) -> str:
        if record.who_id is None:
            return _("the program")
        # Entries outlive people.
        return str(record.who or _("someone gone (%(number)d)") % {"number": record.who_id})

    def render_about(self, record: AuditEntry) -> SafeString:
        about = self.told[record.pk]
        if not about.url:
            return format_html("{}", about.words)
        return format_html('<a class="link" href="{}">{}</a>', about.url, about.words)

    def render_changes(self, record: AuditEntry) -> SafeString:
        found = audit.changes(record, self.names, self.told.get(record.pk))
        # Of what came or went there is one side only.
        if record.before is None:
            changes = format_html_join(" · ", "{}: {}", ((one.name, one.after) for one in found))
        elif record.after is None:
            changes = format_html_join(" · ", "{}: {}", ((one.name, one.before) for one in found))
        else:
            changes = format_html_join(" · ", "{}: {} → {}", found)
        if not record.why:
            return changes
        return format_html("{}<br>{}: {}", changes, _("Why"), record.why)


@login_required
@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """The entries that fit the filters, the newest first. For admins."""
    if not may_open("audit", request.user):
        raise Http404
    entries = AuditEntry.objects.all()
    people: Choices = [
        (str(one.pk), str(one))
        for one in User.objects.filter(pk__in=entries.order_by().values("who").distinct())
    ]
    models: Choices = [
        (label, audit.model_words(label))
        for label in entries.order_by("model").values_list("model", flat=True).distinct()
    ]
    actions: Choices = [(one.value, str(one.label)) for one in AuditEntry.Action]
    asked = request.GET
    chosen = {
        "who": _one_of(people, asked.get("who", "")),
        "model": _one_of(models, asked.get("model", "")),
        "action": _one_of(actions, asked.get("action", "")),
    }
    days = asked.get("from", ""), asked.get("to", "")
    first, last, misdated = _days(*days)
    unknown = any(asked.get(name, "") != value for name, value in chosen.items())
    problem = misdated or (_("Nothing is known of what the address names.") if unknown else "")
    if unknown:
        problem += " " + _("Shown are entries of all that it would narrow.")
    table = AuditTable(_found(entries, chosen, first, last).select_related("who"))
    narrowed = first or last or any(chosen.values())
    table.empty_text = (
        _("Nothing here fits these filters.") if narrowed else _("Nothing was changed yet")
    )
    tables.arrange(table, request.GET)
    words = {
        "table": table,
        "chips": [
            {"name": name, "label": label, "choices": [("", _("All")), *among], "value": value}
            for (name, value), label, among in zip(
                chosen.items(),
                (_("Who"), _("What"), _("Did")),
                (people, models, actions),
                strict=True,
            )
            if among
        ],
        "first": first,
        "last": last,
        "problem": problem,
        "typed": days_asked.typed(*days) if misdated else None,
    }
    return render(request, "ccm/audit.html", words)


def _one_of(choices: Choices, value: str) -> str:
    return value if value in dict(choices) else ""


def _days(start: str, end: str) -> tuple[date | None, date | None, str]:
    """The days asked for, in UTC, and what is wrong with them."""
    try:
        return *days_asked.ends(start, end), ""
    except Misdated as why:
        return None, None, f"{why} {_('Shown are all days.')}"


def _found(
    entries: QuerySet[AuditEntry], chosen: dict[str, str], first: date | None, last: date | None
) -> QuerySet[AuditEntry]:
    found = entries.filter(**{name: value for name, value in chosen.items() if value})
    if first is not None:
        found = found.filter(at__date__gte=first)
    if last is not None:
        found = found.filter(at__date__lte=last)
    return found
