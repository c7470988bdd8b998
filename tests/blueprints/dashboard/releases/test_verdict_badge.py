"""GET …/release-health/{release}/verdict.svg: the verdict as a picture."""

import xml.etree.ElementTree as ET

import pytest

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def drawn(ask):
    """The picture, parsed, with its texts."""

    def read(release="2.0", **query):
        response = ask(release, then="/verdict.svg", **query)
        assert response.status_code == 200
        assert response.mimetype == "image/svg+xml"
        picture = ET.fromstring(response.text)
        assert picture.tag == f"{SVG}svg"
        return picture, [each.text for each in picture.iter(f"{SVG}text")]

    return read


@pytest.mark.parametrize(("crashed", "word"), [(0, "pass"), (10, "undecided"), (100, "fail")])
def test_badge_has_the_releases_and_the_word(fill, drawn, crashed, word):
    fill("1.0", sessions=1000, crashed=5)
    fill("2.0", sessions=1000, crashed=crashed)
    picture, texts = drawn()
    assert texts == ["2.0 beside 1.0", word]
    assert picture.get("aria-label") == f"2.0 beside 1.0: {word}"


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\"&'", "x" * 200, "a/b", "9\u202e8"]
)
def test_release_of_any_name_is_drawn(fill, drawn, name):
    fill("1.0", sessions=1000)
    fill(name, sessions=1000)
    picture, (label, word) = drawn(name, against="1.0")
    assert label.endswith(" beside 1.0")
    assert len(label) <= 51
    assert word == "pass"
    assert {each.tag.removeprefix(SVG) for each in picture.iter()} == {
        *("svg", "title", "rect", "g", "text")
    }


def test_release_that_nobody_used_yet_is_undecided(drawn):
    assert drawn()[1] == ["2.0", "undecided"]


def test_query_is_the_verdicts(fill, ask, drawn):
    fill("1.0", sessions=1000, crashed=5)
    fill("2.0", sessions=1000, crashed=0)
    assert drawn(tolerance="0.0005")[1][1] == "undecided"
    assert ask("2.0", then="/verdict.svg", tolerance="2").status_code == 422


def test_name_may_be_in_the_query(fill, client, project, as_owner):
    fill("1.0", sessions=1000)
    fill("..", sessions=1000)
    path = f"/api/projects/{project.id}/release/verdict.svg"
    query = {"name": "..", "against": "1.0"}
    answer = client.get(path, query_string=query, headers=as_owner)
    assert answer.mimetype == "image/svg+xml"
    assert ".. beside 1.0: pass" in answer.text


def test_badge_takes_a_user_token(ask):
    assert ask("2.0", then="/verdict.svg", headers={}).status_code == 401
