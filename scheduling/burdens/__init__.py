"""The ledger of fairness of a site: who bore what by published rosters (`book`), who more than
their fair share (`beyond`), and what one more costs whom in the next (`priced`). What
its words mean says `scheduling.fairness`.
"""

from scheduling.burdens.beyond import Beyond, beyond, may_be_told
from scheduling.burdens.book import Book, of_site, priced

__all__ = ["Beyond", "Book", "beyond", "may_be_told", "of_site", "priced"]
