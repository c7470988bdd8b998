"""What the OpenAPI document says, and that it leaves no route out."""

import re

import jsonschema_rs
import pytest
from marshmallow import ValidationError

from app import create_app
from app.config import read_settings
from app.web.openapi import documentation_of

SETTINGS = read_settings({"APP_KEY": "k" * 32})


@pytest.fixture(scope="module")
def document():
    return create_app(SETTINGS).test_client().get("/api/openapi.json").get_json()


@pytest.fixture(scope="module")
def component(document):
    """`component("Feedback")`: the document's schema of that name, with what it refers to."""

    def find(name):
        return {"$ref": f"#/components/schemas/{name}", "components": document["components"]}

    return find


def rules():
    return list(create_app(SETTINGS).url_map.iter_rules())


def operations(document):
    return [
        operation | {"at": f"{method.upper()} {path}"}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.rule)
def test_every_route_is_documented_or_a_page(rule):
    view = create_app(SETTINGS).view_functions[rule.endpoint]

    assert documentation_of(view), f"{rule} is not documented: decorate its view with @documented"


def test_every_documented_route_is_in_the_document_once_below_api(document):
    app = create_app(SETTINGS)
    views = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not documentation_of(app.view_functions[rule.endpoint]).is_page
    }

    assert len(operations(document)) == len(views)
    assert all(path.startswith("/api/") for path in document["paths"])


def test_it_is_openapi_3_1_with_schemas_that_are_json_schema(document):
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_no_two_operations_have_the_same_name(document):
    names = [operation["operationId"] for operation in operations(document)]

    assert len(set(names)) == len(names)


def test_a_view_that_tells_nothing_is_left_out(make_app):
    app = make_app(SETTINGS)
    app.get("/hello")(lambda: "Hello")

    assert "/hello" not in app.test_client().get("/api/openapi.json").get_json()["paths"]


def test_a_plugins_own_documented_view_appears_by_itself(make_app):
    from_plugin = make_app(SETTINGS)
    view = from_plugin.view_functions["accounts.read_account"]
    from_plugin.get("/hello")(view)

    assert "/hello" in from_plugin.test_client().get("/api/openapi.json").get_json()["paths"]


def test_the_other_form_of_a_public_address_is_mentioned(document):
    assert "`/feedback`" in document["paths"]["/api/feedback"]["post"]["description"]


def test_ids_are_positive_integers_and_releases_are_text(document):
    operation = document["paths"]["/api/projects/{project}/release-health/{release}"]["get"]
    project, release = operation["parameters"][:2]

    assert project["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    assert release["schema"]["type"] == "string"


def test_limits_and_null_come_from_the_fields_that_the_routes_use(document):
    feedback = document["components"]["schemas"]["Feedback"]

    assert feedback["required"] == ["message"]
    assert feedback["properties"]["message"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 2000,
    }
    assert feedback["properties"]["name"] == {"type": ["string", "null"], "maxLength": 120}


def test_a_choice_is_an_enum_and_in_a_query_never_null(document):
    listing = document["paths"]["/api/projects/{project}/feedback"]["get"]
    status = next(one for one in listing["parameters"] if one["name"] == "status")

    assert status["schema"] == {"type": "string", "enum": ["open", "handled", "archived"]}


def test_every_status_of_a_route_is_there(document):
    ingest = document["paths"]["/api/ingest"]["post"]["responses"]
    pages = document["paths"]["/api/projects/{project}/feedback"]["get"]["responses"]

    before_routes = {"400", "414", "431"}
    assert set(ingest) - before_routes == {
        "202",
        "401",
        "403",
        "404",
        "413",
        "422",
        "429",
        "500",
        "503",
    }
    assert set(pages) - before_routes == {"200", "401", "404", "413", "422", "500", "503"}
    assert "405" in document["components"]["responses"]


def test_what_the_server_answers_before_any_route_is_told_of_all(document):
    for operation in operations(document):
        assert {"400", "414", "431"} <= operation["responses"].keys(), operation["at"]


def test_servers_is_the_address_that_was_asked(client):
    answer = client.get("/api/openapi.json", base_url="https://feedback.example.com")

    assert answer.get_json()["servers"] == [{"url": "https://feedback.example.com"}]


def test_what_is_kept_of_an_event_is_told(document):
    row = document["components"]["schemas"]["EventRow"]

    assert {"stack", "breadcrumbs", "context", "_meta"} <= row["properties"].keys()
    assert "content" not in row["properties"]
    assert "stack" not in row["required"]


def test_an_event_that_came_has_the_fields_that_are_told_and_no_others(
    client, component, project, as_owner
):
    event = {
        "exception_type": "E",
        "stack": "at pay (cart.js:1)",
        "breadcrumbs": ["tap", {"message": "Pay"}],
        "tags": [],
        "os_name": "Android",
        "user_id_anon": "a1",
        "extra": {"deep": [1, {"x": None}]},
        "screenshot": "aGVsbG8=",
    }
    client.post("/ingest", json=event, headers={"X-Pionne-Token": project.token})
    path = f"/api/projects/{project.id}/issues/1"
    (shown,) = client.get(path, headers=as_owner).get_json()["events"]

    row = component("EventRow")
    jsonschema_rs.validate(row, shown)
    told = row["components"]["schemas"]["EventRow"]["properties"].keys()
    assert shown.keys() == told - {"native_crash"}


def test_all_refusals_share_one_shape(document):
    errors = document["components"]["responses"]["422"]["content"]["application/json"]["schema"]

    assert errors == {"$ref": "#/components/schemas/Error"}


def test_who_may_call_is_told(document):
    paths = document["paths"]

    assert paths["/api/feedback"]["post"]["security"] == [
        {"ProjectToken": []},
        {"ProjectTokenInQuery": []},
    ]
    assert paths["/api/auth/me"]["get"]["security"] == [{"UserToken": []}]
    assert paths["/api/auth/login"]["post"]["security"] == []


def test_every_body_has_an_example_that_its_route_takes():
    app = create_app(SETTINGS)
    described = [documentation_of(view) for view in app.view_functions.values()]
    bodies = {one.body for one in described if one and one.body}

    assert bodies
    for body in bodies:
        try:
            body().load(body.example)
        except ValidationError as error:
            pytest.fail(f"{body.__name__}: {error}")


def test_every_example_fits_its_schema(document, component):
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", []):
            jsonschema_rs.validate(component(name), example)


def test_every_body_and_every_answer_of_json_has_an_example(document):
    for operation in operations(document):
        answers = [answer for status, answer in operation["responses"].items() if status < "300"]
        for part in [operation.get("requestBody", {}), *answers]:
            content = part.get("content", {}).get("application/json")
            told = content is None or "example" in content
            assert told or operation["operationId"] == "read_description", operation["at"]


def test_every_operation_says_what_it_does(document):
    for operation in operations(document):
        assert re.fullmatch(r"[A-Z].{8,}[.]", operation["summary"]), operation["at"]


def test_an_answer_promises_all_its_fields(document):
    row = document["components"]["schemas"]["FeedbackRow"]

    assert row["required"] == list(row["properties"])
    assert row["properties"]["handled_at"] == {"type": ["string", "null"], "format": "date-time"}


def test_a_cursor_of_the_link_header_has_its_pattern(document):
    listing = document["paths"]["/api/projects/{project}/issues"]["get"]
    before = next(one for one in listing["parameters"] if one["name"] == "before")

    assert re.fullmatch(before["schema"]["pattern"], "1778174700000000-88")
