"""Merging issues in the browser, without scripts, and taking them apart."""

import re

import pytest

from app.services import issues


@pytest.fixture
def at(project):
    return f"/projects/{project.id}/issues"


@pytest.fixture
def two(make_event):
    return [make_event().issue_id for _ in range(2)]


@pytest.fixture
def browser(as_owner_of_project):
    return as_owner_of_project


def test_list_offers_to_select_and_asks_which_one_is_kept(browser, at, two):
    browser.get(at)
    for issue_id in two:
        assert f'name="issue" value="{issue_id}"' in browser.page
    answer = browser.get(f"{at}/merge", query_string={"issue": two})
    assert answer.status_code == 200
    assert "Merge 2 issues into one?" in browser.text


def test_one_alone_is_not_merged(browser, at, two):
    browser.get(f"{at}/merge", query_string={"issue": two[:1]})
    browser.get(at)
    assert "Select two issues or more" in browser.text


def test_merged_issue_leads_to_the_one_that_is_kept_which_can_be_taken_apart(browser, at, two):
    browser.get(at)
    browser.send(f"{at}/merge", keep=str(two[1]), issue=list(map(str, two)))
    answer = browser.get(f"{at}/{two[0]}")
    assert answer.location.endswith(f"{at}/{two[1]}")
    browser.get(f"{at}/{two[1]}")
    assert "Merged into it" in browser.text
    assert f"merged issue {two[0]} into issue {two[1]}" in browser.text
    browser.send(f"{at}/{two[1]}/take-apart", part=str(two[0]))
    assert browser.get(f"{at}/{two[0]}").status_code == 200
    assert "Merged into it" not in browser.text


@pytest.mark.parametrize("after", ["", "0", "x", "9" * 5000])
def test_page_shows_twenty_merged_ones_at_a_time(
    browser, at, app, project, make_event, clock, after
):
    kept, *others = (make_event().issue_id for _ in range(24))
    with app.app_context():
        issues.merge(project.id, kept, others, actor=None, now=clock())

    browser.get(f"{at}/{kept}", query_string={"merged_after": after})
    shown = [other for other in others if f'name="part" value="{other}"' in browser.page]
    assert shown == others[:20]
    assert "Merged into it (23)" in browser.text

    browser.get(re.search(r'href="([^"#]+)#merged-heading" rel="next"', browser.page)[1])
    shown = [other for other in others if f'name="part" value="{other}"' in browser.page]
    assert shown == others[20:]
    assert 'rel="next"' not in browser.page


def test_refusal_is_told_and_changes_nothing(browser, at, two, make_event):
    third = make_event().issue_id
    browser.get(at)
    browser.send(f"{at}/merge", keep=str(two[1]), issue=list(map(str, two)))
    browser.send(f"{at}/merge", keep=str(third), issue=[str(third), str(two[0])])
    browser.get(at)
    assert (
        f"Nothing was merged. Issue {two[0]} is merged into issue {two[1]} by now." in browser.text
    )
    browser.send(f"{at}/{two[1]}/take-apart", part=str(third))
    browser.get(f"{at}/{two[1]}")
    assert "Nothing was taken out." in browser.text


def test_page_tells_why_its_events_are_one(browser, at, client, project):
    body = {"exception_type": "TypeError", "stack": ["at pay (cart.js:1:2)"]}
    headers = {"X-Pionne-Token": project.token}
    issue_id = client.post("/ingest", json=body, headers=headers).get_json()["issue_id"]
    browser.get(f"{at}/{issue_id}")
    assert "the exception type TypeError and the function pay in cart" in browser.text
