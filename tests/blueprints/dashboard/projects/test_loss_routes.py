"""GET /api/projects/{id}/losses: what was sent and is not there."""

import pytest

from app.domain.losses import LossKind, LossReason, LossSource
from app.services import losses


@pytest.fixture
def lose(app, clock, project):
    """Counted and stored."""

    def count(
        kind=LossKind.FEEDBACK, reason=LossReason.LIMITED, *, project_id=project.id, **values
    ):
        with app.app_context():
            losses.count(project_id, kind=kind, reason=reason, now=clock(), **values)
            app.extensions["losses"].flush()

    return count


def test_each_day_kind_and_reason_has_its_row_newest_day_first(call, lose, clock):
    lose(quantity=3)
    clock.advance(days=1)
    lose(LossKind.EVENT, LossReason.BUNDLE_MISMATCH, named_app="com.acme.beta", quantity=2**40)
    lose(quantity=2)
    lose(source=LossSource.CLIENT)

    answer = call("GET", "/losses")

    assert answer.status_code == 200
    feedback = {"kind": "feedback", "reason": "limited"}
    event = {"kind": "event", "reason": "bundle_mismatch"}
    assert answer.get_json() == {
        "losses": [
            {"day": "2026-05-08", "source": "client", **feedback, "count": 1},
            {"day": "2026-05-08", "source": "server", **event, "count": 2**40},
            {"day": "2026-05-08", "source": "server", **feedback, "count": 2},
            {"day": "2026-05-07", "source": "server", **feedback, "count": 3},
        ]
    }


@pytest.mark.parametrize(("query", "days"), [("", 7), ("?days=1", 1), ("?days=90", 90)])
def test_days_reach_back_as_far_as_asked(call, lose, clock, query, days):
    lose()
    clock.advance(days=days - 1)
    assert len(call("GET", f"/losses{query}").get_json()["losses"]) == 1
    clock.advance(days=1)
    assert call("GET", f"/losses{query}").get_json() == {"losses": []}


@pytest.mark.parametrize("query", ["days=0", "days=91", "days=x", "since=2026-05-07"])
def test_what_cannot_be_asked_is_refused(call, query):
    assert call("GET", f"/losses?{query}").status_code == 422


def test_another_projects_losses_are_not_told(call, lose, make_project):
    lose(project_id=make_project("Other").id)

    assert call("GET", "/losses").get_json() == {"losses": []}
