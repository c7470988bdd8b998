"""What the public routes refuse a project is counted as its loss, and nothing else is."""

import io
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.database import read_transaction
from app.domain.losses import KEPT_IN_PART
from app.models import Event, Feedback, Loss, Session
from app.services import projects

SESSION = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "ok"}
EVENT = {"exception_type": "TypeError", "app_id": "com.acme.app"}
KINDS = {"/feedback": "feedback", "/sessions": "session", "/ingest": "event"}


@pytest.fixture
def losses(app):
    """What is stored, after all is, as `{(kind, reason): count}`."""

    def read(project_id=1):
        with app.app_context():
            app.extensions["losses"].flush()
            with read_transaction() as connection:
                query = select(Loss.kind, Loss.reason, Loss.quantity)
                found = connection.execute(query.where(Loss.project_id == project_id))
                return {(row.kind, row.reason): row.quantity for row in found}

    return read


@pytest.fixture
def post(client, project):
    """POST bytes, or JSON of an object, with a good token."""

    def send(path, body=None, **kwargs):
        data = json.dumps(body) if isinstance(body, dict) else body
        headers = {"X-Pionne-Token": project.token, **kwargs.pop("headers", {})}
        return client.post(path, data=data, headers=headers, **kwargs)

    return send


def test_what_is_accepted_is_no_loss(post, losses):
    for path, body in (("/feedback", {"message": "Hi"}), ("/sessions", SESSION), ("/", EVENT)):
        for _ in range(2):  # a copy is stored already
            assert post(path, body).status_code == 202

    assert losses() == {}


@pytest.mark.parametrize(("path", "kind"), KINDS.items())
class TestOfEachKind:
    def test_what_is_no_json(self, post, losses, path, kind):
        assert post(path, b"{").status_code == 422

        assert losses() == {(kind, "invalid"): 1}

    def test_what_lacks_a_field(self, post, losses, path, kind):
        assert post(path, {}).status_code == 422

        assert losses() == {(kind, "invalid"): 1}

    def test_what_announces_too_much(self, post, losses, path, kind):
        length = {"CONTENT_LENGTH": str(10**12)}
        assert post(path, {}, environ_overrides=length).status_code == 413

        assert losses() == {(kind, "too_large"): 1}

    def test_what_turns_out_too_large(self, post, losses, path, kind):
        answer = post(
            path,
            input_stream=io.BytesIO(b" " * (8 * 2**20 + 1)),
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == 413

        assert losses() == {(kind, "too_large"): 1}

    def test_whose_sender_went_away(self, post, losses, path, kind):
        """The body has fewer bytes than were announced."""
        length = {"CONTENT_LENGTH": "100"}
        assert post(path, b'{"message": "Hi"', environ_overrides=length).status_code == 422

        assert losses() == {(kind, "cut_off"): 1}

    def test_what_a_busy_database_refuses(self, post, losses, locked_database, path, kind):
        body = {"message": "Hi", **SESSION, **EVENT}
        assert post(path, body).status_code == 503
        locked_database.rollback()

        assert losses() == {(kind, "unavailable"): 1}

    def test_with_a_token_in_the_query(self, client, project, losses, path, kind):
        client.post(f"{path}?token={project.token}", data="[]")
        length = {"CONTENT_LENGTH": str(10**12)}
        client.post(f"{path}?token={project.token}", environ_overrides=length)

        assert losses() == {(kind, "invalid"): 1, (kind, "too_large"): 1}

    def test_with_no_token_or_an_unknown_one_is_nobodys_loss(self, client, losses, path, kind):
        for headers in ({}, {"X-Pionne-Token": "pio_live_" + 40 * "0"}):
            for length in ({}, {"CONTENT_LENGTH": str(10**12)}):
                client.post(path, data="{", headers=headers, environ_overrides=length)

        assert losses() == {}

    def test_preflights_and_other_methods_are_no_loss(self, client, project, losses, path, kind):
        headers = {"X-Pionne-Token": project.token}
        assert client.options(path, headers=headers).status_code == 204
        assert client.get(path, headers=headers).status_code == 405

        assert losses() == {}


def test_what_is_over_the_limit(post, losses, wall_clock):
    for _ in range(103):
        post("/feedback", {})

    assert losses() == {("feedback", "invalid"): 100, ("feedback", "limited"): 3}


@pytest.mark.parametrize("event_id", ["4711", "0", "x", "9" * 30])
def test_feedback_about_an_event_that_is_not_there(post, losses, event_id):
    assert post(f"/events/{event_id}/feedback", {"message": "Hi"}).status_code == 404

    assert losses() == {("feedback", "unknown_event"): 1}


def test_events_of_another_app_and_which_one(app, post, losses):
    post("/ingest", EVENT)
    for app_id in ("com.acme.beta", "me@example.com", "4111.1111.1111.1111", None):
        assert post("/ingest", {**EVENT, "app_id": app_id}).status_code == 403

    assert losses() == {("event", "bundle_mismatch"): 4}
    with app.app_context(), read_transaction() as connection:
        assert connection.execute(select(Loss.named_app)).scalar_one() == "com.acme.beta"


@pytest.mark.usefixtures("failing_inserts")
def test_what_a_mistake_of_ours_cost(post, losses):
    assert post("/feedback", {"message": "Hi"}).status_code == 500

    assert losses() == {("feedback", "failed"): 1}


def test_a_token_that_was_revoked_elsewhere_is_nobodys_any_more(app, post, losses, clock):
    """This process still remembers it."""
    post("/feedback", {"message": "Hi"})
    with app.app_context():
        remembered = dict(app.extensions["senders"])
        projects.rotate_token(1, actor=None, now=clock())
        app.extensions["senders"].update(remembered)

    assert post("/feedback", {}).status_code == 401
    app.extensions["senders"].update(remembered)
    length = {"CONTENT_LENGTH": str(10**12)}
    assert post("/feedback", environ_overrides=length).status_code == 413

    assert losses() == {}


pieces = st.sampled_from(
    [
        "",
        "",
        ".",
        "..",
        "x",
        "7",
        "1",
        "%2F",
        "feedback",
        "events",
        "ingest",
        "a b",
        "é",
        "\n",
        ";",
        "*",
    ]
)
# As a server hands them on: percent-encodings are decoded, slashes among them.
near_misses = st.builds(
    lambda before, word, after, end: "/".join(["", *before, word, *after]) + end,
    st.sampled_from([[], [""], ["api"], ["api", ""], ["ingest"], ["api", "ingest"]]),
    st.sampled_from(
        ["feedback", "sessions", "ingest", "events", "events/1", "Feedback", "session"]
    ),
    st.lists(pieces, max_size=4),
    st.sampled_from(["", "/", "//", "///", ".", " ", ".json"]),
)


@given(st.lists(st.tuples(near_misses, st.booleans()), min_size=1, max_size=30))
@example([(path, False) for path in ("/events//feedback", "/events/1/2/feedback", "/feedback/x")])
@example([("/feedback//", False), ("/events/1/feedback//", True), ("/events", False)])
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_posts_below_a_public_address_are_counted_wherever_they_go(world, posts):
    for path, is_good in posts:
        world.wall_clock.shift(1)
        world.send(path, {"message": path} if is_good else b"{", {})

    assert sum(world.sent.values()) == sum(world.accounted_for().values())


@pytest.mark.parametrize(
    ("path", "loss"),
    [
        ("/events//feedback", ("feedback", "wrong_address")),
        ("/events/1/2/feedback", ("feedback", "wrong_address")),
        ("/api/v1/Feedback", ("feedback", "wrong_address")),
        ("/session", ("session", "wrong_address")),
        ("/events", ("event", "wrong_address")),
        ("/telemetry", ("other", "wrong_address")),
        ("/api/projects/1/release-health", ("other", "wrong_address")),
        ("/profiles", ("other", "unsupported")),
    ],
)
@pytest.mark.parametrize("has_header", [True, False])
def test_what_is_posted_where_nothing_is(client, project, losses, path, loss, has_header):
    token = {"X-Pionne-Token": project.token} if has_header else {}
    query = "" if has_header else f"?token={project.token}"
    answer = client.post("/", environ_overrides={"PATH_INFO": path}, headers=token)
    if not has_header:
        environ = {"PATH_INFO": path, "QUERY_STRING": query[1:]}
        answer = client.post("/", environ_overrides=environ)
    assert answer.status_code in (404, 405)

    assert losses() == {loss: 1}


def test_what_is_posted_where_nothing_is_without_a_good_token_is_nobodys_loss(client, losses):
    for token in ("", "pio_live_" + 40 * "0", "1|x"):
        for path in ("/events//feedback", "/telemetry"):
            answer = client.post(path, headers={"X-Pionne-Token": token})
            assert answer.status_code == 404

    assert losses() == {}


@pytest.fixture
def world(post, project, make_event, wall_clock, losses, app):
    make_event()
    return World(post, wall_clock, losses, app)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    *("/feedback", "/api/feedback", "//feedback", "/ingest//feedback"),
                    *("/events/1/feedback", "/events/2/feedback", "/api//events/x/feedback"),
                    *("/sessions", "/api/sessions", "/api/ingest//sessions/"),
                    *("/ingest", "/", "/api", "/api/ingest/", "/ingest/"),
                ]
            ),
            st.one_of(
                st.binary(max_size=30),
                st.sampled_from([b"[]", b"{}", b"null", b"{", b'"x"', b"NaN"]),
                st.builds(
                    lambda message, status, app_id: {
                        **SESSION,
                        "message": message,
                        "status": status,
                        "exception_type": "TypeError",
                        "app_id": app_id,
                    },
                    st.one_of(st.text(max_size=3), st.integers(), st.just("x" * 2001)),
                    st.sampled_from(["ok", "crashed", "fine", None]),
                    st.sampled_from(["com.acme.app", "com.acme.beta", None]),
                ),
            ),
            st.sampled_from([{}, {}, {}, {"CONTENT_LENGTH": "99999"}, {"CONTENT_LENGTH": 10**9}]),
            st.sampled_from([1, 1, 1, 2, 105]),  # times
            st.sampled_from([0, 0, 31]),  # seconds that pass before it
        ),
        max_size=8,
    )
)
@settings(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_posts_are_accepted_copies_or_losses_whatever_is_posted(world, posts):
    for path, body, environ, times, seconds in posts:
        world.wall_clock.shift(seconds)
        for _ in range(times):
            world.send(path, body, environ)

    assert world.sent == world.accounted_for()


class World:
    def __init__(self, post, wall_clock, losses, app):
        self.post, self.wall_clock, self.losses, self.app = post, wall_clock, losses, app
        self.sent = Counter()
        self.copies = Counter()
        self.ids = set()

    def send(self, path, body, environ):
        environ = {**environ, "PATH_INFO": path}
        if "CONTENT_LENGTH" in environ:
            environ["CONTENT_LENGTH"] = str(environ["CONTENT_LENGTH"])
        answer = self.post("/", body, environ_overrides=environ)
        kind = next((word for word in ("feedback", "session") if word in path), "event")
        self.sent[kind] += 1
        if answer.status_code == 202:
            told = answer.get_json()
            name = {"feedback": "feedback_id", "session": "session_id", "event": "event_id"}[kind]
            self.copies[kind] += (kind, told[name]) in self.ids
            self.ids.add((kind, told[name]))

    def accounted_for(self):
        found = Counter(self.copies)
        for (kind, reason), count in self.losses().items():
            if reason not in KEPT_IN_PART:
                found[kind] += count
        with self.app.app_context(), read_transaction() as connection:
            for kind, model in (("feedback", Feedback), ("session", Session), ("event", Event)):
                found[kind] += len(connection.execute(select(model.id)).all())
        found["event"] -= 1  # which the world began with
        return +found
