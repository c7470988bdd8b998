"""Tabs, counts and narrowing of the inbox, and that they stay quick in a large table."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app.database import read_transaction
from app.domain.feedback_status import FeedbackStatus
from app.extensions import db
from app.services.feedback import inbox, inbox_survey
from app.services.feedback.inbox import EVERYTHING, Narrowing, Neighbours

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def read(project):
    """A page of all feedback, unless told otherwise."""

    def page(*, status=None, limit=50, before=None, **narrowed):
        return inbox.read_page(
            project.id,
            status=status and FeedbackStatus(status),
            narrowing=Narrowing(**narrowed),
            limit=limit,
            before=before,
        )

    return page


@pytest.fixture
def found(read):
    return lambda **narrowed: [row.id for row in read(**narrowed).rows]


def test_a_tab_has_its_status_newest_first(make_feedback, found):
    first, handled, last = make_feedback(), make_feedback(status="handled"), make_feedback()
    assert found(status="open") == [last, first]
    assert found(status="handled") == [handled]
    assert found(status="archived") == []
    assert found() == [last, handled, first]


def test_counts_are_of_every_status_under_the_same_narrowing(make_feedback, read):
    make_feedback(app_version="1.0")
    make_feedback(app_version="1.0", status="archived")
    make_feedback(app_version="2.0")
    assert read(status="open", version="1.0").counts == {"open": 1, "handled": 0, "archived": 1}


@pytest.mark.parametrize(
    ("narrowed", "fields"),
    [
        ({"version": "1.0"}, {"app_version": "1.0"}),
        ({"has_email": True}, {"email": "bob@example.com"}),
        ({"words": ("blank", "BOB")}, {"message": "A Blank page", "name": "Bob"}),
        ({"words": ("élan",)}, {"message": "Sans ÉLAN"}),
        ({"words": ("50%_",)}, {"message": "50%_ off"}),
        ({"words": ("app.example",)}, {"url": "https://APP.example.com"}),
    ],
    ids=str,
)
def test_narrowing_keeps_what_is_like_that(make_feedback, found, narrowed, fields):
    wanted = make_feedback(**fields)
    make_feedback(message="50 percent", app_version="2.0")
    assert found(**narrowed) == [wanted]


def test_feedback_with_an_event_and_of_an_issue(make_feedback, make_event, found):
    event, other = make_event(), make_event()
    wanted, unlike = make_feedback(event_id=event.id), make_feedback(event_id=other.id)
    make_feedback()
    assert found(has_event=True) == [unlike, wanted]
    assert found(issue_id=event.issue_id) == [wanted]


def test_times_include_the_first_and_not_the_last_moment(make_feedback, found, clock):
    since = clock()
    first = make_feedback()
    clock.advance(hours=1)
    make_feedback()
    assert found(since=since, until=clock()) == [first]
    assert found(since=clock() + timedelta(seconds=1)) == []


@pytest.mark.parametrize("seen_rows", [1, 2, 3, 1000])
@pytest.mark.parametrize("status", [None, *FeedbackStatus])
def test_pages_and_counts_do_not_depend_on_how_many_are_looked_at_one_by_one(
    make_feedback, read, monkeypatch, seen_rows, status
):
    monkeypatch.setattr(inbox_survey, "_SEEN_ROWS", seen_rows)
    statuses = ["open", "archived", "open", "handled", "open", "handled"]
    ids = {make_feedback(message=f"needle {n}", status=s): s for n, s in enumerate(statuses)}
    make_feedback()
    of_tab = [row_id for row_id in sorted(ids, reverse=True) if status in (None, ids[row_id])]
    seen, before = [], None
    while True:
        page = read(status=status, words=("needle",), limit=2, before=before)
        assert page.counts == {"open": 3, "handled": 2, "archived": 1}
        seen += [row.id for row in page.rows]
        if (before := page.next_before) is None:
            break
    assert seen == of_tab


def test_row_says_what_its_issue_is_called(make_feedback, make_event, read):
    make_feedback(event_id=make_event().id)
    make_feedback()
    assert [row.issue_type for row in read().rows] == [None, "TypeError"]


def test_pages_follow_each_other_without_overlap(make_feedback, read):
    ids = [make_feedback() for _ in range(3)]
    first = read(limit=2)
    assert [row.id for row in first.rows] == ids[:0:-1]
    second = read(limit=2, before=first.next_before)
    assert [row.id for row in second.rows] == ids[:1]
    assert second.next_before is None


def test_newest_id_is_of_the_project_whatever_is_shown(make_feedback, read, make_project):
    assert read().newest_id == 0
    mine = make_feedback(status="archived")
    make_feedback(project_id=make_project("Other").id)
    assert read(status="open").newest_id == mine


def test_arrivals_are_open_and_came_after(project, make_feedback):
    seen = make_feedback()
    make_feedback(), make_feedback(message="blank")
    make_feedback(status="handled")
    assert inbox.count_arrivals(project.id, EVERYTHING, after=seen) == 2
    assert inbox.count_arrivals(project.id, Narrowing(words=("blank",)), after=seen) == 1


def test_neighbours_are_those_of_the_tab_even_of_what_left_it(project, make_feedback):
    older, moved, newer = make_feedback(), make_feedback(status="handled"), make_feedback()
    make_feedback(status="archived")

    def around(feedback_id):
        status = FeedbackStatus.OPEN
        return inbox.neighbours(project.id, feedback_id, status=status, narrowing=EVERYTHING)

    assert around(moved) == Neighbours(newer=newer, older=older)
    assert around(newer) == Neighbours(newer=None, older=older)
    assert around(older) == Neighbours(newer=newer, older=None)


@pytest.fixture
def plans(context):
    """SQLite's steps for each statement that reads feedback, as words."""
    sent = []

    def note(connection, cursor, statement, parameters, execution_context, executemany):
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    def read():
        seen = list(sent)
        with read_transaction() as connection:
            return [
                [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", p)]
                for s, p in seen
            ]

    event.listen(db.engine, "before_cursor_execute", note)
    yield read
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql")
def test_a_tab_reads_its_rows_and_counts_an_index(read, plans):
    read(status="open")
    counts, ids, rows, newest = plans()
    assert counts == ["SEARCH feedback USING COVERING INDEX ix_feedback_status (project_id=?)"]
    assert ids[0].startswith("SEARCH feedback USING COVERING INDEX ix_feedback_status")
    assert rows[0] == "SEARCH feedback USING INTEGER PRIMARY KEY (rowid=?)"
    assert newest[0].startswith("SEARCH feedback USING COVERING INDEX")
    assert not [step for steps in plans() for step in steps if "B-TREE" in step]


def seen_through(plans):
    """What each statement that reads feedback begins with, but for the last: the newest id."""
    return [steps[0].partition("(")[0].strip() for steps in plans()[:-1]]


@pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql")
def test_words_are_looked_for_in_one_walk_over_the_texts(read, plans, make_feedback, monkeypatch):
    monkeypatch.setattr(inbox_survey, "_SEEN_ROWS", 2)
    for number in range(3):
        make_feedback(message=f"needle {number}")
    texts = "SEARCH feedback_texts USING PRIMARY KEY"
    row = "SEARCH feedback USING INTEGER PRIMARY KEY"
    read(status="open", words=("needle",), limit=1)
    newest_ones, those_further_back, rows = plans()[:-1]
    assert [steps[0].startswith(texts) for steps in (newest_ones, those_further_back)] == [True] * 2
    assert "feedback_id<?" in those_further_back[0]
    assert rows[0].startswith(row)
    assert not [step for steps in plans() for step in steps if "B-TREE" in step]


@pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql")
def test_what_nobody_wrote_is_looked_for_once(read, plans):
    read(words=("nowhere",))
    assert seen_through(plans).count("SEARCH feedback_texts USING PRIMARY KEY") == 1


@pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql")
def test_days_are_found_in_an_index_before_anything_is_read(read, plans, make_feedback, clock):
    make_feedback()
    read(since=clock())
    days, newest_ones, rows, _ = plans()
    assert days == ["SEARCH feedback USING COVERING INDEX ix_feedback_status (project_id=?)"]
    assert newest_ones == [
        "SEARCH feedback USING INDEX ix_feedback_all (project_id=? AND id>? AND id<?)"
    ]


@pytest.mark.sqlite_only("PostgreSQL's plans are in test_query_plans_of_postgresql")
def test_arrivals_are_counted_in_an_index(project, plans):
    inbox.count_arrivals(project.id, EVERYTHING, after=5)
    assert plans() == [
        [
            "SEARCH feedback USING COVERING INDEX ix_feedback_status"
            " (project_id=? AND status=? AND id>?)"
        ]
    ]
