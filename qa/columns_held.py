"""Of every table of quality: how long its rows last, and which texts may tell of whom."""

from ccm.personal import Kept, Lasts

COLUMNS = {
    "qa.scorecard": Kept(Lasts.PEOPLE, plain="name words"),
    "qa.cardversion": Kept(Lasts.PEOPLE, plain="form note"),
    "qa.cardcriterion": Kept(Lasts.RULES, plain="key name section kind"),
    "qa.calibrationsession": Kept(Lasts.PEOPLE, plain="name seed how"),
    "qa.calibrationrater": Kept(Lasts.PEOPLE),
    "qa.calibrationcall": Kept(Lasts.PEOPLE, callers="facts", staff="facts"),
    "qa.calibrationagreed": Kept(Lasts.PEOPLE, callers="words", staff="words", plain="value"),
    "qa.calibrationnote": Kept(Lasts.PEOPLE, callers="words", staff="words"),
    "qa.qualityrules": Kept(Lasts.RULES, plain="masked"),
    "qa.samplingplan": Kept(Lasts.RULES, plain="name parts"),
    "qa.planreviewer": Kept(Lasts.PEOPLE),
    "qa.plandraw": Kept(Lasts.PEOPLE, plain="seed how digest"),
    "qa.agentdraw": Kept(Lasts.PEOPLE, staff="calls strata refused", plain="of_strata digest"),
    "qa.drawncall": Kept(Lasts.PEOPLE, staff="swap_words", plain="stratum"),
    "qa.evaluation": Kept(
        Lasts.PEOPLE, callers="facts comment verbal_words reason_words",
        staff="facts reason_words comment verbal_words",
    ),
    "qa.answer": Kept(Lasts.PEOPLE, callers="comment", staff="comment", plain="value"),
    "qa.evidence": Kept(Lasts.PEOPLE, callers="words", staff="words"),
    "qa.dispute": Kept(
        Lasts.PEOPLE, callers="words answer escalation reason",
        staff="words answer escalation reason",
    ),
    "qa.answerchange": Kept(Lasts.PEOPLE, plain="before after"),
    "qa.reviewevent": Kept(Lasts.PEOPLE, callers="words", staff="words"),
    "qa.finding": Kept(Lasts.PEOPLE, callers="title words", staff="title words"),
    "qa.findingnote": Kept(Lasts.PEOPLE, callers="words", staff="words"),
    "qa.calltranscript": Kept(
        Lasts.TRANSCRIPTS, callers="lines masked digest", staff="lines", plain="language",
    ),
    "qa.checkrule": Kept(Lasts.PEOPLE, plain="name rule languages measured"),
    "qa.learnedscorer": Kept(Lasts.PEOPLE, plain="model measured"),
    "qa.suggestion": Kept(
        Lasts.TRANSCRIPTS, callers="value evidence", staff="value evidence", plain="verdict",
    ),
}  # fmt: skip
