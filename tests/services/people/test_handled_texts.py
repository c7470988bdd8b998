"""What a table leaves to a module (`HandledIn`) is found and erased by it, column by column.

A new column that says so needs a line in `planted`: its test fails until the address is in it.
"""

import pytest
from sqlalchemy import insert, select

from app.database import read_transaction, write_transaction
from app.domain.user_key import user_key
from app.models import Invitation
from app.models.declared import all_models, duties_of
from app.models.duties import HandledIn
from app.services.people import erasure as person_erasure

ALICE = "alice@example.com"
STANDS_FOR_ALICE = (ALICE, user_key(ALICE))
HANDLED = [
    (model, name)
    for model in all_models()
    for name, duty in duties_of(model).texts.items()
    if isinstance(duty, HandledIn)
]


@pytest.fixture
def planted(project, make_account, record, record_sum, clock):
    """The address, or what stands for it, wherever a module of its own is to find it."""
    make_account(ALICE)
    record(user=ALICE)
    record_sum(user=ALICE, exited=1)
    row = {"project_id": project.id, "role": "member", "created_at": clock(), "digest": bytes(32)}
    with write_transaction() as connection:
        connection.execute(insert(Invitation), {**row, "email": ALICE, "email_key": ALICE})


def is_in(model, name):
    with read_transaction() as connection:
        values = connection.execute(select(getattr(model, name))).scalars()
        return any(value in STANDS_FOR_ALICE for value in values)


@pytest.mark.parametrize(
    ("model", "name"), HANDLED, ids=[f"{model.__tablename__}.{name}" for model, name in HANDLED]
)
def test_the_person_is_found_and_gone_from_what_a_module_handles(planted, clock, model, name):
    assert is_in(model, name)

    list(person_erasure.erase_from_instance(ALICE, now=clock()))

    assert not is_in(model, name)
