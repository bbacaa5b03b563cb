"""What the page of a call offers of preparing."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.call_acts import Act
from ccm.models import Call, User


def acts(user: User, call: Call) -> Iterator[Act]:
    """That whoever took it looks at it themselves, for the next session. No query."""
    if call.agent_id is not None and call.agent_id == scope_of(user).agent:
        yield Act(_("Look at it with my coach"), reverse("self_review", args=[call.pk]))
