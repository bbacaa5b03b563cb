"""What the record holds of whoever asks, who looked at it, and all of it as a file."""

import tempfile
from datetime import date, datetime
from itertools import groupby

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ccm import database, personal, viewed
from ccm.access import scope_of
from ccm.filters import about
from ccm.models import Agent
from ccm.navigation import may_open
from ccm.personal import Words, reads
from ccm.personal.reads import Kind
from ccm.tables import ROWS
from ccm.templatetags.figures import DASH, local_time

# More than so much of a file waits on the disk.
_IN_MEMORY = 8 << 20
_LOOKED = 20


@login_required
@never_cache
@require_safe
def my_data(request: HttpRequest) -> HttpResponse:
    """How much of what there is, why, and who looked."""
    agent = _own(request)
    found = reads.kinds(agent)
    context = {
        "agent": agent,
        "groups": [
            (title, kinds, any(one.withheld for one in kinds)) for title, kinds in _grouped(found)
        ],
        "kept_back": personal.kept_back(),
        "looked": viewed.of_agent(agent)[:_LOOKED],
        "kept_days": viewed.KEPT.days,
        "now": timezone.now(),
    }
    return render(request, "ccm/my_data.html", context)


def _grouped(found: list[Kind]) -> list[tuple[Words, list[Kind]]]:
    return [(title, list(kinds)) for title, kinds in groupby(found, lambda one: one.title)]


@login_required
@never_cache
@require_safe
def my_data_kind(request: HttpRequest, app: str, model: str) -> HttpResponse:
    """The rows of a kind, the newest first."""
    agent, held = _own(request), reads.kind(f"{app}.{model}")
    if held is None:
        raise Http404
    page = Paginator(reads.rows_of(held, agent), ROWS).get_page(request.GET.get("page"))
    context = {
        "agent": agent,
        "held": held,
        "page": page,
        "titles": reads.drawn_header(held),
        "rows": [[_drawn(cell) for cell in row] for row in reads.drawn(held, page, agent)],
    }
    return render(request, "ccm/my_data_kind.html", context)


@login_required
@never_cache
@require_safe
def my_data_file(request: HttpRequest) -> FileResponse:
    """All of it, as a ZIP of CSV files."""
    agent = _own(request)
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  the answer closes it
    with database.allowed(settings.FILE_SECONDS):
        reads.write(agent, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="my-data.zip")


def _drawn(cell: object) -> object:
    """A cell as people read it; nothing is a dash."""
    if cell is None or cell == "":
        return DASH
    if isinstance(cell, datetime):
        return local_time(cell, cell.tzinfo, "j M Y H:i:s")
    return date_format(cell, "j M Y") if isinstance(cell, date) else cell


def _own(request: HttpRequest) -> Agent:
    if not may_open("my_data", request.user):
        raise Http404
    agent = get_object_or_404(Agent.objects.select_related("site"), pk=scope_of(request.user).agent)
    about(request, agent.site)
    return agent


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/", my_data, name="my_data"),
        path(f"{under}/all.zip", my_data_file, name="my_data_file"),
        path(f"{under}/<slug:app>.<slug:model>/", my_data_kind, name="my_data_kind"),
    ]
