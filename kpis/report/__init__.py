"""A report: for a stretch of days, each KPI of each key. Pages, API, CSV and CLI all ask here.

`question` is what is asked, `bounds` what of it is too much, `cells` what is read for it, `sites`
the site that each cell is of, `answering` the rows that are made of them, `told` the same for
machines.
"""

from kpis.report.answering import answer, day_only, total_of_days
from kpis.report.question import Question, Row, Unanswerable, over_all

__all__ = ["Question", "Row", "Unanswerable", "answer", "day_only", "over_all", "total_of_days"]
