"""The DSN over HTTP: shown by the address that was asked, and given a new key."""

from app.domain.sentry.credentials import Dsn, read_dsn


def test_dsn_names_the_address_that_was_asked(client, project, as_owner):
    answer = client.get(
        f"/api/projects/{project.id}", headers=as_owner, base_url="https://feedback.example.com"
    )
    dsn = answer.get_json()["dsn"]
    assert dsn.startswith("https://") and dsn.endswith(f"@feedback.example.com/{project.id}")


def test_dsn_has_the_prefix_under_which_the_instance_stands(client, project, as_owner):
    answer = client.get(
        f"/api/projects/{project.id}", headers=as_owner, base_url="http://localhost:8000/pionne"
    )
    assert answer.get_json()["dsn"].endswith(f"@localhost:8000/pionne/{project.id}")


def test_dsn_of_a_new_project_is_the_one_that_it_keeps(client, as_owner, call):
    made = client.post("/api/projects", json={"name": "Shop"}, headers=as_owner).get_json()
    assert read_dsn(made["dsn"]) == read_dsn(call("GET", project_id=made["id"]).get_json()["dsn"])
    assert isinstance(read_dsn(made["dsn"]), Dsn)


def test_dsn_gets_a_new_key_and_the_tokens_stay(call, project, post_feedback):
    old = call("GET", "").get_json()
    answer = call("POST", "/rotate-key")
    new = call("GET", "").get_json()
    assert (answer.status_code, answer.get_json()) == (200, {"dsn": new["dsn"]})
    assert read_dsn(new["dsn"]).key != read_dsn(old["dsn"]).key
    assert new["token_preview"] == old["token_preview"]
    assert post_feedback(token=project.token).status_code == 202


def test_replacing_the_tokens_keeps_the_dsn(call):
    old = call("GET", "").get_json()["dsn"]
    call("POST", "/regenerate")
    assert call("GET", "").get_json()["dsn"] == old
