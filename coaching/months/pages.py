"""Where a team's evaluation leads to (`kpis.above`)."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.call_acts import Act
from ccm.filters import address
from ccm.models import Team
from ccm.querysets import Viewer


def team_month(_user: Viewer, team: Team, first: date) -> Act:
    """Who reads the evaluation of a team reads its month."""
    url = address(reverse("team_month"), {"team": team.pk, "month": f"{first:%Y-%m}"})
    return Act(_("The month in short"), url)
