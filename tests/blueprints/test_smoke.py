def test_x(post_feedback, client, project, as_owner):
    assert post_feedback().get_json() == {"ok": True, "feedback_id": 1}
    assert client.get(f"/api/projects/{project.id}/feedback", headers=as_owner).status_code == 200
