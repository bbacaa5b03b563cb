"""`/api/v1/imports/`: files sent by a program, read as the import page would read them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api.auth import TokenAuthentication, TokenScope
from ccm.api.problems import CONTENT_TYPE, PROBLEM_SCHEMA, Invalid, TooLarge
from ccm.forms import MOST_FILES, most_upload_bytes, too_large
from ccm.imports import choosing, run, twice
from ccm.imports.mapping import drafts, saved
from ccm.imports.records import FileRefused
from ccm.models import ApiToken, ImportBatch, Site, User
from ccm.models.people import known_zone
from ccm.navigation import may_open

FORM_BYTES = 2**20
_STATEMENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
        "words": {"type": "string", "description": "Where it stands, or why it failed."},
        "waits_for": {
            "type": "string",
            "enum": ["", "columns", "again"],
            "description": (
                "What a person may yet say of a failed one, on its page: what its columns mean, or"
                " that calls which are there already are to stand twice."
            ),
        },
        "percent": {"type": "integer"},
        "dry_run": {"type": "boolean"},
        **{
            fate: {"type": "integer", "description": words}
            for fate, words in (
                ("read", "Rows: the sum of the five below."),
                ("stored", "Made new records."),
                ("updated", "Completed or corrected records."),
                ("duplicate", "Were in the record already."),
                ("rejected", "Could not be read; `issues` says why."),
                ("ignored", "Left out by a rule."),
            )
        },
        "issues": {"type": "string", "description": "Address of the list of them, as csv."},
    },
}
_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "site"],
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "site": {"type": "string", "description": "The site's slug."},
        "format": {"type": "string", "description": "A format's name; empty: found out."},
        "profile": {"type": "string", "description": "A saved layout's name, instead of a format."},
        "zone": {"type": "string", "description": "IANA zone of naive times."},
        "queue": {"type": "string", "description": "Queue of a log that names none."},
        "date_order": {"type": "string", "enum": ["dmy", "mdy"]},
        "dry_run": {"type": "boolean"},
        "all_or_nothing": {"type": "boolean", "description": "Keep no row where any is rejected."},
        "again": {
            "type": "boolean",
            "description": "Store calls that the same file brought as of another source.",
        },
    },
}


class _Uploads(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [TokenScope]

    @staticmethod
    def _user(request: Request) -> User:
        """Whom the token acts for, who may import. Raises Http404 for anybody else."""
        user = request.user
        if not isinstance(user, User) or not may_open("imports", user):
            raise Http404
        return user


class UploadsView(_Uploads):
    """Takes files to import."""

    parser_classes = [MultiPartParser]
    token_scope = ApiToken.IMPORT

    @extend_schema(
        operation_id="post_import",
        summary="Import files",
        description=(
            "One or several files of one system. The answer comes at once; ask for the statement "
            "at its address until the state is done. The same file again changes nothing."
        ),
        request={"multipart/form-data": _FORM},
        responses={202: _STATEMENT, (400, CONTENT_TYPE): PROBLEM_SCHEMA},
    )
    def post(self, request: Request) -> Response:
        user = self._user(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > most_upload_bytes() + FORM_BYTES:
            raise TooLarge(too_large())
        data = request.data
        assert isinstance(data, dict)  # as the parser makes it
        for name, value in data.items():
            if isinstance(value, str) and "\0" in value:
                raise _wrong(f"/{name}", _("No name holds a NUL."))
        files = request.FILES.getlist("file")
        site = _site(user, str(data.get("site", "")))
        if len(files) > MOST_FILES:
            raise _wrong("/file", _("At most %d files at once.") % MOST_FILES)
        said = {name: str(data.get(name, "")) for name in ("zone", "queue", "date_order")}
        if said["zone"]:
            try:
                known_zone(said["zone"])
            except ValidationError as unknown:
                raise _wrong("/zone", " ".join(unknown.messages)) from unknown
        if said["date_order"] not in ("", "dmy", "mdy"):
            raise _wrong("/date_order", _("It is dmy or mdy."))
        if len(said["queue"]) > 120:
            raise _wrong("/queue", _("A name has at most %(most)d characters.") % {"most": 120})
        try:
            batch = run.start(
                [(file.name or "file", file) for file in files],
                form=_form(data),
                site=site,
                dry_run=_flag(data, "dry_run"),
                all_or_nothing=_flag(data, "all_or_nothing"),
                again=_flag(data, "again"),
                user=user,
                zone=said["zone"],
                queue=said["queue"],
                date_order=said["date_order"],
            )
        except FileRefused as refusal:
            raise _wrong("/file", str(refusal)) from refusal
        return Response(_statement(batch, request), status=202)


class UploadView(_Uploads):
    """Tells where an import stands."""

    token_scope = ApiToken.IMPORT

    @extend_schema(
        operation_id="get_import", summary="The statement of an import", responses={200: _STATEMENT}
    )
    def get(self, request: Request, pk: int) -> Response:
        found = ImportBatch.objects.visible_to(self._user(request)).select_related("job")
        return Response(_statement(get_object_or_404(found, pk=pk), request))


def _flag(data: Any, name: str) -> bool:
    return str(data.get(name, "")).lower() in ("1", "true", "yes", "on")


def _form(data: Any) -> str:
    """The name of the format that was asked for, be it a saved layout's."""
    name = str(data.get("profile", ""))
    if name:
        layout = saved.of_name(name)
        if layout is None:
            raise _wrong("/profile", _("There is no layout of this name."))
        return layout.slug
    form = str(data.get("format", "")) or choosing.AUTO
    if form == choosing.MAPPED:
        raise _wrong("/format", _("What columns mean is said on the import page."))
    return form


def _site(user: User, slug: str) -> Site:
    site: Site | None = Site.objects.managed_by(user).filter(slug=slug).first()
    if site is None:
        raise _wrong("/site", _("There is no such site within your reach."))
    return site


def _wrong(pointer: str, words: str) -> Invalid:
    return Invalid(words, [{"pointer": pointer, "message": words}])


def _waits_for(batch: ImportBatch) -> str:
    if drafts.is_unexplained(batch):
        return "columns"
    return "again" if twice.is_asked(batch) else ""


def _statement(batch: ImportBatch, request: Request) -> dict[str, Any]:
    job = batch.job
    fates = ("read", "stored", "updated", "duplicate", "rejected", "ignored")
    return {
        "id": batch.pk,
        "state": job.state,
        "words": job.words,
        "waits_for": _waits_for(batch),
        "percent": job.percent,
        "dry_run": batch.dry_run,
        **{fate: getattr(batch, fate) for fate in fates},
        "url": request.build_absolute_uri(f"/api/v1/imports/{batch.pk}/"),
        "issues": request.build_absolute_uri(f"/imports/{batch.pk}/issues.csv"),
    }
