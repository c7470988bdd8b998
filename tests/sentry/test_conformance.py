"""The page on what of the Sentry dialect holds is what the vectors say, which the tests run."""

from tests.sentry.conformance import DATABASES, PAGE, everything_passed, table, with_table
from tests.sentry.vectors import load


def test_the_page_is_as_make_conformance_writes_it_when_all_vectors_hold():
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page, everything_passed()) == page


def test_what_fails_is_told_beside_what_holds():
    name = next(iter(load()))
    told = table({**everything_passed(), (name, "postgresql"): False})
    (line,) = [line for line in told.splitlines() if f"`{name}`" in line]
    assert line.endswith("| yes | **no** |")
    assert told.startswith(f"{len(load()) * len(DATABASES) - 1} of ")
