"""Automatic checks over kept transcripts: rules and what was learned, judged, measured beside
people, and let fill in answers where they agree well enough."""
