"""What quality review answers over the API: the same as its pages."""
