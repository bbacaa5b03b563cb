"""From uploaded bytes to rows of text: archives, encodings, dialects, tables, members of JSON."""
