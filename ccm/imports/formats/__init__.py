"""The log formats, by name; and which one a file is of."""

from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from ccm.imports.files import tables
from ccm.imports.formats import (
    agent_states,
    amazon_connect_agent_events,
    amazon_connect_ctr,
    asterisk_cdr,
    asterisk_queue_log,
    asterisk_queue_log_table,
    cisco_cucm_cdr,
    dialpad_stats,
    elastix_report,
    five9_call_log,
    freeswitch_cdr,
    genesys_conversation_detail,
    interval_counts,
    phonenow,
    survey_answers,
    technion_bank,
    threecx_cdr,
    twilio_calls,
    zendesk_talk_calls,
)
from ccm.imports.records import FileRefused, Format, Unknown

FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        agent_states.FORMAT,
        amazon_connect_agent_events.FORMAT,
        amazon_connect_ctr.FORMAT,
        asterisk_cdr.FORMAT,
        asterisk_queue_log.FORMAT,
        asterisk_queue_log_table.FORMAT,
        cisco_cucm_cdr.FORMAT,
        dialpad_stats.FORMAT,
        elastix_report.FORMAT,
        five9_call_log.FORMAT,
        freeswitch_cdr.FORMAT,
        genesys_conversation_detail.FORMAT,
        interval_counts.FORMAT,
        phonenow.FORMAT,
        survey_answers.FORMAT,
        technion_bank.FORMAT,
        threecx_cdr.FORMAT,
        twilio_calls.FORMAT,
        zendesk_talk_calls.FORMAT,
    )
}


def recognise(path: Path, filename: str, others: Iterable[Format] = ()) -> Format:
    """The one format, of those known and `others`, that a file `opening.plain_file` made is of.

    Raises Unknown when no format takes it, and FileRefused when more than one does.
    """
    heads = tables.heads(path)
    if not any(head.strip() for head in heads):
        raise FileRefused(_("There is nothing in it."))
    # A format that somebody described by hand is meant where it fits.
    for known in (others, FORMATS.values()):
        fitting = [one for one in known if any(one.recognises(head, filename) for head in heads)]
        if fitting:
            break
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise FileRefused(
            _("It could be of %(first)s or of %(second)s: say which.")
            % {"first": fitting[0].label, "second": fitting[1].label}
        )
    words = _("It is of none of the formats known here. Say which it is, or what its columns mean.")
    raise Unknown(words)
