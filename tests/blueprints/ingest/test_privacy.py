"""What must never be kept: secrets in messages, and where a message came from."""

import hashlib
import hmac

import pytest

from tests.fixtures.posted import CLIENT_ADDRESS

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dGhlLXNpZ25hdHVyZQ"
SECRETS = ["someone@example.com", JWT, "4111 1111 1111 1111", "4111111111111111"]
ADDRESS = "203.0.113.77"


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_in_a_message_is_nowhere_in_the_database(post_feedback, database_bytes, secret):
    assert post_feedback(f"My words, {secret}, and more").status_code == 202
    assert b"My words, [REDACTED], and more" in database_bytes()
    assert secret.encode() not in database_bytes()


def test_secret_in_an_event_feedback_is_nowhere_in_the_database(
    post_feedback, make_event, database_bytes
):
    post_feedback(" ".join(SECRETS), path=f"/events/{make_event().id}/feedback")
    assert [secret for secret in SECRETS if secret.encode() in database_bytes()] == []


def test_name_email_and_url_are_kept_as_typed(post_feedback, stored_feedback):
    fields = {"name": "Me, me@b.example", "email": "Me@B.example", "url": "app://me@b.example"}
    post_feedback(**fields)
    (row,) = stored_feedback()
    assert {field: row._mapping[field] for field in fields} == fields


def test_client_address_is_nowhere_in_the_database(post_feedback, database_bytes):
    assert post_feedback(address=ADDRESS).status_code == 202
    assert ADDRESS.encode() not in database_bytes()


def test_project_token_is_nowhere_in_the_database(post_feedback, project, database_bytes):
    post_feedback()
    assert project.token.removeprefix("pio_live_").encode() not in database_bytes()


def test_address_is_stored_as_its_keyed_hash(post_feedback, stored_feedback, settings):
    post_feedback(address=ADDRESS)
    expected = hmac.digest(settings.app_key.encode(), ADDRESS.encode(), hashlib.sha256)
    assert stored_feedback()[0].address_hash == expected


@pytest.mark.parametrize("status", [202, 401, 404, 405, 413, 422, 429, 500, 503])
def test_nothing_that_identifies_anyone_is_logged(answer, client, project, log_lines, status):
    client.environ_base["REMOTE_ADDR"] = CLIENT_ADDRESS
    response = answer(status, headers={"X-Forwarded-For": ADDRESS, "User-Agent": "Someone/1.0"})
    assert response.status_code == status
    written = "\n".join(log_lines)
    assert f'"status": {status}' in written
    personal = [ADDRESS, CLIENT_ADDRESS, "Someone", "Pay button", "leak@example.com", project.token]
    assert [text for text in personal if text in written] == []


def test_token_in_the_query_is_not_logged(client, project, log_lines):
    client.post(f"/feedback?token={project.token}", json={"message": "Hello"})
    assert log_lines
    assert project.token not in "\n".join(log_lines)


@pytest.mark.parametrize("status", [202, 401, 404, 405, 413, 422, 429, 500, 503])
def test_answer_does_not_repeat_the_address_or_its_hash(answer, client, settings, status):
    client.environ_base["REMOTE_ADDR"] = CLIENT_ADDRESS
    response = answer(status)
    seen = response.get_data(as_text=True) + str(response.headers)
    digest = hmac.digest(settings.app_key.encode(), CLIENT_ADDRESS.encode(), hashlib.sha256)
    assert CLIENT_ADDRESS not in seen
    assert digest.hex() not in seen
