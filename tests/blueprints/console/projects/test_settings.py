"""A project's settings, token, deletion and audit."""

import re

import pytest
from sqlalchemy import insert

from app.blueprints.console.projects.audit_words import deed_in_words
from app.database import write_transaction
from app.domain.audit_action import AuditAction
from app.domain.tokens import new_project_token
from app.models import AuditEntry
from app.services.audit import AuditRow
from app.services.issues.event_bytes import DayKey
from app.services.people.erasure import erase_from_project
from app.services.projects import disk_survey


@pytest.fixture
def at(project):
    return f"/projects/{project.id}"


@pytest.fixture
def sql_key(database_rows):
    return lambda: database_rows("SELECT sentry_key FROM projects")[0][0]


class TestSettings:
    def test_owner_changes_them(self, as_owner_of_project, at):
        answer = as_owner_of_project.fill(
            f"{at}/settings", name="My shop", platform="web", bundle_id="com.acme.shop"
        )
        assert answer.location == f"{at}/settings"
        as_owner_of_project.get(f"{at}/settings")
        for value in ("Saved.", 'value="My shop"', 'value="web"', 'value="com.acme.shop"'):
            assert value in as_owner_of_project.page

    def test_empty_bundle_id_lets_the_next_app_pin(self, as_owner_of_project, at, database_rows):
        as_owner_of_project.fill(f"{at}/settings", name="My app", bundle_id="com.acme.shop")
        as_owner_of_project.fill(f"{at}/settings", name="My app", bundle_id=" ")
        assert database_rows("SELECT bundle_id FROM projects") == [(None,)]

    def test_page_tells_the_share_of_the_disk(self, app, clock, as_owner_of_project, project, at):
        with app.app_context():
            kept = app.extensions["event_bytes"]
            kept.add(DayKey(project.id, clock().date()), 12_300_000)
            kept.flush()
        as_owner_of_project.get(f"{at}/settings")
        assert "What this project keeps is being counted" in as_owner_of_project.text
        assert "12.3 MB came today (UTC), of 200 MB a day." in as_owner_of_project.text
        with app.app_context():
            disk_survey.count_all(now=clock())
        as_owner_of_project.get(f"{at}/settings")
        assert "All that is kept of this project takes about" in as_owner_of_project.text
        assert "Events: 1 row, about" in as_owner_of_project.text

    def test_page_says_that_events_of_no_app_are_refused_too(self, as_owner_of_project, at):
        as_owner_of_project.get(f"{at}/settings")
        assert "events of another bundle id, and those that name none" in as_owner_of_project.text

    def test_pinning_is_switched_off_and_on(self, as_owner_of_project, at, database_rows):
        def pinning():
            return [
                bool(value) for (value,) in database_rows("SELECT bundle_pinning FROM projects")
            ]

        fields = {"name": "My app", "bundle_id": "com.acme.shop"}
        as_owner_of_project.fill(f"{at}/settings", bundle_pinning="off", **fields)
        assert pinning() == [False]
        as_owner_of_project.fill(f"{at}/settings", **fields)  # from a page without the choice
        assert pinning() == [False]
        as_owner_of_project.get(f"{at}/settings")
        assert '<option selected value="off">Take them all</option>' in as_owner_of_project.page
        as_owner_of_project.fill(f"{at}/settings", bundle_pinning="on", **fields)
        assert pinning() == [True]
        as_owner_of_project.get(f"{at}/audit")
        assert "bundle pinning from on to off" in as_owner_of_project.text

    def test_what_releases_are_judged_by_is_set_as_percent(
        self, as_owner_of_project, at, database_rows, record
    ):
        record("crashed", user="ann")
        page = f"{at}/settings"
        as_owner_of_project.get(page)
        field = r'<input[^>]*name="users_good_from"[^>]*value="99"'
        assert re.search(field, as_owner_of_project.page)
        fields = {
            "sessions_good_from": "99.9 %",
            "sessions_warning_from": "99.5",
            "sessions_minimum": "1000",
            "users_good_from": "99",
            "users_warning_from": "95",
            "users_minimum": "0",
        }
        answer = as_owner_of_project.send(f"{page}/thresholds", **fields)
        assert answer.location == page
        query = "SELECT sessions_good_from, sessions_warning_from, sessions_minimum FROM projects"
        assert database_rows(query) == [(0.999, 0.995, 1000)]
        as_owner_of_project.get(f"{at}/audit")
        assert "sessions good from from “0.99” to “0.999”" in as_owner_of_project.text
        for shown in ("releases", "release?name=1.0"):
            as_owner_of_project.get(f"{at}/{shown}")
            assert (
                "sessions: green from 99.9 %, yellow from 99.5 %, red below; with fewer than 1,000"
                " sessions it is not certain" in as_owner_of_project.text
            )

    @pytest.mark.parametrize(
        ("field", "typed", "complaint"),
        [
            ("users_good_from", "good", "This must be a percentage from 0 to 100, such as 99.5."),
            ("users_good_from", "101", "This must be a percentage from 0 to 100, such as 99.5."),
            ("users_minimum", "-1", "This must be a whole number from 0 to 1,000,000,000."),
            ("users_minimum", "", "This is needed."),
            ("users_warning_from", "99.5", "The users rate that is fair must be at most the one"),
        ],
    )
    def test_lines_that_cannot_be_are_refused(
        self, as_owner_of_project, at, field, typed, complaint
    ):
        fields = {
            f"{unit}_{part}": usual
            for unit in ("sessions", "users")
            for part, usual in (("good_from", "99"), ("warning_from", "95"), ("minimum", "0"))
        }
        page = f"{at}/settings"
        as_owner_of_project.get(page)
        answer = as_owner_of_project.send(f"{page}/thresholds", **{**fields, field: typed})
        assert answer.status_code == 422
        assert complaint in as_owner_of_project.text

    def test_choice_that_there_is_not_is_refused(self, as_owner_of_project, at, database_rows):
        answer = as_owner_of_project.fill(f"{at}/settings", name="X", bundle_pinning="maybe")
        assert answer.status_code == 422
        assert database_rows("SELECT name FROM projects") == [("My app",)]

    @pytest.mark.parametrize(
        ("name", "complaint"),
        [
            ("", "This is needed."),
            ("x" * 121, "At most 120 characters, please."),
            ("NUL \0", "This has characters that cannot be stored."),
            ("pio_live_" + "0123" * 10, "The name holds a token: keep it secret."),
        ],
    )
    def test_bad_name_is_told_beside_the_field(self, as_owner_of_project, at, name, complaint):
        assert as_owner_of_project.fill(f"{at}/settings", name=name).status_code == 422
        assert complaint in as_owner_of_project.text

    def test_name_with_a_token_makes_no_project(self, as_owner_of_project):
        answer = as_owner_of_project.fill("/projects/new", name=new_project_token())
        assert answer.status_code == 422
        assert "The name holds a token: keep it secret." in as_owner_of_project.text

    def test_viewer_may_only_read(self, make_member, browser_of, at):
        browser = browser_of(make_member(role="viewer"))
        browser.get(f"{at}/settings")
        assert "You may read these; only the owner may change them." in browser.text
        assert "Save" not in browser.text
        browser.get(f"{at}/tokens")
        assert "Only the owner may add, revoke or replace tokens." in browser.text


class TestDsn:
    def test_everybody_who_may_read_the_settings_sees_it(self, as_owner_of_project, at, sql_key):
        for page in ("settings", "tokens", "start"):
            as_owner_of_project.get(f"{at}/{page}")
            assert f"://{sql_key()}@localhost" in as_owner_of_project.text

    def test_new_key_is_asked_for_first_and_tokens_stay(
        self, as_owner_of_project, at, project, post_feedback, sql_key
    ):
        old = sql_key()
        as_owner_of_project.get(f"{at}/dsn/replace")
        assert "fall silent at once" in as_owner_of_project.text
        as_owner_of_project.send(f"{at}/dsn/replace")
        as_owner_of_project.get(f"{at}/tokens")
        assert "The DSN has a new key." in as_owner_of_project.text
        assert sql_key() != old
        assert sql_key() in as_owner_of_project.text
        assert post_feedback(token=project.token).status_code == 202


class TestToken:
    def test_page_warns_before_it_is_replaced(self, as_owner_of_project, at, project):
        as_owner_of_project.get(f"{at}/tokens/replace")
        assert "Shipped apps fall silent" in as_owner_of_project.text
        assert project.token not in as_owner_of_project.page

    def test_new_one_is_shown_once_and_the_old_one_is_dead(
        self, as_owner_of_project, at, project, post_feedback
    ):
        as_owner_of_project.get(f"{at}/tokens")
        as_owner_of_project.send(f"{at}/tokens/replace")
        new_token = re.search(r"pio_live_[0-9a-f]{40}", as_owner_of_project.page)[0]

        assert post_feedback(token=project.token).status_code == 401
        assert post_feedback(token=new_token).status_code == 202
        assert new_token not in as_owner_of_project.get(f"{at}/tokens").get_data(as_text=True)

    def test_added_one_is_shown_once_listed_and_revoked_by_itself(
        self, as_owner_of_project, at, project, post_feedback
    ):
        as_owner_of_project.get(f"{at}/tokens")
        as_owner_of_project.fill(f"{at}/tokens", label="iOS app")
        added = re.search(r"pio_live_[0-9a-f]{40}", as_owner_of_project.page)[0]
        assert post_feedback(token=added).status_code == 202

        as_owner_of_project.get(f"{at}/tokens")
        assert "iOS app" in as_owner_of_project.text
        assert added not in as_owner_of_project.page
        (revoke,) = re.findall(
            rf'{at}/tokens/\d+/revoke(?=" aria-label="Revoke iOS)', as_owner_of_project.page
        )
        as_owner_of_project.get(revoke)
        assert "fall silent at once" in as_owner_of_project.text
        as_owner_of_project.send(revoke)
        assert post_feedback(token=added).status_code == 401
        assert post_feedback(token=project.token).status_code == 202

    def test_label_that_another_has_is_refused_beside_its_field(self, as_owner_of_project, at):
        as_owner_of_project.get(f"{at}/tokens")
        answer = as_owner_of_project.fill(f"{at}/tokens", label="first token")
        assert answer.status_code == 422
        assert "a token with this label already" in as_owner_of_project.text
        assert 'value="first token"' in as_owner_of_project.page
        assert not re.search(r"pio_live_[0-9a-f]{40}", as_owner_of_project.page)


class TestDeletion:
    def test_needs_the_name(self, as_owner_of_project, at):
        assert as_owner_of_project.fill(f"{at}/delete", confirm="my app").status_code == 422
        assert "This is not the name of the project." in as_owner_of_project.text
        assert as_owner_of_project.get(f"{at}/inbox").status_code == 200

    def test_with_the_name_the_project_is_gone(self, as_owner_of_project, at):
        assert as_owner_of_project.fill(f"{at}/delete", confirm="My app").location == "/projects"
        assert as_owner_of_project.get(f"{at}/inbox").status_code == 404


class TestAudit:
    def test_tells_deeds_in_sentences(self, as_owner_of_project, at, make_member, project):
        jo = make_member("jo@example.com")
        as_owner_of_project.fill(f"{at}/settings", name="My shop", bundle_id="com.acme.shop")
        as_owner_of_project.get(f"{at}/members")
        as_owner_of_project.send(f"{at}/members/{jo.id}/role", role="viewer")
        as_owner_of_project.send(f"{at}/members/{jo.id}/remove")
        as_owner_of_project.fill(f"{at}/members", email="kim@example.com", role="viewer")

        as_owner_of_project.get(f"{at}/audit")
        for sentence in (
            "The instance's shell created the project “My app”",
            "owner@example.com changed name from “My app” to “My shop”,"
            " bundle id from nothing to “com.acme.shop”",
            "owner@example.com made jo@example.com a viewer, who was a member",
            "owner@example.com removed jo@example.com",
            "owner@example.com invited kim@example.com as viewer",
        ):
            assert sentence in as_owner_of_project.text

    def test_leaving_is_told_as_that(self, at, make_member, browser_of, as_owner_of_project):
        jo = make_member("jo@example.com")
        browser_of(jo).fill(f"{at}/members/{jo.id}/remove")
        as_owner_of_project.get(f"{at}/audit")
        assert "jo@example.com left the project" in as_owner_of_project.text

    def test_every_deed_has_words(self, clock):
        for action in AuditAction:
            row = AuditRow(1, None, action, None, {}, clock())
            assert deed_in_words(row) != action

    def test_erasing_a_person_is_told_in_numbers(
        self, as_owner_of_project, at, app, project, clock, make_feedback
    ):
        make_feedback(email="alice@example.com")
        make_feedback(email="alice@example.com")
        with app.app_context():
            erase_from_project(
                project.id, "alice@example.com", actor="owner@example.com", now=clock()
            )
        as_owner_of_project.get(f"{at}/audit")
        assert "owner@example.com erased a person (2 feedback)" in as_owner_of_project.text

    def test_deed_of_another_version_is_told_as_well_as_can_be(
        self, as_owner_of_project, at, app, project, clock
    ):
        with app.app_context(), write_transaction() as connection:
            row = {"project_id": project.id, "actor": "a@example.com", "created_at": clock()}
            for action in ("project.sold", "member.invited", "project.changed"):
                connection.execute(insert(AuditEntry), {**row, "action": action, "detail": {}})
        as_owner_of_project.get(f"{at}/audit")
        for sentence in ("project.sold", "invited … as …", "changed the settings"):
            assert f"a@example.com {sentence}" in as_owner_of_project.text

    def test_older_deeds_are_on_the_next_page(self, as_owner_of_project, at):
        as_owner_of_project.get(f"{at}/tokens")
        for _ in range(50):
            as_owner_of_project.send(f"{at}/tokens/replace")
            as_owner_of_project.get(f"{at}/audit")
        assert "created the project" not in as_owner_of_project.text
        older = re.search(r'href="([^"]+)" rel="next"', as_owner_of_project.page)[1]
        as_owner_of_project.get(older)
        assert "created the project" in as_owner_of_project.text
        assert "Newest" in as_owner_of_project.text

    def test_cursor_that_is_no_id_shows_the_newest(self, as_owner_of_project, at):
        assert as_owner_of_project.get(f"{at}/audit?before=x").status_code == 200
        assert "created the project" in as_owner_of_project.text
