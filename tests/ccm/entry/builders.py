"""Second factors for tests."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

from ccm.entry import sealing
from ccm.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def a_factor(user: User) -> Authenticator:
    """An app for codes."""
    return TOTP.activate(user, SECRET).instance


def code_of(user: User) -> str:
    """What that app shows now."""
    kept = Authenticator.objects.get(user=user, type="totp")
    secret = sealing.unseal(kept.data["secret"])
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
