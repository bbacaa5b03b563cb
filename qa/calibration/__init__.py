"""Calibration: sessions in which several people score the same calls, what they show of a
scorecard's criteria, and who is harder than the others."""
