"""What the database keeps of when a row was written, taken away from answers and marks.

As `coaching.suggestions.mixing` has it: Postgres notes beside each row which transaction wrote it
and keeps rows in the order in which they came. So all answers and all marks of a survey are written
anew in one transaction with each that comes in, in the order of what is random in them, and every
hour until its day is long over. What was written together is not told by it either.
"""

from datetime import datetime, timedelta

from django.db import transaction

from coaching.models import PulseAnswer, PulseSurvey, PulseTurn

_MORE = timedelta(days=2)


@transaction.atomic
def mix(survey: int) -> int:
    """Write a survey's answers and marks anew; how many there were. Safe to run twice, and beside
    whoever answers."""
    PulseSurvey.objects.select_for_update(no_key=True).get(pk=survey)
    answers = PulseAnswer.objects.filter(question__survey=survey)
    turns = PulseTurn.objects.filter(survey=survey)
    kept_answers, kept_turns = list(answers.order_by("pk")), list(turns.order_by("mark"))
    PulseAnswer.objects.filter(pk__in=[one.pk for one in kept_answers]).delete()
    PulseTurn.objects.filter(pk__in=[one.pk for one in kept_turns]).delete()
    PulseAnswer.objects.bulk_create(kept_answers)
    PulseTurn.objects.bulk_create(kept_turns)
    return len(kept_answers) + len(kept_turns)


def mix_all(now: datetime) -> int:
    """The same of all that are open or were so lately, and forget who has answered one that is
    over; how many there were."""
    rows = PulseSurvey.objects.filter(
        opens_on__lte=now.date() + _MORE, closes_on__gte=now.date() - _MORE
    ).select_related("site")
    for one in rows.order_by("pk"):
        mix(one.pk)
    forget(now)
    return len(rows)


@transaction.atomic
def forget(now: datetime) -> int:
    """Forget who has answered surveys that are over; how many they were."""
    rows = PulseSurvey.objects.filter(turns__isnull=False).select_related("site").distinct()
    over = [one.pk for one in rows if one.is_over(now)]
    return int(PulseTurn.objects.filter(survey__in=over).delete()[0])
