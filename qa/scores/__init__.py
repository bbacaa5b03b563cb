"""Agents' scores of a period, from reviews of calls that chance drew and no others."""
