"""Made-up requests through a real gunicorn, whose parsing no test client has.

One instance for all operations, the deleting ones last: what matters here is that each answer is a
documented one. That requests get anywhere is held by tests/blueprints/documentation.
"""

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
def path_values(project, make_member, make_feedback, make_event):
    event = make_event()
    return {
        "project": project.id,
        "member": make_member().id,
        "feedback_id": make_feedback(event_id=event.id),
        "issue": event.issue_id,
        "event_id": event.id,
    }


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_documented(server, project, as_owner, path_values, mode):
    schema = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json")
    headers = {**as_owner, "X-Pionne-Token": project.token}
    operations = [found.ok() for found in schema.get_all_operations()]
    statuses = set()

    for operation in sorted(operations, key=lambda one: one.method == "delete"):
        named = {
            name: value for name, value in path_values.items() if f"{{{name}}}" in operation.path
        }

        @BOUNDED
        @given(case=operation.as_strategy(mode, path_parameters=named))
        def hold(case):
            answer = case.call_and_validate(headers=headers, checks=CHECKS)
            statuses.add(answer.status_code)

        if operation.body or list(operation.iter_parameters()):
            hold()
    assert statuses >= {200, 202, 404, 422}
