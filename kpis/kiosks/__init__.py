"""Screens without a sign-in: their links, from where they are good, and how a screen gets one.

`links` makes, opens, changes and ends them; `pairing` gives one to a screen that shows a code;
`networks` tells where a screen is.
"""

from kpis.kiosks.links import make_link, revoke

__all__ = ["make_link", "revoke"]
