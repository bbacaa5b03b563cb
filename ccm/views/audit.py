"""The audit log: what was changed, viewed and taken along, by whom, and what it was before."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice, pairwise
from typing import Any

import django_tables2 as django_tables
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ccm import audit, audit_reads, database, days_asked, exported, exports, tables
from ccm.audit_reads import ALL, BUT_VIEWS, Asked, Page
from ccm.days_asked import Misdated
from ccm.filters import Choices
from ccm.models import AuditEntry
from ccm.navigation import may_open
from ccm.sealed import verifying

_LONGEST = 60
# So far may the moments of two be the wrong way round that were made side by side.
_APART = timedelta(minutes=1)
_CHUNK = 500


class AuditTable(django_tables.Table):
    """Entries of a page with what they are about (`told`, by id), a row each, the newest first."""

    at = django_tables.Column(
        verbose_name=gettext_lazy("When"), attrs=tables.WORDS, orderable=False
    )
    who = django_tables.Column(
        verbose_name=gettext_lazy("Who"), attrs=tables.WORDS, orderable=False, empty_values=()
    )
    action = django_tables.Column(
        verbose_name=gettext_lazy("Did"), attrs=tables.WORDS, orderable=False
    )
    about = django_tables.Column(
        verbose_name=gettext_lazy("What"), accessor="pk", attrs=tables.NARROW, orderable=False
    )
    changes = django_tables.Column(
        verbose_name=gettext_lazy("Before and after"),
        accessor="pk",
        attrs=tables.WRAPPED,
        orderable=False,
    )
    seal = django_tables.Column(verbose_name=gettext_lazy("Seal"), accessor="pk", orderable=False)

    label: Any = gettext_lazy("Audit log")
    empty_hint: Any = ""
    export_url = ""

    def __init__(self, entries: Any, **kwargs: Any) -> None:
        super().__init__(entries, **kwargs)
        self.names = audit.Names(entries)
        self.told = audit.told(entries, self.names)
        self.seals = audit_reads.seals_of(entries)

    def render_at(self, record: AuditEntry) -> str:
        return _moment(record)

    def render_who(self, record: AuditEntry) -> str:
        return _person(record)

    def render_action(self, record: AuditEntry) -> str:
        return str(record.get_action_display())

    def render_seal(self, record: AuditEntry) -> SafeString | str:
        seal = self.seals.get(record.pk)
        if seal is None:
            return str(_("waits"))
        return format_html('<span title="{}">{}</span>', bytes(seal.hash).hex(), seal.place)

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
    _refuse_others(request.user)
    people, models, actions = _choices()
    asked, problem, misdated = _asked(request, people, models, actions)
    before, after = (_key(request, name) for name in ("before", "after"))
    page = Page.of(audit_reads.found(asked).select_related("who"), before, after)
    table = AuditTable(page.entries)
    table.empty_text = (
        _("Nothing here fits these filters.")
        if asked.is_narrowed or before is not None or after is not None
        else _("Nothing was changed yet")
    )
    kept = request.GET.copy()
    for name in ("before", "after"):
        kept.pop(name, None)
    table.export_url = f"{reverse('audit_csv')}?{kept.urlencode()}"
    state, now = verifying.state(), timezone.now()
    days = request.GET.get("from", ""), request.GET.get("to", "")
    words = {
        "table": table,
        "page": page,
        "kept": kept.urlencode(),
        "state": state,
        "is_late": state.is_late(now),
        "is_mixed": any(one.at < before.at - _APART for one, before in pairwise(page.entries)),
        "head": bytes(state.last.hash).hex() if state.last else "",
        "chips": [
            {"name": name, "label": label, "choices": among, "value": value}
            for name, label, among, value in (
                ("who", _("Who"), [("", _("All")), *people], str(asked.who or "")),
                ("model", _("What"), [("", _("All")), *models], asked.model),
                ("action", _("Did"), actions, asked.action),
            )
        ],
        "number": asked.number,
        "why": asked.why,
        "first": asked.first,
        "last": asked.last,
        "problem": problem,
        "typed": days_asked.typed(*days) if misdated else None,
    }
    return render(request, "ccm/audit.html", words)


HEADER = (
    gettext_lazy("Entry"),
    gettext_lazy("When"),
    gettext_lazy("Who"),
    gettext_lazy("Did"),
    gettext_lazy("What"),
    gettext_lazy("Kind"),
    gettext_lazy("Number"),
    gettext_lazy("Before and after"),
    gettext_lazy("Why"),
    gettext_lazy("Seal"),
    gettext_lazy("Hash"),
)


@login_required
@require_safe
def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The entries that fit the filters as a file, which is an entry itself. For admins."""
    user = _refuse_others(request.user)
    asked, _problem, _misdated = _asked(request, *_choices())
    found = audit_reads.found(asked).select_related("who")
    # What is added from here on, this one's own entry first, is not in it.
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    exported.listed(user, AuditEntry, None, asked.is_narrowed, timezone.now())
    rows = found.filter(pk__lte=newest).order_by("-pk")[: exports.MOST_ROWS + 1]
    return exports.download("audit.csv", HEADER, _rows(rows.iterator(chunk_size=_CHUNK)))


def _rows(entries: Iterator[AuditEntry]) -> Iterator[list[object]]:
    """Under `HEADER`; what is withheld on the page is withheld here."""
    for some in _pieces(entries):
        names = audit.Names(some)
        told, seals = audit.told(some, names), audit_reads.seals_of(some)
        for one in some:
            seal = seals.get(one.pk)
            changes = audit.changes(one, names, told[one.pk])
            yield [
                one.pk, one.at, _person(one), one.get_action_display(), told[one.pk].words,
                one.model, one.object_id,
                " · ".join(f"{name}: {before} → {after}" for name, before, after in changes),
                one.why, seal and seal.place, seal and bytes(seal.hash).hex(),
            ]  # fmt: skip


def _pieces(entries: Iterator[AuditEntry]) -> Iterator[list[AuditEntry]]:
    while some := [*islice(entries, _CHUNK)]:
        yield some


def _refuse_others(user: Any) -> Any:
    if not may_open("audit", user):
        raise Http404
    return user


def _moment(entry: AuditEntry) -> str:
    return f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"


def _person(entry: AuditEntry) -> str:
    if entry.who_id is None:
        return _("the program")
    # Entries outlive people.
    return str(entry.who or _("someone gone (%(number)d)") % {"number": entry.who_id})


def _choices() -> tuple[Choices, Choices, Choices]:
    """People, kinds of rows and acts that the log can be narrowed by."""
    people: Choices = [(str(one.pk), str(one)) for one in audit_reads.people()]
    models: Choices = [(label, audit.model_words(label)) for label in audit_reads.models()]
    actions: Choices = [
        (BUT_VIEWS, _("All but views")),
        (ALL, _("All")),
        *((one.value, str(one.label)) for one in AuditEntry.Action),
    ]
    return people, models, actions


def _asked(
    request: HttpRequest, people: Choices, models: Choices, actions: Choices
) -> tuple[Asked, str, bool]:
    """What the address narrows by, what is wrong with it in words, and whether its days are."""
    said = {name: request.GET.get(name, "") for name in ("who", "model", "action")}
    known = {
        name: value if value in dict(among) else ""
        for (name, value), among in zip(said.items(), (people, models, actions), strict=True)
    }
    problems = []
    first = last = None
    try:
        first, last = days_asked.ends(request.GET.get("from", ""), request.GET.get("to", ""))
    except Misdated as why:
        problems.append(f"{why} {_('Shown are all days.')}")
    is_misdated = bool(problems)
    if known != said:
        problems.append(_("Nothing is known of what the address names."))
        problems.append(_("Shown are entries of all that it would narrow."))
    asked = Asked(
        who=int(known["who"]) if known["who"] else None,
        model=known["model"],
        number=request.GET.get("number", "").strip()[:_LONGEST],
        action=known["action"],
        why=request.GET.get("why", "").strip()[:_LONGEST],
        first=first,
        last=last,
    )
    return asked, " ".join(problems), is_misdated


def _key(request: HttpRequest, name: str) -> int | None:
    return database.id_of(request.GET.get(name, ""))
