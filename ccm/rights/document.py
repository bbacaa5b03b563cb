"""The table of actions for docs/rights.md, from the registry. Pure."""

from collections.abc import Iterable

from ccm.rights.actions import GROUPS


def table() -> str:
    """Each action with what it lets one do, who holds it as it comes and may be given it."""
    lines = ["| action | lets one | held by | may be given to |", "|---|---|---|---|"]
    for words, actions in GROUPS:
        lines.append(f"| **{words}** | | | |")
        lines += [
            f"| {one.words} | {one.lets} | {_roles(one.holders)} | {_roles(one.others)} |"
            for one in actions
        ]
    return "".join(f"{line}\n" for line in lines)


def _roles(roles: Iterable[str]) -> str:
    return ", ".join(roles) or "–"
