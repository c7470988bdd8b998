"""Every rule about the five fields of feedback (contract section 3.2)."""

import pytest

from tests.invisible import SOME_OF_EACH_KIND

LIMITS = {"message": 2000, "name": 120, "url": 500, "app_version": 32}
OPTIONAL = ["name", "email", "url", "app_version"]
FIELDS = ["message", *OPTIONAL]
# 64 characters, @, and 126 of domain: the longest that is taken.
LONGEST_EMAIL = "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + ".info"


@pytest.fixture
def post_fields(post_feedback):
    def post(**fields):
        return post_feedback(**{"message": "Hello", **fields})

    return post


@pytest.mark.parametrize("character", ["x", "😀"])
@pytest.mark.parametrize(("field", "max_chars"), LIMITS.items())
def test_longest_text_is_stored_whole(post_fields, stored_feedback, field, max_chars, character):
    assert post_fields(**{field: character * max_chars}).status_code == 202
    assert stored_feedback()[0]._mapping[field] == character * max_chars


@pytest.mark.parametrize("character", ["x", "😀"])
@pytest.mark.parametrize(("field", "max_chars"), LIMITS.items())
def test_one_character_more_is_refused(post_fields, stored_feedback, field, max_chars, character):
    response = post_fields(**{field: character * (max_chars + 1)})
    name = field.replace("_", " ")
    message = f"The {name} may not be longer than {max_chars} characters."
    assert response.status_code == 422
    assert response.get_json() == {"message": message, "errors": {field: [message]}}
    assert stored_feedback() == []


def test_longest_email_is_stored_whole(post_fields, stored_feedback):
    assert len(LONGEST_EMAIL) == 191
    assert post_fields(email=LONGEST_EMAIL).status_code == 202
    assert stored_feedback()[0].email == LONGEST_EMAIL


def test_email_of_one_character_more_is_refused(post_fields):
    assert post_fields(email=LONGEST_EMAIL + "s").get_json()["errors"] == {
        "email": ["The email may not be longer than 191 characters."]
    }


@pytest.mark.parametrize(
    "secret", ["a@b.example", "4111 1111 1111 1111", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln"]
)
def test_length_is_counted_before_scrubbing(post_fields, stored_feedback, secret):
    longest = secret + " " + "x" * (2000 - len(secret) - 1)
    assert post_fields(message=longest).status_code == 202
    assert stored_feedback()[0].message.startswith("[REDACTED] xx")


def test_message_that_only_scrubbing_would_shorten_enough_is_refused(post_fields):
    assert post_fields(message="x" * 1980 + " someone@example.com").status_code == 202
    assert post_fields(message="x" * 1981 + " someone@example.com").status_code == 422


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("space", [" ", "\t\r\n\u00a0\u3000\ufeff\u200b"])
def test_white_space_at_the_ends_is_cut(post_fields, stored_feedback, field, space):
    text = "a@b.example" if field == "email" else "two  words"
    assert post_fields(**{field: f"{space}{text}{space}"}).status_code == 202
    assert stored_feedback()[0]._mapping[field] == text


@pytest.mark.parametrize(("field", "max_chars"), LIMITS.items())
def test_length_is_counted_after_trimming(post_fields, field, max_chars):
    assert post_fields(**{field: " " * 50 + "x" * max_chars + " " * 50}).status_code == 202


@pytest.mark.parametrize(
    "message",
    [
        None,
        "",
        " ",
        "\n\t ",
        "\u00a0\u3000",
        "\ufeff\u200b",
        "\u3164",
        "\u2800",
        "\u200f\u200f",
        "\u202e",
    ],
    ids=ascii,
)
def test_empty_message_is_refused(post_fields, stored_feedback, message):
    response = post_fields(message=message)
    assert response.status_code == 422
    assert response.get_json()["errors"] == {"message": ["The message field is required."]}
    assert stored_feedback() == []


def test_a_message_of_nothing_that_is_seen_is_refused(post_fields, stored_feedback):
    answers = [post_fields(message=f" {each * 2}\n").status_code for each in SOME_OF_EACH_KIND]
    assert (set(answers), stored_feedback()) == ({422}, [])


def test_nothing_invisible_is_kept_around_an_email_and_a_version(post_fields, stored_feedback):
    wrapped = {"email": "jo@x.example", "app_version": "1.4.2"}
    for each in SOME_OF_EACH_KIND:
        around = {field: f"{each}{text} {each}" for field, text in wrapped.items()}
        assert post_fields(**around, message=ascii(each), name=each, url=each).status_code == 202
    kept = {(row.email, row.app_version, row.name, row.url) for row in stored_feedback()}
    assert kept == {("jo@x.example", "1.4.2", None, None)}


def test_missing_message_is_refused(post_body):
    assert post_body(b"{}").get_json() == {
        "message": "The message field is required.",
        "errors": {"message": ["The message field is required."]},
    }


@pytest.mark.parametrize("field", OPTIONAL)
@pytest.mark.parametrize("value", [None, "", "   "])
def test_empty_optional_field_is_absent(post_fields, stored_feedback, field, value):
    assert post_fields(**{field: value}).status_code == 202
    assert stored_feedback()[0]._mapping[field] is None


def test_message_alone_is_enough(post_fields, stored_feedback):
    assert post_fields().status_code == 202
    (row,) = stored_feedback()
    assert [row._mapping[field] for field in OPTIONAL] == [None] * 4


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [0, 1.5, 10**30, False, ["x"], {}])
def test_what_is_not_text_is_refused(post_fields, field, value):
    response = post_fields(**{field: value})
    assert response.status_code == 422
    message = f"The {field.replace('_', ' ')} must be a string."
    assert response.get_json() == {"message": message, "errors": {field: [message]}}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "text", [rb"a\u0000b", rb"\u0000", rb"\ud800", rb"x\udfffy", rb"\udc00\ud800"]
)
def test_text_that_no_store_can_hold_is_refused(post_body, field, text):
    response = post_body(b'{"message": "Hello", "' + field.encode() + b'": "' + text + b'"}')
    assert response.status_code == 422
    assert response.get_json()["errors"] == {
        field: [
            f"The {field.replace('_', ' ')} must not contain NUL characters or lone surrogates."
        ]
    }


def test_surrogate_pair_is_one_character(post_body, stored_feedback):
    assert post_body(rb'{"message": "\ud83d\ude00"}').status_code == 202
    assert stored_feedback()[0].message == "😀"


@pytest.mark.parametrize(
    "extra",
    [
        {"user_id": 5},
        {"extra": {"deep": [1, None, {"er": True}]}},
        {"": "", "message ": 7, "Message": []},
        {"project_id": 99, "status": "archived", "id": -1, "created_at": "x"},
    ],
)
def test_unknown_fields_are_ignored(post_fields, stored_feedback, project, extra):
    assert post_fields(**extra).status_code == 202
    (row,) = stored_feedback()
    assert (row.id, row.project_id, row.status) == (1, project.id, "open")


def test_unknown_fields_that_no_store_can_hold_are_ignored(post_body):
    body = rb'{"message": "Hello", "\ud800": "\u0000", "tags": ["\udfff"]}'
    assert post_body(body).status_code == 202


@pytest.mark.parametrize(
    "url",
    ["https://app.example.com/checkout?a=b#c", "phaniste://order/42", "Settings", "javascript:x"],
)
def test_url_is_opaque_text(post_fields, stored_feedback, url):
    post_fields(url=url)
    assert stored_feedback()[0].url == url


@pytest.mark.parametrize(
    "email",
    ["A.Tag+1@EXAMPLE.com", '"two words"@example.com', "user@localhost", "jörg@münchen.example"],
)
def test_valid_email_is_kept_as_typed(post_fields, stored_feedback, email):
    assert post_fields(email=email).status_code == 202
    assert stored_feedback()[0].email == email


@pytest.mark.parametrize(
    "email",
    [
        "\u202ajo@x.example\u202c",
        "\u2066jo@x.example\u2069",
        "\u200fjo@x.example",
        "\u00adjo@x.example",
    ],
    ids=ascii,
)
def test_what_a_telephone_wraps_an_email_in_is_taken_off(post_fields, stored_feedback, email):
    assert post_fields(email=email).status_code == 202
    assert stored_feedback()[0].email == "jo@x.example"


@pytest.mark.parametrize("email", ["alice", "a@", "@b.example", "a b@c.example", "A <a@b.example>"])
def test_malformed_email_is_refused(post_fields, email):
    message = "The email must be a valid email address."
    response = post_fields(email=email)
    assert response.status_code == 422
    assert response.get_json() == {"message": message, "errors": {"email": [message]}}


def test_every_wrong_field_is_named_at_once(post_fields):
    response = post_fields(message="", name=1, email="x", url=[], app_version="v" * 33)
    answer = response.get_json()
    assert list(answer["errors"]) == FIELDS
    assert answer["message"] == "The message field is required. (and 4 more errors)"
