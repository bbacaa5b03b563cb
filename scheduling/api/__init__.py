"""What forecasts and staffing answer over the API: the same numbers as the pages."""
