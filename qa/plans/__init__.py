"""Sampling plans: what is eligible, what was drawn and by what seed, swaps, how far the work is."""
