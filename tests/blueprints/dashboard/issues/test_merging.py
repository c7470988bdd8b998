"""POST …/issues/{issue}/merge and …/take-apart, and what an issue then shows."""

import pytest


@pytest.fixture
def merge(ask):
    return lambda issue_id, body: ask(f"/{issue_id}/merge", method="POST", json=body)


@pytest.fixture
def take_apart(ask):
    return lambda issue_id, body: ask(f"/{issue_id}/take-apart", method="POST", json=body)


@pytest.fixture
def two(post_event):
    return [post_event(bug)["issue_id"] for bug in ("It broke", "It fell")]


def test_issues_are_merged_and_taken_apart(two, merge, take_apart, listed, detail, post_event):
    before, (a, b) = listed(), two
    answer = merge(a, {"ids": [b]})
    assert answer.status_code == 200
    assert answer.get_json() == {"issue": listed()[0]}
    assert [(row["id"], row["events_count"], row["merged_count"]) for row in listed()] == [
        (a, 2, 1)
    ]
    assert post_event("It fell")["issue_id"] == a
    shown = detail(b)
    assert shown["issue"]["id"] == a
    assert [event["issue_id"] for event in shown["events"]] == [a, a, a]
    assert [(each["id"], each["status"], each["events_count"]) for each in shown["merged"]] == [
        (b, "open", 2)
    ]
    answer = take_apart(a, {}).get_json()
    assert [row["id"] for row in answer["taken_out"]] == [b]
    assert sorted(row["id"] for row in listed()) == sorted(row["id"] for row in before)


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"ids": 2}, {"ids": ["2"]}, {"ids": [0]}, {"ids": [True]}, {"ids": [1]}],
)
def test_what_cannot_be_merged_is_refused_by_its_field(two, merge, body):
    answer = merge(two[0], body)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["ids"]


def test_issue_of_another_project_is_not_found(two, merge, take_apart, make_project, post_event):
    other = post_event("Other", token=make_project("Other").token)["issue_id"]
    for answer in (
        merge(two[0], {"ids": [other]}),
        merge(other, {"ids": [two[0]]}),
        take_apart(other, {}),
    ):
        assert answer.status_code == 404


def test_merged_issue_is_not_decided_about_alone(two, merge, ask, patch):
    merge(two[0], {"ids": [two[1]]})
    for answer in (patch(two[1], {"status": "resolved"}), ask(f"/{two[1]}", method="DELETE")):
        assert answer.status_code == 422
        assert f"merged into issue {two[0]}" in answer.get_json()["message"]


class TestWhy:
    def test_frames_that_counted_are_told(self, post_event, detail):
        stack = ["at pay (https://a.example/cart.4f3a2b1c.js:1:2)", "at emit (node:events:5:1)"]
        [told] = detail(post_event(stack=stack)["issue_id"])["grounds"]
        assert told == {
            "issue_id": 1,
            "version": 2,
            "exception_type": "TypeError",
            "frames": [{"function": "pay", "file": "cart"}],
            "lines": [],
            "message": None,
            "text": "What counted: the exception type TypeError and the function pay in cart."
            " The message did not count.",
        }

    def test_message_is_told_with_what_does_not_count_in_it(self, post_event, detail):
        [told] = detail(post_event("Order 4711 is gone")["issue_id"])["grounds"]
        assert told["message"] == "Order <id> is gone"

    def test_each_of_those_that_are_merged_is_told(self, two, merge, detail):
        merge(two[0], {"ids": [two[1]]})
        told = [(each["issue_id"], each["message"]) for each in detail(two[0])["grounds"]]
        assert told == [(two[0], "It broke"), (two[1], "It fell")]

    def test_nothing_personal_is_told(self, post_event, detail):
        stack = ["at pay.bob@shop.example.org (cart.js:1:2)", "what bob@shop.example.org did"]
        for lines in (stack[:1], stack[1:]):
            assert "bob@" not in str(detail(post_event(stack=lines)["issue_id"])["grounds"])

    def test_issue_without_kept_grounds_is_read_from_its_newest_event(
        self, post_event, detail, database
    ):
        issue_id = post_event(stack=["at pay (cart.js:1:2)"])["issue_id"]
        kept = detail(issue_id)["grounds"]
        database.execute("UPDATE issues SET grounds = NULL")
        assert detail(issue_id)["grounds"] == kept

    def test_where_the_newest_event_says_nothing_of_it_nothing_is_told(
        self, post_event, detail, database
    ):
        issue_id = post_event(stack=["at pay (cart.js:1:2)"])["issue_id"]
        database.execute("UPDATE issues SET grounds = NULL")
        database.execute("UPDATE events SET exception_type = 'Other'")
        assert detail(issue_id)["grounds"] == []
        post_event(stack=["at pay (cart.js:1:2)"])
        assert len(detail(issue_id)["grounds"]) == 1
