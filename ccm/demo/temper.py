"""What callers bring along: patience, what they want, how long it takes, where it leads."""

import numpy as np

from ccm.demo.arrivals import ONWARD, OWN, VISITS, Contacts, Floats, Ints
from ccm.demo.floor import ABANDONED, CALLBACK, KEY_EXIT, TIMED_OUT, WAIT_LIMIT, Caller
from ccm.demo.house import SiteSpec

TALK_SPREAD = 0.62
ACW_SPREAD = 0.50
# No conversation is longer than so many usual ones.
LONGEST_TALK = 6.0
# Callers who hang up at once: misdials and second thoughts.
AT_ONCE = 0.015
# After so long a message offers to call back, and a key.
OFFERED_AFTER_MS = 45_000
TAKES_CALLBACK = 0.24
PRESSES_KEY = 0.03
TRIES_AGAIN = 0.22
TRIES_AGAIN_WITHIN_MS = 2_400_000
# Who asks for a call back: it is forgotten, or made after so long on average.
FORGOTTEN = 0.08
BACK_AFTER_MS = 300_000
BACK_WITHIN_MS = 2_100_000
# The shares of those reached with the first, the second and the third dial.
REACHED_WITH = (0.66, 0.86, 0.93)


class Temper:
    """The temper of a site's contacts that reach its floor (`rows` of `contacts`)."""

    def __init__(self, site: SiteSpec, contacts: Contacts, rows: Ints) -> None:
        draws = {name: drawn[rows] for name, drawn in contacts.draws.items()}
        queue = contacts.queue[rows]
        patience, ends_as = _exits(site, queue, draws)
        self._columns = [
            patience,
            ends_as,
            (1_500 + 6_500 * draws["ring"] ** 2).astype(np.int64),
            draws["missed"],
            np.minimum(np.exp(TALK_SPREAD * draws["talk"] - TALK_SPREAD**2 / 2), LONGEST_TALK),
            np.exp(ACW_SPREAD * draws["acw"] - ACW_SPREAD**2 / 2),
            _onward(site, queue, draws),
            _again(draws),
            *_back(draws),
        ]
        # Nearly every visit is the first of its contact.
        own = zip(*(column[:, OWN].tolist() for column in self._columns), strict=True)
        self._own = [Caller(*row) for row in own]

    def caller(self, contact: int, turn: int) -> Caller:
        if turn == OWN:
            return self._own[contact]
        return Caller(*(column[contact, turn].item() for column in self._columns))


def _exits(site: SiteSpec, queue: Ints, draws: dict[str, Floats]) -> tuple[Ints, Ints]:
    """How long each would wait (ms) and what they would do then."""
    mean = np.array([spec.patience_seconds for spec in site.queues])[queue][:, None]
    offers = np.array([spec.offers_callback for spec in site.queues])[queue][:, None]
    luck = np.clip(draws["patience"], 1e-9, 1 - 1e-9)
    patience = -np.log(luck) * mean * 1000 + 800
    # The impatient are the same draw's other end, so both ends keep their sizes.
    patience = np.where(luck > 1 - AT_ONCE, 500 + (1 - luck) / AT_ONCE * 4_500, patience)
    ends_as = np.full(patience.shape, ABANDONED)
    late = patience > OFFERED_AFTER_MS
    ends_as = np.where(late & offers & (draws["exit"] < TAKES_CALLBACK), CALLBACK, ends_as)
    ends_as = np.where(late & (draws["exit"] > 1 - PRESSES_KEY), KEY_EXIT, ends_as)
    ends_as = np.where(patience >= WAIT_LIMIT, TIMED_OUT, ends_as)
    return np.minimum(patience, WAIT_LIMIT).astype(np.int64), ends_as


def _onward(site: SiteSpec, queue: Ints, draws: dict[str, Floats]) -> Ints:
    """The queue an answered call is handed to, -1 for most; only a first visit is handed on."""
    share = np.array([spec.transferred for spec in site.queues])[queue]
    luck = draws["transfer"][:, OWN]
    others = len(site.queues) - 1
    step = 1 + np.minimum((luck / share * others).astype(np.int64), others - 1)
    onward = np.full((len(queue), VISITS), -1)
    onward[:, OWN] = np.where(luck < share, (queue + step) % len(site.queues), -1)
    return onward


def _again(draws: dict[str, Floats]) -> Ints:
    """After how long (ms) who gave up at first tries once more, -1 for never."""
    again = np.full(draws["exit"].shape, -1)
    # Who gave up was not handed on, so the draws of that visit are free.
    luck = draws["exit"][:, ONWARD]
    delay = 30_000 - np.log(np.clip(draws["patience"][:, ONWARD], 1e-9, 1)) * 480_000
    delay = np.minimum(delay, TRIES_AGAIN_WITHIN_MS).astype(np.int64)
    again[:, OWN] = np.where(luck < TRIES_AGAIN, delay, -1)
    return again


def _back(draws: dict[str, Floats]) -> tuple[Ints, Ints]:
    """After how long (ms) who asked for it is called back, -1 for never; reached by which dial."""
    # Who was not served gave no answers, so those draws of that visit are free.
    luck = draws["coded"] / (1 - FORGOTTEN)
    delay = BACK_AFTER_MS - np.log(np.clip(draws["survey"], 1e-9, 1)) * BACK_WITHIN_MS
    back = np.where(luck < 1, delay.astype(np.int64), -1)
    return back, 1 + np.searchsorted(REACHED_WITH, luck, side="right")
