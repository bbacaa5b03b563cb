"""What the page of a call offers of recognition."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.call_acts import Act
from ccm.filters import address
from ccm.models import Call, User


def acts(user: User, call: Call) -> Iterator[Act]:
    """That the agent who took it is thanked for it, by who may open it. No query."""
    if call.agent_id is None or call.agent_id == scope_of(user).agent:
        return
    url = address(reverse("recognition_new"), {"call": call.pk})
    yield Act(_("Recognise who took it"), url)
