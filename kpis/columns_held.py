"""Of every table of figures: how long its rows last, and which texts may tell of whom."""

from ccm.personal import Kept, Lasts

COLUMNS = {
    "kpis.alertrule": Kept(Lasts.PEOPLE, plain="name kpi unknown"),
    "kpis.alert": Kept(Lasts.PEOPLE, staff="note", plain="words"),
    "kpis.floorrules": Kept(Lasts.RULES, plain="pauses breaks"),
    "kpis.mailing": Kept(Lasts.PEOPLE, plain="zone"),
    "kpis.mailingrun": Kept(Lasts.SHORT, staff="error left_out"),
    "kpis.callbackowner": Kept(Lasts.CALLS),
    "kpis.intervalstat": Kept(Lasts.COUNTS, plain="surveys asked hist_codes hist_counts"),
    "kpis.daystat": Kept(Lasts.COUNTS, plain="surveys asked hist_codes hist_counts"),
    "kpis.agenttimestat": Kept(Lasts.COUNTS, plain="paused"),
    "kpis.sitetimestat": Kept(Lasts.COUNTS),
    "kpis.repeatstat": Kept(Lasts.COUNTS),
    "kpis.matterstat": Kept(Lasts.COUNTS),
    "kpis.repeatmark": Kept(Lasts.SHORT),
    "kpis.repeatfill": Kept(Lasts.COUNTS),
    "kpis.fillmark": Kept(Lasts.COUNTS),
    "kpis.kpichoice": Kept(Lasts.PEOPLE, staff="note", plain="kpi variant parameters"),
    "kpis.verifyrun": Kept(Lasts.SHORT, plain="books"),
    "kpis.verifydifference": Kept(Lasts.SHORT, staff="what", plain="name"),
    "kpis.savedreport": Kept(Lasts.PEOPLE, staff="name question", plain="roles"),
    "kpis.board": Kept(Lasts.RULES, plain="slug title tiles"),
    "kpis.boardturn": Kept(Lasts.RULES),
    "kpis.kiosklink": Kept(Lasts.PEOPLE, staff="last_seen_address", plain="name hash networks"),
    "kpis.waitingscreen": Kept(Lasts.SHORT, staff="address browser", plain="code hash"),
}  # fmt: skip
