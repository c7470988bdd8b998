"""Bodies that are not what was asked for, and bodies that are too large."""

import io

import pytest

GOOD = b'{"message": "Hello"}'
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"hello",
        b"message=hello",
        b'{"message": "Hello"',
        b'{"message": "Hello"} {}',
        b"{'message': 'Hello'}",
        b'{"message": NaN}',
        b'{"message": "Hello", "n": Infinity}',
        b'{"message": "Hello", "n": -Infinity}',
        b'{"message": "\xe9"}',
        b"\xff\xfe\xff",
        b"\x00",
        b'{"message": "a\x00b"}',
        b"[" * 40_000,
        b'{"a":' * 40_000,
        b'{"message": "Hello", "a": ' + b"[" * 40_000 + b"]" * 40_000 + b"}",
    ],
    ids=range(17),
)
def test_body_that_is_not_json_is_refused(post_body, stored_feedback, body):
    response = post_body(body)
    assert response.status_code == 422
    message = "The body must be valid JSON."
    assert response.get_json() == {"message": message, "errors": {"body": [message]}}
    assert stored_feedback() == []


@pytest.mark.parametrize("body", [b"[]", b"[{}]", b'"x"', b"5", b"1.5", b"null", b"true"])
def test_body_that_is_no_object_is_refused(post_body, body):
    message = "The body must be a JSON object."
    response = post_body(body)
    assert response.status_code == 422
    assert response.get_json() == {"message": message, "errors": {"body": [message]}}


def test_number_too_long_to_be_counted_is_ignored_in_an_unknown_field(post_body):
    assert post_body(b'{"message": "Hello", "n": ' + b"1" * 5000 + b"}").status_code == 202


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "nonsense",
        "",
        None,
    ],
)
def test_content_type_does_not_matter(post_body, content_type):
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert post_body(GOOD, headers=headers).status_code == 202


def test_byte_order_mark_is_skipped(post_body, stored_feedback):
    post_body(b"\xef\xbb\xbf" + GOOD)
    assert stored_feedback()[0].message == "Hello"


def padded(byte_count):
    """Good feedback of this many bytes."""
    body = b'{"message": "Hello", "padding": ""}'
    return body[:-2] + b"x" * (byte_count - len(body)) + body[-2:]


def test_body_of_one_mebibyte_is_taken(post_body):
    assert post_body(padded(MEBIBYTE)).status_code == 202


@pytest.mark.parametrize("byte_count", [MEBIBYTE + 1, 3 * MEBIBYTE])
def test_larger_body_is_refused(post_body, stored_feedback, byte_count):
    response = post_body(padded(byte_count))
    assert response.status_code == 413
    assert response.get_json() == {"message": "The body is too large: at most 1048576 bytes."}
    assert stored_feedback() == []


def test_large_body_is_refused_before_its_token_is_looked_at(post_body):
    response = post_body(padded(3 * MEBIBYTE), headers={"X-Pionne-Token": "unknown"})
    assert response.status_code == 413


def test_length_that_is_a_lie_is_refused_without_waiting_for_the_rest(post_body):
    response = post_body(GOOD, environ_overrides={"CONTENT_LENGTH": str(10**15)})
    assert response.status_code == 413


@pytest.fixture
def post_chunked(post_body):
    """A body whose length nobody tells, as gunicorn hands it on."""

    def post(body):
        return post_body(
            None,
            input_stream=io.BytesIO(body),
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )

    return post


def test_chunked_body_is_taken(post_chunked, stored_feedback):
    assert post_chunked(GOOD).status_code == 202
    assert stored_feedback()[0].message == "Hello"


def test_chunked_body_of_one_mebibyte_is_taken(post_chunked):
    assert post_chunked(padded(MEBIBYTE)).status_code == 202


@pytest.mark.parametrize("byte_count", [MEBIBYTE + 1, 3 * MEBIBYTE])
def test_larger_chunked_body_is_refused(post_chunked, stored_feedback, byte_count):
    assert post_chunked(padded(byte_count)).status_code == 413
    assert stored_feedback() == []


def test_large_chunked_body_that_starts_with_good_json_is_refused(post_chunked, stored_feedback):
    assert post_chunked(GOOD + b" " * 3 * MEBIBYTE).status_code == 413
    assert stored_feedback() == []
