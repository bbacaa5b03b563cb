"""What forecasts and staffing answer over the API: the same numbers as the pages; and a centre that
is told in JSON, which a file may hold as well (`simulated`)."""
