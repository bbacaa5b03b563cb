"""What quality review answers over the API: the same numbers as the pages."""
