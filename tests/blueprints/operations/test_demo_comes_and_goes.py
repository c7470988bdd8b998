"""Whose the demo is, that there is one at most, and that it goes without a trace."""

import re

import pytest
from sqlalchemy import func, select

from app.blueprints.operations import demo_story
from app.blueprints.operations.demo_story import StoryRelease
from app.database import read_transaction
from app.extensions import db
from app.services import accounts, projects
from app.services.projects import demos
from tests.blueprints.accounts.conftest import PASSWORD


@pytest.fixture(autouse=True)
def _short_story(monkeypatch):
    """A demo with one release and little feedback: what it tells is tested elsewhere."""
    only = (StoryRelease("1.4.0", 9, 5.5, users=60, sessions=61),)
    for module in ("demo_story", "demo_plan"):
        monkeypatch.setattr(f"app.blueprints.operations.{module}.RELEASES", only)
    monkeypatch.setattr("app.blueprints.operations.demo_plan.FEEDBACK_COUNT", 5)
    monkeypatch.setattr("app.blueprints.operations.demo_plan.DEMO_DAYS", 9)
    monkeypatch.setattr("app.blueprints.operations.demo_plan.NEWEST_DAYS_AGO", 6)
    assert demo_story.RELEASES == only


@pytest.fixture
def counts(app):
    """How many rows each table has."""

    def read():
        with app.app_context(), read_transaction() as connection:
            return {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in db.metadata.tables.items()
            }

    return read


@pytest.fixture
def person(app, clock):
    def make(email="alice@example.com"):
        with app.app_context():
            return accounts.create(email, password=PASSWORD, now=clock())

    return make


@pytest.fixture
def owners(app):
    def read():
        with app.app_context():
            return [(row.name, row.owner) for row in projects.list_all()]

    return read


def password_in(printed):
    return re.search(r"password       (\S+)\n", printed)[1]


def test_only_account_of_the_instance_owns_it(run, person, owners):
    person()
    result = run("demo")

    assert owners() == [("Demo shop", "alice@example.com")]
    assert "It belongs to alice@example.com" in result.printed
    assert "  password " not in result.printed


@pytest.mark.parametrize("people", [[], ["alice@example.com", "bob@example.com"]])
def test_it_makes_an_account_where_there_is_none_or_a_choice(run, client, person, owners, people):
    for email in people:
        person(email)
    credentials = {"email": "demo@example.com", "password": password_in(run("demo").printed)}

    assert owners() == [("Demo shop", "demo@example.com")]
    assert client.post("/api/auth/login", json=credentials).status_code == 200


def test_somebodys_account_with_the_address_of_the_demo_keeps_its_password(
    run, client, person, owners
):
    for email in ("alice@example.com", "demo@example.com"):
        person(email)
    run("demo")
    credentials = {"email": "demo@example.com", "password": PASSWORD}
    run("demo")

    assert owners() == [("Demo shop", "demo@example.com")]
    assert client.post("/api/auth/login", json=credentials).status_code == 200
    run("demo", "--remove")
    assert client.post("/api/auth/login", json=credentials).status_code == 200


def test_second_one_adds_nothing_and_tells_how_to_log_in(run, client, counts):
    first = password_in(run("demo").printed)
    before = counts()
    again = run("demo")

    assert "there is no second one" in again.printed
    assert {name: n for name, n in counts().items() if n > before[name]} == {}
    answers = [
        client.post(
            "/api/auth/login", json={"email": "demo@example.com", "password": password}
        ).status_code
        for password in (first, password_in(again.printed))
    ]
    assert answers == [401, 200]


@pytest.mark.parametrize(
    "people", [[], ["alice@example.com"], ["alice@example.com", "bob@b.example"]]
)
def test_removing_it_leaves_nothing(run, person, counts, people):
    for email in people:
        person(email)
    before = counts()
    run("demo")
    assert counts()["sessions"] > 0

    assert "Removed project" in run("demo", "--remove").printed
    assert counts() == before
    assert run("demo", "--remove").printed == "There is no demo here.\n"


def test_removing_it_leaves_what_people_own(app, run, person, clock, owners):
    alice = person()
    with app.app_context():
        projects.create("Demo shop", owner_id=alice.id, actor=None, now=clock())
    run("demo")
    run("demo", "--remove")

    assert owners() == [("Demo shop", "alice@example.com")]


def test_account_that_owns_something_else_stays_until_that_is_gone(app, run, clock, owners):
    run("demo")
    with app.app_context():
        demo_account = accounts.find_by_email("demo@example.com")
        mine = projects.create("Mine", owner_id=demo_account.id, actor=None, now=clock())
    assert "Kept account demo@example.com: it owns Mine." in run("demo", "--remove").printed
    assert owners() == [("Mine", "demo@example.com")]

    with app.app_context():
        projects.mark_deleted(mine.id, confirm="Mine", actor=None, now=clock())
    assert "Removed account demo@example.com." in run("demo", "--remove").printed


def test_project_that_somebody_deleted_can_be_made_again(app, run, clock, owners):
    run("demo")
    with app.app_context():
        (project,) = demos.find().projects
        projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())
    run("demo")

    assert owners() == [("Demo shop", "demo@example.com")]


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_first_page_tells_of_it_and_how_it_goes_away(run, client, path):
    assert "demo --remove" not in client.get(path).text
    run("demo")
    assert "demo --remove" in client.get(path).text
    run("demo", "--remove")
    assert "demo --remove" not in client.get(path).text
