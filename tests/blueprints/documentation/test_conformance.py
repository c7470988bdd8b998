"""Made-up requests at the whole app: it keeps its word, whatever it is sent.

For each operation of the document, on an app of its own and a copy of one world, because some
delete what the others need. Requests that fit the document must get through at least once: a test
whose every request names an unknown id would hold nothing.
"""

import copy
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.generation.feedback import FeedbackSources

# A private name of Schemathesis: what it does itself, anew for each app.
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app import create_app
from app.config import read_settings

EXAMPLES_EACH = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EXAMPLES_EACH,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Described:
    label: str
    takes_anything: bool  # without it, there is nothing to send that does not fit


def described_operations():
    app = create_app(read_settings({"APP_KEY": "k" * 32}))
    document = app.test_client().get("/api/openapi.json").get_json()
    return [
        Described(
            f"{method.upper()} {path}",
            takes_anything=bool(operation["parameters"]) or "requestBody" in operation,
        )
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


OPERATIONS = described_operations()


class CurrentApp:
    """The app of the test that runs: what was read once goes on sending to it."""

    app = None

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)


@dataclass(frozen=True)
class Read:
    schema: object
    words: object  # which the app's modules know, and made-up requests use
    asked: CurrentApp


@pytest.fixture(scope="module")
def read_documents():
    """By database; reading the document, and the app's modules, costs more than asking."""
    return {}


@pytest.fixture
def furniture(furnished):
    return furnished("new_furniture")


@pytest.fixture
def described(app, client, furniture, database_name, read_documents):
    """The document, with what the furniture has for the values that must be known."""
    if database_name not in read_documents:
        document = copy.deepcopy(client.get("/api/openapi.json").get_json())
        for (name, field), value in furniture.body.items():
            document["components"]["schemas"][name]["properties"][field] = {"enum": [value]}
        for methods in document["paths"].values():
            for operation in methods.values():
                for parameter in operation["parameters"]:
                    if parameter["in"] == "query" and parameter["name"] in furniture.query:
                        parameter["schema"] = {"enum": [furniture.query[parameter["name"]]]}
        schema = schemathesis.openapi.from_dict(document)
        schema.app = app
        words = make_constants_value_source(schema)
        schema.app = CurrentApp()
        read_documents[database_name] = Read(schema, words, schema.app)
    read = read_documents[database_name]
    read.asked.app = app
    yield read
    read.asked.app = None  # or it would keep the last one


@pytest.fixture
def statuses_of(described, furniture):
    """Sends requests to an operation; the statuses that came back, each as documented."""

    def send(label, mode):
        method, path = label.split()
        named = {name: value for name, value in furniture.path.items() if f"{{{name}}}" in path}
        made_up = described.schema[path][method].as_strategy(
            mode,
            path_parameters=named,
            feedback=FeedbackSources(constants_value_source=described.words),
        )
        statuses = []

        @BOUNDED
        @given(case=made_up)
        def hold(case):
            answer = case.call_and_validate(headers=furniture.headers, checks=CHECKS)
            statuses.append(answer.status_code)

        hold()
        return statuses

    return send


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_what_fits_the_document_gets_an_answer_that_does(statuses_of, operation):
    statuses = statuses_of(operation.label, GenerationMode.POSITIVE)

    assert min(statuses) < 300


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.takes_anything],
    ids=lambda operation: operation.label,
)
def test_what_does_not_fit_the_document_gets_an_answer_that_does(statuses_of, operation):
    assert statuses_of(operation.label, GenerationMode.NEGATIVE)
