"""Quality review over the API: the numbers of the pages."""
