"""A second dialect posts with its token elsewhere, and gets all the rest by saying where."""

import pytest
from flask import Blueprint

from app.current import this_g
from app.domain.losses import LossKind
from app.services import projects
from app.services.projects import tokens as project_tokens
from app.web.cors import publish
from app.web.project_token import TokenReader
from app.web.public_posts import PublicPosts


@pytest.fixture
def post(app):
    """Posts to a dialect with its token in X-Other-Key, whose bodies are of 10 bytes at most."""
    blueprint = Blueprint("other", __name__)
    reader = TokenReader(
        read=lambda asked: asked.headers.get("X-Other-Key", ""),
        header="X-Other-Key",
        otherwise="as ?other_key=",
    )

    def store():
        if this_g().sender is None:
            raise AssertionError
        return {"project": this_g().project_id}

    posts = PublicPosts(blueprint, reader)
    posts.add(store, ["/other/"], kind=LossKind.FEEDBACK, max_body_bytes=lambda: 10)
    app.register_blueprint(blueprint)
    publish(app, blueprint)

    def call(token=None, *, body=b"", **headers):
        return app.test_client().post(
            "/other/", data=body, headers=headers | ({"X-Other-Key": token} if token else {})
        )

    return call


def test_the_token_is_read_where_the_dialect_has_it(post, project):
    assert post(project.token).json == {"project": project.id}


@pytest.mark.parametrize("kind", ["missing", "in Authorization", "of a user"])
def test_refusals_name_the_dialects_header_and_no_other(post, project, as_owner, kind):
    headers = {
        "missing": {},
        "in Authorization": {"Authorization": f"Bearer {project.token}"},
        "of a user": as_owner,
    }[kind]

    answer = post(**headers)

    assert answer.status_code == 401
    assert "X-Other-Key" in answer.json["message"]
    assert "Pionne" not in answer.json["message"]


def test_a_dead_token_is_refused(post, project, context, clock):
    post(project.token)
    projects.mark_deleted(project.id, confirm=project.name, actor=None, now=clock())
    assert post(project.token).status_code == 401


def test_what_it_refuses_is_counted_as_lost(app, post, project):
    assert post(project.token, body=bytes(11)).status_code == 413
    (lost,) = app.extensions["losses"].take()
    assert lost.kind == LossKind.FEEDBACK


def test_the_use_of_the_token_is_noted(post, project, context):
    post(project.token).close()  # it is written once the answer has left
    (row,) = project_tokens.list_of(project.id)
    assert row.last_used_at is not None


def test_pages_of_any_origin_may_read_the_answer(post, project):
    answer = post(project.token, Origin="https://app.example.com")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
