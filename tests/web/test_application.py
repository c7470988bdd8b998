"""What the app does once that Flask does for each request, and that it comes to the same."""

import asyncio
from datetime import date

import pytest
from flask import Flask, jsonify

from app.web.application import Application

ANSWERS = [{"b": 1, "a": [1.5, None, True]}, ["ü", "</script>"], {}, {"deep": {"z": 1, "y": 2}}]


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
@pytest.mark.parametrize("debug", [False, True])
def test_json_is_what_flask_would_say_with_members_in_their_order(answer, debug):
    ours, flasks = Application("ours"), Flask("flask")
    flasks.json.sort_keys = False
    said = []
    for app in (ours, flasks):
        app.debug = debug
        with app.test_request_context():
            said.append((jsonify(answer).data, app.json.dumps(answer)))
    assert said[0] == said[1]


def test_what_json_has_no_word_for_is_said_as_flask_says_it():
    ours = Application("ours")
    with ours.test_request_context():
        assert b"Thu, 01 Jan 1970" in jsonify(day=date(1970, 1, 1)).data


def test_plain_functions_are_called_as_they_are():
    def view():
        return "x"

    assert Application("ours").ensure_sync(view) is view


def test_coroutines_are_run_as_flask_runs_them(monkeypatch):
    async def view():
        return "from a coroutine"

    app = Application("ours")
    monkeypatch.setattr(app, "async_to_sync", lambda func: lambda: asyncio.run(func()))
    app.get("/")(view)
    assert app.test_client().get("/").text == "from a coroutine"
