"""What the API's description says of every address alike."""

from typing import Any

from ccm.api.problems import CONTENT_TYPE, PROBLEM_SCHEMA

_NAME = "TooManyRequests"


def refused_too_often(
    result: dict[str, Any], generator: object, request: object, public: bool
) -> dict[str, Any]:
    """A hook of drf-spectacular: whatever takes tokens refuses one that asks too often."""
    parts = result.setdefault("components", {})
    parts.setdefault("responses", {})[_NAME] = {
        "description": "The token asks too often, or too many that there are not came from there",
        "headers": {
            "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"}
        },
        "content": {CONTENT_TYPE: {"schema": PROBLEM_SCHEMA}},
    }
    for methods in result.get("paths", {}).values():
        for told in methods.values():
            if any("token" in way for way in told.get("security", ())):
                told["responses"]["429"] = {"$ref": f"#/components/responses/{_NAME}"}
    return result
