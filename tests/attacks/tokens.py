"""A program's key for the API."""

from datetime import timedelta

from django.utils import timezone

from ccm.models import ApiToken
from tests.reach import World


def a_token(world: World, who: str) -> str:
    """Words of a token of somebody that may do all there is; of nobody, made-up ones."""
    if who not in world.people:
        return "nobody's"
    known = vars(ApiToken).items()
    scopes = [word for name, word in known if name.isupper() and isinstance(word, str)]
    expires_at = timezone.now() + timedelta(days=1)
    said = {"name": who, "source": "attacks", "scopes": scopes, "expires_at": expires_at}
    return ApiToken.issue(user=world.people[who], site=world.site, **said)[1]
