"""Logs without personal data: ours, and gunicorn's own."""

import io
import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from gunicorn.config import Config

from app import logs
from app.logs import PrivateGunicornLogger

pytestmark = pytest.mark.sqlite_only("no query is made")

FIELDS = ["time", "method", "route", "status", "milliseconds", "request_id", "project_id"]


@pytest.mark.parametrize("status", [202, 422])
def test_request_is_one_json_line_of_exactly_these_fields(post_feedback, log_lines, status):
    assert post_feedback("Hello" if status == 202 else "").status_code == status
    (line,) = log_lines
    assert list(json.loads(line)) == FIELDS


def test_line_tells_what_was_asked_and_how_it_went(post_feedback, project, log_lines):
    response = post_feedback()
    logged = json.loads(log_lines[0])
    expected = {"method": "POST", "route": "/feedback", "status": 202, "project_id": project.id}
    assert {field: logged[field] for field in expected} == expected
    assert logged["request_id"] == response.headers["X-Request-Id"]
    assert logged["milliseconds"] >= 0
    assert datetime.fromisoformat(logged["time"]).utcoffset().total_seconds() == 0


def test_route_is_logged_as_its_template(client, project, as_owner, log_lines):
    client.get(f"/api/projects/{project.id}/feedback?q=secret", headers=as_owner)
    logged = json.loads(log_lines[0])
    assert logged["route"] == "/api/projects/<project>/feedback"
    assert logged["project_id"] == project.id


@pytest.mark.parametrize("path", ["/someone@example.com", "/feedback/someone@example.com"])
def test_unknown_address_is_not_repeated_in_the_log(client, log_lines, path):
    client.get(path)
    assert json.loads(log_lines[0])["route"] is None
    assert "someone" not in log_lines[0]


def test_another_tenants_project_is_not_logged_as_the_callers(
    client, project, make_account, bearer, log_lines
):
    headers = bearer(make_account("stranger@example.com").email)
    client.get(f"/api/projects/{project.id}/feedback", headers=headers)
    assert json.loads(log_lines[-1])["project_id"] is None


def test_search_words_and_tokens_are_not_logged(client, project, as_owner, log_lines):
    client.get(f"/api/projects/{project.id}/feedback?q=someone&token=secret", headers=as_owner)
    secrets = ["someone", "secret", as_owner["Authorization"].partition("|")[2]]
    assert [secret for secret in secrets if secret in "\n".join(log_lines)] == []


def test_request_ids_differ(client):
    ids = {client.get("/nowhere").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_request_id_of_the_client_is_not_taken_over(client):
    response = client.get("/nowhere", headers={"X-Request-Id": "forged"})
    assert response.headers["X-Request-Id"] != "forged"


class TestWarningLevel:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, log_level="WARNING")

    def test_requests_are_not_logged(self, client, log_lines):
        client.get("/nowhere")
        assert log_lines == []


def test_lines_of_many_threads_stay_whole(tmp_path):
    lines = [str(n) * 5000 for n in range(10)] * 20
    with (tmp_path / "log").open("w") as stream, ThreadPoolExecutor(8) as pool:
        handler = logs.LineHandler(stream)
        list(pool.map(lambda line: handler.handle(logging.makeLogRecord({"msg": line})), lines))
    assert sorted((tmp_path / "log").read_text().splitlines()) == sorted(lines)


def test_line_that_a_pipe_takes_in_parts_arrives_whole():
    reader, writer = os.pipe()
    line = "x" * 1_000_000
    with open(writer, "w") as stream, open(reader) as other_end, ThreadPoolExecutor(1) as pool:
        arrived = pool.submit(other_end.readline)
        logs.LineHandler(stream).handle(logging.makeLogRecord({"msg": line}))
        assert arrived.result() == f"{line}\n"


def test_line_goes_to_a_stream_that_is_no_file_too():
    stream = io.StringIO()
    logs.LineHandler(stream).handle(logging.makeLogRecord({"msg": "heard"}))
    assert stream.getvalue() == "heard\n"


def test_line_waits_for_nobody_who_holds_the_lock():
    stream = io.StringIO()
    handler = logs.LineHandler(stream)
    with handler.lock, ThreadPoolExecutor(1) as pool:
        pool.submit(handler.handle, logging.makeLogRecord({"msg": "heard"})).result()
        assert stream.getvalue() == "heard\n"


def test_line_that_a_filter_stops_is_not_written():
    stream = io.StringIO()
    handler = logs.LineHandler(stream)
    handler.addFilter(lambda record: record.msg != "secret")
    for text in ("secret", "heard"):
        handler.handle(logging.makeLogRecord({"msg": text}))
    assert stream.getvalue() == "heard\n"


def test_line_that_cannot_be_written_stops_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with (tmp_path / "log").open("w") as stream:
        handler = logs.LineHandler(stream)
    handler.handle(logging.makeLogRecord({"msg": "nobody hears this"}))


def test_each_request_has_an_id_of_its_own(client):
    ids = {client.get("/nowhere").headers["X-Request-Id"] for _ in range(50)}
    assert len(ids) == 50
    assert {len(each) for each in ids} == {32}


def test_request_is_the_same_line_where_nobody_else_listens(client, tmp_path, monkeypatch):
    with (tmp_path / "log").open("w") as stream:
        monkeypatch.setattr(
            logging.getLogger("pionne.requests"), "handlers", [logs.LineHandler(stream)]
        )
        client.open("/nowhere", method='Q"\\ü')
        client.get("/healthz/../\N{SNOWMAN}")
        client.get("/api/projects/1/feedback")
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [list(line) for line in lines] == [FIELDS] * 3
    assert [line["route"] for line in lines] == [None, None, "/api/projects/<project>/feedback"]
    assert lines[0]["method"] == 'Q"\\Ü'
    assert {line["project_id"] for line in lines} == {None}


@pytest.fixture
def gunicorn_logger(log_lines):
    """gunicorn's logger as it is configured in production; its lines end in log_lines."""
    loggers = [logging.getLogger(name) for name in ("gunicorn.error", "gunicorn.access")]
    before = [(logger.handlers[:], logger.filters[:], logger.propagate) for logger in loggers]
    logger = PrivateGunicornLogger(Config())
    logger.error_log.propagate = True
    yield logger
    for each, (handlers, filters, propagate) in zip(loggers, before):
        each.handlers, each.filters, each.propagate = handlers, filters, propagate


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Invalid request from ip=203.0.113.9: %s", "Invalid request"),
        ("Invalid request from ip=2001:db8::1: %s", "Invalid request"),
        ("Error handling request /feedback?token=%s", "Error handling request"),
        (
            "Invalid HTTP request line: 'GET /x?q=%s HTTP/1.1'",
            "Invalid HTTP request line: 'GET /x- HTTP/1.1'",
        ),
        ("pio_live_0123456789 and %s", "- and bad"),
        ("Authorization: Bearer 1|0123 and %s", "Authorization: Bearer - and bad"),
        ("Worker exiting (pid: %s)", "Worker exiting (pid: bad)"),
    ],
)
def test_gunicorn_masks_addresses_queries_and_tokens(gunicorn_logger, log_lines, said, written):
    gunicorn_logger.warning(said, "bad")
    assert log_lines == [written]


def test_gunicorn_logs_an_exception_by_place_without_what_it_said(gunicorn_logger, log_lines):
    try:
        raise ValueError("someone@example.com")
    except ValueError:
        line_number = sys.exc_info()[2].tb_lineno
        gunicorn_logger.exception("Error handling request %s", "/feedback?token=secret")
    assert log_lines == [f"Error handling request (ValueError at {__file__}:{line_number})"]
