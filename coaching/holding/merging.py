"""What becomes of sessions and steps when two agents become one."""

from typing import Any

from django.db import transaction

from coaching.models import Action, AgendaItem, Participant


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Sessions, points and steps of an agent are those of the one it becomes; receiver of
    `names_merged`. Where both are in one session, who stays stays as they are in it, and what the
    other has said is added to their words."""
    theirs = Participant.objects.filter(agent=loser)
    there = Participant.objects.filter(agent=keeper, session__in=theirs.values("session"))
    for own in there.select_for_update():
        other = theirs.get(session=own.session_id)
        own.words = "\n".join(filter(None, [own.words, other.words]))
        own.save(update_fields=["words"])
        other.delete()
    for model in (Participant, AgendaItem, Action):
        model._default_manager.filter(agent=loser).update(agent=keeper)
