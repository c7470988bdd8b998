"""Made-up requests at the whole app: it keeps its word, whatever it is sent.

For each operation of the document, on an app and a database of its own, because some delete what
the others need.
"""

import copy

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app import create_app
from app.config import read_settings

EXAMPLES_EACH = 20
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def described_operations():
    app = create_app(read_settings({"APP_KEY": "k" * 32}))
    document = app.test_client().get("/api/openapi.json").get_json()
    return [
        f"{method.upper()} {path}"
        for path in document["paths"]
        for method in document["paths"][path]
    ]


@pytest.fixture
def ids(project, make_member, make_feedback, make_event, client, as_owner):
    """What the paths name, in a real project."""
    session = {"session_id": "123e4567-e89b-12d3-a456-426614174000", "status": "crashed"}
    token = {"X-Pionne-Token": project.token}
    posted = client.post("/sessions", json={**session, "release": "1.4.2"}, headers=token)
    assert posted.status_code == 202
    members = f"/api/projects/{project.id}/members"
    invitation = {"email": "awaited@example.com", "role": "member"}
    event = make_event()
    return {
        "project": project.id,
        "member": make_member("member@example.com").id,
        "invitation": client.post(members, json=invitation, headers=as_owner).get_json()["id"],
        "feedback_id": make_feedback(event_id=event.id),
        "issue": event.issue_id,
        "event_id": event.id,
        "token_id": int(as_owner["Authorization"].split()[1].partition("|")[0]),
        "release": "1.4.2",
    }


@pytest.fixture
def operation_of(app, client, ids):
    """An operation whose path mostly names what exists: made-up ids would all be 404."""

    def find(label):
        document = copy.deepcopy(client.get("/api/openapi.json").get_json())
        for methods in document["paths"].values():
            for operation in methods.values():
                for parameter in operation["parameters"]:
                    if parameter["in"] == "path":
                        real = {"enum": [ids[parameter["name"]]]}
                        parameter["schema"] = {"anyOf": [real, real, parameter["schema"]]}
        schema = schemathesis.openapi.from_dict(document)
        schema.app = app
        method, path = label.split()
        return schema[path][method]

    return find


@pytest.fixture
def credentials(project, as_owner):
    return {**as_owner, "X-Pionne-Token": project.token}


@pytest.mark.parametrize("label", described_operations())
def test_no_answer_breaks_the_document(operation_of, credentials, label):
    @given(case=operation_of(label).as_strategy())
    @settings(
        max_examples=EXAMPLES_EACH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hold(case):
        case.call_and_validate(headers=credentials, checks=CHECKS)

    hold()
