"""The pages of the record: calls, imports, and whether the service lives."""
