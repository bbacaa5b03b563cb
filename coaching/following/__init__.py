"""Actions: small steps that were agreed on, and how far they are."""
