"""Callers to be called back: who takes it, by when, and whether it was kept."""
