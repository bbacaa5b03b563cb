"""What quality review answers over the API: the same figures as the pages."""
