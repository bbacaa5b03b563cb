"""Notes and questions for tests."""

from typing import Any

from ccm.models import Agent
from coaching.models import Remark
from tests.builders import NINE


def a_remark(agent: Agent, **more: Any) -> Remark:
    said = {
        "kind": "question", "about": "Talk: 2:00", "url": "/passport/?kpi=talk",
        "words": "A call was mine for a minute only", "made_at": NINE, **more,
    }  # fmt: skip
    made: Remark = Remark.objects.create(agent=agent, **said)
    return made
