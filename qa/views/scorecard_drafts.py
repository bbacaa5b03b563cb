"""The draft of a scorecard: its sections and criteria are changed, tried out, published."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm.views.lists import signed_in
from qa.cards import differences, document, edits, reads, services, trial, typed, words
from qa.cards.card import Card
from qa.cards.forms import FileForm
from qa.models import CardVersion, Evaluation, Scorecard
from qa.scoring import Form, Kind, Section, percent
from qa.views.scorecard_reach import differences_of, kept, shown_version, zone_of

_KINDS = {str(one) for one in Kind}
_NO_REVISION = -1
_NOTE = 300
_NOTHING = Fraction(0)


class Unfit(Exception):
    """What was typed into a small form of the draft cannot be, and why."""


@dataclass
class Sent:
    """What was typed into one of the small forms of the draft's page, to be drawn again: which of
    them (`do`, and of a section `at`), its values, and what is wrong."""

    do: str = ""
    at: str = ""
    values: dict[str, str] = field(default_factory=dict)
    wrong: str = ""

    @property
    def place(self) -> str:
        """Which form it is, as templates compare."""
        return f"{self.do}:{self.at}"


@login_required
@require_POST
def scorecard_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version with what the last one says."""
    card = kept(request, pk)
    try:
        services.begin(card, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("scorecard", pk=pk)
    return redirect("scorecard_draft", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft with its sections and criteria; a POST is one change of them."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return _without_draft(request, card)
    draft.card = card
    if request.method != "POST":
        return _drawn(request, draft, Sent())
    sent = request.POST
    said = Sent(sent.get("do", ""), sent.get("section", ""), {
        name: sent.get(name, "")[:400] for name in ("name", "weight", "kind")
    })  # fmt: skip
    change = _CHANGES.get(said.do)
    if change is None:
        raise Http404
    form = document.read(draft.form)
    try:
        changed, place = change(card, form, sent)
        document.read(document.write(changed))
        services.keep(
            draft, changed, signed_in(request), timezone.now(), revision=revision_of(sent)
        )
    except KeyError:
        messages.warning(request, _("That is not on the draft any more: look again."))
        return redirect("scorecard_draft", pk=pk)
    except Unfit as unfit:
        said.wrong = str(unfit)
    except document.Misread as misread:
        said.wrong = words.problem(misread.wrong[0])
    except services.Stale as stale:
        said.wrong = stale.messages[0]
        draft = stale.version or draft
    else:
        return redirect(reverse("scorecard_draft", args=[pk]) + (f"#{place}" if place else ""))
    if said.do not in ("add", "add_section", "section"):
        # Nothing was typed that could be lost.
        messages.warning(request, said.wrong)
        return redirect("scorecard_draft", pk=pk)
    return _drawn(request, draft, said)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_criterion(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One criterion of the draft, with all that is said of it."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return _without_draft(request, card)
    draft.card = card
    form = document.read(draft.form)
    found = form.find(key)
    if request.method != "POST":
        if found is None:
            raise Http404
        its = typed.of_criterion(form, found, form.criteria[key])
        return _criterion(request, draft, form, key, its, edits.section_of(form, key) or "")
    if request.POST.get("do") == "remove":
        return _remove(request, draft, form, key)
    if found is None and not request.POST.get("anew"):
        # It was removed since, and what is typed would be lost.
        its = typed.of_post(form, key, request.POST)
        its.wrong[""] = _("Somebody removed this criterion. Save again to have it back.")
        return _criterion(request, draft, form, key, its, "", anew=True)
    return _save(request, draft, form, key)


def _save(request: HttpRequest, draft: CardVersion, form: Card, key: str) -> HttpResponse:
    sent = request.POST
    its = typed.of_post(form, key, sent)
    section = sent.get("section", "")
    if section not in form.sections:
        section = edits.section_of(form, key) or next(iter(form.sections), "")
    read = typed.read(its)
    anew = bool(sent.get("anew"))
    if read is None or not section:
        return _criterion(request, draft, form, key, its, section, anew=anew)
    now = timezone.now()
    try:
        changed = edits.put(form, *read, section)
        services.keep(draft, changed, signed_in(request), now, revision=revision_of(sent))
    except services.Stale as stale:
        if stale.version is None:
            its.wrong[""] = stale.messages[0]
            return _criterion(request, draft, form, key, its, section)
        latest = document.read(stale.version.form)
        its = typed.of_post(latest, key, sent)
        its.wrong[""] = stale.messages[0]
        clash = _clash(latest, key, its.said)
        gone = latest.find(key) is None
        return _criterion(
            request, stale.version, latest, key, its, section, clash=clash, anew=gone or anew
        )
    return redirect(reverse("scorecard_draft", args=[draft.card_id]) + f"#c-{key}")


def _clash(latest: Card, key: str, said: dict[str, Any]) -> list[words.Said]:
    """What the draft says by now of a criterion, beside what was typed."""
    found = latest.find(key)
    if found is None:
        return []
    try:
        mine = document.read_criterion({
            name: value for name, value in said.items() if value not in ("", None, [])
        })  # fmt: skip
    except document.Misread:
        return []
    section = edits.section_of(latest, key) or ""
    other = edits.put(latest, *mine, section)
    return words.changes(latest, other, differences.between(latest, other).changes)


def _remove(request: HttpRequest, draft: CardVersion, form: Card, key: str) -> HttpResponse:
    try:
        changed = edits.remove(form, key)
        revision = revision_of(request.POST)
        services.keep(draft, changed, signed_in(request), timezone.now(), revision=revision)
    except KeyError:
        messages.warning(request, _("That is not on the draft any more: look again."))
    except services.Stale as stale:
        messages.warning(request, stale.messages[0])
        if form.find(key) is not None:
            return redirect("scorecard_criterion", pk=draft.card_id, key=key)
    else:
        messages.info(request, _("%(name)s is taken off the draft.") % {"name": form.name(key)})
    return redirect("scorecard_draft", pk=draft.card_id)


def _criterion(
    request: HttpRequest,
    draft: CardVersion,
    form: Card,
    key: str,
    its: typed.Typed,
    section: str,
    *,
    anew: bool = False,
    clash: list[words.Said] | None = None,
) -> HttpResponse:
    context = {
        "card": draft.card,
        "draft": draft,
        "key": key,
        "typed": its,
        "section": section,
        "sections": form.sections.items(),
        "kinds": [(str(kind), said) for kind, said in words.KINDS.items()],
        "fails": [(str(one), said) for one, said in words.FAILS.items()],
        "faults": words.faults_of(form).get(key, []) if not its.wrong else [],
        "anew": anew,
        "clash": clash or [],
        "longest": document.LONGEST_TEXT,
        **_alone(key, its),
    }
    return render(request, "qa/scorecard_criterion.html", context)


def _alone(key: str, its: typed.Typed) -> dict[str, Any]:
    """A criterion as a reviewer sees it, as far as it can be read."""
    said = {name: value for name, value in its.said.items() if value not in ("", None, [])}
    said.pop("shown_if", None)
    try:
        one, called = document.read_criterion(said)
    except document.Misread:
        return {"preview": None}
    alone = Card(Form((Section("s", (one,)),)), {"s": ""}, {one.id: called})
    return {"preview": trial.tried(alone, {}, {}, {}).parts[0].rows[0]}


@login_required
@require_POST
def scorecard_preview(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A criterion as a reviewer would see it, as it is typed. Nothing of it is kept."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        raise Http404
    form = document.read(draft.form)
    its = typed.of_post(form, key[: document.LONGEST_ID], request.POST)
    return render(request, "qa/_scorecard_preview.html", _alone(key, its))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell what a draft has different and what that means for trends; then publish it."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return _without_draft(request, card)
    draft.card = card
    last = reads.last_of(card)
    note, wrong = "", ""
    if request.method == "POST":
        note = request.POST.get("note", "").strip()
        try:
            if last is not None and not note:
                raise ValidationError(_("Say what changed: whoever compares versions reads it."))
            if len(note) > _NOTE or "\0" in note:
                raise ValidationError(_("At most %(most)d letters.") % {"most": _NOTE})
            services.publish(
                draft, note, signed_in(request), timezone.now(), revision=revision_of(request.POST)
            )
        except services.Stale as stale:
            wrong = stale.messages[0]
            if stale.version is None:
                messages.warning(request, wrong)
                return redirect("scorecard", pk=pk)
            draft = stale.version
        except ValidationError as refusal:
            wrong = refusal.messages[0]
        else:
            said = _("Version %(number)d is published: reviews that are made from now on use it.")
            messages.info(request, said % {"number": draft.number})
            return redirect("scorecard", pk=pk)
    form = document.read(draft.form)
    waiting = 0 if last is None else Evaluation.objects.open().filter(version__card=card).count()
    context: dict[str, Any] = {
        "card": card,
        "draft": draft,
        "last": last,
        "faults": words.faults_told(form),
        "waiting": waiting,
        "note": note[:_NOTE],
        "wrong": wrong,
        "criteria": sum(1 for _one in form.form.criteria()),
        "longest": _NOTE,
    }
    if last is not None:
        context |= differences_of(document.read(last.form), form)
    return render(request, "qa/scorecard_publish.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether nothing is to come of a draft, with what it has different; then discard it."""
    card = kept(request, pk)
    draft, last = reads.draft_of(card), reads.last_of(card)
    if draft is None:
        return _without_draft(request, card)
    if last is None:
        return redirect("scorecard_remove", pk=pk)
    draft.card = card
    if request.method == "POST":
        revision = revision_of(request.POST)
        try:
            services.discard(draft, signed_in(request), timezone.now(), revision=revision)
        except services.Stale as stale:
            messages.warning(request, stale.messages[0])
            return redirect("scorecard_discard", pk=pk)
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
            return redirect("scorecard_draft", pk=pk)
        messages.info(request, _("The draft is discarded. The last version goes on."))
        return redirect("scorecard", pk=pk)
    context = {"card": card, "draft": draft, "last": last}
    context |= differences_of(document.read(last.form), document.read(draft.form))
    return render(request, "qa/scorecard_discard.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the draft say what a file says."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return _without_draft(request, card)
    draft.card = card
    posted = request.method == "POST"
    form = FileForm(request.POST if posted else None, request.FILES if posted else None)
    wrong = ""
    if form.is_bound and form.is_valid():
        revision = revision_of(request.POST)
        try:
            services.keep(draft, form.card, signed_in(request), timezone.now(), revision=revision)
        except services.Stale as stale:
            wrong = stale.messages[0]
            draft = stale.version or draft
        else:
            messages.info(request, _("The draft says what the file says."))
            return redirect("scorecard_draft", pk=pk)
    context = {"card": card, "draft": draft, "form": form, "wrong": wrong}
    return render(request, "qa/scorecard_read.html", context)


def revision_of(sent: QueryDict) -> int:
    """The revision that a form was drawn with; none that there is where it says none."""
    said = sent.get("revision", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else _NO_REVISION


def _without_draft(request: HttpRequest, card: Scorecard) -> HttpResponse:
    messages.warning(request, _("There is no draft of it: somebody published or discarded it."))
    return redirect("scorecard", pk=card.pk)


def _drawn(request: HttpRequest, draft: CardVersion, sent: Sent) -> HttpResponse:
    card, form = draft.card, document.read(draft.form)
    found = words.faults_of(form)
    worth = trial.worth(form.form)
    versions = list(card.versions.published().order_by("-number"))
    sections = [
        {
            "id": section.id,
            "name": form.sections[section.id],
            "weight": section.weight,
            "worth": percent(
                sum((worth.get(one.id, _NOTHING) for one in section.criteria), _NOTHING)
            )
            if worth
            else None,
            "faults": found.get(section.id, []),
            "criteria": [
                {
                    "one": one,
                    "name": form.name(one.id),
                    "kind": words.KINDS[one.kind],
                    "worth": percent(worth[one.id]) if one.id in worth else None,
                    "fails": words.FAILS[one.fails] if one.fails else "",
                    "shown_if": words.shown_if(form, one),
                    "faults": found.get(one.id, []),
                }
                for one in section.criteria
            ],
        }
        for section in form.form.sections
    ]
    context = {
        "card": card,
        "draft": draft,
        "sections": sections,
        "faults": words.faults_told(form),
        "criteria": sum(1 for _each in form.form.criteria()),
        "kinds": [(str(kind), said) for kind, said in words.KINDS.items()],
        "has_room": edits.has_room(form),
        "has_room_for_section": edits.has_room_for_section(form),
        "gone": [(id, said.name) for id, (_o, said) in reads.gone(versions, form).items()],
        "is_first": not versions,
        "sent": sent,
        "zone": zone_of(card),
        "longest": document.LONGEST_NAME,
        **shown_version(draft, {}, form),
    }
    return render(request, "qa/scorecard_draft.html", context)


_Change = Callable[[Scorecard, Card, QueryDict], tuple[Card, str]]


def _add_section(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    name = _name(sent)
    if not edits.has_room_for_section(form):
        raise Unfit(_("There is no room for more sections."))
    id = edits.new_id(name, reads.taken(card, form), "section")
    return edits.add_section(form, id, name), f"s-{id}"


def _section(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    id, weight = sent.get("section", ""), sent.get("weight", "").strip()
    if weight and not (weight.isascii() and weight.isdecimal() and len(weight) < 6):
        raise Unfit(_("A weight is a whole number, or nothing."))
    changed = edits.change_section(form, id, _name(sent), int(weight) if weight else None)
    return changed, f"s-{id}"


def _section_move(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    id = sent.get("section", "")
    return edits.move_section(form, id, _by(sent)), f"s-{id}"


def _section_remove(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    return edits.remove_section(form, sent.get("section", "")), ""


def _add(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    name, kind = _name(sent), sent.get("kind", "")
    if kind not in _KINDS:
        raise Unfit(_("Choose how it is answered."))
    if not edits.has_room(form):
        raise Unfit(_("There is no room for more criteria."))
    id = edits.new_id(name, reads.taken(card, form), "criterion")
    one, said = edits.fresh(id, name, Kind(kind), words.called())
    return edits.put(form, one, said, sent.get("section", "")), f"c-{id}"


def _move(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    id = sent.get("criterion", "")
    return edits.move(form, id, _by(sent)), f"c-{id}"


def _put(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    """Dragged into a section, before another criterion or to the end."""
    id, before = sent.get("criterion", ""), sent.get("before", "")
    one, said = edits.find(form, id)
    if before == id:
        return form, f"c-{id}"
    return edits.put(form, one, said, sent.get("section", ""), before), f"c-{id}"


def _back(card: Scorecard, form: Card, sent: QueryDict) -> tuple[Card, str]:
    """A criterion of an earlier version, with its key: its trend goes on."""
    versions = list(card.versions.published().order_by("-number"))
    one, said = reads.gone(versions, form)[sent.get("criterion", "")]
    if not edits.has_room(form):
        raise Unfit(_("There is no room for more criteria."))
    section = sent.get("section", "") or next(reversed([*form.sections]), "")
    return edits.put(form, one, said, section), f"c-{one.id}"


_CHANGES: dict[str, _Change] = {
    "add_section": _add_section,
    "section": _section,
    "section_move": _section_move,
    "section_remove": _section_remove,
    "add": _add,
    "move": _move,
    "put": _put,
    "back": _back,
}


def _name(sent: QueryDict) -> str:
    name = " ".join(sent.get("name", "").split())
    if not name:
        raise Unfit(_("Give it a name."))
    return name


def _by(sent: QueryDict) -> int:
    return -1 if sent.get("by") == "-1" else 1


def urls(own: str) -> list[URLPattern]:
    draft = f"{own}/<int:pk>/draft"
    return [
        path(f"{own}/<int:pk>/begin/", scorecard_begin, name="scorecard_begin"),
        path(f"{draft}/", scorecard_draft, name="scorecard_draft"),
        path(f"{draft}/publish/", scorecard_publish, name="scorecard_publish"),
        path(f"{draft}/discard/", scorecard_discard, name="scorecard_discard"),
        path(f"{draft}/file/", scorecard_read, name="scorecard_read"),
        path(f"{draft}/criteria/<str:key>/", scorecard_criterion, name="scorecard_criterion"),
        path(f"{draft}/preview/<str:key>/", scorecard_preview, name="scorecard_preview"),
    ]
