"""The dialog about a crash, as a page's address asks for it."""

import json
import re
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.credentials import Dsn
from app.domain.sentry.dialog import NoEventId, dialog_of
from app.domain.sentry.dialog_texts import TEXTS

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
NAMES = "title subtitle subtitle2 labelName labelEmail labelComments labelClose labelSubmit".split()
NAMES += "errorGeneric errorFormEntry successMessage name email lang dsn onLoad".split()


def asked(*, accept=None, **query):
    return dialog_of({"eventId": ID, **query}, accept_language=accept)


def told(dialog):
    return json.loads(dialog.in_script())


@given(
    query=st.dictionaries(st.sampled_from(NAMES), st.text(st.characters())),
    accept=st.none() | st.text(st.sampled_from("deq=0.,;- *")),
)
def test_no_text_of_the_address_ends_the_script(query, accept):
    script = asked(accept=accept, **query).in_script()
    assert script.isascii()
    assert not re.search("[<>&\n\r]", script)
    assert json.loads(script)["texts"].keys() == set(NAMES[:11])


def test_texts_of_the_address_take_the_place_of_ours():
    dialog = asked(title="Oh nein", labelName="</script>", subtitle="  ", name="Al", email="a@b.co")
    texts = told(dialog)["texts"]
    assert (texts["title"], texts["labelName"]) == ("Oh nein", "</script>")
    assert texts["subtitle"] == TEXTS["en"].subtitle
    assert (dialog.name, dialog.email) == ("Al", "a@b.co")


@pytest.mark.parametrize(
    ("lang", "accept", "language"),
    [
        ("de", "fr", "de"),
        ("pt-BR", None, "pt"),
        ("zh_Hans", None, "zh"),
        ("xx", "fr-CH, de;q=0.9", "fr"),
        (None, "de;q=0.3, pl;q=0.8, *;q=0.1", "pl"),
        (None, "xx, de;q=0, it;q=0.1", "it"),
        (None, "xx", "en"),
        ("", None, "en"),
    ],
)
def test_language_is_that_of_the_address_or_of_the_browser(lang, accept, language):
    dialog = asked(accept=accept, **({} if lang is None else {"lang": lang}))
    assert dialog.language == language
    assert dialog.texts == TEXTS[language]


def test_each_language_says_all_there_is_to_say_in_its_own_words():
    words = [astuple(texts) for texts in TEXTS.values()]
    assert len(TEXTS) == 10
    assert all(all(each) for each in words)
    assert len({each[5] for each in words}) == len(words)


@pytest.mark.parametrize("event_id", [None, "", "x", "0" * 32])
def test_without_an_event_there_is_no_dialog(event_id):
    with pytest.raises(NoEventId):
        dialog_of({} if event_id is None else {"eventId": event_id})


def test_dsn_is_read_as_it_stands_in_the_address():
    key = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
    assert asked(dsn=f"http://{key}@127.0.0.1:8110/122").dsn == Dsn(key, 122)
    assert asked(dsn="nonsense").dsn is None
    assert asked().dsn is None


def test_texts_are_cut():
    assert told(asked(title="x" * 600))["texts"]["title"] == "x" * 500
