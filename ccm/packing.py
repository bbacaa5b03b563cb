"""The files that pages are made of go out packed to whoever can unpack them."""

import gzip
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

# Fonts and pictures are packed as they lie there.
_TEXT = ("text/", "image/svg+xml", "application/json")


class PackedFiles(WhiteNoiseMiddleware):
    """Serves static files as they are; text packed, once for each file that a process serves."""

    def __init__(self, *told: Any, **named: Any) -> None:
        super().__init__(*told, **named)
        self.packed: dict[str, tuple[str, bytes]] = {}
        """By path: of which file, by its ETag, and what it packs to."""

    def serve(self, static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        answer: Any = super().serve(static_file, request)
        answer["Vary"] = "Accept-Encoding"
        if request.method != "GET" or answer.status_code != 200 or not _takes(request, answer):
            return answer
        with answer.file_to_stream as file:
            found = self.packed.get(request.path_info)
            if found is None or found[0] != answer["ETag"]:
                found = answer["ETag"], gzip.compress(file.read())
                self.packed[request.path_info] = found
        headers = dict(answer.items()) | {
            "Content-Encoding": "gzip",
            "Content-Length": str(len(found[1])),
        }
        return HttpResponse(found[1], headers=headers)


def _takes(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Whether it is text, and the browser unpacks it."""
    return answer["Content-Type"].startswith(_TEXT) and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    )
