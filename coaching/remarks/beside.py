"""What pages of figures and of calls offer of remarks."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.access import scope_of
from ccm.call_acts import Act
from ccm.models import Call, User
from ccm.navigation import may_open
from ccm.querysets import Viewer
from coaching.remarks import reads
from kpis.above import Asked


def of_call(user: User, call: Call) -> Iterator[Act]:
    """What was said of it, to who may read that, and to whoever took it that they say more. No
    query: whether anything was said, the list tells."""
    if call.agent_id is None:
        return
    own = call.agent_id == scope_of(user).agent
    if own:
        url = f"{reverse('remark_new')}?{urlencode({'call': call.pk})}"
        yield Act(_("Ask about it, or note something"), url)
    if own or may_open("remarks", user):
        yield Act(_("Notes and questions about it"), f"{reverse('remarks')}?call={call.pk}")


def of_figure(user: Viewer, asked: Asked) -> Iterator[Act]:
    """Of an agent's figure: what was said of it, to who may read that, and to the agent the page
    that says more. One query, of agents' figures alone."""
    if asked.agent is None:
        return
    said = reads.of_figure(user, asked.agent, asked.kpi, asked.first, asked.last).count()
    if said:
        words = ngettext(
            "%(n)d note or question about it", "%(n)d notes and questions about it", said
        )
        kept = {
            "agent": asked.agent, "kpi": asked.kpi,
            "from": asked.first.isoformat(), "to": asked.last.isoformat(),
        }  # fmt: skip
        yield Act(words % {"n": said}, f"{reverse('remarks')}?{urlencode(kept)}")
    if asked.agent == scope_of(user).agent:
        url = f"{reverse('remark_new')}?{urlencode(asked.address)}"
        yield Act(_("Ask about this figure, or note something"), url)
