"""What changes something over the API: said as JSON, checked by the form of its page, done by its
service, and refused in the words of both."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.api.parsers import ActJSONParser
from ccm.api.problems import CONTENT_TYPE, Errors, Invalid, problem_of
from ccm.database import MOST_ID
from ccm.intervals import FIRST_YEAR, LAST_YEAR
from ccm.models import ApiToken, Site, User
from qa.access import sites_kept, sites_reviewed

WRITE = "quality:write"
"""The scope of tokens that change anything of quality review."""
PROBLEMS = {
    (400, CONTENT_TYPE): problem_of("What is wrong, with pointers"),
    (404, CONTENT_TYPE): problem_of("Not there, or not the caller's to change"),
}
"""How an act is refused."""
CONFLICTS = PROBLEMS | {
    (409, CONTENT_TYPE): problem_of("Somebody else changed it meanwhile: read it again"),
}
"""The same of what somebody else may have changed meanwhile."""


class Conflict(exceptions.APIException):
    """What was changed meanwhile, or is not there to be changed any more."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


class Acts(ReadOnly, APIView):
    """Signed in, or a token: one that may read for what is read, else one that may change."""

    parser_classes = (ActJSONParser,)
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenScope,)

    @property
    def token_scope(self) -> str:
        return ApiToken.READ if self.request.method in SAFE_METHODS else WRITE


class Nothing(serializers.Serializer[Any]):
    """Nothing more is said: `{}`."""


class Words(serializers.Serializer[Any]):
    """Why, or what there is to say."""

    words = serializers.CharField(help_text="Numbers of cards and telephones are hidden.")


class Moment(serializers.DateTimeField):
    """A time with its offset from UTC: neither a zone nor a midnight is guessed."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            raise serializers.ValidationError(
                _("This time has no offset from UTC, so nobody knows when it was.")
            )
        return value


class Day(serializers.DateField):
    """A day that calendars here reach."""

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            words = _("Ask for days between %(first)d and %(last)d.")
            raise serializers.ValidationError(words % {"first": FIRST_YEAR, "last": LAST_YEAR})
        return day


def refuse_turned(asked: Mapping[str, Any], most_days: int = 366) -> None:
    """Raises ValidationError for days `first` to `last` that are none, or too many."""
    if asked["last"] < asked["first"]:
        raise serializers.ValidationError({"last": _("It is before the first day.")})
    if (asked["last"] - asked["first"]).days >= most_days:
        words = _("Ask for at most %(days)d days at a time.") % {"days": most_days}
        raise serializers.ValidationError({"last": words})


def said(request: Request, question: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """What a body says. Raises Invalid for one that is no object, or has a member that nothing
    reads."""
    refuse_unread(request, ())
    body = request.data
    if not isinstance(body, Mapping):
        words = _("This must be a JSON object.")
        raise Invalid(_("The input is not valid."), [{"pointer": "", "message": words}])
    asked = question(data=body)
    if unknown := sorted({*body} - {*asked.fields}):
        words = _("There is no such member.")
        raise Invalid(words, [{"pointer": pointer(one), "message": words} for one in unknown])
    asked.is_valid(raise_exception=True)
    found: dict[str, Any] = asked.validated_data
    return found


def pointer(*steps: object) -> str:
    """Where something stands in a body."""
    return "".join("/" + str(one).replace("~", "~0").replace("/", "~1") for one in steps)


def posted(values: Mapping[str, Any]) -> QueryDict:
    """What was said as a form of a page sends it."""
    found = QueryDict(mutable=True)
    for name, value in values.items():
        if value is None or value is False:
            continue
        if isinstance(value, list | tuple):
            found.setlist(name, [str(one) for one in value])
        else:
            found[name] = "on" if value is True else str(value)
    return found


def checked(form: BaseForm, members: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a form makes of what was said. Raises Invalid; `members` are those of the body by the
    form's names, where they differ."""
    if not form.is_valid():
        raise refused(ValidationError(form.errors.as_data()), members)
    return form.cleaned_data


def refused(
    refusal: ValidationError, members: Mapping[str, str] | None = None, under: str = ""
) -> Invalid:
    """What a form or a service says against it, as the API says no; `under` is the member that has
    what is named."""
    by_name = getattr(refusal, "error_dict", None)
    if by_name is None:
        return Invalid(
            refusal.messages[0], [{"pointer": "", "message": one} for one in refusal.messages]
        )
    names = members or {}
    errors: Errors = [
        {
            "pointer": ""
            if name == NON_FIELD_ERRORS
            else pointer(*filter(None, (under, names.get(name, name)))),
            "message": words,
        }
        for name, those in by_name.items()
        for one in those
        for words in one.messages
    ]
    detail = errors[0]["message"] if len(errors) == 1 else _("The input is not valid.")
    return Invalid(detail, errors)


@contextmanager
def refusing(*stale: type[ValidationError], under: str = "") -> Iterator[None]:
    """What a service refuses, said as the API says no; of what is `stale` as a conflict."""
    try:
        yield
    except stale as late:
        raise Conflict(late.messages[0]) from None
    except ValidationError as refusal:
        raise refused(refusal, under=under) from None


def found(rows: QuerySet[Any], pk: int) -> Any:
    """A row of some. Raises Http404 where it is none of them."""
    one = rows.filter(pk=pk).first() if pk <= MOST_ID else None
    if one is None:
        raise Http404
    return one


def named(people: QuerySet[User], login: str | None) -> int | None:
    """The id of somebody by their login, as a form chooses them: of nobody whom it offers 0, where
    nobody is named None."""
    if not login:
        return None
    there: int = people.filter(username=login).values_list("pk", flat=True).first() or 0
    return there


def site_of(sites: QuerySet[Site], slug: str) -> Site:
    """A site of some by its slug. Raises Http404 for any other."""
    site = sites.filter(slug=slug).first()
    if site is None:
        raise Http404
    return site


class OfSite(serializers.Serializer[Any]):
    site = serializers.SlugField()


def asked_of(request: Request, question: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """What an address asks for. Raises for a parameter that nothing reads."""
    asked = question(data=request.query_params)
    refuse_unread(request, asked.fields, ())
    asked.is_valid(raise_exception=True)
    there: dict[str, Any] = asked.validated_data
    return there


def reviewed_site(request: Request, slug: str) -> Site:
    """A site whose reviews the caller sees; 404 for any other."""
    return site_of(sites_reviewed(request.user), slug)


def kept_site(request: Request, slug: str) -> Site:
    """A site whose scorecards, plans, sessions and checks the caller changes; 404 for any other."""
    return site_of(sites_kept(request.user), slug)
