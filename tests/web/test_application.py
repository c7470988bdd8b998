"""What the app says as JSON."""

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
