"""UUIDs in the forms that SDKs write."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.sentry.ids import NIL, read_id, written_id

FORMS = [str, lambda id_: id_.hex, lambda id_: str(id_).upper(), lambda id_: f" {id_} "]


@given(id_=st.uuids(), form=st.sampled_from(FORMS))
def test_all_forms_are_one_id(id_, form):
    assert read_id(form(id_)) == id_.bytes
    assert written_id(id_.bytes) == id_.hex


@pytest.mark.parametrize("form", FORMS)
def test_nil_id_is_none(form):
    assert read_id(form(UUID(bytes=NIL))) is None


@pytest.mark.parametrize(
    "value", [None, "", 7, "x", "0" * 33, "g" * 32, "1-2-3", "1" * 31 + "\u0661", ["1" * 32]]
)
def test_anything_else_is_none(value):
    assert read_id(value) is None
