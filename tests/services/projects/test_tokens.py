"""Several tokens of a project, each revoked by itself."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.services import audit, projects
from app.services.errors import Invalid, NotFound
from app.services.pages import project_summaries
from app.services.projects import senders
from app.services.projects import tokens as project_tokens

pytestmark = pytest.mark.usefixtures("context")

HOUR = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def added(project, clock):
    return project_tokens.add(project.id, "iOS", actor=None, now=clock())


def project_of(token):
    sender = senders.find(token)
    return sender and sender.project_id


def revoke(project, token_id, clock):
    project_tokens.revoke(project.id, token_id, actor="a@b.example", now=clock())


def test_each_token_is_the_projects(project, added):
    assert project_of(project.token) == project_of(added.token) == project.id


def test_preview_of_the_project_is_that_of_the_newest_token(project, added, clock):
    summary = project_summaries.read(project.id, now=clock())
    assert summary.token_preview == added.token_preview == added.token[:13] + "..."


def test_revoked_token_is_dead_and_the_other_is_not(project, added, clock):
    revoke(project, added.id, clock)
    assert project_of(added.token) is None
    assert project_of(project.token) == project.id


def test_token_revoked_elsewhere_is_known_no_more(project, added, sql):
    sender = senders.find(added.token)
    sql("DELETE FROM project_tokens WHERE id = ?", added.id)
    assert not senders.is_known(sender)


def test_last_token_stays(project, clock):
    (row,) = project_tokens.list_of(project.id)
    with pytest.raises(Invalid, match="last token"):
        revoke(project, row.id, clock)
    assert project_of(project.token) == project.id


def test_token_of_another_project_is_not_found(added, make_project, clock):
    with pytest.raises(NotFound):
        revoke(make_project("Other"), added.id, clock)


def test_replacing_leaves_one_token(project, added, clock):
    made = projects.rotate_token(project.id, actor=None, now=clock())
    assert [row.label for row in project_tokens.list_of(project.id)] == ["Replacement"]
    assert [project_of(each) for each in (project.token, added.token)] == [None, None]
    assert project_of(made.token) == project.id


@pytest.mark.parametrize(
    "label",
    [
        "मेरा ऐप",
        "แอปที่บ้าน",
        "تَطبيق",
        "می\u200cخواهم",
        "Cafe\u0301",
        "日本語",
        "a_b (c)/d+e-f,g:h.",
    ],
)
def test_label_may_be_written_in_any_script(project, clock, label):
    assert project_tokens.add(project.id, label, actor=None, now=clock()).label == label


def test_token_in_place_of_the_only_one_is_called_like_it(project, added, clock):
    first, _ = project_tokens.list_of(project.id)
    revoke(project, first.id, clock)
    projects.rotate_token(project.id, actor=None, now=clock())
    assert [row.label for row in project_tokens.list_of(project.id)] == ["iOS"]


@pytest.mark.parametrize("label", ["iOS", "ios", "IOS"])
def test_label_that_another_token_has_is_refused(project, added, clock, label):
    with pytest.raises(Invalid, match="this label already") as refusal:
        project_tokens.add(project.id, label, actor=None, now=clock())
    assert refusal.value.field == "label"
    assert len(project_tokens.list_of(project.id)) == 2


@pytest.mark.parametrize(("label", "again"), [("My app", "My   app"), ("Café", "Cafe\u0301")])
def test_label_that_looks_the_same_on_a_page_is_refused(project, clock, label, again):
    project_tokens.add(project.id, label, actor=None, now=clock())
    with pytest.raises(Invalid, match="this label already"):
        project_tokens.add(project.id, again, actor=None, now=clock())


def test_label_of_a_revoked_token_and_of_another_projects_is_free(
    project, added, make_project, clock
):
    project_tokens.add(make_project("Other").id, "iOS", actor=None, now=clock())
    revoke(project, added.id, clock)
    project_tokens.add(project.id, "iOS", actor=None, now=clock())
    assert [row.label for row in project_tokens.list_of(project.id)] == ["First token", "iOS"]


def test_of_many_that_take_one_label_at_once_one_gets_it(app, project, clock):
    together = threading.Barrier(4)

    def add(_):
        with app.app_context():
            together.wait()
            try:
                return project_tokens.add(project.id, "iOS", actor=None, now=clock()).label
            except Invalid:
                return "refused"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["iOS", "refused", "refused", "refused"]
    assert [row.label for row in project_tokens.list_of(project.id)] == ["First token", "iOS"]


@pytest.mark.parametrize("label", ["jo@example.com", "jo%40example.com", "&#64;", "ab" * 20, "＠"])
def test_label_that_could_hold_an_address_or_a_secret_is_refused(project, clock, label):
    with pytest.raises(Invalid):
        project_tokens.add(project.id, label, actor=None, now=clock())


def test_audit_tells_the_label_and_not_the_token(project, added, clock):
    revoke(project, added.id, clock)
    rows = audit.list_page(project.id, limit=2, before=None).rows
    assert [(row.action, row.target_id, row.detail) for row in rows] == [
        ("token.revoked", added.id, {"label": "iOS"}),
        ("token.added", added.id, {"label": "iOS"}),
    ]


def test_last_use_never_goes_back(project, added):
    senders_digest = senders.find(added.token).token_digest
    for hour in (HOUR, HOUR.replace(hour=11)):
        project_tokens.note_use(senders_digest, hour=hour)
    assert [row.last_used_at for row in project_tokens.list_of(project.id)] == [None, HOUR]


def test_a_use_noted_while_the_clock_was_ahead_gives_way(project, added):
    digest = senders.find(added.token).token_digest
    project_tokens.note_use(digest, hour=HOUR + timedelta(days=40))
    project_tokens.note_use(digest, hour=HOUR)
    assert [row.last_used_at for row in project_tokens.list_of(project.id)] == [None, HOUR]


def test_use_is_noted_once_an_hour(project):
    sender = senders.find(project.token)
    hours = (HOUR, HOUR, HOUR.replace(hour=13))
    assert [senders.is_first_use(sender, hour=hour) for hour in hours] == [True, False, True]
