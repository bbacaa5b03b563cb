"""The ledger of fairness of a site: who bore what by published rosters (`book`), and what one more
costs whom in the next (`priced`). What its words mean says `scheduling.fairness`."""

from scheduling.burdens.book import Book, of_site, priced

__all__ = ["Book", "of_site", "priced"]
