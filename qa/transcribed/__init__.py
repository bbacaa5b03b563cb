"""Transcripts as they come in: read, made safe, kept beside their calls."""
