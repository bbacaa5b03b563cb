"""How dates are written where a page or a mail names no format: each language has a module here, or
Django's own."""
