"""Names in the order that people look for them in."""

import unicodedata


def in_order(name: str) -> tuple[str, str]:
    """What to sort names by: letters without their accents and case, then the name itself."""
    apart = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain.casefold(), name
