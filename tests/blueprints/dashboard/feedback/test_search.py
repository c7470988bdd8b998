"""`?q=`: feedback that has every word, somewhere in message, name, email or url."""

import pytest

SEARCHED = {
    "pay": {"message": "The Pay button stays grayed out", "url": "https://a.example/checkout"},
    "chat": {"message": "Typing an emoji crashes", "name": "Bob", "email": "bob@pay.example"},
    "percent": {"message": "100% of it_works", "name": "Élan Vital"},
    "path": {"message": r"C:\temp broke", "name": "Zoë", "url": "app://Settings"},
}


@pytest.fixture
def searched(make_feedback):
    return {make_feedback(**fields): name for name, fields in SEARCHED.items()}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("button", {"pay"}),
        ("BUTTON", {"pay"}),
        ("utto", {"pay"}),
        ("pay", {"pay", "chat"}),
        ("pay grayed", {"pay"}),
        ("grayed pay", {"pay"}),
        ("  pay \t grayed  ", {"pay"}),
        ("pay nowhere", set()),
        ("pay crashes", {"chat"}),
        ("bob", {"chat"}),
        ("bob@pay.example", {"chat"}),
        ("checkout", {"pay"}),
        ("APP://settings", {"path"}),
        ("élan", {"percent"}),
        ("ÉLAN", {"percent"}),
        ("elan", {"percent"}),
        ("ZOË", {"path"}),
        ("%", {"percent"}),
        ("100%", {"percent"}),
        ("t_w", {"percent"}),
        ("_", {"percent"}),
        ("p_y", set()),
        ("p%y", set()),
        ("\\", {"path"}),
        (r"\temp", {"path"}),
        ("'", set()),
        ("open", set()),
        ("crashesbob", set()),
        ("", {"pay", "chat", "percent", "path"}),
        ("   ", {"pay", "chat", "percent", "path"}),
    ],
)
def test_search_finds_feedback_that_has_every_word(listed, searched, q, found):
    assert {searched[feedback_id] for feedback_id in listed(q=q)} == found


@pytest.mark.parametrize("word", ["ΟΔΟΣ", "İSTANBUL", "Straße", "ǅ", "50%_/"])
def test_word_is_found_as_it_was_written(listed, make_feedback, word):
    """Databases and Python do not agree on the lower case of all of these."""
    found = make_feedback(message=f"At {word} it broke")
    assert listed(q=word) == [found]


def test_search_leaves_archived_feedback_hidden(listed, make_feedback):
    make_feedback(message="needle", status="archived")
    assert listed(q="needle") == []


def test_search_may_have_200_characters(list_feedback):
    assert list_feedback(q="é" * 200).status_code == 200
