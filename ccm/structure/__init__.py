"""Who works where: sites, queues, teams, agents, opening hours."""
