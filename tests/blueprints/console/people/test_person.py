"""What is kept about one person, looked up, handed over and erased by the project's owner."""

import pytest

BOB = "bob@example.com"


@pytest.fixture
def at(project):
    return f"/projects/{project.id}/person"


@pytest.fixture
def owner_page(as_owner_of_project, at):
    as_owner_of_project.get(at)
    return as_owner_of_project


def test_rows_that_name_the_person_are_counted(owner_page, at, make_feedback):
    make_feedback(email=BOB)
    make_feedback(email=BOB)
    make_feedback(email="jo@example.com")
    assert owner_page.send(at, email=BOB).status_code == 200
    assert "Kept about bob@example.com 2 feedback." in owner_page.text


def test_kinds_of_rows_are_told_in_words(owner_page, at, database):
    database.execute(f"UPDATE projects SET name = 'Made for {BOB}'")
    owner_page.send(at, email=BOB)
    assert "Kept about bob@example.com 1 project names." in owner_page.text


def test_somebody_unknown_is_said_to_be(owner_page, at, make_feedback):
    make_feedback()
    owner_page.send(at, email=BOB)
    assert "Nothing in this project names bob@example.com" in owner_page.text
    assert "Erase for good" not in owner_page.text


def test_export_is_a_file_with_every_row(owner_page, at, make_feedback):
    wanted = make_feedback(email=BOB, message="It went blank")
    make_feedback(email="jo@example.com")
    answer = owner_page.client.post(
        f"{at}/export", data={"email": BOB, "csrf_token": owner_page.token}
    )
    assert answer.headers["Content-Disposition"] == "attachment; filename=kept-about-a-person.json"
    [row] = answer.get_json()["feedback"]
    assert (row["id"], row["message"]) == (wanted, "It went blank")
    assert row["created_at"] == "2026-05-07T17:25:00Z"


def test_erasing_takes_theirs_and_no_others(owner_page, at, make_feedback, database_rows):
    make_feedback(email=BOB)
    kept = make_feedback(email="jo@example.com")
    assert owner_page.send(f"{at}/erase", email=BOB).location == at
    owner_page.get(at)
    assert "Erased for good: 1 feedback." in owner_page.text
    assert database_rows("SELECT id FROM feedback") == [(kept,)]


def test_owner_cannot_be_erased_and_reads_why(owner_page, at, owner):
    assert owner_page.send(f"{at}/erase", email=owner.email).status_code == 422
    assert "The email is that of the project's owner" in owner_page.text


@pytest.mark.parametrize("deed", ["", "/export", "/erase"])
def test_what_is_no_address_is_told_beside_the_field(owner_page, at, deed):
    assert owner_page.send(at + deed, email="bob").status_code == 422
    assert "This is not a valid e-mail address." in owner_page.text


def test_address_of_the_person_is_in_no_log(owner_page, at, make_feedback, log_lines):
    make_feedback(email=BOB)
    owner_page.send(at, email=BOB)
    owner_page.send(f"{at}/erase", email=BOB)
    assert any("/person" in line for line in log_lines)
    assert not any(BOB in line for line in log_lines)
