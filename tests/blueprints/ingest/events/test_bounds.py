"""How much is kept of a large event, how `_meta` says so, and that nothing personal is kept."""

import pytest

ADDRESS = "jo.doe@example.org"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl"
CARD = "4111 1111 1111 1111"
SECRETS = {"address": ADDRESS, "jwt": JWT, "card": CARD}

LABELS = ("release", "environment", "platform", "app_id")
CONTEXT_KEYS = ("app_build", "os_name", "os_version", "device_model", "locale", "timezone")


@pytest.mark.parametrize(("field", "kept"), [("exception_type", 255), ("message", 4000)])
def test_long_text_is_cut_and_counted(stored, field, kept):
    row = stored(**{field: "😅" * 10_000})
    assert getattr(row, field) == "😅" * kept
    assert row.content["_meta"] == {"cut": {"strings": 1}}


@pytest.mark.parametrize("field", LABELS[:3])
def test_long_label_is_cut_and_not_refused(stored, field):
    assert getattr(stored(**{field: "x" * 5000}), field) == "x" * 200


def test_long_context_is_cut_and_not_refused(stored):
    sent = dict.fromkeys(CONTEXT_KEYS, "x" * 5000)
    assert stored("context", **sent) == dict.fromkeys(CONTEXT_KEYS, "x" * 200)


@pytest.mark.parametrize("field", [*LABELS, "device_model", "user_id_anon"])
def test_meta_counts_a_cut_label(stored, field):
    assert stored("_meta", **{field: "x" * 201}) == {"cut": {"strings": 1}}


def test_newest_50_of_200_breadcrumbs_are_kept(stored):
    crumbs = [{"message": f"Step {number}"} for number in range(200)]
    content = stored(breadcrumbs=crumbs).content
    assert content["breadcrumbs"] == crumbs[150:]
    assert content["_meta"] == {"cut": {"breadcrumbs": 150}}


def test_top_200_of_300_stack_lines_are_kept(stored):
    lines = [f"at f{number}" for number in range(300)]
    content = stored(stack=lines).content
    assert content["stack"] == lines[:200]
    assert content["_meta"] == {"cut": {"stack_lines": 100}}


def test_deep_value_is_kept_down_to_a_depth(stored):
    value = "bottom"
    for _ in range(500):
        value = {"in": value}
    content = stored(contexts=value).content
    assert content["contexts"] == {"in": {"in": {"in": {"in": {"in": {"in": "[too deep]"}}}}}}
    assert content["_meta"] == {"cut": {"depth": 1}}


def test_wide_value_is_kept_up_to_a_count(stored):
    content = stored(extra={"list": list(range(5000))}).content
    assert content["extra"]["list"] == list(range(999))
    assert content["_meta"] == {"cut": {"items": 4001}}


def test_everything_that_was_cut_is_counted(stored):
    cut = stored(
        "_meta",
        message="x" * 5000,
        stack=["x" * 501, 5],
        breadcrumbs=[{}] * 51,
        tags="x",
        extra={"long": "x" * 1001, "half": "\x00"},
        screenshot="iVBORw0KGgo=",
    )["cut"]
    assert cut == {"strings": 3, "dropped": 2, "breadcrumbs": 1, "unstorable": 1}


@pytest.mark.parametrize("path", ["/ingest", "/api/ingest", "/api/ingest/", "/", "/api"])
def test_picture_never_costs_the_event(post_event, stored_events, path):
    """A screenshot of 800 kB: a body of 1,068,410 bytes met a 413."""
    assert post_event(path=path, screenshot="A" * 1_068_000).status_code == 202
    assert stored_events()[0].content["_meta"]["left_out"] == {"pictures": 1}


@pytest.mark.parametrize("part", ["screenshot", "message", "stack", "an_unknown_key"])
@pytest.mark.parametrize("size", [2**23 - 200, 2**23 + 1])
def test_body_of_8_mebibytes_is_the_limit_for_events(post_event, size, part):
    answer = post_event(**{part: "x" * size})
    assert answer.status_code == (202 if size < 2**23 else 413)
    if size > 2**23:
        message = "The body is too large: at most 8388608 bytes."
        assert answer.get_json() == {"message": message}


def test_large_body_of_nothing_but_small_parts_is_refused(post_event):
    answer = post_event(extra={"list": [[]] * 30_000})
    assert answer.status_code == 413
    assert "lists, objects and values" in answer.get_json()["message"]


def test_event_with_ten_times_all_that_is_kept_is_taken(post_event, stored_events):
    crumb = {"message": "Step", "data": {f"key {number}": number for number in range(20)}}
    answer = post_event(
        stack=[f"at f{number} (a.js:{number}:1)" for number in range(2000)],
        breadcrumbs=[crumb] * 500,
        tags={f"tag {number}": "x" for number in range(10_000)},
        contexts={f"context {number}": {"value": [number]} for number in range(1000)},
        extra={f"extra {number}": [number] for number in range(5000)},
        screenshot="A" * 1_000_000,
    )
    assert answer.status_code == 202
    assert len(stored_events()[0].content["stack"]) == 200


def test_log_with_more_signs_than_parts_are_taken_is_kept(stored):
    assert stored(extra={"log": '{"a": [1, 2]}, ' * 100_000}).content["extra"]["log"]


@pytest.mark.parametrize("values", ["0,", '"",', "1e9,", "NaN,"])
def test_large_body_of_nothing_but_values_is_refused(client, project, values):
    body = '{"exception_type": "Error", "extra": {"list": [%s0]}}' % (values * 600_000)
    answer = client.post(
        "/ingest", data=body + " " * 2**20, headers={"X-Pionne-Token": project.token}
    )
    assert answer.status_code == 413
    assert "values" in answer.get_json()["message"]


def text_bytes(value):
    if isinstance(value, dict):
        return sum(text_bytes(key) + text_bytes(inner) for key, inner in value.items())
    if isinstance(value, list):
        return sum(map(text_bytes, value))
    return len(value.encode()) if isinstance(value, str) else 0


@pytest.mark.parametrize("character", ["x", "é", "中", "😅"])
def test_text_of_an_event_is_bounded_as_a_whole_and_the_best_of_it_is_kept(stored, character):
    text = character * 2000
    row = stored(
        message=text,
        stack=[text[:100]] * 200,
        tags={"plan": "free"},
        breadcrumbs=[{"message": f"{number} {text}", "data": [text] * 2} for number in range(50)],
        extra={str(number): text for number in range(90)},
    )
    assert row.message == text
    assert row.content["stack"] == [text[:100]] * 200
    assert row.content["tags"] == {"plan": "free"}
    assert row.content["breadcrumbs"][-1]["message"].startswith("49 ")
    assert row.content["extra"] == {}
    assert 120_000 < text_bytes(row.content) + len(text.encode()) <= 128 * 1024 + 200


def test_token_that_was_cut_leaves_nothing_of_itself(stored, database_bytes):
    header, payload, _ = JWT.split(".")
    stored(message="x" * 3900 + f" {header}.{payload * 400}.c2lnbmF0dXJl")
    assert header.encode() not in database_bytes()


def test_many_wide_breadcrumbs_do_not_cost_the_tags(stored):
    crumb = {f"key{number}": number for number in range(40)}
    assert stored("tags", breadcrumbs=[crumb] * 50, tags={"plan": "free"}) == {"plan": "free"}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
class TestScrubbing:
    @pytest.mark.parametrize("field", ["exception_type", "message"])
    def test_texts_are_scrubbed(self, stored, field, secret):
        assert getattr(stored(**{field: f"for {secret}!"}), field) == "for [REDACTED]!"

    def test_context_is_scrubbed(self, stored, secret):
        kept = stored("context", **dict.fromkeys(CONTEXT_KEYS, f"of {secret}"))
        assert kept == dict.fromkeys(CONTEXT_KEYS, "of [REDACTED]")

    @pytest.mark.parametrize("part", ["tags", "contexts", "mechanism", "extra", "an_unknown_key"])
    def test_parts_are_scrubbed_keys_and_all(self, stored, part, secret):
        content = stored(**{part: {"list": [f"of {secret}"], secret: 1}}).content
        kept = content["extra"]["an_unknown_key"] if part == "an_unknown_key" else content[part]
        assert kept == {"list": ["of [REDACTED]"], "[REDACTED]": 1}

    def test_no_byte_of_it_reaches_the_disk(self, stored, database_bytes, secret):
        stored(
            exception_type=f"Error({secret})",
            message=f"for {secret}",
            stack=[f"at pay ({secret})", f"    send('{secret}')"],
            breadcrumbs=[{"message": secret, "data": {"deep": [[secret]]}}, secret],
            tags={"who": secret, secret: "who"},
            contexts={"user": {"mail": secret}},
            mechanism={"type": secret},
            extra={"note": secret},
            unknown={"note": secret},
            user={"id": secret, "email": secret},
            device_model=secret,
        )
        assert secret.encode() not in database_bytes()

    @pytest.mark.parametrize("field", ["exception_type", "os_version", "user_id_anon"])
    def test_cut_saves_no_part_of_it(self, stored, database_bytes, field, secret):
        kept = {"exception_type": 255}.get(field, 200)
        stored(**{field: "x" * (kept - 15) + " " + secret})
        assert secret[:14].encode() not in database_bytes()

    def test_same_bug_with_another_secret_is_one_issue(self, stored, secret):
        first = stored(message=f"No order for {secret}")
        second = stored(message="No order for ann.other@example.net")
        assert first.issue_id == second.issue_id

    def test_same_bug_with_another_secret_in_a_stack_is_one_issue(self, stored, secret):
        first = stored(stack=["while sending", f"to {secret}"])
        second = stored(stack=["while sending", "to ann.other@example.net"])
        assert first.issue_id == second.issue_id


def test_frames_of_safari_are_told_apart_though_they_look_like_addresses(stored):
    """`pay@main.jsbundle` has the form of an address; two bugs must stay two all the same."""
    first = stored(stack=["pay@main.jsbundle:12:34"])
    second = stored(stack=["search@main.jsbundle:56:78"])
    assert first.issue_id != second.issue_id
