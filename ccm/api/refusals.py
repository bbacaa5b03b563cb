"""What any address of the API can refuse with, told of in its description.

An address says itself what is its own; what comes from who asks, from what is in reach, or from
the state of this machine is the same everywhere and stands here once.
"""

from typing import Any

from ccm.api.problems import CONTENT_TYPE, PROBLEM_SCHEMA

_NAME = "Problem"
# By status, in words; of those with a body the last three.
EVERYWHERE = {
    "400": "What was asked for makes no sense here: why, with pointers",
    "401": "Nobody is signed in, or the token is not good",
    "403": "This role, or this token, does not do that",
    "404": "Not there, or not in reach",
    "406": "It can be told in none of the formats that are asked for",
    "429": "The token asks too often, or too many that there are not came from there",
    "503": "Try again: the database is away, or it took too long",
}
WITH_A_BODY = {
    "411": "The body comes in pieces",
    "413": "The body is too long",
    "415": "The body is not announced as what this reads",
}
# Seconds to wait, of whoever asked too often.
HEADERS = {
    "429": {
        "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait"},
    }
}


def told(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: the description with those refusals where none is told."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas[_NAME] = PROBLEM_SCHEMA
    content = {CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{_NAME}"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            known = EVERYWHERE | (WITH_A_BODY if "requestBody" in operation else {})
            answers = operation["responses"]
            for status, words in known.items():
                said = {"content": content, "description": words}
                if status in HEADERS:
                    said["headers"] = HEADERS[status]
                answers.setdefault(status, said)
    return result
