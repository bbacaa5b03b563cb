"""From where a kiosk link may be opened: networks as people write them, and addresses."""

import ipaddress
import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

MOST = 20

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def read(words: str) -> list[str]:
    """Networks as they are kept, of words with spaces, commas or lines between: an address alone is
    a network of its own. Raises ValueError, in words, for what is none."""
    found = []
    for word in re.split(r"[\s,;]+", words.strip()):
        if not word:
            continue
        try:
            network = str(ipaddress.ip_network(word, strict=False))
        except ValueError:
            raise ValueError(
                _("“%(word)s” is no network: write it as 192.168.7.0/24 or 2001:db8::/48.")
                % {"word": word[:60]}
            ) from None
        if network not in found:
            found.append(network)
    if len(found) > MOST:
        raise ValueError(_("At most %(n)d networks.") % {"n": MOST})
    return found


def allow(networks: Iterable[str], address: str) -> bool:
    """Whether an address lies in one of the networks; where there are none, any does."""
    wanted = [ipaddress.ip_network(one) for one in networks]
    if not wanted:
        return True
    there = _address(address)
    return there is not None and any(there in network for network in wanted)


def masked(address: str) -> str:
    """An address as it is kept: of one's own network whole, for it tells which screen it is; of
    others without its end, which may tell a person. "": it is none."""
    there = _address(address)
    if there is None:
        return ""
    if there.is_private:
        return str(there)
    kept = ipaddress.ip_network((there, 24 if there.version == 4 else 48), strict=False)
    return str(kept)


def _address(words: str) -> Address | None:
    try:
        there = ipaddress.ip_address(words)
    except ValueError:
        return None
    # An IPv4 address as a socket for both shows it.
    return getattr(there, "ipv4_mapped", None) or there
