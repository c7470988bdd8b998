"""What every project keeps is counted anew, so whatever came and went, the figures are right."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.database import read_transaction, write_transaction
from app.domain.losses import LossKind, LossReason
from app.models import DiskShare, Event, Feedback, Project
from app.models.declared import children_first, duties_of, of_project
from app.services import losses, projects
from app.services.feedback import triage as feedback_triage
from app.services.issues import triage as issue_triage
from app.services.people import erasure
from app.services.projects import disk_shares, disk_survey
from app.services.projects import purge as project_purge

pytestmark = pytest.mark.usefixtures("context")
ALICE = "alice@example.com"


@pytest.fixture
def kept():
    """By project and table, as the survey has it."""

    def read():
        columns = (DiskShare.project_id, DiskShare.of_table, DiskShare.rows_kept)
        with read_transaction() as connection:
            return {
                (project, table): n for project, table, n in connection.execute(select(*columns))
            }

    return read


@pytest.fixture
def real():
    """The same, counted table by table and project by project."""

    def read():
        models = [m for m in children_first() if duties_of(m).project_by and m is not DiskShare]
        with read_transaction() as connection:
            ids = connection.execute(select(Project.id).where(Project.deleted_at.is_(None)))
            found = {
                (project_id, str(model.__tablename__)): connection.execute(
                    select(func.count()).select_from(model).where(of_project(model, project_id))
                ).scalar_one()
                for project_id in ids.scalars().all()
                for model in models
            }
        return {key: count for key, count in found.items() if count}

    return read


@pytest.fixture
def no_thread(app):
    """Who deletes a project purges it here, and nobody else."""
    app.extensions["background_purge"].stop()


@pytest.fixture
def steps(app, no_thread, project, make_project, make_feedback, record, ingest, purge, clock):
    """What may happen to the rows of a project: posts, triage, age, erasure, deletion."""
    ids = [project.id, make_project("Other").id]

    def some(model):
        with read_transaction() as connection:
            query = select(model.project_id, model.id).order_by(model.id)
            return connection.execute(query).all()

    def delete_feedback(rng):
        if found := some(Feedback):
            project_id, row_id = rng.choice(found)
            feedback_triage.remove(project_id, row_id, actor=None, now=clock())

    def delete_issue(rng):
        if found := some(Event):
            project_id, event_id = rng.choice(found)
            with read_transaction() as connection:
                query = select(Event.issue_id).where(Event.id == event_id)
                issue_id = connection.execute(query).scalar_one()
            issue_triage.remove(project_id, issue_id, actor=None, now=clock())

    def age(rng):
        clock.advance(days=rng.choice([1, 40, 100]))
        purge()

    def erase(rng):
        list(erasure.erase_from_instance(ALICE, now=clock()))

    def delete_project(rng):
        made = make_project(f"Short-lived {rng.random()}")
        record("ok", project_id=made.id, user="ann")
        make_feedback(project_id=made.id)
        projects.mark_deleted(made.id, confirm=made.name, actor=None, now=clock())
        list(project_purge.run())

    def lose(rng):
        losses.count(rng.choice(ids), kind=LossKind.EVENT, reason=LossReason.LIMITED, now=clock())
        app.extensions["losses"].flush()
        app.extensions["event_bytes"].flush()

    def post_event(rng):
        ingest(
            rng.choice("abc"),
            project_id=rng.choice(ids),
            release=rng.choice(["1.0", "2.0", None]),
            content={"user": {"email": rng.choice([ALICE, "bob@example.com"])}},
        )

    return [
        lambda rng: make_feedback(project_id=rng.choice(ids), email=rng.choice([ALICE, "b@c.org"])),
        lambda rng: record(
            rng.choice(["ok", "crashed"]),
            project_id=rng.choice(ids),
            user=rng.choice(["ann", ALICE, None]),
            release=rng.choice(["1.0", "2.0"]),
        ),
        post_event,
        lose,
        delete_feedback,
        delete_issue,
        age,
        erase,
        delete_project,
    ]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_came_and_went_the_counted_rows_are_the_real_ones(steps, kept, real, clock, seed):
    rng = random.Random(seed)
    for step in rng.choices(steps[:4], k=8):  # so that there is something to take away
        step(rng)
    for _ in range(4):
        for step in rng.choices(steps, k=5):
            step(rng)
        clock.advance(seconds=1)
        disk_survey.count_all(now=clock())
        assert kept() == real()


@pytest.mark.parametrize("ids", [range(1, 2000, 2), range(7, 70000, 70), range(1, 4)])
def test_bytes_are_near_what_the_messages_hold(project, clock, ids):
    with write_transaction() as connection:
        row = {"project_id": project.id, "status": "open", "created_at": clock()}
        rows = [{**row, "id": id, "message": "x" * 2 * (id % 1000)} for id in ids]
        connection.execute(insert(Feedback), rows)
        dialect = connection.dialect.name
    disk_survey.count_all(now=clock())
    on_disk = duties_of(Feedback).on_disk
    fixed = getattr(on_disk, dialect) * len(rows)
    texts = on_disk.texts["message"] * sum(len(row["message"]) for row in rows)

    use = disk_shares.of_project(project.id, today=clock().date()).disk
    (feedback,) = (each for each in use.kinds if each.kind == "feedback")

    assert feedback.rows == len(rows)
    assert (fixed + texts) * 0.8 < feedback.bytes < (fixed + texts) * 1.2 + 100


def test_who_looks_soon_after_gets_what_was_counted(app, project, clock, kept, make_feedback):
    survey = app.extensions["disk_survey"]
    survey.run()
    make_feedback()
    clock.advance(hours=1)
    survey.run()  # by this process's own clock it was a moment ago
    assert (project.id, "feedback") not in kept()


def test_what_another_process_counted_lately_is_not_counted_again(
    app, project, clock, kept, make_feedback
):
    disk_survey.count_all(now=clock())
    make_feedback()
    app.extensions["disk_survey"].run()
    assert (project.id, "feedback") not in kept()


@pytest.mark.parametrize("moved", [timedelta(hours=-2), timedelta(minutes=6)])
def test_a_count_that_is_old_or_of_the_future_is_made_again(
    app, project, clock, kept, make_feedback, moved
):
    disk_survey.count_all(now=clock())
    make_feedback()
    clock.time += moved
    app.extensions["disk_survey"].run()
    assert kept()[project.id, "feedback"] == 1
