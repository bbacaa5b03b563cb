"""Plans of agents: where to, by when, and how far it is."""
