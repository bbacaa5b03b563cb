"""The QA score on pages of KPIs: beside an agent's figures, and in a team's month, by
`kpis.above`."""
