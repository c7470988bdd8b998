"""Where a release differs, on its page and as a file."""

import pytest


@pytest.fixture
def release(record):
    """Every second session on Android crashes, and none elsewhere."""
    for number in range(90):
        os_name = ("Android", "iOS", None)[number % 3]
        status = "crashed" if number % 6 == 0 else "exited"
        version = f"1.0.{number % 30}"
        record(status, user=f"user {number}", os_name=os_name, app_version=version)


class TestPage:
    def test_says_first_where_it_differs(self, as_owner_of_project, project, release):
        as_owner_of_project.get(f"/projects/{project.id}/release?name=1.0")
        text = as_owner_of_project.text
        assert (
            "Android crashes more often than the rest: 50.00 % of 30 sessions crashed, 0 %"
            " elsewhere." in text
        )
        rows = text.split("Beside the rest", 1)[1]
        assert rows.index("Android") < rows.index("iOS")
        assert "not told" in rows

    @pytest.mark.parametrize("by", ["environment", "user_key"])
    def test_shows_what_the_address_asks_for(self, as_owner_of_project, project, release, by):
        as_owner_of_project.get(f"/projects/{project.id}/release?name=1.0&by={by}")
        expected = "All sessions have the same" if by == "environment" else "Android crashes more"
        assert expected in as_owner_of_project.text

    def test_has_the_rest_of_many_in_one_line(self, as_owner_of_project, project, release):
        as_owner_of_project.get(f"/projects/{project.id}/release?name=1.0&by=app_version")
        assert "10 others" in as_owner_of_project.text

    def test_shows_names_as_they_are(self, as_owner_of_project, project, record):
        record(os_name="<b>bold</b>")
        as_owner_of_project.get(f"/projects/{project.id}/release?name=1.0")
        assert "<b>bold</b>" not in as_owner_of_project.page
        assert "&lt;b&gt;bold" in as_owner_of_project.page


class TestFile:
    def test_has_a_line_for_each_slice(self, as_owner_of_project, project, release):
        answer = as_owner_of_project.get(f"/projects/{project.id}/release/slices.csv?name=1.0")
        lines = answer.text.splitlines()
        assert answer.mimetype == "text/csv"
        assert lines[1].startswith("1.0,os_name,Android,1,30,15,0,30,15,0.5,0.5,0.5,")
        assert len(lines) == 4

    @pytest.mark.parametrize("name", ["none", "%00"])
    def test_of_no_release_has_a_head_alone(self, as_owner_of_project, project, name):
        path = f"/projects/{project.id}/release/slices.csv?name={name}"
        assert len(as_owner_of_project.get(path).text.splitlines()) == 1
