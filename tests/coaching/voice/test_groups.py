"""What comments are about: by factors where scikit-learn is there, by phrases without it."""

import pytest
from django.test import Client
from django.urls import reverse

from ccm import work
from ccm.models import Job, SurveyResponse
from coaching.voice import groups, matters, stops
from coaching.voice.groups import Said
from qa.checks.learned import is_there
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.voice.builders import comments

needs_sklearn = pytest.mark.skipif(not is_there(), reason="the extra learned is not installed")
LATE = [f"the parcel arrived late {word}" for word in ("again", "today", "sadly", "once", "twice")]
RUDE = [f"the agent was rude {word}" for word in ("to me", "and loud", "indeed", "as ever", "too")]
FINE = [f"all was fine {word}" for word in ("thanks", "really", "so far", "here", "for us")]
SAID = [
    *(Said(words, is_bad=True) for words in LATE * 6),
    *(Said(words, is_bad=True) for words in RUDE * 6),
    *(Said(words, is_bad=False) for words in FINE * 8),
]


STOPS = {"to", "is", "was", "it", "not", "all", "and", "i", "had", "again"}
# As people write: stop words are most of it, and with one side more than with the other.
WRITTEN = [
    *(Said(f"I had to tell it again {n}", is_bad=True) for n in range(40)),
    *(Said(f"It is not settled {n}", is_bad=True) for n in range(40)),
    *(Said(f"It was all calm and kind {n}", is_bad=False) for n in range(80)),
]


def of(found, word):
    """The group that is told by a word."""
    (one,) = [one for one in found if any(word in each.split() for each in one.words)]
    return one


@needs_sklearn
def test_comments_on_three_matters_are_three_groups():
    found = groups.by_factors(SAID)
    for word, places in (("parcel", range(30)), ("rude", range(30, 60)), ("fine", range(60, 100))):
        assert set(of(found, word).members) == set(places)
    assert [len(one.members) for one in found] == [40, 30, 30]
    assert groups.by_factors(SAID) == found


@needs_sklearn
def test_praise_and_complaints_in_the_same_words_are_two_groups():
    said = [*(Said(words, is_bad=False) for words in LATE * 6), *SAID]
    of_late = [one for one in groups.by_factors(said) if "parcel" in " ".join(one.words)]
    assert sorted([*{said[place].is_bad for place in one.members}] for one in of_late) == [
        [False], [True]
    ]  # fmt: skip


@needs_sklearn
def test_what_nobody_else_says_is_in_no_group():
    found = groups.by_factors([*SAID, Said("zebra xylophone", is_bad=True)])
    assert all(100 not in one.members for one in found)
    assert groups.by_factors([Said(f"word{n}", is_bad=True) for n in range(50)]) == []


def test_without_it_groups_are_phrases_that_tell_bad_scores_from_others():
    found = groups.by_phrases(SAID)
    assert len(of(found, "parcel").members) == 30
    assert len(of(found, "rude").members) == 30
    assert len(of(found, "fine").members) == 40
    # Of one side alone nothing is told.
    assert groups.by_phrases([one for one in SAID if one.is_bad]) == []


@needs_sklearn
def test_matters_by_factors_are_told_by_no_stop_words_but_by_what_is_not_so():
    found = groups.by_factors(WRITTEN, STOPS)
    said = {word for one in found for word in one.words}
    assert "tell" in said
    assert "not settled" in said
    assert {"calm", "kind"} <= said
    assert not said & (STOPS | {"settled"})


def test_phrases_neither_begin_nor_end_with_stop_words_but_begin_with_a_negation():
    said = {one.words[0] for one in groups.by_phrases(WRITTEN, STOPS)}
    # In between they stay: it is how somebody wrote it.
    assert said == {"tell", "not settled", "calm and kind"}


@pytest.mark.django_db
def test_a_contraction_keeps_its_not_and_leaves_no_half_of_a_word():
    endings = [f"{one}{n}" for one in ("x", "y") for n in range(20)]
    comments = [Said(f"It doesn't work {one}", is_bad=True) for one in endings]
    comments += [Said(f"I don\u2019t recommend it {one}", is_bad=True) for one in endings]
    comments += [Said(f"We'd recommend it, she's calm {one}", is_bad=False) for one in endings]
    passed_over = stops.of([one.words for one in comments])
    for way in (groups.by_phrases, *([groups.by_factors] if is_there() else [])):
        found = way(comments, passed_over)
        said = {word for one in found for word in one.words}
        assert {"not work", "not recommend"} <= said, way
        assert not {word for words in said for word in words.split()} & {
            "doesn", "don", "t", "d", "s", "does", "do",
        }  # fmt: skip
        assert set(of(found, "work").members) == set(range(40))


def test_words_are_told_as_they_are_written():
    comments = [Said(f"Explicó con paciencia {n}", is_bad=False) for n in range(20)]
    comments += [Said(f"Llamé otra vez {n}", is_bad=True) for n in range(20)]
    for way in (groups.by_phrases, *([groups.by_factors] if is_there() else [])):
        said = " ".join(word for one in way(comments, {"con", "otra"}) for word in one.words)
        assert "explicó" in said
        assert "llamé" in said


@pytest.mark.django_db
def test_stop_words_are_those_of_the_languages_that_comments_are_written_in():
    english = ["I was told that the war is over", "Did the man die?", "The hat was not mine"]
    found = stops.of(english * 10)
    assert {"the", "was", "that", "i"} <= found
    # In German each of these is one.
    assert not found & {"war", "man", "die", "hat", "told"}
    mixed = stops.of([*english, "Was hat der Mann über die Rechnung gesagt?"])
    assert {"the", "der", "uber"} <= mixed
    rare = stops.of([*english * 4, "Was hat der Mann über die Rechnung gesagt?"])
    assert "der" not in rare
    assert {"que", "mas"} <= stops.of(["Dijo que era más fácil"])
    assert stops.of([]) == stops.of(["Zebra"]) == frozenset()


@pytest.mark.parametrize("texts", [[], [[]], [["zebra"]], [["no"], ["no"]]])
def test_whatever_is_written_is_in_some_language_or_in_none(texts):
    lists = {"english": {"the", "no"}, "spanish": {"el", "no"}}
    assert stops.spoken(texts, {}) == set()
    assert stops.spoken(texts, lists) <= lists.keys()
    # As much of both: what most others are written in.
    assert stops.spoken([*texts, ["the"], ["the"]], lists) == {"english"}


@pytest.mark.django_db
def test_what_is_not_so_is_found_as_it_is_written():
    site = a_site()
    said = ["The app doesn't work.", "Mine don\u2019t work", "It doesn't work", "They work"]
    for words in said:
        comments(site, words, 1)
    ways = groups.contracted("not work", said)
    assert ways == ["doesn't work", "don\u2019t work"]
    assert groups.contracted("work", said) == groups.contracted("not", said) == []
    client = Client()
    client.force_login(a_user("manager", site))
    asked = {"site": site.slug, "from": "2026-03-01", "to": "2026-03-03", "period": "custom"}
    asked["q"] = " OR ".join(f'"{words}"' for words in ways)
    page = client.get(reverse("voice_comments"), asked)
    assert page.context["many"] == 3


def test_few_comments_are_told_by_phrases_whatever_is_installed():
    few = SAID[55:65]
    assert groups.grouped(few) == groups.by_phrases(few)
    assert groups.grouped([]) == []


@pytest.mark.django_db(transaction=True)
def test_matters_are_looked_for_by_who_reads_all_and_shown_to_who_reads_some():
    site = a_site()
    lead, ann, ben = a_user("supervisor"), an_agent(site, "Ann"), an_agent(site, "Ben")
    a_team(site, lead, ann)
    for agent, said in ((ann, LATE), (ben, RUDE)):
        for words in said:
            comments(site, words, 6, NINE, [agent])
    for words in FINE:
        comments(site, words, 8, NINE, [ben], score=5)
    client = Client()
    client.force_login(a_user("manager", site))
    asked = {"site": site.slug, "from": "2026-03-01", "to": "2026-03-03", "period": "custom"}
    url = reverse("voice_matters")
    assert "Nobody has looked" in client.get(url, asked).content.decode()
    with work.here():
        client.post(f"{url}?site={site.slug}&from=2026-03-01&to=2026-03-03&period=custom")
    job = Job.objects.get(kind=matters.KIND)
    assert (job.state, job.payload["looked_at"]) == ("done", 100)
    said = client.get(url, asked).content.decode()
    assert "the parcel arrived late" in said
    assert "the agent was rude" in said
    assert "Make it a tag" in said
    # What is bad stands first, and no example twice.
    assert [one["bad"] for one in job.payload["groups"]] == [30, 30, 0]
    said_so = [*SurveyResponse.objects.values_list("pk", "comment")]
    words = {str(pk): comment for pk, comment in said_so}
    for one in job.payload["groups"]:
        assert len({words[pk] for pk in one["examples"]}) == len(one["examples"]) == 3
    # LATE on Ann and RUDE on Ben, six of each, and eight of each that is fine: all are in a group.
    assert job.payload["in_none"] == 0
    told = matters.told(lead, site, job)
    assert [one["read"] for one in told] == [
        {"comments": 30, "bad": 30}, {"comments": 0, "bad": 0}, {"comments": 0, "bad": 0}
    ]  # fmt: skip
    assert "100 comments of the site" in said
    assert "0 of 100 in no group" in said
    assert "that you read" not in said
    theirs = Client()
    theirs.force_login(lead)
    said = theirs.get(url, asked).content.decode()
    assert "30 comments that you read, 30 with a bad score" in said
    assert "of the site 40, 0 bad" in said
    assert "Search for these words" in said
    other = theirs.get(url, asked | {"to": "2026-03-02"}).content.decode()
    assert "Managers and quality analysts of the site have it looked for" in other
    assert "the parcel arrived late" in said
    assert "the agent was rude" not in said
    assert "Make it a tag" not in said
    matters.run(job.pk)  # safe to run twice
    assert Job.objects.get(kind=matters.KIND).state == "done"
