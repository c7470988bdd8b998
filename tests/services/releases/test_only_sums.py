"""A release of a server, whose sessions came as sums alone: what reads rows finds none, and says
so."""

import pytest

from app.domain.release_health import Durations, Window
from app.domain.release_slices import SliceBy
from app.services.pages import release_detail


@pytest.fixture
def read(record_sum, clock, project):
    """The page of a release that was given to a server, with the one before it."""
    record_sum(release="1.0", exited=900, crashed=10)
    record_sum(release="1.0", exited=1, environment="staging")
    record_sum(release="2.0", exited=700, crashed=300)
    record_sum(release="2.0", crashed=1, environment="staging")

    def page(by=None):
        window = Window(today=clock().date())
        return release_detail.read_compared(project.id, window, release="2.0", by=by)

    return page


def test_no_duration_is_known(read):
    assert read().detail.durations == Durations(None, None, None)


def test_it_is_judged_as_any_other(read):
    judged = read().judged
    assert (judged.against, judged.verdict) == ("1.0", "fail")


def test_slices_by_environment_have_all_of_it(read):
    sliced = read(SliceBy.ENVIRONMENT).detail.sliced
    assert {each.value: each.sessions.total for each in sliced.slices} == {
        "production": 1000,
        "staging": 1,
    }


@pytest.mark.parametrize("by", [SliceBy.OS_NAME, SliceBy.APP_VERSION])
def test_slices_that_sums_do_not_tell_are_empty(read, by):
    assert read(by).detail.sliced.slices == ()
