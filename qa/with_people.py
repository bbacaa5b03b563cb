"""Pages of quality on which people are rows or choices among others: what each is of."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: Mapping[str, str | Promise] = {
    "calibration": _("A calibration session"),
    "disputes": _("Disputes"),
    "reviews": _("Reviews"),
    "transcripts": _("Transcripts"),
    "findings": _("Findings"),
    "finding_new": _("A finding"),
    "finding_edit": _("A finding"),
    "quality_insight_lost": _("Reviews that lost points"),
    "sampling_draw": _("A draw of calls"),
    "sampling_scores": _("Scores of a draw"),
    "sampling_plan_scores": _("Scores of a plan"),
    "api_quality_queue": _("Reviews to be made"),
}
