"""What packages of `qa` tell each other without knowing who listens."""

from django.dispatch import Signal

# A review was finished: `evaluation`, `now`. Sent in its transaction.
review_finished = Signal()
