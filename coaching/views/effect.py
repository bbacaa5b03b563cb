"""Coaching effect: what sessions, or whatever else happened to agents, did to a KPI."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exported, exports, filters
from ccm.access import scope_of
from ccm.filters import address
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import only_trains, sites_taught
from coaching.effect import drawn, files, measures, sources, told, words
from coaching.effect.drawn import Interval
from coaching.effect.told import SPANS, Asked, Line, Row, Told
from coaching.models import Session
from coaching.progress import FEWEST_COACHED, FEWEST_COMPARED, Estimate

MOST_ROWS = 200
ALL = "all"
LONGEST = 40
"""Signs of what is asked for and there is not."""


@login_required
@require_safe
def effect_page(request: HttpRequest) -> HttpResponse:
    """What coaching did to a KPI at a site: of all of it, by kind, by coach, by agent."""
    now = timezone.now()
    sites = _sites(request)
    site = filters.of_sites(request, sites)
    if site is None:
        return render(request, "coaching/effect.html", {"site": None})
    asked = _asked(request, site)
    made = told.of(signed_in(request), site, asked, now)
    level, word, sentence = words.verdict(made)
    said = _said(asked, site, request)
    chips = _chips(asked, site, request)
    context = {
        "site": site,
        "trains": _trains(request, site),
        "sites": sites,
        "asked": asked,
        "chips": chips,
        "problems": _problems(request, chips),
        "made": made,
        "level": level,
        "word": word,
        "sentence": sentence,
        "helps": words.helps(made),
        "estimates": _estimates(made),
        "groups": _groups(made, site),
        "rows": _rows(made, site),
        "most_rows": MOST_ROWS,
        "passed": words.passed(made),
        "later": words.later(made),
        "csv": {of: address(reverse("coaching_effect_csv"), said | {"of": of}) for of in files.OF},
        "fewest": {"coached": FEWEST_COACHED, "compared": FEWEST_COMPARED},
    }
    return render(request, "coaching/effect.html", context)


@login_required
@require_safe
def effect_csv(request: HttpRequest) -> StreamingHttpResponse:
    """One of the page's tables as a file; that it was taken along is noted."""
    now = timezone.now()
    site = filters.of_sites(request, _sites(request))
    of = request.GET.get("of", "effects")
    if site is None or of not in files.OF or (of == "agents" and _trains(request, site)):
        raise Http404
    user = signed_in(request)
    made = told.of(user, site, _asked(request, site), now)
    if request.method == "GET":
        exported.listed(user, Session, site, not made.is_of_all, now)
    header, lines = files.OF[of]
    return exports.download(f"coaching-{of}-{site.slug}.csv", header, lines(made, site))


def _sites(request: HttpRequest) -> list[Site]:
    if not may_open("coaching_effect", request.user):
        raise Http404
    return list(sites_taught(request.user))


def _trains(request: HttpRequest, site: Site) -> bool:
    """Whether the reader trains at a site and coaches nobody there."""
    return only_trains(scope_of(signed_in(request)), site.pk)


def _asked(request: HttpRequest, site: Site) -> Asked:
    """What the address asks; what there is not is passed over."""
    asked = request.GET
    known = sources.known(trains=_trains(request, site))
    source = asked.get("of_what", "")
    source = source if source in known else next(iter(known))
    kinds = tuple(known[source].kinds(site))
    kind = asked.get("kind", "")
    kpi, span = asked.get("kpi", ""), asked.get("span", "")
    return Asked(
        kpi=kpi if kpi in measures.known() else measures.DEFAULT,
        span=int(span) if span in {str(one) for one in SPANS} else SPANS[1],
        source=source,
        kinds=kinds if kind == ALL else (kind,) if kind in kinds else (),
        is_about=asked.get("about") == "1" and known[source].tells_about,
    )


def _kind(asked: Asked) -> str:
    """The kinds as the address says them."""
    return "" if not asked.kinds else asked.kinds[0] if len(asked.kinds) == 1 else ALL


def _said(asked: Asked, site: Site, request: HttpRequest) -> dict[str, object]:
    return {
        "site": site.slug,
        "kpi": asked.kpi,
        "span": asked.span,
        "of_what": request.GET.get("of_what", ""),
        "kind": _kind(asked),
        "about": "1" if asked.is_about else "",
    }


def _chips(asked: Asked, site: Site, request: HttpRequest) -> list[dict[str, Any]]:
    """What there is to choose from beside the site."""
    known = sources.known(trains=_trains(request, site))
    source = known[asked.source]
    kinds = source.kinds(site)
    default = ", ".join(str(kinds[one]) for one in source.default if one in kinds)
    spans = (_("half a year"), _("a year"), _("two years"))
    chips: list[tuple[str, str, str, list[tuple[str, str]]]] = [
        ("kpi", _("KPI"), asked.kpi, [*measures.known().items()]),
        ("span", _("In"), str(asked.span),
         [(str(one), said) for one, said in zip(SPANS, spans, strict=True)]),
    ]  # fmt: skip
    if len(known) > 1:
        options = [(name, str(one.words)) for name, one in known.items()]
        chips.insert(1, ("of_what", _("Effect of"), asked.source, options))
    if len(kinds) > 1:
        options = [(name, str(said)) for name, said in kinds.items()]
        if default:
            options = [("", default), (ALL, str(source.said.all_kinds)), *options]
        else:
            options = [("", str(source.said.all_kinds)), *options]
        chips.append(("kind", str(source.said.kinds), _kind(asked), options))
    if source.tells_about:
        options = [("", _("anything")), ("1", _("this KPI"))]
        chips.append(("about", _("About"), "1" if asked.is_about else "", options))
    return [
        {"name": name, "words": said, "chosen": chosen, "options": options}
        for name, said, chosen, options in chips
    ]


def _problems(request: HttpRequest, chips: Sequence[dict[str, Any]]) -> list[str]:
    """What the address asks and there is not, each with what is shown instead."""
    found = []
    for one in chips:
        asked, options = request.GET.get(one["name"], ""), dict(one["options"])
        if asked and asked not in options and asked != one["chosen"]:
            said = {"name": one["words"], "asked": asked[:LONGEST], "shown": options[one["chosen"]]}
            words = _("%(name)s: there is no “%(asked)s”. Shown instead: %(shown)s.")
            found.append(words % said)
    return found


def _estimates(made: Told) -> list[dict[str, Any]]:
    """The effect by both estimators, the one to read first."""
    found = made.effect
    if found is None:
        return []
    both = [(_("By covariances"), found.covariances), (_("By differences"), found.differences)]
    marks = drawn.rails([_reach(one) for _name, one in both])
    return [
        {"name": name, "said": words.estimate(one, made.measure.variant.unit), "mark": mark}
        for (name, one), mark in zip(both, marks, strict=True)
    ]


def _groups(made: Told, site: Site) -> list[dict[str, Any]]:
    """Kinds and coaches, each group on one rail; of one alone nothing is told apart."""
    kinds, said = made.source.kinds(site), made.source.said
    asked = [
        ("kind", said.by_kind, said.kind, str(said.kinds).lower(), made.kinds,
         lambda line: str(kinds.get(str(line.id), line.id))),
        ("coach", _("By coach"), _("Coach"), _("coaches"), made.coaches,
         lambda line: made.people.get(line.id, _("nobody in particular"))),
    ]  # fmt: skip
    return [
        {
            "id": of,
            "title": title,
            "heading": heading,
            "apart": words.apart(lines, who),
            "lines": _lines(lines, name, made),
            "is_ranked": any(one.rank is not None for one in lines),
            "order": words.order(made),
        }
        for of, title, heading, who, lines, name in asked
        if len(lines) > 1 or (of == "coach" and lines)
    ]


def _lines(lines: Sequence[Line], name: Any, made: Told) -> list[dict[str, Any]]:
    marks = drawn.rails([_reach(one.estimate) if one.estimate else None for one in lines])
    unit = made.measure.variant.unit
    return [
        {
            "name": name(one),
            "agents": one.agents,
            "said": "" if one.estimate is None else words.estimate(one.estimate, unit),
            "mark": mark,
            "rank": words.rank(one),
        }
        for one, mark in zip(lines, marks, strict=True)
    ]


def _reach(one: Estimate) -> Interval:
    low, high = one.interval()
    return low, one.value, high


def _rows(made: Told, site: Site) -> list[dict[str, Any]]:
    kinds = made.source.kinds(site)
    shown = made.rows[:MOST_ROWS]
    marks = drawn.rails([_placed(one) for one in shown])
    unit = made.measure.variant.unit
    return [
        {
            "name": one.name,
            "first": one.first,
            "kind": kinds.get(one.kind, one.kind),
            "by": made.people.get(one.by or 0, ""),
            "said": words.single(one.single, unit),
            "mark": mark,
            "is_apart": _is_apart(one),
        }
        for one, mark in zip(shown, marks, strict=True)
    ]


def _placed(row: Row) -> Interval | None:
    if row.single.interval is None:
        return None
    return row.single.interval[0], row.single.value, row.single.interval[1]


def _is_apart(row: Row) -> bool:
    ends = row.single.interval
    return ends is not None and (ends[0] > 0 or ends[1] < 0)


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/effect/", effect_page, name="coaching_effect"),
        path(f"{under}/effect/export.csv", effect_csv, name="coaching_effect_csv"),
    ]
