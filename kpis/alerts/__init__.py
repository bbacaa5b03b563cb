"""Alerts: rules over KPIs, watched each minute; who is told, and who has seen to it."""
