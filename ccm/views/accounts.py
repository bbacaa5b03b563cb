"""Accounts: who they are for, their roles, and the links by which a password is chosen. Admins'."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import tables
from ccm.access import ADMIN, ROLES
from ccm.accounts import links, services
from ccm.accounts.forms import UserForm
from ccm.accounts.tables import UserTable
from ccm.database import MOST_ID
from ccm.entry import directory, factors
from ccm.entry.forms import ChosenPassword
from ccm.filters import Choices
from ccm.models import Agent, Site, User
from ccm.navigation import ROLE_WORDS, may_open
from ccm.views.lists import signed_in

ACTIVE, INACTIVE = "active", "inactive"


@login_required
@require_safe
def users_page(request: HttpRequest) -> HttpResponse:
    """Accounts that fit the filters."""
    _admin(request)
    sites: Choices = [(one.slug, one.name) for one in Site.objects.order_by("name")]
    roles: Choices = [(role, str(ROLE_WORDS[role])) for role in ROLES]
    states: Choices = [(ACTIVE, _("Active")), (INACTIVE, _("Inactive"))]
    asked = {
        name: value if (value := request.GET.get(name, "")) in dict(among) else ""
        for name, among in (("role", roles), ("site", sites), ("state", states))
    }
    text = request.GET.get("q", "").strip().replace("\0", "")[:120]
    rows = User.objects.prefetch_related("groups", "sites").annotate(factor_kinds=factors.kinds())
    table = UserTable(_found(rows, asked, text))
    narrowed = text or any(asked.values())
    table.empty_text = _("Nothing here fits these filters.") if narrowed else _("None yet")
    tables.arrange(table, request.GET)
    chips = [
        {"name": name, "label": label, "choices": [("", _("All")), *among], "value": asked[name]}
        for name, label, among in (
            ("role", _("Role"), roles), ("site", _("Site"), sites), ("state", _("State"), states),
        )
    ]  # fmt: skip
    return render(request, "ccm/users.html", {"table": table, "chips": chips, "text": text})


def _found(rows: QuerySet[User], asked: dict[str, str], text: str) -> QuerySet[User]:
    if role := asked["role"]:
        of_role = User.objects.filter(groups__name=role)
        has = Q(pk__in=of_role.values("pk"))
        rows = rows.filter(has | Q(is_superuser=True) if role == ADMIN else has)
    if asked["site"]:
        rows = rows.filter(sites__slug=asked["site"])
    if asked["state"]:
        rows = rows.filter(is_active=asked["state"] == ACTIVE)
    if text:
        has = Q()
        for field in ("username", "first_name", "last_name", "email"):
            has |= Q(**{f"{field}__icontains": text})
        rows = rows.filter(has)
    return rows


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    """Make an account; its link is told once."""
    who = _admin(request)
    form = UserForm(request.POST if request.method == "POST" else None, user=who)
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                made = services.make(form.said, who, timezone.now())
                services.note_link(made, who, timezone.now())
        except services.Refused as refusal:
            form.add_error("username", str(refusal))
        else:
            return _link_told(request, made)
    return render(request, "ccm/user.html", {"form": form, "heading": _("New user")})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, and what may be done with it."""
    who = _admin(request)
    row = _row(pk)
    form = UserForm(request.POST if request.method == "POST" else None, user=who, instance=row)
    if form.is_bound:
        if _changed(form, pk, who):
            messages.info(request, _("%(name)s is kept.") % {"name": form.said.username})
            return redirect("user", pk)
        row = _row(pk)  # what was sent is on the form's own
    words = {
        "form": form,
        "row": row,
        "heading": row.get_username(),
        "is_own": row.pk == signed_in(request).pk,
        "agent": Agent.objects.filter(user=row).select_related("site").first(),
        "tokens": row.tokens.filter(revoked_at=None, expires_at__gt=timezone.now()).count(),
        "has_password": row.has_usable_password(),
        "by_directory": directory.knows(row),
        "hours": links.hours(),
        "factors": factors.words(factors.kinds_of(row)),
        "is_missing": factors.is_missing(row),
        "is_required": factors.is_required(row),
        "sessions": row.browser_sessions.filter(expire_date__gt=timezone.now()).count(),
    }
    return render(request, "ccm/user.html", words)


def _changed(form: UserForm, pk: int, who: User) -> bool:
    """Whether what the form says is kept; else it says what is wrong."""
    if not form.is_valid():
        return False
    try:
        services.change(pk, form.said, who, timezone.now())
    except services.Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@login_required
@never_cache
@require_POST
def user_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link by which the person chooses a password; told once."""
    who = _admin(request)
    row = _row(pk)
    if not row.is_active:
        messages.warning(request, _("Nobody signs in with an inactive account: no link is made."))
        return redirect("user", pk)
    if directory.knows(row):
        messages.warning(request, _("The company's directory vouches for them: no link is made."))
        return redirect("user", pk)
    services.note_link(row, who, timezone.now())
    return _link_told(request, row)


def _link_told(request: HttpRequest, row: User) -> HttpResponse:
    """The page that shows a link, once; it is mailed where that can be."""
    link = links.link_for(row)
    try:
        mailed = links.mailed(row, link)
        trouble = ""
    except OSError as failed:
        mailed, trouble = False, str(failed) or type(failed).__name__
    words = {"row": row, "link": link, "hours": links.hours(), "mailed": mailed, "trouble": trouble}
    return render(request, "ccm/user_link.html", words)


@login_required
@require_POST
def user_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an account inactive, or active again."""
    who = _admin(request)
    row = _row(pk)
    try:
        services.set_active(pk, request.POST.get("to") == ACTIVE, who, timezone.now())
    except services.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("user", pk)
    words = (
        _("%(name)s may sign in.")
        if request.POST.get("to") == ACTIVE
        else _("%(name)s may sign in no more; what they made stays.")
    )
    messages.info(request, words % {"name": row.get_username()})
    return redirect("user", pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def user_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether somebody's second factors are to go, who lost them, then take them away. Whoever
    does it shows who it is."""
    who = _admin(request)
    row = _row(pk)
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="allauth.mfa")
        return _helped(request, pk, services.take_factors, _no_factors)
    along = [
        _("Their app, their passkeys and their recovery codes open nothing any more."),
        _("Their sessions end at once; they are told by mail, where it goes out."),
        _("Make sure that it is them who ask: whoever has their password comes in without it."),
    ]
    named = _("the second factor of %(name)s") % {"name": row.get_username()}
    hanging = [_("Your own are on the page Sign-in and security.")] if row.pk == who.pk else []
    asked = {"named": named, "along": along, "hanging": hanging}
    return render(request, "ccm/remove.html", asked | {"keep_url": reverse("user", args=[pk])})


def _no_factors(many: int) -> str:
    said = ngettext("%(n)d was taken away.", "%(n)d were taken away.", many) % {"n": many}
    return _("There was none.") if not many else said


@login_required
@require_POST
def user_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere. Whoever does it shows who it is."""
    _admin(request)
    _row(pk)
    raise_if_reauthentication_required(request, app="allauth.mfa")
    return _helped(request, pk, services.end_sessions, _no_sessions)


def _no_sessions(many: int) -> str:
    said = ngettext("%(n)d session has ended.", "%(n)d sessions have ended.", many) % {"n": many}
    return _("They were signed in nowhere.") if not many else said


def _helped(
    request: HttpRequest,
    pk: int,
    help_them: Callable[[int, User, datetime], int],
    told: Callable[[int], str],
) -> HttpResponse:
    try:
        messages.info(request, told(help_them(pk, signed_in(request), timezone.now())))
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("user", pk)


# Django's own answers whatever method with the page of a link that is over.
@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class SetPassword(PasswordResetConfirmView):
    """Choose a password by a link: nobody is signed in by it, which leaves every further proof that
    signing in asks for where it is."""

    template_name = "ccm/set_password.html"
    form_class = ChosenPassword
    token_generator = links.tokens
    success_url = reverse_lazy("login")

    def get_user(self, uidb64: str) -> User | None:
        found = super().get_user(uidb64)
        if not isinstance(found, User) or not found.is_active or directory.knows(found):
            return None
        return found

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            super().form_valid(form)
            services.note_password(form.user, timezone.now())
        return render(self.request, self.template_name, {"is_done": True})


def _admin(request: HttpRequest) -> User:
    """Whoever asks, an admin. Raises Http404 for anybody else."""
    if not may_open("users", request.user):
        raise Http404
    return signed_in(request)


def _row(pk: int) -> User:
    found = User.objects.filter(pk=pk).first() if pk <= MOST_ID else None
    if found is None:
        raise Http404
    return found
