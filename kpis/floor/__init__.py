"""The floor: who is doing what now, who needs somebody, and what a site calls too long."""
