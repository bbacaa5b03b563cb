"""Calibration sessions for tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from ccm.models import Call, User
from qa.calibration import services
from qa.calibration.services import Asked
from qa.models import CalibrationSession, Evaluation
from qa.signals import review_finished
from tests.builders import NINE
from tests.qa.after.builders import House, answered
from tests.qa.builders import a_version_of


def a_session(
    house: House, calls: Sequence[Call] = (), raters: Sequence[User] = (), **more: Any
) -> CalibrationSession:
    """Of one call, scored by the reviewer and the other, who is the expert."""
    who = more.pop("who", house.reviewer)
    version = more.pop("version", None) or a_version_of(house.site)
    asked = {
        "site": house.site, "name": "March", "version": version,
        "raters": raters or (house.reviewer, house.other), "expert": house.other,
        "due_at": NINE + timedelta(days=7), "calls": calls or (house.call(),), **more,
    }  # fmt: skip
    return services.make(Asked(**asked), who, NINE)


def score(session: CalibrationSession, who: User, number: int = 1, **said: Any) -> Evaluation:
    """Somebody finishes their review of a session's call."""
    call = session.calls.order_by("pk")[number - 1]
    review = Evaluation.objects.get(session_call=call, reviewer=who)
    with transaction.atomic():
        answered(review, **said)
        review_finished.send(sender=Evaluation, evaluation=review, now=NINE)
    review.refresh_from_db()
    session.refresh_from_db()
    return review
