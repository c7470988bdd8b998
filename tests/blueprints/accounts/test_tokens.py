"""Seeing which clients are logged in, and throwing them out."""

import pytest


def tokens_of(client, headers):
    return client.get("/api/auth/tokens", headers=headers).get_json()["tokens"]


def test_tokens_are_listed_without_their_secrets(client, as_alice):
    assert tokens_of(client, as_alice) == [
        {
            "id": 1,
            "name": "test",
            "kind": "login",
            "created_at": "2026-05-07T17:25:00Z",
            "expires_at": None,
            "read_only": False,
            "current": True,
        }
    ]


def test_a_token_is_revoked_by_its_id(client, alice, as_alice, bearer):
    other = bearer(alice.email)
    (listed,) = [token for token in tokens_of(client, as_alice) if not token["current"]]

    answer = client.delete(f"/api/auth/tokens/{listed['id']}", headers=as_alice)
    assert answer.status_code == 204
    assert client.get("/api/auth/me", headers=other).status_code == 401


def test_another_accounts_token_is_not_found_and_stays(client, as_alice, as_owner):
    (theirs,) = tokens_of(client, as_owner)

    answer = client.delete(f"/api/auth/tokens/{theirs['id']}", headers=as_alice)
    assert answer.status_code == 404
    assert client.get("/api/auth/me", headers=as_owner).status_code == 200


@pytest.mark.parametrize("token_id", ["0", "x", "-1", str(2**63), "99"])
def test_an_id_of_no_token_is_404(client, as_alice, token_id):
    assert client.delete(f"/api/auth/tokens/{token_id}", headers=as_alice).status_code == 404


def test_all_others_are_revoked_at_once(client, alice, as_alice, bearer, as_owner):
    others = [bearer(alice.email), bearer(alice.email)]

    assert client.delete("/api/auth/tokens", headers=as_alice).status_code == 204
    seen = [client.get("/api/auth/me", headers=headers).status_code for headers in others]
    assert seen == [401, 401]
    assert client.get("/api/auth/me", headers=as_alice).status_code == 200
    assert client.get("/api/auth/me", headers=as_owner).status_code == 200
