"""Every table says what it owes, and all who serve it read that: shown with a made-up one."""

import importlib
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.blueprints.dashboard.people.schemas import ErasedCountsSchema
from app.database import read_transaction, write_transaction
from app.extensions import Model
from app.models import Project, declared
from app.models.columns import Moment, RowId
from app.models.duties import (
    OURS_TO_CHOOSE,
    Ages,
    Duties,
    Expires,
    HandledIn,
    OnErasure,
    PersonData,
    Searched,
    WhenAhead,
)
from app.services.instance import future_repair, future_rows, kept_figures, move_target, retention
from app.services.people import erasure as person_erasure
from app.services.people import export as person_export
from app.services.people.rows import PersonRows
from app.services.projects import purge as project_purge
from tests.models.what_is_owed import problems

ALICE = "alice@example.com"


class Elsewhere(DeclarativeBase):
    """Not among the app's tables, but where a test says so."""


class Note(Elsewhere):
    """A table as the next feature may bring one."""

    __tablename__ = "made_up_notes"

    id: Mapped[RowId]
    project_id: Mapped[int] = mapped_column(
        ForeignKey(Project.__table__.c.id, ondelete="CASCADE"), index=True
    )
    said: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[Moment]

    duties = Duties(
        project_by="project_id",
        ages=(Ages("made_up_notes", by="made_at", setting="feedback_retention_days"),),
        texts={"said": Searched(), "kind": OURS_TO_CHOOSE},
        times={"made_at": WhenAhead.AS_ROW_BEFORE},
        person=PersonData("made_up_notes", OnErasure.DELETE),
    )


@dataclass(frozen=True, kw_only=True)
class PersonNote:
    id: int
    project_id: int
    said: str


@dataclass(frozen=True, kw_only=True)
class RowsWithNotes(PersonRows):
    made_up_notes: list[PersonNote]


@pytest.fixture
def declare(monkeypatch):
    """Changes what the made-up table declares; with nothing, it declares nothing."""

    def change(**values):
        if values:
            monkeypatch.setattr(Note, "duties", replace(Note.duties, **values))
        else:
            monkeypatch.delattr(Note, "duties")

    return change


@pytest.fixture
def notes(context, monkeypatch, clock):
    """The table is there, is one of the app's, and takes rows."""
    monkeypatch.setattr(person_export, "PersonRows", RowsWithNotes)
    real = declared.all_models()
    monkeypatch.setattr(declared, "all_models", lambda: [*real, Note])
    with write_transaction() as connection:
        Note.__table__.create(connection)

    def add(project_id, *texts):
        row = {"project_id": project_id, "kind": "short", "made_at": clock()}
        with write_transaction() as connection:
            connection.execute(insert(Note), [{**row, "said": text} for text in texts])

    return add


def said():
    with read_transaction() as connection:
        return list(connection.execute(select(Note.said).order_by(Note.id)).scalars())


@pytest.mark.parametrize("model", declared.all_models(), ids=lambda model: model.__tablename__)
def test_every_table_says_what_it_owes(model):
    assert list(problems(model)) == []


def test_a_table_without_a_model_is_told_by_name():
    table = Table("made_up_pairs", Model.metadata, Column("said", String))
    try:
        with pytest.raises(declared.Undeclared, match="made_up_pairs"):
            declared.all_models()
    finally:
        Model.metadata.remove(table)


def test_the_figures_are_checked_where_their_tables_say(context, monkeypatch):
    asked = []
    ledger = importlib.import_module("app.services.sessions.ledger")
    monkeypatch.setattr(ledger, "verify", lambda: asked.append("sessions") or ["off by one"])

    assert list(kept_figures.verify()) == ["off by one"]
    assert asked == ["sessions"]  # once, though several tables name it


@pytest.mark.parametrize(
    ("column", "is_a_count"),
    [
        (Column("read", Integer, nullable=False), True),
        (Column("read", BigInteger, nullable=False), True),
        (Column("read", Integer), False),
        (Column("read", ForeignKey(Project.__table__.c.id), nullable=False), False),
    ],
)
def test_a_count_that_nobody_checks_is_told_by_name(column, is_a_count):
    class Counted(DeclarativeBase):
        pass

    class Tally(Counted):
        __tablename__ = "made_up_tallies"
        id: Mapped[RowId]
        duties = Duties(project_by="id", ages=(), texts={})

    Tally.__table__.append_column(column)
    told = [problem for problem in problems(Tally) if ".read: what compares it" in problem]
    assert bool(told) == is_a_count


def test_a_project_id_is_none_of_the_instance():
    class Loose(DeclarativeBase):
        pass

    class Tally(Loose):
        __tablename__ = "made_up_tallies"
        id: Mapped[RowId]
        project_id: Mapped[int | None]
        duties = Duties(project_by=None, ages=(), texts={})

    (problem,) = problems(Tally)
    assert problem.startswith("made_up_tallies: it hangs on a project")


def test_the_answer_to_an_erasure_has_a_number_for_each_kind():
    assert set(ErasedCountsSchema().fields) == set(PersonRows.kinds())


def test_a_table_that_declares_nothing_is_told_by_name(declare):
    declare()

    (problem,) = problems(Note)

    assert problem.startswith("made_up_notes: ")
    with pytest.raises(declared.Undeclared, match="made_up_notes"):
        declared.duties_of(Note)


def test_who_serves_tables_stops_at_one_that_declares_nothing(notes, declare, settings, clock):
    declare()

    for run in (
        lambda: next(project_purge._rows_of(1)),
        lambda: retention.plan(settings, now=clock()),
        lambda: person_erasure.look_up(ALICE),
        lambda: person_export.export_from_instance(ALICE),
        move_target.tables,
    ):
        with pytest.raises(declared.Undeclared, match="made_up_notes"):
            run()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"texts": {"kind": OURS_TO_CHOOSE}}, "notes.said"),  # a new column of text
        ({"texts": {**Note.duties.texts, "sayd": Searched()}}, "notes.sayd"),
        ({"texts": {**Note.duties.texts, "said": Searched(shares="label")}}, "notes.said"),
        ({"times": {}}, "notes.made_at: what puts it right"),  # a new column of moments
        ({"times": {**Note.duties.times, "mad_at": WhenAhead.NOW}}, "notes.mad_at"),
        ({"times": {"made_at": WhenAhead.TO_DAY_BEFORE}}, "notes.made_at: it is no day"),
        (
            {"times": {"made_at": HandledIn("app.services.sessions.ledger")}},
            "notes: app.services.sessions.ledger has no repair",
        ),
        (
            {"times": {"made_at": HandledIn("app.services.instance.future_sessions")}},
            "notes: app.services.instance.future_sessions does not know it",
        ),
        ({"project_by": None}, "notes: it hangs on a project"),
        ({"project_by": "project"}, "notes.project"),
        (
            {"ages": (Ages("made_up_notes", by="made", setting="feedback_retention_days"),)},
            "notes.made",
        ),
        (
            {"ages": (Ages("made_up_notes", by="kind", setting="feedback_retention_days"),)},
            "notes.kind",
        ),
        (
            {"ages": (Ages("made_up_notes", by="made_at", setting="note_days"),)},
            "setting note_days",
        ),
        (
            {
                "ages": (
                    Ages(
                        "made_up_notes",
                        by="made_at",
                        setting="event_retention_days",
                        forgets=("said",),
                    ),
                )
            },
            "notes.said: it cannot be forgotten",
        ),
        ({"person": None}, "notes: it is searched"),
        (
            {"person": PersonData("made_up_notes", OnErasure.DELETE)},
            "notes: an export has no made_up_notes",
        ),
        (
            {"person": PersonData("events", HandledIn("app.services.people.erasure"))},
            "notes: app.services.people.erasure does not know it",
        ),
        (
            {"checked_in": HandledIn("app.services.sessions.ledger")},
            "notes: app.services.sessions.ledger does not know it",
        ),
        (
            {"texts": {**Note.duties.texts, "said": HandledIn("app.services.people.search")}},
            "notes: app.services.people.search does not know it",
        ),
        ({"person": PersonData("events", OnErasure.DELETE)}, "notes: an export does not tell said"),
    ],
)
def test_what_is_missing_or_misspelt_is_told_by_name(declare, values, named):
    declare(**values)

    assert any(named in problem for problem in problems(Note)), list(problems(Note))


def test_rows_go_with_their_project(app, notes, project, make_project, clock):
    app.extensions["background_purge"].stop()
    other = make_project("Other")
    notes(project.id, "mine")
    notes(other.id, "theirs", "theirs, too")
    with write_transaction() as connection:
        gone = Project.__table__.update().where(Project.id == other.id)
        connection.execute(gone.values(deleted_at=clock(), owner_id=None))
    due = project_purge.due()

    assert sum(project_purge.run()) == due >= 3
    assert said() == ["mine"]


def test_rows_go_when_they_are_older_than_the_setting(notes, project, settings, clock):
    month = replace(settings, feedback_retention_days=30)
    notes(project.id, "old")
    clock.advance(days=31)
    notes(project.id, "new")

    purges = {each.what: each for each in retention.plan(month, now=clock())}

    assert (purges["made_up_notes"].due, sum(purges["made_up_notes"].run())) == (1, 1)
    assert said() == ["new"]
    forever = replace(settings, feedback_retention_days=0)
    assert "made_up_notes" not in {each.what for each in retention.plan(forever, now=clock())}


def test_rows_of_the_future_are_told_and_put_right(notes, project, clock):
    notes(project.id, "before")
    clock.advance(days=50)
    notes(project.id, "ahead")
    clock.advance(days=-50)

    (told,) = future_rows.find_in_database(now=clock())
    repaired = list(future_repair.repair(now=clock()))

    assert str(told) == "1 made up notes of the future, up to 2026-06-26"
    assert repaired == ["made_at of 1 made up notes put right"]
    assert future_rows.find_in_database(now=clock()) == []


def test_rows_go_when_nobody_can_use_them(notes, declare, project, settings, clock):
    declare(ages=(Expires("stale notes", by="made_at", after=timedelta(hours=1)),))
    notes(project.id, "old")
    clock.advance(hours=1)

    purges = {each.what: each for each in retention.plan(settings, now=clock())}

    assert sum(purges["stale notes"].run()) == 1


def test_rows_that_name_a_person_are_exported_and_go(notes, project, clock):
    notes(project.id, f"Call {ALICE}", "Call bob@example.com")

    exported = person_export.export_from_project(project.id, ALICE).made_up_notes
    erased = person_erasure.erase_from_project(project.id, ALICE, actor="x", now=clock())

    assert exported == [PersonNote(id=1, project_id=project.id, said=f"Call {ALICE}")]
    assert erased == {"made_up_notes": 1}
    assert said() == ["Call bob@example.com"]


def test_rows_that_others_made_stay_without_the_name(notes, declare, project, clock):
    declare(person=PersonData("made_up_notes", OnErasure.HIDE_NAME))
    notes(project.id, f"Call {ALICE}")

    assert person_erasure.look_up(ALICE)[1] == {"made_up_notes": 1}
    erased = person_erasure.erase_from_project(project.id, ALICE, actor="x", now=clock())

    assert erased == {"made_up_notes": 1}
    assert said() == ["[REDACTED]"]


@pytest.mark.parametrize("is_moved", [True, False])
def test_a_move_copies_what_is_to_be_moved_after_what_it_points_to(notes, declare, is_moved):
    declare(is_moved=is_moved)

    names = [table.name for table in move_target.tables()]

    assert ("made_up_notes" in names) == is_moved
    if is_moved:
        assert names.index("projects") < names.index("made_up_notes")
