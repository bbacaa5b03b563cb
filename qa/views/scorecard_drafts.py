"""The draft of a scorecard: its page, and the changes of its sections and criteria one by one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from urllib.parse import urlencode

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
from qa.cards import document, edits, reads, services, trial, words
from qa.cards.card import Card
from qa.models import CardVersion, Scorecard
from qa.scoring import Kind, percent
from qa.views import scorecard_criterion, scorecard_publish
from qa.views.scorecard_reach import kept, revision_of, shown_version, without_draft

_KINDS = {str(one) for one in Kind}
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
        return without_draft(request, card)
    draft.card = card
    if request.method != "POST":
        return _drawn(request, draft, Sent(), request.GET.get("more", ""))
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
        # Who added a criterion adds another one perhaps: its fold is open still.
        more = f"?{urlencode({'more': said.at})}" if said.do == "add" else ""
        at = f"#{place}" if place and not more else ""
        return redirect(reverse("scorecard_draft", args=[pk]) + more + at)
    if said.do not in ("add", "add_section", "section"):
        # Nothing was typed that could be lost.
        messages.warning(request, said.wrong)
        return redirect("scorecard_draft", pk=pk)
    return _drawn(request, draft, said)


def _drawn(request: HttpRequest, draft: CardVersion, sent: Sent, more_of: str = "") -> HttpResponse:
    """`more_of`: the section to which another criterion is to be added."""
    card, form = draft.card, document.read(draft.form)
    found, unsaid = words.faults_of(form), words.unsaid_of(form)
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
                    "unsaid": unsaid.get(one.id, []),
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
        "faults": words.faults_placed(form),
        "more_of": more_of,
        "criteria": sum(1 for _each in form.form.criteria()),
        "kinds": [(str(kind), said) for kind, said in words.KINDS.items()],
        "has_room": edits.has_room(form),
        "has_room_for_section": edits.has_room_for_section(form),
        "gone": [(id, said.name) for id, (_o, said) in reads.gone(versions, form).items()],
        "is_first": not versions,
        "sent": sent,
        "zone": card.zone,
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
        *scorecard_publish.urls(draft),
        *scorecard_criterion.urls(draft),
    ]
