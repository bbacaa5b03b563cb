"""Logs that no format knows: what a person says of their columns, guessed, tried and saved."""
