"""What is counted of people, and what they had made of figures."""

from django.utils.translation import gettext_lazy as _

from ccm.personal import Held, Told, of_agent, of_user
from kpis.columns_held import COLUMNS
from kpis.models import (
    AgentTimeStat,
    CallBackOwner,
    DayStat,
    KpiChoice,
    Mailing,
    RepeatStat,
    SavedReport,
    VerifyDifference,
)

TOLD = Told(
    title=_("Figures"),
    held=[
        Held(DayStat, _("Counts of days"), _("of your calls: what most figures are made of"),
             of_agent("agent"), at="day", without=("hist_codes", "hist_counts")),
        Held(AgentTimeStat, _("Time of days"), _("handling, ready, paused: for occupancy"),
             of_agent("agent"), at="day"),
        Held(RepeatStat, _("Who called again"), _("after your calls, by day: for resolution"),
             of_agent("agent"), at="day"),
        Held(VerifyDifference, _("Figures counted twice that differed"),
             _("found when the books were checked"), of_agent("agent"), at="day"),
        Held(CallBackOwner, _("Callbacks that are yours"), _("to see to"), of_user("owner"),
             at="made_at"),
        Held(SavedReport, _("Reports"), _("that you keep"), of_user("owner"), at="made_at"),
        Held(Mailing, _("Reports by mail"), _("that you have sent, or get"),
             of_user("owner"), at="since"),
        Held(KpiChoice, _("Definitions"), _("that you chose"), of_user("chosen_by"),
             at="chosen_at"),
    ],
    of_nobody=(
        "kpis.alertrule", "kpis.alert", "kpis.floorrules", "kpis.mailingrun", "kpis.intervalstat",
        "kpis.sitetimestat", "kpis.matterstat", "kpis.repeatmark", "kpis.repeatfill",
        "kpis.fillmark", "kpis.verifyrun", "kpis.board", "kpis.boardturn", "kpis.kiosklink",
        "kpis.waitingscreen",
    ),
    kept=COLUMNS,
)  # fmt: skip
