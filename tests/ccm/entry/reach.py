"""Who reaches what of signing in, for the matrix of access; what of it the browser's tests look
at."""

from django.urls import reverse

from tests.reach import EVERYBODY, Row, World, to

# Whoever is signed in, with what they themselves sign in with.
THEIRS = (302, *(200,) * 7)
# Of the people of the matrix, none of whom has a second factor or a password, nor has just signed
# in: to where they would show who they are, if there were a way.
SHOWN_FIRST = (302, *(403,) * 7)
NOTHING = (302, *(404,) * 7)
NOBODYS = (404,) * 8
AWAY = (302,) * 8


def _rows(name: str, statuses: tuple[int, ...], *methods: str) -> list[Row]:
    return [Row(to(name), statuses, method, of_a_site=False) for method in (methods or ("get",))]


def _reset_key(_world: World) -> str:
    return reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "guess"})


ROWS: dict[str, list[Row]] = {
    "login": _rows("login", EVERYBODY),
    "account_login": _rows("account_login", EVERYBODY),
    "logout": _rows("logout", AWAY, "post"),
    "account_logout": _rows("account_logout", AWAY, "post"),
    # Nobody is between two steps of a sign-in.
    "mfa_authenticate": _rows("mfa_authenticate", AWAY, "get", "post"),
    "mfa_login_webauthn": _rows("mfa_login_webauthn", AWAY, "get", "post"),
    # There is no directory, and no mail.
    "directory_login": _rows("directory_login", NOBODYS, "post"),
    "directory_callback": _rows("directory_callback", NOBODYS),
    "directory_again": _rows("directory_again", NOTHING),
    "account_reset_password": _rows("account_reset_password", NOBODYS, "get", "post"),
    "account_reset_password_done": _rows("account_reset_password_done", NOBODYS),
    "account_reset_password_from_key": [
        Row(_reset_key, NOBODYS, method, of_a_site=False) for method in ("get", "post")
    ],
    "account_reset_password_from_key_done": _rows("account_reset_password_from_key_done", NOBODYS),
    **{name: _rows(name, THEIRS) for name in ("security", "mfa_index", "mfa_list_webauthn")},
    "sessions_end": _rows("sessions_end", SHOWN_FIRST, "post"),
    # No session of theirs.
    "session_end": [
        Row(lambda _world: reverse("session_end", args=[0]), NOTHING, "post", of_a_site=False)
    ],
    **{
        name: _rows(name, SHOWN_FIRST, "get", "post")
        for name in (
            "account_reauthenticate",
            "mfa_reauthenticate",
            "mfa_reauthenticate_webauthn",
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_generate_recovery_codes",
        )
    },
    # They have no password, no app and no codes.
    "account_change_password": _rows("account_change_password", NOTHING, "get", "post"),
    "mfa_deactivate_totp": _rows("mfa_deactivate_totp", NOTHING, "get", "post"),
    "mfa_view_recovery_codes": _rows("mfa_view_recovery_codes", NOTHING),
    "mfa_remove_webauthn": [
        Row(
            lambda _world: reverse("mfa_remove_webauthn", args=[0]),
            SHOWN_FIRST,
            method,
            of_a_site=False,
        )
        for method in ("get", "post")
    ],
}
PAGES = ("security",)
OTHERS = tuple(name for name in ROWS if name not in PAGES)
