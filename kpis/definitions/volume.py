"""How many came, and how each ended."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kpis.definitions.making import count

VOLUME = (
    count(
        "offered",
        _("Offered"),
        _("Entered the queue: answered, abandoned, left otherwise, or still waiting"),
    ),
    count(
        "answered",
        _("Answered"),
        _("Connected to an agent, also while talk or wrap-up still lasts"),
    ),
    count("abandoned", _("Abandoned"), _("The caller left while waiting"), direction="down"),
    count(
        "timed_out",
        _("Timed out"),
        _("Waited as long as the queue allows and was sent away"),
        direction="down",
    ),
    count("key_exit", _("Left by key"), _("Left the queue by pressing a key")),
    count(
        "callback_requested",
        _("Call backs asked for"),
        _("Asked for a call back instead of waiting on"),
    ),
    count(
        "other",
        _("Other exits"),
        _("Left for voicemail, by a failure, or by an exit without a name"),
    ),
    count(
        "in_progress",
        _("Still waiting"),
        _("Entered the queue and still waits: in no rate, shown beside it"),
    ),
    count(
        "left_ivr",
        _("Left in the menu"),
        _("Hung up in the voice menu, before the queue: not offered"),
    ),
    count(
        "refused",
        _("Refused"),
        _("Turned away before the queue, for it was full or closed: not offered"),
        direction="down",
    ),
    count(
        "busy",
        _("Busy"),
        _("Met a busy line before the queue: not offered"),
        direction="down",
    ),
)
