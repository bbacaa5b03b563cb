"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm import audit, navigation
from kpis import above
from qa.beside import told as beside
from qa.findings import reads as findings
from qa.findings import told as of_findings


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("findings", findings.facts, findings.count)
    audit.register("qa.finding", of_findings.tell, of_findings.write)
    above.register(beside.of_agent, above.TeamTeller(beside.team_facts, beside.of_team))
