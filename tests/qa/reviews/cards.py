"""A scorecard of twelve criteria of every kind, as a centre has one."""

from typing import Any


def met(key: str, name: str, weight: int, **more: Any) -> dict[str, Any]:
    options = [
        {"id": "met", "name": "Met", "points": 2},
        {"id": "partly", "name": "Partly", "points": 1},
        {"id": "not", "name": "Not met", "points": 0},
    ]
    return {"id": key, "name": name, "kind": "choice", "weight": weight, "options": options,
            "may_skip": True, **more}  # fmt: skip


def yes_no(key: str, name: str, weight: int, **more: Any) -> dict[str, Any]:
    options = [
        {"id": "yes", "name": "Met", "points": 1},
        {"id": "no", "name": "Not met", "points": 0, "fails": bool(more.get("fails"))},
    ]
    return {"id": key, "name": name, "kind": "yes_no", "weight": weight, "options": options,
            **more}  # fmt: skip


def scale(key: str, name: str, weight: int, **more: Any) -> dict[str, Any]:
    anchors = {1: "Guesses, or does not ask.", 3: "Asks, and stops at the first answer.",
               5: "Asks, listens, checks; does not guess."}  # fmt: skip
    options = [
        {"id": str(n), "name": str(n), "points": n - 1, "anchor": anchors.get(n, "")}
        for n in range(1, 6)
    ]
    return {"id": key, "name": name, "kind": "scale", "weight": weight, "options": options,
            **more}  # fmt: skip


TWELVE: dict[str, Any] = {
    "layout": 1,
    "sections": [
        {
            "id": "opening",
            "name": "Opening",
            "criteria": [
                met(
                    "greeting", "Greeting and name", 10,
                    help="Opens with team, name and an offer to help.",
                    why="Callers who know who they talk to repeat themselves less.",
                    good="“You are through to Technical, my name is Sam. How can I help?”",
                    bad="“Hello?”",
                ),
                yes_no(
                    "verified", "Verified the account", 20, fails="form", may_skip=True,
                    help="Two identifiers before any account detail.",
                    why="This is the one step that protects the caller.",
                ),
            ],
        },
        {
            "id": "solving",
            "name": "Solving",
            "criteria": [
                scale("cause", "Found the cause", 25, comment_below=50,
                      help="Asks, listens, checks; does not guess."),
                yes_no("held", "Was the caller put on hold?", 0),
                met("hold", "Hold announced and thanked", 10,
                    help="Says why and how long; thanks after.",
                    shown_if=[{"criterion": "held", "options": ["yes"]}]),
                met("accuracy", "What was said is right", 20),
                {"id": "minutes", "name": "Minutes until the cause was known", "kind": "number",
                 "weight": 5, "worst": "10", "best": "2", "unit": "min"},
            ],
        },
        {
            "id": "care",
            "name": "Care",
            "criteria": [
                scale("tone", "Tone", 15),
                met("listening", "Lets the caller finish", 10),
                yes_no("resolved", "Resolution confirmed", 15, fails="section",
                       help="The caller says it is solved, not the agent."),
                yes_no("extra", "Went beyond", 3, bonus=True),
                {"id": "remark", "name": "What the caller wanted most", "kind": "text",
                 "weight": 0},
            ],
        },
    ],
}  # fmt: skip
