"""What is known of a team's month, in words: its parts, what stood out, what is to be decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.filters import address
from ccm.models import Agent
from ccm.templatetags.figures import count, figure, grouped, percent
from coaching.months.deciding import Matter
from coaching.months.reads import Month
from coaching.rhythm.forms import every
from kpis.above import Cell, Fact, Part
from kpis.evaluation import Part as EvaluationPart
from kpis.standing import target_words
from scheduling.adherence import shrunk

NAMED = 4
SHOWN = 8
"""So many changes are told in words; *Team evaluation* has the words of all."""
APART = 0.05
"""Shrinkage that is off its plan by so much of paid time, one hour in twenty, asks for a word."""
COMPONENTS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A change beyond noise: whose, of what, and how it reads."""

    level: str
    who: str
    what: str
    value: str
    said: str
    url: str
    is_team: bool


def names(people: Sequence[Agent]) -> str:
    """A few by name, and how many more there are."""
    return _named([one.name for one in people])


def _named(people: Sequence[str]) -> str:
    told = list(people[:NAMED])
    more = len(people) - len(told)
    if more:
        told.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": count(more)})
    return ", ".join(told)


def stood_out(month: Month) -> list[Change]:
    """What changed by more than noise: the team's before its people's, strengths first. Against
    the month before and against what is usual in one line, where both say the same."""
    found: dict[tuple[bool, int, int | None, str, str], Change] = {}
    order = {"ok": 0, "bad": 1}
    for level, part, line, words in month.made.changes_told:
        key = (part.agent is not None, order.get(level, 2), part.agent, line.figure.kpi.id, level)
        if key in found:
            found[key] = replace(found[key], said=f"{found[key].said}, {words}")
            continue
        found[key] = Change(
            level, part.name, str(line.figure.kpi.name),
            figure(line.figure.value, line.figure.unit), words,
            _part_url(month, part), is_team=part.agent is None,
        )  # fmt: skip
    return [found[key] for key in sorted(found, key=lambda one: one[:2])]


def evaluation_url(month: Month) -> str:
    """The month person by person; "": it is under way, and only whole ones are told so."""
    if month.is_running:
        return ""
    return address(reverse("evaluation"), {"team": month.team.pk, "month": f"{month.first:%Y-%m}"})


def _part_url(month: Month, part: EvaluationPart) -> str:
    """Where the figures of somebody, or of the team, are told of these days."""
    if not month.is_running:
        return f"{evaluation_url(month)}#{part.anchor}"
    if part.agent is None:
        return "#figures"
    said = _days(month.first, month.last)
    return address(reverse("agent", args=[part.agent]), {**said})


def parts(month: Month) -> list[tuple[str, Part]]:
    """All but the KPIs and the comments, each with its place on the page."""
    return [
        ("staffing", staffing(month)),
        ("quality", quality(month)),
        ("coaching", coaching(month)),
        ("learning", learning(month)),
        ("people", people(month)),
        ("recognition", recognition(month)),
        ("open", open_now(month)),
    ]


def staffing(month: Month) -> Part:
    """Hours, adherence, absences and shrinkage, as the pages of schedules have them."""
    facts: list[Fact] = []
    kept, made = month.kept, month.shrunk
    if kept is not None:
        hours, adherence = (month.columns[name] for name in ("hours", "adherence"))
        url = _schedules(month, "adherence")
        facts += [
            _fact(hours.name, hours.cells[None], url),
            Fact(adherence.name, adherence.cells[None].value, "", url),
        ]
        if kept.shifts:
            of = _("of %(n)s shifts") % {"n": count(kept.shifts)}
            facts += [
                Fact(_("Absent"), count(kept.absent), of, _schedules(month, "adherence")),
                Fact(_("Late"), count(kept.late), of),
                Fact(_("Shifts on leave"), count(kept.leave), of),
            ]
    if made.paid:
        planned = made.share(sum(made.planned.values()))
        facts.append(
            Fact(
                _("Shrinkage"),
                percent(made.share(sum(made.actual.values()))),
                _("planned %(share)s: %(parts)s")
                % {"share": percent(planned), "parts": _components(month)},
                _schedules(month, "shrinkage"),
            )
        )
    if kept is not None:
        overtime = _("%(hours)s h") % {"hours": grouped(month.overtime_hours, 1)}
        facts.append(Fact(_("Overtime agreed"), overtime))
    if month.voluntary_hours:
        off = _("%(hours)s h") % {"hours": grouped(month.voluntary_hours, 1)}
        facts.append(Fact(_("Voluntary time off"), off))
    if month.open_posted:
        facts.append(
            Fact(
                _("Open shifts of the site"),
                count(month.open_posted),
                _("%(n)s taken") % {"n": count(month.open_taken)},
            )
        )
    nothing = _("Nothing of these days was held against a schedule so far: no published roster of"
                " them is on record, or its days are still being counted.")  # fmt: skip
    how = [month.columns["hours"].how, month.columns["adherence"].how, *_how_shrunk(made)]
    return Part(_("Staffing"), facts=facts, nothing=nothing, how=how)


def _how_shrunk(made: shrunk.Shrunk) -> Iterator[str]:
    whose = _("of the team's people alone")
    if made.unseen:
        whose = _("of the team's people alone, as far as you see them")
    yield _(
        "Shrinkage is what paid time went to that was not for calls, as on its page, %(whose)s."
    ) % {"whose": whose}
    if made.lone_leave:
        yield ngettext(
            "%(n)s day of leave without a shift is not in it, for the log tells of no shift of the"
            " site in its week.",
            "%(n)s days of leave without a shift are not in it, for the log tells of no shift of"
            " the site in their weeks.",
            made.lone_leave,
        ) % {"n": count(made.lone_leave)}


def quality(month: Month) -> Part:
    """Scores of reviews that chance drew, and how many callers wrote."""
    facts = []
    column = month.columns["quality"]
    if None in column.cells:
        facts.append(_fact(column.name, column.cells[None], _insight(month)))
    said = month.columns["comments"]
    if None in said.cells:
        written: dict[str, object] = {
            "site": month.team.site.slug, "team": month.team.pk, **_days(month.first, month.last)
        }  # fmt: skip
        url = address(reverse("voice_comments"), written)
        facts.append(_fact(said.name, said.cells[None], url))
    nothing = _("No review that chance drew ended in these days, and no caller wrote.")
    return Part(_("Quality and callers"), facts=facts, nothing=nothing, how=[column.how, said.how])


def coaching(month: Month) -> Part:
    """Sessions against the rhythm, and what became of steps."""
    sums, rhythm = month.sums, month.rhythm
    coached = month.columns["coached"].cells.get(None)
    beside = f"{coached.value} {coached.beside}" if coached else ""
    times = ngettext("%(n)s time", "%(n)s times", month.sessions) % {"n": count(month.sessions)}
    if month.held != month.sessions:
        # As many as the list has that it leads to.
        held = ngettext("in %(n)s session", "in %(n)s sessions", month.held)
        beside = ", ".join(filter(None, [held % {"n": count(month.held)}, beside]))
    if month.is_running:
        beside = ", ".join(filter(None, [beside, _("until %(day)s") % {"day": _last_day(month)}]))
    facts = [Fact(_("Coached"), times, beside, _sessions(month))]
    if rhythm.days is None:
        facts.append(Fact(_("Rhythm"), _("none"), _("how often is not said"), _rhythm_url(month)))
    else:
        facts.append(
            Fact(
                _("In time"),
                percent(rhythm.cover.share),
                _in_time_of(month, every(rhythm.days)),
                address(reverse("rhythm"), {"team": month.team.pk}),
            )
        )
        facts.append(
            Fact(
                _("Late at its end"),
                _("%(n)s of %(all)s") % {"n": count(len(rhythm.late)), "all": count(rhythm.asked)},
                names(rhythm.late),
            )
        )
    facts.append(
        Fact(
            _("Steps agreed"),
            count(sums.agreed),
            _("%(n)s reached, %(dropped)s let go in the month")
            % {"n": count(sums.reached), "dropped": count(sums.dropped)},
        )
    )
    if month.is_recent:
        facts.append(Fact(_("Steps overdue now"), count(sums.overdue), "", _overdue(month)))
    more = [(_("Whether coaching worked: Coaching effect"), reverse("coaching_effect"))]
    how = [
        _("Each person in a session was coached once by it: a group counts for everybody in it.")
    ]
    return Part(_("Coaching"), facts=facts, more=more, how=how)


def _last_day(month: Month) -> str:
    return date_format(month.last, "j M")


def _in_time_of(month: Month, rhythm: str) -> str:
    if month.is_running:
        return _("of the days of people until %(day)s, %(rhythm)s") % {
            "day": _last_day(month), "rhythm": rhythm
        }  # fmt: skip
    return _("of the days of people, %(rhythm)s") % {"rhythm": rhythm}


def learning(month: Month) -> Part:
    sums = month.sums
    facts = []
    if sums.due or sums.passed:
        facts += [
            Fact(_("Courses due in the month"), count(sums.due), "", _of_site(month, "courses")),
            Fact(_("Courses passed in it"), count(sums.passed)),
        ]
    if month.is_recent:
        if sums.late:
            facts.append(
                Fact(_("Courses overdue now"), count(sums.late), "", _of_site(month, "courses"))
            )
        if sums.expired or sums.expiring:
            facts.append(
                Fact(
                    _("Certificates over"),
                    count(sums.expired),
                    _("%(n)s end soon") % {"n": count(sums.expiring)},
                    _of_site(month, "certificates"),
                )
            )
    return Part(_("Learning"), facts=facts, nothing=_("No course was due, and none was passed."))


def people(month: Month) -> Part:
    there = month.people
    of = (
        (_("Joined"), there.joined),
        (_("Went to another team, or none"), there.went),
        (_("Left the centre"), there.left),
        (_("New: hired within 180 days"), there.new),
        (_("On their way through onboarding"), there.on_path),
    )
    facts = [Fact(_("In the team at the end"), count(len(there.at_end)))]
    facts += [Fact(words, count(len(who)), names(who)) for words, who in of if who]
    more = [(_("How new people come along: Ramp curve"), reverse("ramp"))] if there.new else []
    return Part(_("People"), facts=facts, more=more)


def recognition(month: Month) -> Part:
    sums = month.sums
    facts = []
    if sums.thanks:
        many = len(month.made.agents)
        facts.append(
            Fact(
                _("Thanks"),
                count(sums.thanks),
                _("to %(n)s of %(all)s") % {"n": count(month.thanked), "all": count(many)},
                _of_site(month, "recognition"),
            )
        )
    if sums.badges:
        facts.append(Fact(_("Badges"), count(sums.badges), _("of those shown"), reverse("badges")))
    if sums.challenges:
        facts.append(Fact(_("Challenges won"), count(sums.challenges), "", reverse("challenges")))
    return Part(_("Recognition"), facts=facts, nothing=_("Nobody was thanked in this month."))


def open_now(month: Month) -> Part:
    """What waits for somebody, of the team's people, as it is now."""
    facts = [Fact(words, count(n), "", url) for words, n, url in _waiting(month) if n]
    if not month.is_recent:
        return Part(
            _("Open"), nothing=_("What waits now is told beside the running month and the last.")
        )
    return Part(_("Open now"), facts=facts, nothing=_("Nothing waits for anybody's word."))


def _waiting(month: Month) -> Sequence[tuple[str, int, str]]:
    sums = month.sums
    return (
        (_("Questions about figures"), sums.questions, reverse("remarks")),
        (_("Disputes of reviews"), sums.disputes, _disputes(month)),
        (_("Proposed sessions"), sums.proposals, _of_site(month, "proposals")),
        (
            _("Exceptions of schedules"),
            sums.exceptions,
            _schedules(month, "adherence"),
        ),
        (
            _("Requests for time off"),
            sums.leave_requests,
            _of_site(month, "time_off"),
        ),
    )


def matters(month: Month, *, recruits: bool) -> Iterator[Matter]:
    """What there may be to decide; `recruits`: the reader may open the page of recruiting."""
    yield from _off_target(month)
    yield from _worse(month)
    yield from _of_staffing(month)
    yield from _of_coaching(month)
    yield from _of_learning(month)
    yield from _of_people(month, recruits=recruits)
    yield from _of_what_waits(month)
    yield from _strengths(month)


def _off_target(month: Month) -> Iterator[Matter]:
    for line in month.made.team.lines:
        level = line.standing[0]
        one = line.figure
        # One that is good neither high nor low is off its target beyond the band about it.
        is_beside = one.parameters.target is not None and one.kpi.direction not in ("up", "down")
        if level == "bad" or (level == "warn" and is_beside):
            said = _("%(kpi)s is %(value)s, %(target)s: what comes first to mend it?") % {
                "kpi": line.figure.kpi.name,
                "value": figure(line.figure.value, line.figure.unit),
                "target": target_words(line.figure),
            }
            yield Matter(
                "bad" if level == "bad" else "warn", _("off target"), said, "#figures", _("Figures")
            )


def _worse(month: Month) -> Iterator[Matter]:
    worse = [one for one in stood_out(month) if one.level == "bad"]
    for one in worse:
        if one.is_team:
            said = _("%(kpi)s is %(value)s, %(change)s: what has changed?") % {
                "kpi": one.what, "value": one.value, "change": one.said
            }  # fmt: skip
            yield Matter("bad", _("worse"), said, "#stood-out", _("What stood out"))
    people = list(dict.fromkeys(one.who for one in worse if not one.is_team))
    if people:
        said = ngettext(
            "%(n)s person does worse by more than noise (%(names)s): who talks with them?",
            "%(n)s people do worse by more than noise (%(names)s): who talks with whom?",
            len(people),
        ) % {"n": count(len(people)), "names": _named(people)}
        url = evaluation_url(month) or "#stood-out"
        action = _("What stood out") if month.is_running else _("Team evaluation")
        yield Matter("warn", _("worse"), said, url, action)


def _of_staffing(month: Month) -> Iterator[Matter]:
    kept, made = month.kept, month.shrunk
    if kept is not None and kept.absent:
        said = ngettext(
            "Nobody came to %(n)s shift of %(all)s, without leave: what is behind it?",
            "Nobody came to %(n)s shifts of %(all)s, without leave: what is behind it?",
            kept.absent,
        ) % {"n": count(kept.absent), "all": count(kept.shifts)}
        yield Matter("warn", _("absent"), said, _schedules(month, "adherence"), _("Adherence"))
    planned = made.share(sum(made.planned.values()))
    actual = made.share(sum(made.actual.values()))
    if planned is not None and actual is not None and actual - planned >= APART:
        said = _(
            "Shrinkage was %(actual)s and planned as %(planned)s: find out why, or plan for it?"
        ) % {"actual": percent(actual), "planned": percent(planned)}
        yield Matter("warn", _("off plan"), said, _schedules(month, "shrinkage"), _("Shrinkage"))


def _of_coaching(month: Month) -> Iterator[Matter]:
    rhythm, sums = month.rhythm, month.sums
    if rhythm.days is None and month.people.at_end:
        said = _("The team has no rhythm of coaching: how often is everybody to be coached?")
        yield Matter("warn", _("not said"), said, _rhythm_url(month), _("Rhythm"))
    if rhythm.late and month.is_recent:
        many = len(rhythm.late)
        said = ngettext(
            "%(n)s of %(all)s was late for coaching at the end (%(names)s): when is it held?",
            "%(n)s of %(all)s were late for coaching at the end (%(names)s): when is it held?",
            many,
        ) % {"n": count(many), "all": count(rhythm.asked), "names": names(rhythm.late)}
        url = address(reverse("rhythm"), {"team": month.team.pk})
        yield Matter("warn", _("late"), said, url, _("Rhythm"))
    if sums.overdue and month.is_recent:
        said = ngettext(
            "%(n)s agreed step is overdue: reached, or let go?",
            "%(n)s agreed steps are overdue: reached, or let go?",
            sums.overdue,
        ) % {"n": count(sums.overdue)}
        yield Matter("warn", _("overdue"), said, _overdue(month), _("Steps"))


def _of_learning(month: Month) -> Iterator[Matter]:
    sums = month.sums
    if not month.is_recent:
        return
    if sums.expired:
        said = ngettext(
            "%(n)s certificate is over: who renews it?",
            "%(n)s certificates are over: who renews them?",
            sums.expired,
        ) % {"n": count(sums.expired)}
        yield Matter("bad", _("over"), said, _of_site(month, "certificates"), _("Certificates"))
    if sums.late:
        said = ngettext(
            "%(n)s course is overdue: when is there time for it?",
            "%(n)s courses are overdue: when is there time for them?",
            sums.late,
        ) % {"n": count(sums.late)}
        yield Matter("warn", _("overdue"), said, _of_site(month, "courses"), _("Courses"))


def _of_people(month: Month, *, recruits: bool) -> Iterator[Matter]:
    left = month.people.left
    if left:
        said = ngettext(
            "%(n)s person left the centre (%(names)s): is somebody hired instead?",
            "%(n)s people left the centre (%(names)s): is somebody hired instead?",
            len(left),
        ) % {"n": count(len(left)), "names": names(left)}
        url = _of_site(month, "recruiting") if recruits else "#people"
        yield Matter("warn", _("left"), said, url, _("Recruiting") if recruits else _("People"))


def _of_what_waits(month: Month) -> Iterator[Matter]:
    waiting = [(words, n) for words, n, _url in _waiting(month) if n]
    if waiting and month.is_recent:
        told = ", ".join(f"{words} {count(n)}" for words, n in waiting)
        said = _("Somebody waits for an answer: %(what)s.") % {"what": told}
        yield Matter("warn", _("open"), said, "#open", _("Open now"))


def _strengths(month: Month) -> Iterator[Matter]:
    for one in stood_out(month):
        if one.level == "ok":
            said = _("%(who)s: %(kpi)s is %(value)s, %(change)s. Who tells them?") % {
                "who": one.who, "kpi": one.what, "value": one.value, "change": one.said
            }  # fmt: skip
            yield Matter("ok", _("better"), said, _of_site(month, "recognition"), _("Recognition"))


def _components(month: Month) -> str:
    """The greatest parts of shrinkage, with their shares."""
    made = month.shrunk
    words = shrunk.words(made)
    ordered = sorted(made.actual.items(), key=lambda one: -one[1])[:COMPONENTS]
    return ", ".join(
        f"{words[name]} {percent(made.share(seconds))}" for name, seconds in ordered if seconds
    )


def _fact(name: str, cell: Cell, url: str = "") -> Fact:
    return Fact(name, cell.value, cell.beside, url)


def _rhythm_url(month: Month) -> str:
    return reverse("rhythm_team", args=[month.team.pk])


def _of_site(month: Month, name: str) -> str:
    return address(reverse(name), {"site": month.team.site.slug})


def _disputes(month: Month) -> str:
    said = {"site": month.team.site.slug, "state": "standing"}
    return address(reverse("disputes"), said)


def _overdue(month: Month) -> str:
    return address(reverse("steps"), {"state": "overdue", "team": month.team.pk})


def _sessions(month: Month) -> str:
    """Sessions of the month with who was in the team in it."""
    said = {"team": month.team.pk, "month": f"{month.first:%Y-%m}"}
    return address(reverse("sessions"), said)


def _insight(month: Month) -> str:
    """What reviews tell of the team in these days."""
    said = {"site": month.team.site.slug, "team": month.team.pk}
    return address(reverse("quality_insight"), {**said, **_days(month.first, month.last)})


def _schedules(month: Month, name: str) -> str:
    """A page of schedules of these days and of the team."""
    asked: dict[str, object] = {
        "site": month.team.site.slug, **_days(month.first, month.last), "team": month.team.pk
    }  # fmt: skip
    return address(reverse(name), asked)


def _days(first: date, last: date) -> dict[str, str]:
    return {"period": "custom", "from": first.isoformat(), "to": last.isoformat()}
