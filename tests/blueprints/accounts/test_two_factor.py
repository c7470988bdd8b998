"""Two-factor, from the QR code to the last recovery code."""

import pytest

from tests.blueprints.accounts.conftest import PASSWORD, Authenticator


@pytest.fixture
def finish(client):
    def post(totp_token: str, **proof: str):
        return client.post("/api/auth/login/totp", json={"totp_token": totp_token, **proof})

    return post


@pytest.fixture
def challenge(log_in, authenticator):
    """Begins a login; returns its totp_token."""
    return lambda **kwargs: log_in(**kwargs).get_json()["totp_token"]


def enrol(client, headers, password=PASSWORD):
    return client.post("/api/auth/totp", json={"password": password}, headers=headers)


def test_enrolling_shows_the_secret_its_uri_and_ten_recovery_codes(client, as_alice):
    answer = enrol(client, as_alice)

    assert answer.status_code == 201
    body = answer.get_json()
    assert body["provisioning_uri"].startswith("otpauth://totp/pionne-feedback:alice%40example.com")
    assert body["secret"] in body["provisioning_uri"]
    assert len(set(body["recovery_codes"])) == 10


def test_enrolling_needs_the_password(client, as_alice):
    assert enrol(client, as_alice, "not hers").status_code == 422


def test_until_it_is_confirmed_a_login_needs_no_code(client, as_alice, log_in):
    enrol(client, as_alice)

    assert "token" in log_in().get_json()


def test_the_first_code_turns_it_on(client, as_alice, log_in, clock):
    body = enrol(client, as_alice).get_json()
    phone = Authenticator(type("Enrolment", (), body), clock)

    confirmed = client.post("/api/auth/totp/confirm", json={"code": phone.code()}, headers=as_alice)
    assert confirmed.status_code == 200
    assert log_in().get_json()["requires_totp"] is True
    state = client.get("/api/auth/totp", headers=as_alice).get_json()
    assert state == {"enabled": True, "recovery_codes_left": 10}


def test_a_wrong_code_does_not_turn_it_on(client, as_alice, log_in):
    enrol(client, as_alice)

    answer = client.post("/api/auth/totp/confirm", json={"code": "000000"}, headers=as_alice)
    assert answer.status_code == 422
    assert "token" in log_in().get_json()


def test_there_is_nothing_to_confirm_before_enrolling(client, as_alice):
    answer = client.post("/api/auth/totp/confirm", json={"code": "123456"}, headers=as_alice)

    assert "enrol first" in answer.get_json()["message"]


def test_enrolling_again_needs_it_turned_off_first(client, as_alice, authenticator, log_in):
    assert enrol(client, as_alice).status_code == 422
    assert log_in().get_json()["requires_totp"] is True


def test_a_login_with_two_factor_has_no_token_until_the_code(log_in, authenticator, finish):
    asked = log_in()
    assert asked.status_code == 200
    assert set(asked.get_json()) == {"requires_totp", "totp_token"}

    done = finish(asked.get_json()["totp_token"], code=authenticator.code())
    assert done.status_code == 200
    assert set(done.get_json()) == {"user", "token"}


def test_the_question_alone_revokes_no_token(client, log_in, authenticator, finish, challenge):
    token = finish(challenge(), code=authenticator.code()).get_json()["token"]
    challenge()

    me = client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert me.status_code == 200


def test_the_token_is_named_after_the_client_that_began(
    client, log_in, authenticator, finish, challenge
):
    token = finish(challenge(named="web"), code=authenticator.code()).get_json()["token"]

    bearer = {"Authorization": f"Bearer {token}"}
    listed = client.get("/api/auth/tokens", headers=bearer).get_json()["tokens"]
    assert [row["name"] for row in listed if row["current"]] == ["web"]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(authenticator, finish, challenge, clock, steps):
    clock.advance(seconds=60)

    assert finish(challenge(), code=authenticator.code(steps=steps)).status_code == 200


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_clock_may_not_be_two_steps_off(authenticator, finish, challenge, clock, steps):
    clock.advance(seconds=120)

    assert finish(challenge(), code=authenticator.code(steps=steps)).status_code == 401


def test_a_code_works_once(authenticator, finish, challenge):
    code = authenticator.code()
    first, second = challenge(), challenge()

    assert finish(first, code=code).status_code == 200
    assert finish(second, code=code).status_code == 401


def test_an_older_code_does_not_work_after_a_newer_one(authenticator, finish, challenge, clock):
    clock.advance(seconds=60)
    older, newer = authenticator.code(steps=-1), authenticator.code()

    assert finish(challenge(), code=newer).status_code == 200
    assert finish(challenge(), code=older).status_code == 401


@pytest.mark.parametrize("ahead", [{"minutes": 2}, {"days": 40}])
def test_a_code_of_a_clock_that_was_ahead_shuts_nobody_out(
    authenticator, finish, challenge, clock, ahead
):
    clock.advance(**ahead)
    assert finish(challenge(), code=authenticator.code()).status_code == 200
    clock.advance(**{unit: -number for unit, number in ahead.items()})
    clock.advance(seconds=60)
    code = authenticator.code()
    assert finish(challenge(), code=code).status_code == 200
    assert finish(challenge(), code=code).status_code == 401


def test_the_code_that_confirmed_does_not_log_in(authenticator, finish, challenge):
    assert finish(challenge(), code=authenticator.code(steps=-1)).status_code == 401


def test_a_login_can_be_finished_once(authenticator, finish, challenge, clock):
    totp_token = challenge()
    finish(totp_token, code=authenticator.code())
    clock.advance(seconds=30)

    assert finish(totp_token, code=authenticator.code()).status_code == 401


def test_a_mistyped_code_may_be_corrected(authenticator, finish, challenge):
    totp_token = challenge()

    assert finish(totp_token, code="000000").status_code == 401
    assert finish(totp_token, code=authenticator.code()).status_code == 200


def test_a_login_waits_five_minutes_for_its_code(authenticator, finish, challenge, clock):
    in_time, late = challenge(), challenge()
    clock.advance(minutes=4, seconds=59)
    assert finish(in_time, code=authenticator.code()).status_code == 200

    clock.advance(seconds=1)
    assert finish(late, code=authenticator.code(steps=1)).status_code == 401


def test_a_recovery_code_lets_in_once_however_it_is_typed(authenticator, finish, challenge):
    first, second = authenticator.recovery_codes[:2]

    assert finish(challenge(), recovery_code=f" {first.upper()} ").status_code == 200
    assert finish(challenge(), recovery_code=first).status_code == 401
    assert finish(challenge(), recovery_code=second.replace("-", "")).status_code == 200


def test_used_recovery_codes_are_counted_down(client, as_alice, authenticator, finish, challenge):
    finish(challenge(), recovery_code=authenticator.recovery_codes[0])

    left = client.get("/api/auth/totp", headers=as_alice).get_json()["recovery_codes_left"]
    assert left == 9


@pytest.mark.parametrize("proof", [{}, {"code": "123456", "recovery_code": "x"}])
def test_exactly_one_kind_of_code_is_needed(authenticator, finish, challenge, proof):
    assert finish(challenge(), **proof).status_code == 422


def test_a_made_up_totp_token_is_401(finish):
    assert finish("0" * 40, code="123456").status_code == 401


def test_five_wrong_codes_a_minute_stop_guessing_in_every_login(
    authenticator, finish, challenge, minutes_pass
):
    guesses = [finish(challenge(), code="000000").status_code for _ in range(5)]
    assert guesses == [401] * 5

    refused = finish(challenge(), code=authenticator.code())
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    minutes_pass(1.01)
    assert finish(challenge(), code=authenticator.code()).status_code == 200


def test_a_recovery_code_still_works_when_codes_were_guessed(
    authenticator, finish, challenge, minutes_pass
):
    for _ in range(6):
        finish(challenge(), code="000000")

    proof = {"recovery_code": authenticator.recovery_codes[0]}
    assert finish(challenge(), **proof).status_code == 200


def test_a_hundred_wrong_codes_a_day_are_all(authenticator, finish, challenge, minutes_pass):
    for _ in range(20):
        asked = challenge()
        assert [finish(asked, code="000000").status_code for _ in range(5)] == [401] * 5
        minutes_pass(1.01)

    refused = finish(challenge(), code=authenticator.code())
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3600
    minutes_pass(24 * 60)
    assert finish(challenge(), code=authenticator.code()).status_code == 200


def test_what_the_minute_refuses_costs_nothing_of_the_day(
    authenticator, finish, challenge, minutes_pass
):
    asked = challenge()
    refused = [finish(asked, code="000000").status_code for _ in range(110)]
    assert refused.count(429) == 105

    minutes_pass(1.01)
    assert finish(challenge(), code=authenticator.code()).status_code == 200


def test_confirming_again_and_again_shuts_nobody_out(
    client, as_alice, authenticator, finish, challenge, minutes_pass
):
    """All that needs is a token; a login needs the password as well."""
    for _ in range(10):
        client.post("/api/auth/totp/confirm", json={"code": "000000"}, headers=as_alice)

    assert finish(challenge(), code=authenticator.code()).status_code == 200


def test_recovery_codes_are_limited_by_client(authenticator, client, challenge, minutes_pass):
    def recover(code, address):
        return client.post(
            "/api/auth/login/totp",
            json={"totp_token": challenge(), "recovery_code": code},
            environ_overrides={"REMOTE_ADDR": address},
        ).status_code

    right = authenticator.recovery_codes[0]
    assert [recover("wrong", "198.51.100.9") for _ in range(6)] == [401] * 5 + [429]
    assert recover(right, "198.51.100.9") == 429
    assert recover(right, "203.0.113.4") == 200


def test_the_password_turns_it_off(client, as_alice, authenticator, log_in):
    wrong = client.delete("/api/auth/totp", json={"password": "not hers"}, headers=as_alice)
    assert wrong.status_code == 422
    assert log_in().get_json()["requires_totp"] is True

    right = client.delete("/api/auth/totp", json={"password": PASSWORD}, headers=as_alice)
    assert right.status_code == 204
    assert "token" in log_in().get_json()


def test_recovery_codes_are_stored_hashed(authenticator, database_bytes):
    stored = database_bytes()

    for code in authenticator.recovery_codes:
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored
