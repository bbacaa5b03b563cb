"""Who reaches what agents ask about figures."""

from urllib.parse import urlencode

from django.urls import reverse

from coaching.models import Remark
from tests.coaching.remarks.builders import a_remark
from tests.reach import NOT_THEIRS, OWN, Row, World, to

#        nobody adm man pla sup qa  tra age
SEEN = (302, 200, 200, 404, 200, 404, 404, 200)
ANSWERED = (302, 200, 200, 404, 200, 404, 404, 404)


def _one(world: World) -> str:
    made = Remark.objects.filter(agent=world.agent).first() or a_remark(world.agent)
    return reverse("remark", args=[made.pk])


def _of_call(world: World) -> str:
    return f"{reverse('remark_new')}?{urlencode({'call': world.call.pk})}"


ROWS: dict[str, list[Row]] = {
    "remarks": [Row(to("remarks"), SEEN, of_a_site=False)],
    "remark_new": [Row(_of_call, OWN, elsewhere=NOT_THEIRS)],
    "remark": [
        Row(_one, SEEN),
        # An empty form: its errors, on the page.
        Row(_one, ANSWERED, "post", elsewhere=(302, 200, *(404,) * 6)),
    ],
}
PAGES: tuple[str, ...] = ("remarks", "remark_new", "remark")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
