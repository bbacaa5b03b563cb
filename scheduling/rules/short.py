"""Positions that nobody there can fill, whoever takes what."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Beyond so many skills that hang together, their sets are too many to go through.
MOST_SKILLS = 16


def short_of(required: Floats, skills: Floats, there: Floats) -> Floats:
    """How many positions of each slot are missing: the most, over sets of skills, by which what is
    required of a set exceeds what those there give to it, each their best proficiency in one of its
    skills; 0 for the empty set.

    `required` are positions (skills by slots), `skills` proficiencies (kinds of people by skills),
    `there` people (kinds by slots). Where a person's proficiencies are equal this is what the
    greatest flow of people to positions leaves unfilled (P. Hall, On Representatives of Subsets,
    1935; Ford and Fulkerson, 1956); where they are not, it is the least that can be missing.

    Raises ValueError for more than 16 skills that hang together by who can take them.
    """
    short = np.zeros(required.shape[1])
    for group in _linked(required, skills):
        if len(group) > MOST_SKILLS:
            raise ValueError(f"{len(group)} skills hang together, more than {MOST_SKILLS}")
        most = np.zeros_like(short)
        for bits in range(1, 2 ** len(group)):
            some = [skill for place, skill in enumerate(group) if bits >> place & 1]
            given = skills[:, some].max(axis=1, initial=0.0) @ there
            np.maximum(most, required[some].sum(axis=0) - given, out=most)
        short += most
    return short


def _linked(required: Floats, skills: Floats) -> list[list[int]]:
    """Skills that are required at all, in groups that share nobody: what is missing of each group
    is missing apart. A skill of which nothing is required takes nobody away."""
    groups: list[list[int]] = []
    for skill in np.flatnonzero(required.max(axis=1, initial=0.0) > 0):
        takers = skills[:, skill] > 0
        joined = [group for group in groups if (skills[takers][:, group] > 0).any()]
        groups = [group for group in groups if group not in joined]
        groups.append(sorted({int(skill), *(one for group in joined for one in group)}))
    return groups
