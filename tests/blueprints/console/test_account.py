"""The account's pages: password, clients, deletion."""

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
