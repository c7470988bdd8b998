"""Made-up requests through a real gunicorn, whose parsing no test client has.

One instance for all operations, the deleting ones last: each answer is a documented one, and no
operation only hears that there is no such thing. That each gets through, on an instance of its own,
is held by tests/blueprints/documentation.
"""

import json
from collections import defaultdict
from urllib.request import urlopen

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from app.database import read_transaction
from app.domain.roles import Role
from app.domain.session_moves import SessionReport
from app.domain.session_status import SessionStatus
from app.models import Event
from app.services import accounts, issues, sessions
from app.services.projects import invitations
from app.services.projects import tokens as project_tokens

RELEASE = "1.4.2"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def path_values(app, clock, owner, project, make_member, make_feedback, issue_ids):
    """What is there, by the name that it has in addresses."""
    with app.app_context():
        report = SessionReport(
            session_id=bytes(range(16)),
            status=SessionStatus.CRASHED,
            release=RELEASE,
            environment="production",
        )
        sessions.record(project.id, report, now=clock())
        invited = invitations.invite(
            project.id, email="awaited@example.com", role=Role.MEMBER, actor=None, now=clock()
        )
        spare = project_tokens.add(project.id, "spare", actor=None, now=clock())
        other = accounts.issue_token(owner.email, client="other", now=clock())
        with read_transaction() as connection:
            event_id = connection.execute(
                select(Event.id).where(Event.issue_id == issue_ids[0])
            ).scalar_one()
    return {
        "project": project.id,
        "member": make_member().id,
        "invitation": invited.row.id,
        "feedback_id": make_feedback(event_id=event_id),
        "issue": issue_ids[0],
        "event_id": event_id,
        "token": spare.id,
        "token_id": int(other.token.partition("|")[0]),
        "release": RELEASE,
    }


@pytest.fixture
def issue_ids(app, project, clock, make_event):
    """Of an issue, of one that is merged into it, and of another."""
    ids = [make_event().issue_id for _ in range(3)]
    with app.app_context():
        issues.merge(project.id, ids[0], [ids[1]], actor=None, now=clock())
    return ids


@pytest.fixture
def description(server, issue_ids):
    """The API's own, in which what a query or a body names is there, too."""
    with urlopen(f"{server.url}/api/openapi.json") as answer:
        document = json.load(answer)
    schemas = document["components"]["schemas"]
    schemas["IssueIds"]["properties"]["ids"] = {"enum": [[issue_ids[2]]]}
    schemas["TakenOutIds"]["properties"]["ids"] = {"enum": [[issue_ids[1]]]}
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if (parameter["in"], parameter["name"]) == ("query", "name"):
                    parameter["schema"] = {"enum": [RELEASE]}
    return document


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_documented_and_no_operation_only_sees_404(
    server, description, project, as_owner, path_values, mode
):
    schema = schemathesis.openapi.from_dict(description)
    headers = {**as_owner, "X-Pionne-Token": project.token}
    operations = [found.ok() for found in schema.get_all_operations()]
    statuses = defaultdict(set)

    for operation in sorted(operations, key=_how_much_it_takes_away):
        named = {
            name: value for name, value in path_values.items() if f"{{{name}}}" in operation.path
        }

        @BOUNDED
        @given(case=operation.as_strategy(mode, path_parameters=named))
        def hold(case):
            answer = case.call_and_validate(base_url=server.url, headers=headers, checks=CHECKS)
            statuses[operation.label].add(answer.status_code)

        if operation.body or list(operation.iter_parameters()):
            hold()
    assert [label for label, seen in statuses.items() if seen == {404}] == []
    assert set().union(*statuses.values()) >= {200, 202, 422}


def _how_much_it_takes_away(operation):
    """The project itself goes last; before it what others name, and tokens before that."""
    takes_tokens = operation.path.endswith(("/regenerate", "/auth/tokens", "/logout"))
    is_delete = operation.method == "delete"
    return is_delete, takes_tokens, is_delete and operation.path.endswith("/{project}")
