"""What a preparation found, in words: made of its facts whenever it is shown, in the language of
who reads it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm import periods
from ccm.filters import address
from ccm.models import Agent, Site, SurveyResponse
from ccm.templatetags.figures import clock, count, percent, rounded
from ccm.templatetags.figures import figure as figure_text
from coaching.models import AgendaItem
from coaching.preparing.points import BESIDE, EARLIER
from kpis.definitions import KPIS
from kpis.report import Question, Row
from kpis.reports import links
from kpis.sums.counts import Counts

Facts = Mapping[str, Any]
Source = AgendaItem.Source

_WORDS: Mapping[str, Promise] = {
    "better": gettext_lazy("better"),
    "worse": gettext_lazy("worse"),
    "more": gettext_lazy("more"),
    "less": gettext_lazy("less"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line beneath a point, and where it leads; "": nowhere."""

    words: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A point in words: its title, and what it is told by."""

    title: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """Whom and whose eyes words are for: the agent, the site, whether the agent reads, what calls
    the reader may open (when they came in), answers of callers that they may read, what rules
    proposed that they may look at, and which pages they may open that list more."""

    site: Site
    agent: Agent | None
    is_own: bool
    calls: Mapping[UUID, datetime]
    answers: Mapping[UUID, SurveyResponse]
    proposals: Collection[int] = ()
    lists: Collection[str] = ()

    def day(self, moment: datetime, form: str = "j M Y H:i") -> str:
        return date_format(moment.astimezone(self.site.tz), form)


def said(item: AgendaItem, about: About) -> Said:
    """A point as it is shown: by the title that somebody gave it, else by its facts."""
    found = _of_facts(item.source, item.facts, about) if item.found_as else Said(item.title)
    call = (_call(item.call_id, about),) if item.call_id is not None else ()
    beside = (*_beside(item.facts, about), *_proposed(item.facts, about))
    return Said(item.title or found.title, (*found.lines, *beside, *call))


def _beside(facts: Facts, about: About) -> Iterator[Line]:
    """What was found about the same as what a rule proposed, whose words name the card."""
    for one in facts.get(BESIDE, ()):
        told = _of_facts(one["source"], one["facts"], about)
        yield Line(told.title)
        yield from (line for line in told.lines if line.words != facts.get("card"))


def _proposed(facts: Facts, about: About) -> Iterator[Line]:
    """Where what a rule proposed stands with its evidence."""
    pk = facts.get("proposal")
    if pk in about.proposals:
        yield Line(_("What it was found by"), reverse("proposal", args=[pk]))


def title(source: str, facts: Facts, about: About) -> str:
    """What a point was called that is gone."""
    return _of_facts(source, facts, about).title


def _of_facts(source: str, facts: Facts, about: About) -> Said:
    if "kpi" in facts and "action" not in facts:
        return _kpi(facts, about)
    makers: Mapping[str, Callable[[Facts, About], Said]] = {
        Source.ACTION: _step,
        Source.STRENGTH: _criterion,
        Source.REVIEW: _review,
        Source.CALL: _example,
        Source.SURVEY: _survey,
        Source.ADHERENCE: _schedule,
    }
    return makers[source](facts, about)


def earlier(facts: Facts, days: tuple[date, date] | None) -> str:
    """Of which days a point is that the last preparation, of other `days`, did not find any more;
    "": it did."""
    if EARLIER not in facts:
        return ""
    of = facts[EARLIER]
    if not of or tuple(date.fromisoformat(of[end]) for end in ("from", "to")) == days:
        return _("not found any more")
    return _("of the earlier days, %(days)s") % {"days": _days(of)}


# Figures.


def _kpi(facts: Facts, about: About) -> Said:
    kpi, unit = KPIS.get(facts["kpi"]), facts["unit"]
    name = facts["kpi"] if kpi is None else str(kpi.name)
    against = {
        "own": _("%(word)s than before"),
        "team": _("%(word)s than colleagues"),
    }
    told = [
        words % {"word": _WORDS[facts[which]["word"]]}
        for which, words in against.items()
        if which in facts
    ]
    value = figure_text(facts["now"], unit)
    heading = _("%(kpi)s %(value)s: %(what)s") % {
        "kpi": name, "value": value, "what": ", ".join(told),
    }  # fmt: skip
    now = _("%(days)s: %(value)s, n %(n)s") % {
        "days": _days(facts), "value": value, "n": count(facts["n"]),
    }  # fmt: skip
    if "target" in facts:
        now = _("%(words)s; target %(target)s") % {
            "words": now, "target": figure_text(facts["target"], unit),
        }  # fmt: skip
    lines = [Line(now, _passport(facts, about))]
    if own := facts.get("own"):
        words = _("before, %(days)s: %(value)s; %(apart)s") % {
            "days": _days(own), "value": figure_text(own["value"], unit),
            "apart": _apart(own, unit),
        }  # fmt: skip
        lines.append(Line(words, _passport(facts | own, about)))
    if team := facts.get("team"):
        words = _("%(n)s colleagues on the same mix of queues: %(value)s; %(apart)s") % {
            "n": count(team["mates"]), "value": figure_text(team["value"], unit),
            "apart": _apart(team, unit),
        }  # fmt: skip
        lines.append(Line(words))
    return Said(heading, tuple(lines))


def _passport(facts: Facts, about: About) -> str:
    """Where a figure of an agent's days explains itself."""
    if about.agent is None or facts["kpi"] not in KPIS:
        return ""
    first, last = date.fromisoformat(facts["from"]), date.fromisoformat(facts["to"])
    asked = Question(sites=[about.site], first=first, last=last, agents=[about.agent])
    row = Row({}, "", None, Counts(), {}, site=about.site.pk)
    return links.passport(asked, row, facts["kpi"])


def _apart(facts: Facts, unit: str) -> str:
    """A difference with its interval: "7.1 pts more (95 %: 2.0 to 12.2)"."""
    by, low, high = (facts[name] for name in ("by", "low", "high"))
    words = _("%(by)s more (95\u00a0%%: %(low)s to %(high)s)")
    if by < 0:
        by, low, high = -by, -high, -low
        words = _("%(by)s less (95\u00a0%%: %(low)s to %(high)s)")
    of = "points" if unit == "fraction" else unit
    return words % {
        name: figure_text(value, of) for name, value in (("by", by), ("low", low), ("high", high))
    }


def _days(facts: Facts) -> str:
    first, last = date.fromisoformat(facts["from"]), date.fromisoformat(facts["to"])
    form = "j M" if first.year == last.year else "j M Y"
    return f"{date_format(first, form)} – {date_format(last, 'j M Y')}"


# Steps and reviews.


def _step(facts: Facts, about: About) -> Said:
    due = date_format(date.fromisoformat(facts["due"]), "D j M Y")
    measure = facts["criterion"]
    if facts["kpi"]:
        kpi = KPIS.get(facts["kpi"])
        measure = facts["kpi"] if kpi is None else str(kpi.name)
    by = _("by %(day)s") % {"day": due}
    lines = [
        Line(f"{by} · {measure}" if measure else by, reverse("action_end", args=[facts["action"]]))
    ]
    if facts["progress"]:
        url = _passport(facts | facts["progress"], about) if "from" in facts["progress"] else ""
        lines.append(Line(progress(facts["progress"]), url))
    return Said(facts["words"], tuple(lines))


def progress(facts: Facts) -> str:
    """What became of a step's measure since it was agreed on."""
    unit = facts["unit"]
    if facts["why"] == "soon":
        return _("Cannot be told yet: no day since then is counted.")
    if facts["why"] == "no_record":
        return _("Cannot be told: nothing is counted of the site.")
    told = {
        "now": figure_text(facts["now"], unit), "n": count(facts["n"]),
        "before": figure_text(facts["value"], unit), "n_before": count(facts["n_before"]),
        "days": _days(facts),
    }  # fmt: skip
    if _is_as_long(facts):
        words = _("%(days)s: %(now)s (n %(n)s); as long before: %(before)s (n %(n_before)s)") % told
    else:
        told["days_before"] = _days(facts["before"])
        words = (
            _("%(days)s: %(now)s (n %(n)s); %(days_before)s: %(before)s (n %(n_before)s)") % told
        )
    if facts["why"]:
        return _("%(words)s. Cannot be told yet: too few.") % {"words": words}
    if facts["word"] == "noise":
        return _("%(words)s: no more than chance would do, %(apart)s") % {
            "words": words, "apart": _apart(facts, unit),
        }  # fmt: skip
    return _("%(words)s: %(word)s, %(apart)s") % {
        "words": words, "word": _WORDS[facts["word"]], "apart": _apart(facts, unit),
    }  # fmt: skip


def _is_as_long(facts: Facts) -> bool:
    """Whether the days before are as many as those that are held against them."""
    now, before = (
        date.fromisoformat(days["to"]) - date.fromisoformat(days["from"])
        for days in (facts, facts.get("before") or facts)
    )
    return now == before


def _criterion(facts: Facts, _about: About) -> Said:
    rose = _("%(name)s rose to %(now)s")
    fell = _("%(name)s fell to %(now)s")
    heading = (rose if facts["word"] == "up" else fell) % {
        "name": facts["criterion"], "now": percent(facts["now"]),
    }  # fmt: skip
    words = _(
        "%(card)s: %(now)s in the latest %(n)s reviews that count, %(before)s in the %(many)s"
        " before; more than chance"
    ) % {
        "card": facts["card"], "now": percent(facts["now"]), "n": count(facts["n"]),
        "before": percent(facts["value"]), "many": count(facts["n_before"]),
    }  # fmt: skip
    return Said(heading, (Line(words),))


def _review(facts: Facts, about: About) -> Said:
    if "word" in facts:
        return _criterion(facts, about)
    if "lost" in facts:
        words = _("%(name)s: points lost in %(lost)s of %(of)s reviews") % {
            "name": facts["criterion"], "lost": count(facts["lost"]), "of": count(facts["of"]),
        }  # fmt: skip
        return Said(words, (Line(facts["card"]),))
    words = ngettext(
        "%(n)d review was released", "%(n)d reviews were released", facts["n"]
    ) % {"n": facts["n"]}  # fmt: skip
    lines = [_one_review(one, about) for one in facts["latest"]]
    return Said(words, (*lines, *_more(facts["n"] - len(lines), _reviews(about))))


def _reviews(about: About) -> str:
    """Where all reviews of an agent are listed; "": the reader may not open it."""
    if about.is_own:
        return reverse("my_reviews") if "my_reviews" in about.lists else ""
    if about.agent is None or "reviews" not in about.lists:
        return ""
    return address(reverse("reviews"), {"state": "done", "agent": about.agent.pk})


def _more(many: int, url: str) -> Iterator[Line]:
    """How many more there are than are named."""
    if many > 0:
        yield Line(ngettext("and %(n)d more", "and %(n)d more", many) % {"n": many}, url)


def _one_review(one: Facts, about: About) -> Line:
    return Line(review(one, about.site), reverse("review_told", args=[one["review"]]))


def review(one: Facts, site: Site) -> str:
    """A review by its facts (`finding.of_review`): of which call, by which scorecard, its score."""
    score = percent(one["share"])
    if one["failed"]:
        score = _("%(score)s, failed by a critical criterion") % {"score": score}
    when = date_format(datetime.fromisoformat(one["at"]).astimezone(site.tz), "j M Y")
    where = f"{one['card']}, {one['queue']}" if one["queue"] else one["card"]
    return _("call of %(day)s (%(card)s): %(score)s") % {
        "day": when, "card": where, "score": score,
    }  # fmt: skip


# Calls and answers.


def _example(facts: Facts, _about: About) -> Said:
    talk, usual = clock(facts["value"]), clock(facts["usual"])
    score = {"score": _number(facts["score"]), "most": _number(facts["most"])}
    reason = facts["reason"]
    if reason in ("top", "top_short", "resolved"):
        short = _("a talk of %(talk)s, where half of %(queue)s take %(usual)s and more") % {
            "talk": talk, "queue": facts["queue"], "usual": usual,
        }  # fmt: skip
        top = _("%(score)s of %(most)s in the survey") % score
        words = {
            "top": top,
            "top_short": _("%(top)s, and %(short)s") % {"top": top, "short": short},
            "resolved": _("resolved without a transfer or hold: %(short)s") % {"short": short},
        }[reason]
        return Said(_("A good call: %(why)s") % {"why": words})
    alike = {"n": count(facts["of"]), "queue": facts["queue"]}
    what = {
        "transfer": _("%(n)s transfers of %(queue)s"),
        "hold": _("%(n)s calls of %(queue)s held for a minute or more"),
        "unresolved": _("%(n)s calls of %(queue)s that were not resolved"),
        "long": _("%(n)s calls of %(queue)s of more than twice the usual talk"),
        "low": _("%(n)s low answers in the survey"),
    }[reason] % alike
    rank = {"what": what, "rank": count(facts["rank"])}
    if reason == "low":
        first, next_ = _("lowest of %(what)s"), _("number %(rank)s from below of %(what)s")
        detail = _("%(score)s of %(most)s") % score
    else:
        first, next_ = _("longest of %(what)s"), _("number %(rank)s by length of %(what)s")
        detail = talk
    words = (first if facts["rank"] == 1 else next_) % rank
    return Said(_("A call: %(why)s (%(detail)s)") % {"why": words, "detail": detail})


def _call(pk: UUID, about: About) -> Line:
    if pk not in about.calls:
        return Line(_("The call is not there any more, or not yours to open."))
    at = about.day(about.calls[pk])
    return Line(_("call of %(when)s") % {"when": at}, reverse("call", args=[pk]))


def _survey(facts: Facts, about: About) -> Said:
    words = ngettext(
        "%(n)d caller wrote something", "%(n)d callers wrote something", facts["n"]
    ) % {"n": facts["n"]}  # fmt: skip
    lines = [_answer(pk, about) for pk in facts["answers"]]
    return Said(words, (*lines, *_more(facts["n"] - len(lines), _comments(facts, about))))


def _comments(facts: Facts, about: About) -> str:
    """Where all comments of an agent's days are listed; "": the reader may not open it."""
    if about.is_own or about.agent is None or "voice" not in about.lists or "from" not in facts:
        return ""
    asked = {
        "site": about.site.slug, "period": periods.CUSTOM, "from": facts["from"],
        "to": facts["to"], "agent": about.agent.pk,
    }  # fmt: skip
    return address(reverse("voice_comments"), asked)


def _answer(pk: str, about: About) -> Line:
    one = about.answers.get(UUID(pk))
    if one is None or one.call_id is None:
        return Line(_("An answer that is not there any more, or not yours to read."))
    words = _("%(kind)s %(score)s of %(most)s: %(comment)s") % {
        "kind": one.get_kind_display(), "score": _number(one.score),
        "most": _number(one.scale_max), "comment": one.comment,
    }  # fmt: skip
    return Line(words, reverse("call", args=[one.call_id]))


def _number(value: float | None) -> str:
    return "" if value is None else f"{rounded(value, 1).normalize():f}"


# The schedule.


def _schedule(facts: Facts, about: About) -> Said:
    heading = _("Schedule kept %(value)s") % {"value": percent(facts["now"])}
    shifts = ngettext("%(n)d shift", "%(n)d shifts", facts["shifts"]) % {"n": facts["shifts"]}
    words = _("%(days)s, %(shifts)s: %(late)s late, %(early)s left early, %(absent)s absent")
    told = words % {
        "days": _days(facts), "shifts": shifts, "late": count(facts["late"]),
        "early": count(facts["early"]), "absent": count(facts["absent"]),
    }  # fmt: skip
    lines = [Line(told, _figure_of_adherence(facts, about))]
    if own := facts.get("own"):
        heading = _("%(words)s: %(word)s than before") % {
            "words": heading, "word": _WORDS[own["word"]],
        }  # fmt: skip
        before = _("before, %(days)s: %(value)s; %(apart)s") % {
            "days": _days(own), "value": percent(own["value"]),
            "apart": _apart(own, "fraction"),
        }  # fmt: skip
        lines.append(Line(before, _figure_of_adherence(own, about)))
    return Said(heading, tuple(lines))


def _figure_of_adherence(facts: Facts, about: About) -> str:
    """How the figure comes about; agents have their days in their own schedule."""
    if about.is_own or about.agent is None:
        return ""
    asked = {
        "site": about.site.slug, "period": periods.CUSTOM, "from": facts["from"],
        "to": facts["to"], "agent": about.agent.pk,
    }  # fmt: skip
    return address(reverse("adherence_figure"), asked)


# What could not be told.


def untold(one: Facts) -> str:
    """Why something is not on the agenda."""
    n, days = one.get("n", 0), _days(one) if "from" in one else ""
    words = {
        "not_yours": _("The coach may not read the agent's figures: only open steps stand here."),
        "no_record": _("Nothing is counted of the site yet."),
        "few": _("Of too few days, calls or answers to say whether they changed: %(kpis)s")
        % {"kpis": ", ".join(_name(kpi) for kpi in one.get("kpis", ()))},
        "mates": _("Not held against colleagues: fewer than %(n)s took calls in the team.")
        % {"n": count(n)},
        "no_targets": _("No target is set for these figures."),
        "no_change": _("No figure has changed by more than noise, nor differs from colleagues."),
        "more": ngettext("%(n)d more change is not shown.", "%(n)d more changes are not shown.", n)
        % {"n": n},
        "no_reviews": _("No review was released in these days."),
        "no_good_call": _("No call stands out as a good one, by its answer or as resolved."),
        "no_pattern": _("No pattern in %(n)s calls: fewer than three are alike.") % {"n": count(n)},
        "no_comments": _("No caller wrote anything."),
        "no_roster": _(
            "Nothing is known of how the schedule was kept, %(days)s: no roster, or no states of"
            " the agent."
        ) % {"days": days},
        "not_counted": _(
            "How the schedule was kept, %(days)s, is not counted yet: prepare again in a few"
            " minutes."
        ) % {"days": days},
    }  # fmt: skip
    return words[one["why"]]


def _name(kpi: str) -> str:
    return str(KPIS[kpi].name) if kpi in KPIS else kpi


def why_these(why: str) -> str:
    """How the days were chosen."""
    return {
        "since": _("since the last session"),
        "first": _("there was no session before"),
        "short": _("the last session is less than 14 days ago"),
        "long": _("the last session is longer ago"),
    }.get(why, "")
