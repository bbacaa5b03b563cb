"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit, navigation
from coaching.library import reading
from coaching.library import told as of_library


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("library", reading.facts, reading.count)
    audit.register("coaching.librarypage", of_library.tell, of_library.write)
    audit.register("coaching.libraryversion", of_library.tell_versions, of_library.write)
