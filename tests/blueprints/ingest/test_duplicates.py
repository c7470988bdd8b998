"""Sending feedback again is harmless: within 10 minutes it is the same feedback."""

from dataclasses import replace

import pytest


@pytest.fixture
def post(post_feedback):
    """The id that is answered."""

    def post(*args, **kwargs):
        response = post_feedback(*args, **kwargs)
        assert response.status_code == 202
        return response.get_json()["feedback_id"]

    return post


def test_copy_is_answered_with_the_first_id_and_not_stored(post, stored_feedback):
    assert post() == post()
    assert len(stored_feedback()) == 1


def test_copy_from_another_page_or_version_keeps_what_came_first(post, stored_feedback):
    assert post(url="/cart", app_version="1") == post(url="/", app_version="2")
    (row,) = stored_feedback()
    assert (row.url, row.app_version) == ("/cart", "1")


ALICE = {"name": "Alice", "email": "alice@example.com"}


@pytest.mark.parametrize(
    "somebody_else",
    [{}, {"name": "Alice"}, {"email": ALICE["email"]}, {**ALICE, "name": "Bob"}]
    + [{**ALICE, "email": "bob@example.com"}, {"name": ALICE["email"], "email": ALICE["email"]}],
    ids=str,
)
def test_two_behind_one_address_who_say_the_same_are_both_heard(
    post, stored_feedback, somebody_else
):
    assert post(**ALICE) != post(**somebody_else)
    assert [(row.name, row.email) for row in stored_feedback()] == [
        ("Alice", "alice@example.com"),
        (somebody_else.get("name"), somebody_else.get("email")),
    ]


def test_same_person_who_sends_it_again_is_heard_once(post, stored_feedback):
    assert post(**ALICE) == post(**ALICE)
    assert len(stored_feedback()) == 1


def test_empty_name_and_email_are_no_name_and_no_email(post):
    assert post() == post(name="", email="") == post(name=None, email=" ")


def test_other_message_is_new(post):
    assert post("One") != post("Two")


def test_message_in_other_letters_is_new(post):
    assert post("Please help") != post("please help")


def test_message_with_other_white_space_around_is_a_copy(post):
    assert post("One") == post("  One\n")


def test_messages_that_are_equal_when_scrubbed_are_copies(post, stored_feedback):
    assert post("I am a@b.example") == post("I am c@d.example")
    assert len(stored_feedback()) == 1


def test_other_address_is_new(post):
    assert post(address="192.0.2.1") != post(address="192.0.2.2")


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("192.0.2.1", "::FFFF:c000:201"),
        ("2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_address_that_is_spelled_otherwise_is_the_same(post, address, same):
    assert post(address=address) == post(address=same)


def test_address_that_the_client_claims_does_not_matter(post):
    claims = [{"X-Forwarded-For": "198.51.100.1"}, {"X-Real-IP": "198.51.100.2"}, {}]
    claims.append({"Forwarded": "for=198.51.100.3"})
    assert len({post(headers=headers) for headers in claims}) == 1


def test_client_without_an_address_is_heard(post):
    assert post(address="") == post(address="")


def test_other_project_is_new(post, make_project, stored_feedback):
    assert post() != post(token=make_project("Another").token)
    assert len(stored_feedback()) == 2


def test_other_event_is_new(post, make_event):
    paths = ["/feedback"] + [f"/events/{make_event().id}/feedback" for _ in range(2)]
    assert len({post(path=path) for path in paths}) == 3


def test_copy_about_the_same_event_is_not_stored(post, make_event, stored_feedback):
    path = f"/events/{make_event().id}/feedback"
    assert post(path=path) == post(path=f"/api{path}")
    assert len(stored_feedback()) == 1


def test_copy_is_the_same_until_just_before_the_window_ends(post, clock):
    first = post()
    clock.advance(minutes=10, microseconds=-1)
    assert post() == first


def test_copy_is_new_when_the_window_ends(post, clock):
    first = post()
    clock.advance(minutes=10)
    assert post() != first


def test_window_starts_with_the_first_and_copies_do_not_extend_it(post, clock):
    first = post()
    for _ in range(2):
        clock.advance(minutes=4)
        assert post() == first
    clock.advance(minutes=4)
    assert post() != first


def test_second_window_suppresses_copies_of_the_second_feedback(post, clock):
    post()
    clock.advance(minutes=11)
    second = post()
    clock.advance(minutes=9)
    assert post() == second


def test_copy_of_a_deleted_one_is_new(post, client, project, as_owner, stored_feedback):
    first = post()
    client.delete(f"/api/projects/{project.id}/feedback/{first}", headers=as_owner)
    second = post()
    assert second > first
    assert [row.id for row in stored_feedback()] == [second]


@pytest.mark.parametrize("status", ["handled", "archived"])
def test_copy_of_one_that_was_triaged_leaves_it_as_it_is(
    post, client, project, as_owner, stored_feedback, status
):
    first = post()
    path = f"/api/projects/{project.id}/feedback/{first}"
    client.patch(path, json={"status": status}, headers=as_owner)
    assert post() == first
    assert stored_feedback()[0].status == status


class TestConfiguredWindow:
    @pytest.fixture
    def settings(self, settings, request):
        return replace(settings, duplicate_window_seconds=request.param)

    @pytest.mark.parametrize("settings", [0], indirect=True)
    def test_window_of_0_stores_all(self, post, stored_feedback):
        assert len({post(), post(), post()}) == len(stored_feedback()) == 3

    @pytest.mark.parametrize("settings", [30], indirect=True)
    def test_window_is_as_long_as_configured(self, post, clock):
        first = post()
        clock.advance(seconds=29)
        assert post() == first
        clock.advance(seconds=1)
        assert post() != first
