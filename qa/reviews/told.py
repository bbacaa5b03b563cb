"""How the log of changes tells of reviews, and of who heard a recording or took rows along."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.audit import Member, Names, Told, Values
from ccm.models import Agent, AuditEntry, Call, User
from ccm.templatetags.figures import DASH, percent, yes_no
from qa import cards
from qa.cards import Card
from qa.models import CardVersion, Evaluation

REVIEW = Evaluation._meta.label_lower
RECORDING = "qa.recording"
REVIEWERS = "qa.reviewers"
"""What tells of those who review, in Insight; no rows of users are in it."""
CALLED = {
    RECORDING: (gettext_lazy("recording"), gettext_lazy("recordings")),
    REVIEWERS: (gettext_lazy("reviewers"), gettext_lazy("reviewers")),
}
# Who listens on, and asks for the next part of a file, is not noted anew.
LISTENS = timedelta(hours=1)
# What was said, by the keys of criteria; and what stands for "not applicable" there.
ANSWERS, SKIPPED = "answers", "n/a"
OF_ANSWERS = (ANSWERS, "share", "is_failed", "comment", "answer_outcome", "outcome")
"""Values of reviews and of disputes that tell how a call was scored."""


def heard(who: User, call: Call, now: datetime) -> None:
    """Note that somebody plays the recording of a call; once for as long as they may listen."""
    rows = AuditEntry.objects.filter(model=RECORDING, object_id=str(call.pk), who=who)
    if rows.filter(at__gt=now - LISTENS).exists():
        return
    AuditEntry.objects.create(
        at=now,
        who=who,
        action=AuditEntry.Action.EXPORTED,
        model=RECORDING,
        object_id=str(call.pk),
        after={"site": call.site_id, "agent": call.agent_id},
    )


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose review it is, with its page; its answers as its form calls them, once nobody is to
    score the same call without knowing them."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    rows = Evaluation.objects.select_related("version").in_bulk(ids)
    blind = still_blind(ids)
    found = {}
    for one in entries:
        if not one.object_id:
            continue
        said: Values = one.after or one.before or {}
        agent = said.get("agent")
        whose = DASH if agent is None else names.of(Agent, agent)
        row = rows.get(int(one.object_id))
        found[one.pk] = Told(
            _("Review of a call of %(agent)s") % {"agent": whose},
            "" if row is None else reverse("review", args=[row.pk]),
            {} if row is None else {ANSWERS: answers_of(row.version)},
            OF_ANSWERS if row is not None and row.pk in blind else (),
            until_scored(),
        )
    return found


def still_blind(reviews: Iterable[int]) -> set[int]:
    """Of these reviews those whose answers nobody reads in the log yet."""
    rows = Evaluation.objects.filter(pk__in=[*reviews]).still_blind()
    return set(rows.values_list("pk", flat=True))


def until_scored() -> str:
    """What is withheld of these, and until when."""
    return _("answers and score, until everybody has scored this call")


def answers_of(version: CardVersion) -> Member:
    """How answers are told by which a version was filled: criteria and options by their names."""
    card: Card | None = None

    def told(key: str, value: str) -> tuple[str, str]:
        nonlocal card
        card = card or cards.read(version.form)
        said = _("Not applicable") if value == SKIPPED else card.option(key, value)
        return card.name(key), said

    return told


def tell_recordings(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose call was heard."""
    found = {}
    for one in entries:
        agent = (one.after or {}).get("agent")
        whose = "–" if agent is None else names.of(Agent, agent)
        found[one.pk] = Told(_("Recording of a call of %(agent)s") % {"agent": whose})
    return found


def calls_words(ids: Iterable[object]) -> Mapping[str, str]:
    """Calls by when they were and who took them, as far as they are known still; by their ids."""
    found = Call.objects.filter(pk__in={str(one) for one in ids if one})
    return {
        str(one.pk): ", ".join(
            filter(None, [
                date_format(one.offered_at.astimezone(one.site.tz), "j M Y H:i"),
                "" if one.agent is None else one.agent.name,
            ])
        )
        for one in found.select_related("site", "agent")
    }  # fmt: skip


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """A score as people write it."""
    if name == "share":
        return _("Score"), DASH if value is None else percent(float(str(value)))
    if name == "is_failed":
        return _("Automatic fail"), yes_no(value)
    return None
