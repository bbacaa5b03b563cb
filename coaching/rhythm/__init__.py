"""How often each agent of a team is coached: who is due, who is late, and how it was."""
