"""What is kept of quality review: scorecards, draws, reviews, what is said to them, calibration,
transcripts and checks, findings."""

from qa.models.calibration import (
    CalibrationAgreed,
    CalibrationCall,
    CalibrationNote,
    CalibrationRater,
    CalibrationSession,
)
from qa.models.disputes import AnswerChange, Dispute, ReviewEvent
from qa.models.evaluations import Answer, Evaluation, Evidence
from qa.models.findings import Finding, FindingNote
from qa.models.plans import (
    AgentDraw,
    DrawnCall,
    PlanDraw,
    PlanReviewer,
    QualityRules,
    SamplingPlan,
)
from qa.models.scorecards import CardCriterion, CardVersion, Scorecard
from qa.models.transcripts import CallTranscript, CheckRule, LearnedScorer, Suggestion

__all__ = [
    "AgentDraw",
    "Answer",
    "AnswerChange",
    "CalibrationAgreed",
    "CalibrationCall",
    "CalibrationNote",
    "CalibrationRater",
    "CalibrationSession",
    "CallTranscript",
    "CardCriterion",
    "CardVersion",
    "CheckRule",
    "Dispute",
    "DrawnCall",
    "Evaluation",
    "Evidence",
    "Finding",
    "FindingNote",
    "LearnedScorer",
    "PlanDraw",
    "PlanReviewer",
    "QualityRules",
    "ReviewEvent",
    "SamplingPlan",
    "Scorecard",
    "Suggestion",
]
