"""The account's pages: password, clients, deletion."""

import re

import pytest

from tests.blueprints.console.conftest import EMAIL, PASSWORD

NEW_PASSWORD = "another correct horse"


class TestPassword:
    def test_new_one_throws_out_every_other_client(self, as_alice, new_browser, bearer):
        other, headers = new_browser(), bearer(EMAIL)
        other.fill("/login", email=EMAIL, password=PASSWORD)

        answer = as_alice.fill(
            "/account/password", current_password=PASSWORD, password=NEW_PASSWORD
        )
        assert answer.location == "/account"
        as_alice.get("/account")
        assert "Your password is changed" in as_alice.text
        assert other.get("/account").status_code == 302
        assert as_alice.client.get("/api/auth/me", headers=headers).status_code == 401
        assert other.fill("/login", email=EMAIL, password=NEW_PASSWORD).location == "/"

    def test_needs_the_present_one(self, as_alice):
        answer = as_alice.fill("/account/password", current_password="no", password=NEW_PASSWORD)
        assert answer.status_code == 422
        assert "The current password is wrong." in as_alice.text

    def test_guesses_at_the_present_one_are_limited(self, as_alice):
        for _ in range(5):
            as_alice.fill("/account/password", current_password="no", password=NEW_PASSWORD)
        answer = as_alice.fill(
            "/account/password", current_password=PASSWORD, password=NEW_PASSWORD
        )
        assert answer.status_code == 429


class TestClients:
    def test_each_is_listed_and_can_be_logged_out(self, as_alice, bearer):
        headers = bearer(EMAIL)
        as_alice.get("/account")
        assert "Browser this one since 7 May 2026, 17:25 UTC" in as_alice.text
        assert "test since 7 May 2026, 17:25 UTC Log out" in as_alice.text

        assert as_alice.send("/account/clients/2/revoke").location == "/account"
        assert as_alice.client.get("/api/auth/me", headers=headers).status_code == 401

    def test_browsers_can_be_told_apart(self, browser, alice, new_browser, database_rows):
        pixel = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0 (Pixel 8)"
        browser.client.environ_base["HTTP_USER_AGENT"] = pixel
        browser.fill("/login", email=EMAIL, password=PASSWORD)
        other = new_browser()
        other.client.environ_base["HTTP_USER_AGENT"] = "something that nobody knows"
        other.fill("/login", email=EMAIL, password=PASSWORD)
        browser.get("/account")
        assert "Firefox on Android this one since" in browser.text
        assert "Browser since" in browser.text
        names = database_rows("SELECT name FROM user_tokens ORDER BY id")
        assert names == [("console:Firefox on Android",), ("console",)]

    def test_this_browser_is_not_logged_out_in_the_list(self, as_alice):
        as_alice.get("/account")
        assert as_alice.send("/account/clients/1/revoke").status_code == 404
        assert as_alice.get("/account").status_code == 200

    def test_all_others_can_be_logged_out_at_once(self, as_alice, new_browser):
        other = new_browser()
        other.fill("/login", email=EMAIL, password=PASSWORD)
        as_alice.get("/account")
        as_alice.send("/account/clients/revoke")
        assert other.get("/account").status_code == 302
        assert as_alice.get("/account").status_code == 200


class TestDeletion:
    def test_needs_the_password(self, as_alice):
        assert as_alice.fill("/account/delete", password="wrong").status_code == 422
        assert "The password is wrong." in as_alice.text
        assert as_alice.get("/account").status_code == 200

    def test_takes_the_account_and_its_projects(self, as_alice, new_browser, database_rows):
        as_alice.fill("/projects/new", name="Garden shop")
        as_alice.get("/account/delete")
        assert "Garden shop" in as_alice.text
        assert as_alice.send("/account/delete", password=PASSWORD).location == "/login"
        as_alice.get("/login")
        assert "Your account is deleted" in as_alice.text
        assert new_browser().fill("/login", email=EMAIL, password=PASSWORD).status_code == 401
        assert database_rows("SELECT id FROM accounts") == []


def test_password_that_is_guessed_first_is_refused_beside_its_field(as_alice):
    answer = as_alice.fill("/account/password", current_password=PASSWORD, password="qwertyuiop")

    assert answer.status_code == 422
    assert "The password is one that is tried early" in as_alice.text


class TestApiTokens:
    @pytest.fixture
    def secret(self, as_alice):
        """Of a token that was made on the page."""
        as_alice.get("/account")
        as_alice.send("/account/tokens", name="Report", expires_in_days="7", read_only="y")
        return re.search(r"<code>(\d+\|[0-9a-f]{40})</code>", as_alice.page)[1]

    def test_new_one_is_shown_once_and_works(self, as_alice, secret):
        headers = {"Authorization": f"Bearer {secret}"}
        assert as_alice.client.get("/api/auth/me", headers=headers).status_code == 200
        as_alice.get("/account")
        assert secret not in as_alice.page
        assert "Report read-only made 7 May 2026, 17:25 UTC expires 14 May" in as_alice.text

    def test_expired_one_is_marked(self, as_alice, secret, clock):
        clock.advance(days=7)
        as_alice.get("/account")
        assert "Report read-only expired made 7 May 2026" in as_alice.text

    def test_is_revoked(self, as_alice, secret):
        as_alice.get("/account")
        assert as_alice.send("/account/tokens/2/revoke").location == "/account"
        as_alice.get("/account")
        assert "The token is revoked." in as_alice.text
        headers = {"Authorization": f"Bearer {secret}"}
        assert as_alice.client.get("/api/auth/me", headers=headers).status_code == 401

    def test_this_browser_is_not_logged_out_as_one(self, as_alice):
        as_alice.get("/account")
        assert as_alice.send("/account/tokens/1/revoke").status_code == 404

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"name": ""}, "This is needed."),
            ({"name": "me@example.com"}, "The name may hold letters"),
            ({"name": "Report", "expires_in_days": "soon"}, "A whole number of days, please."),
            ({"name": "Report", "expires_in_days": "0"}, "from 1 to 3650"),
            ({"name": "Report", "expires_in_days": "9999999999"}, "from 1 to 3650"),
        ],
    )
    def test_what_cannot_be_is_refused_beside_its_field(
        self, as_alice, fields, said, database_rows
    ):
        as_alice.get("/account")
        assert as_alice.send("/account/tokens", **fields).status_code == 422
        assert said in as_alice.text
        assert len(database_rows("SELECT id FROM user_tokens")) == 1

    def test_page_leads_to_what_the_api_can_do(self, as_alice):
        as_alice.get("/account")
        assert 'href="/api/docs"' in as_alice.page

    def test_page_works_without_the_documentation(self, alice, make_browser):
        browser = make_browser(blueprints=("accounts", "console"))
        browser.fill("/login", email=EMAIL, password=PASSWORD)
        assert browser.get("/account").status_code == 200
        assert "/api/docs" not in browser.page
