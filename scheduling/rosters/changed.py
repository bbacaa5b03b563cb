"""What rosters tell those who build on them."""

from django.dispatch import Signal

# Shifts that people work by changed: a roster was published, or one that was is changed. Sent in
# the transaction that does it. Arguments: site, its key, and wanted, the days of these shifts.
shifts_changed = Signal()
