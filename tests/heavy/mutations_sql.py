"""Slightly wrong SQL, for `mutations`: mutmut leaves alone what f-strings and long texts say, and
what stands outside of functions.
"""

import ast
import re
from collections.abc import Iterable, Iterator

import libcst as cst

# What is found in SQL, and what is put in its place: each place is a mutant of its own.
_WRONG: tuple[tuple[str, str], ...] = (
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<= )<(?= )", "<="),
    (r"(?<= )>(?= )", ">="),
    (r"(?<= )=(?= )", "<>"),
    (r"<>", "="),
    (r"(?<= )\+(?= )", "-"),
    (r"(?<= )-(?= )", "+"),
    (r"\bAND\b", "OR"),
    (r"\bOR\b", "AND"),
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"(?<!IS )(?<!AS )\bNOT ", ""),
    (r"\b(?:min|MIN)\(", "max("),
    (r"\b(?:max|MAX)\(", "min("),
    (r"\b(?:least|LEAST)\(", "greatest("),
    (r"\b(?:greatest|GREATEST)\(", "least("),
    (r"\bbool_or\(", "bool_and("),
    (r"\bbool_and\(", "bool_or("),
    (r"\bsum\(", "max("),
    (r"\blag\(", "lead("),
    (r"\blead\(", "lag("),
    (r"\bceil\(", "floor("),
    (r"\bfloor\(", "ceil("),
    (r"\bDISTINCT (?!ON)", ""),
    (r"\bUNION ALL\b", "UNION"),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r" DESC\b", ""),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
    (r"'([a-z_]+)'", r"'XX\1XX'"),
    (r"(?<![\w.$%-])\d+(?![\w-])", "{}"),
)
_BETWEEN = re.compile(r"BETWEEN [^A]*$")


def wrong(text: str) -> Iterator[str]:
    """A text of SQL with one thing of it wrong, in each way."""
    for pattern, instead in _WRONG:
        for found in re.finditer(pattern, text):
            before = text[: found.start()]
            if "--" in before.rpartition("\n")[2] or (
                found[0] == "AND" and _BETWEEN.search(before)
            ):
                continue
            put = str(int(found[0]) + 1) if instead == "{}" else found.expand(instead)
            yield before + put + text[found.end() :]


def wrong_in_f_string(node: cst.FormattedStringText) -> Iterable[cst.FormattedStringText]:
    for value in wrong(node.value):
        yield node.with_changes(value=value)


def wrong_in_string(node: cst.SimpleString) -> Iterable[cst.SimpleString]:
    begin, end = len(node.prefix) + len(node.quote), len(node.value) - len(node.quote)
    for value in wrong(node.value[begin:end]):
        yield node.with_changes(value=node.value[:begin] + value + node.value[end:])


OPERATORS = (
    (cst.FormattedStringText, wrong_in_f_string),
    (cst.SimpleString, wrong_in_string),
)


def in_functions(source: str) -> str:
    """A module with what it names outside of its functions made in one each, as mutmut writes
    mutants of functions alone."""
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                kind = ""
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                kind = f": {ast.unparse(node.annotation)}"
            case _:
                continue
        if name.startswith("__"):
            continue
        told = ast.get_source_segment(source, value)
        lines[node.lineno - 1 : node.end_lineno] = [
            f"def _made_{name}():\n    return (\n{told}\n    )\n\n\n{name}{kind} = _made_{name}()\n"
        ]
    return "".join(lines)
