"""Who has answered a survey, without saying who: a mark of survey and user that nobody can make
without the key of the server. It is in no table."""

from django.conf import settings
from django.utils.crypto import salted_hmac

_SALT = "coaching.pulse"


def mark(survey: int, user: int) -> str:
    """A user's mark of a survey."""
    said = salted_hmac(_SALT, f"{survey}:{user}", secret=settings.SECRET_KEY, algorithm="sha256")
    return said.hexdigest()
