"""What groups of a company's directory stand for here, as an operator writes it. Pure."""

from collections.abc import Collection, Iterable, Mapping


def of(words: str) -> dict[str, list[str]]:
    """What each group stands for, from "group=word,group=word". A group may be named twice: it
    stands for both. The last "=" parts, for names of groups may hold one.

    Raises ValueError where a part is none.
    """
    found: dict[str, list[str]] = {}
    for part in words.split(","):
        if not part.strip():
            continue
        group, parted, word = (one.strip() for one in part.rpartition("="))
        if not (parted and group and word):
            raise ValueError(f"{part.strip()!r} is not group=word")
        if word not in found.setdefault(group, []):
            found[group].append(word)
    return found


def stand_for(groups: Iterable[str], mapped: Mapping[str, Collection[str]]) -> set[str]:
    """All that these groups stand for."""
    return {word for group in groups for word in mapped.get(group, ())}


def groups_in(said: object) -> list[str]:
    """The groups that a claim names: a list of names, or one name. Anything else is none."""
    if isinstance(said, str):
        return [said] if said else []
    if isinstance(said, list):
        return [one for one in said if isinstance(one, str)]
    return []
