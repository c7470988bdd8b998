"""All measurements run from end to end, at a size that measures nothing."""

from bench.ladder import rungs
from bench.neighbours import KINDS
from bench.scale.town import QUESTIONS

SMALL_LADDER = (
    *("--client", "asyncio", "--requests", "20", "--rounds", "1", "--connections", "2"),
    *("--projects", "20", "--rows", "20", "--profiled", "5", "--memory", "10,20", "--rest", "0"),
    *("--starts", "1"),
)


def rows_of(printed: str, first_word: str) -> list[list[str]]:
    """The cells of the table rows that begin with it."""
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0].startswith(first_word)]


def test_a_small_ladder_prints_a_row_for_each_rung_on_each_database(measure):
    printed = measure("bench.ladder", "--parts", "load", *SMALL_LADDER)

    for name in rungs.NAMES:
        databases = {"–"} if name in rungs.YARDSTICKS else {"SQLite", "PostgreSQL"}
        shown = [row for row in rows_of(printed, name) if len(row) > 5]
        assert {row[1] for row in shown} == databases
        assert all(row[2] != "0" for row in shown)


def test_a_small_ladder_tells_where_the_time_goes_and_what_it_makes_of_the_targets(measure):
    parts = ("--parts", "profile,memory,start", "--databases", "sqlite")
    printed = measure("bench.ladder", *parts, *SMALL_LADDER)

    assert rows_of(printed, "**the thread of the request**")
    assert rows_of(printed, "MiB of one worker, idle, after 10 requests")
    (start,) = rows_of(printed, "seconds from start to first answer")
    assert start[3] == "reached" or start[3].startswith("missed by")


def test_a_small_scale_prints_a_growth_for_each_question_on_each_database(measure):
    printed = measure("bench.scale", "--divide", "1000", "--rounds", "1")

    for question in QUESTIONS:
        assert len([row for row in rows_of(printed, question) if len(row) == 4]) == 2
    assert len(rows_of(printed, "until the last row is gone")) == 2
    assert len(rows_of(printed, "newest 100, in the database, growth")) == 2


def test_a_small_console_prints_a_row_for_each_page_on_each_database(measure):
    databases = ("--databases", "sqlite", "postgresql")
    printed = measure("bench.console", "--divide", "50", "--rounds", "1", *databases)

    assert len(rows_of(printed, "`/projects/1/inbox?q=okapi`")) == 4
    assert all(len(row) >= 3 for row in rows_of(printed, "`/"))


def test_a_small_run_with_many_releases_prints_a_row_for_each_question_on_each_database(measure):
    printed = measure("bench.releases", "--quick", "--divide", "1000", "--rounds", "1")

    for question in (
        "`GET /readyz`",
        "`POST /ingest`",
        "`the doctor`",
        "`page /projects/1/releases`",
    ):
        assert len([row for row in rows_of(printed, question) if len(row) >= 7]) == 2


def test_scrubbing_prints_a_row_for_each_of_the_worst_texts(measure):
    printed = measure("bench.scrubbing", "--runs", "1", "--show", "4")

    assert len([row for row in rows_of(printed, "`") if len(row) >= 5]) == 5


def test_bodies_print_the_worst_of_each_route_and_how_they_grow(measure):
    printed = measure("bench.bodies", "--sizes", "8000", "--runs", "1", "--show", "2", "--growth")

    assert len([row for row in rows_of(printed, "`") if len(row) >= 4]) == 4


def test_neighbours_prints_a_row_for_each_kind_of_body(measure):
    printed = measure("bench.neighbours", "--seconds", "1", "--size", "20000")

    assert {"quiet", *KINDS} <= {row[0] for row in rows_of(printed, "")}


def test_reads_of_a_release_are_measured_on_both_databases(measure):
    printed = measure("bench.release_reads", "--quick")
    for database in ("sqlite", "postgresql"):
        of_database = printed.split(f"## {database}", 1)[1]
        assert "| `verdict` |" in of_database
        assert "| `?by=app_version` |" in of_database
        assert "times by the lowest, at most 1.1" in of_database


def test_a_small_list_of_projects_takes_as_many_statements_as_that_of_one(measure):
    printed = measure("bench.projects", "--divide", "100", "--rounds", "1")

    rows = rows_of(printed, "sqlite") + rows_of(printed, "postgresql")
    assert [row[1] for row in rows] == ["1 project", "50 projects"] * 2
    assert len({row[4] for row in rows}) == 1
