"""What pages of figures and of calls offer of remarks."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.access import scope_of
from ccm.call_acts import Act
from ccm.models import Call, User
from ccm.querysets import Viewer
from coaching.remarks import reads
from kpis.above import Asked


def of_call(user: User, call: Call) -> Iterator[Act]:
    """That whoever took it asks about it, or notes something. No query."""
    if call.agent_id is not None and call.agent_id == scope_of(user).agent:
        url = f"{reverse('remark_new')}?{urlencode({'call': call.pk})}"
        yield Act(_("Ask about it, or note something"), url)


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
