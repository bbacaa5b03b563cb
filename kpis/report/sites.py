"""The site that keys and cells are of."""

from collections.abc import Collection
from typing import Any

from kpis.named import ROWS
from kpis.reads.reading import By
from kpis.report.question import Question

OF_ONE_SITE: tuple[By, ...] = ("site", "queue", "team", "agent")
"""Dimensions each key of which is of one site, and so is whatever is counted for it."""


def sites_of_cells(
    question: Question, found: Collection[tuple[Any, Any]]
) -> dict[tuple[Any, Any], int]:
    """The site that each cell is of, by its keys or by what is picked; none of a cell of several
    together."""
    if len(question.sites) == 1:
        return dict.fromkeys(found, question.sites[0].pk)
    by_key = [
        sites_of(by, {cell[side] for cell in found})
        for side, by in enumerate((question.by, question.across))
    ]
    picked = site_of_picked(question)
    sites = {}
    for cell in found:
        told = [of[key] for of, key in zip(by_key, cell, strict=True) if key in of]
        one = told[0] if told else picked
        if one is not None:
            sites[cell] = one
    return sites


def sites_of(by: By, keys: Collection[Any]) -> dict[Any, int]:
    """The site of each key that is of one."""
    if by not in OF_ONE_SITE:
        return {}
    known = [key for key in keys if key is not None]
    if by == "site":
        return {key: key for key in known}
    return dict(ROWS[by].filter(pk__in=known).values_list("pk", "site_id"))


def site_of_picked(question: Question) -> int | None:
    """The one site of all queues, of all agents or of all teams that are picked."""
    many = [{row.site_id for row in rows} for rows in (question.queues, question.agents) if rows]
    if (teams := question.only.get("team")) and None not in teams:
        many.append({*sites_of("team", teams).values()})
    return next((site for sites in many if len(sites) == 1 for site in sites if site), None)
