"""The job of an erasure: looks for what there is, or erases it."""

from ccm import addresses, jobs
from ccm.erasure import agents, customers
from ccm.models import Erasure


def run(job_id: int) -> None:
    """Do what an erasure waits for, or go on with it. Safe to run twice at once."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        one = Erasure.objects.select_related("agent__site", "agent__user").filter(job=job).first()
        if one is None:
            return
        kind = customers if one.kind == Erasure.Kind.CUSTOMER else agents
        try:
            if one.state == Erasure.State.LOOKING:
                kind.find(job, one)
            elif one.state == Erasure.State.ERASING:
                kind.do(job, one)
        except jobs.Refused as refusal:
            # It may be asked for again.
            Erasure.objects.filter(pk=one.pk).update(
                state=Erasure.State.FOUND, words=str(refusal)[:300]
            )
            raise
        except addresses.Unreadable as sealed:
            Erasure.objects.filter(pk=one.pk).update(
                state=Erasure.State.LEFT, sealed="", stand_in=""
            )
            raise jobs.Refused("The key is gone under which the number was kept.") from sealed
