"""What a demo centre gains from `qa`: scorecards, plans, months of drawn and reviewed calls, what
agents said to them, calibration, transcripts, checks and findings.

minds          how well calls went, and how each reviewer sees it: pure
talks          what was said on a call, to match: pure
sounds         a recording of it, in beeps: pure
"""
