"""Shapes of live events: tried on a page, saved, posted by, changed and deleted."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ccm.live.shapes import known
from ccm.models import AuditEntry, EventShape, LiveEvent
from tests.builders import SHAPE, a_user, an_event_shape
from tests.ccm.test_api_events import URL, a_problem, a_token

pytestmark = pytest.mark.django_db
PAGE = "/imports/shapes/"
NEW = f"{PAGE}new/"
POSTED = {"type": "entered", "when": "2026-05-04T09:30:00Z", "call": "c17", "queue": "Sales"}


@pytest.fixture
def admin(client):
    client.force_login(a_user("admin", name="boss"))
    return client


@pytest.fixture
def switch():
    """Posts with a token of its own."""
    _token, words = a_token()
    return Client(headers={"authorization": f"Bearer {words}"})


def said(**more):
    return {"name": "Our switch", "mapping": json.dumps(SHAPE), "sample": "", **more}


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_shape_begins_with_an_example_that_reads_its_sample(admin):
    page = text_of(admin.get(NEW))
    assert "Call c17 on Sales: in_progress" in page


def test_trying_shows_what_would_be_made_and_stores_nothing(admin):
    sample = [POSTED, {"type": "fax", "when": POSTED["when"]}, POSTED | {"queue": "<b>"}]
    page = text_of(admin.post(NEW, said(sample=json.dumps(sample))))
    made = page.split('id="made"')[1]
    assert "<dt>queue</dt><dd>Sales</dd>" in made
    assert "<code>/type</code> It is not said what this word means." in made
    assert "&lt;b&gt;" in made
    assert "<dd><b>" not in made
    assert not EventShape.objects.exists()
    assert not LiveEvent.objects.exists()


def test_what_is_wrong_with_a_shape_is_said_beside_it(admin):
    bad = json.dumps({"members": {"kind": "type"}})
    page = text_of(admin.post(NEW, said(mapping=bad, do="save")))
    assert "<li>/members/kind: This is no pointer, as /call/id is one.</li>" in page
    assert "<li>/members/at: It must be said where this lies.</li>" in page
    page = text_of(admin.post(NEW, said(mapping='{"members":\n  }', do="save")))
    assert "This is no JSON: look at line 2, column 3." in page
    assert not EventShape.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mapping", "[" * 60_000), ("mapping", "x" * 64_001), ("mapping", "NaN"), ("mapping", ""),
        ("mapping", '{"zone": "\\ud800"}'), ("mapping", "null"), ("mapping", "9" * 5000),
        ("sample", "[" * 60_000), ("sample", "x" * 100_001), ("sample", "[NaN]"),
        ("sample", "9" * 5000), ("sample", '{"type": "\\ud800"}'), ("sample", "a\x00b"),
        ("sample", "[null, 5, [], {}]"), ("sample", '{"type": {"a": []}}'),
        ("name", "x" * 81), ("name", "\x00"), ("name", " "),
    ],
)  # fmt: skip
def test_whatever_is_said_the_page_answers_and_saves_nothing_of_it(admin, field, value):
    text_of(admin.post(NEW, said(**{field: value}, do="save" if field != "sample" else "try")))
    assert not EventShape.objects.exists()


def test_a_saved_shape_is_what_posts_can_ask_for(admin, switch):
    answer = admin.post(NEW, said(do="save"))
    shape = EventShape.objects.get()
    assert (answer.status_code, answer["location"]) == (302, f"{PAGE}{shape.pk}/")
    assert (shape.name, shape.slug, shape.mapping) == ("Our switch", "our-switch", SHAPE)
    assert shape.created_by.username == "boss"
    assert f"{URL}?shape=our-switch" in text_of(admin.get(PAGE))
    fax = POSTED | {"type": "fax"}
    to = f"{URL}?shape=our-switch"
    answer = switch.post(to, [POSTED, POSTED, fax], content_type="application/json")
    words = "It is not said what this word means."
    assert answer.json() == {
        "accepted": 1,
        "duplicate": 1,
        "ignored": 0,
        "rejected": [{"index": 2, "pointer": "/type", "message": words}],
    }
    row = LiveEvent.objects.get()
    assert (row.source, row.kind, row.call, row.payload) == (
        "pbx", "call.offered", "c17", {"queue": "Sales"},
    )  # fmt: skip


def test_changing_a_shape_keeps_its_address_and_is_in_the_log(admin):
    shape = an_event_shape()
    mapping = json.dumps(SHAPE | {"zone": "Europe/London"})
    admin.post(f"{PAGE}{shape.pk}/", said(name="The switch", mapping=mapping, do="save"))
    shape.refresh_from_db()
    assert (shape.name, shape.slug) == ("The switch", "our-switch")
    assert shape.mapping["zone"] == "Europe/London"
    entry = AuditEntry.objects.get(model="ccm.eventshape")
    assert (entry.action, entry.who.username) == ("changed", "boss")
    assert entry.before["mapping"] != entry.after["mapping"]
    assert "Shape of events: The switch" in text_of(admin.get("/audit/"))


def test_two_shapes_have_two_names(admin):
    an_event_shape()
    page = text_of(admin.post(NEW, said(name="our SWITCH", do="save")))
    assert "There is a shape named our SWITCH already." in page
    admin.post(NEW, said(name="Our switch!", do="save"))
    assert known.shape("our-switch-2") is not None
    admin.post(NEW, said(name="amazon_connect_agent_events", do="save"))
    assert EventShape.objects.count() == 3
    assert not EventShape.objects.filter(slug__in=known.BUILT_IN).exists()


def test_of_a_deleted_shape_posts_are_refused(admin, switch):
    shape = an_event_shape()
    assert "refused from then on" in text_of(admin.get(f"{PAGE}{shape.pk}/delete/"))
    assert EventShape.objects.exists()
    assert admin.post(f"{PAGE}{shape.pk}/delete/")["location"] == PAGE
    answer = switch.post(f"{URL}?shape=our-switch", POSTED, content_type="application/json")
    assert a_problem(answer, 400)["errors"][0]["pointer"] == "/shape"


def test_a_shape_that_can_no_longer_be_read_is_refused_and_its_page_says_why(admin, switch):
    shape = an_event_shape()
    EventShape.objects.update(mapping={"members": {}})
    answer = switch.post(f"{URL}?shape=our-switch", POSTED, content_type="application/json")
    a_problem(answer, 400)
    text_of(admin.get(f"{PAGE}{shape.pk}/"))


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_asks_the_same_of_one_as_of_thirty(admin, django_assert_num_queries, many):
    for n in range(many):
        an_event_shape(f"Switch {n}", f"switch-{n}")
    with django_assert_num_queries(3):  # session, user with roles, shapes
        admin.get(PAGE)


# On the command line


def run(*arguments):
    out = io.StringIO()
    call_command("shapes", *arguments, stdout=out)
    return out.getvalue()


def test_a_shape_is_tried_and_saved_on_the_command_line(tmp_path):
    shape, sample = tmp_path / "shape.json", tmp_path / "events.json"
    shape.write_text(json.dumps(SHAPE))
    sample.write_text(json.dumps([POSTED]))
    assert '"queue": "Sales"' in run("try", str(shape), str(sample))
    assert not EventShape.objects.exists()
    run("save", "Our switch", str(shape))
    assert EventShape.objects.get().mapping == SHAPE
    assert json.loads(run("show", "our-switch")) == SHAPE
    assert {line.split()[0] for line in run("list").splitlines()} == {
        "our-switch",
        "amazon_connect_agent_events",
    }
    shape.write_text(json.dumps(SHAPE | {"zone": "UTC"}))
    run("save", "Our switch", str(shape))
    assert EventShape.objects.get().mapping["zone"] == "UTC"


@pytest.mark.parametrize(
    ("shape", "sample"), [("{}", "[]"), ("{", "[]"), (json.dumps(SHAPE), '[{"type": "fax"}]')]
)
def test_what_cannot_be_read_ends_the_command_in_words(tmp_path, shape, sample):
    (tmp_path / "shape.json").write_text(shape)
    (tmp_path / "events.json").write_text(sample)
    with pytest.raises(CommandError) as refused:
        run("try", str(tmp_path / "shape.json"), str(tmp_path / "events.json"))
    assert refused.value.returncode == 2
