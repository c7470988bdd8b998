"""Long work rests between its steps."""

from app.services.pacing import resting


def test_every_step_is_passed_on_and_followed_by_a_rest():
    said = []

    def steps():
        for number in range(3):
            said.append(f"step {number}")
            yield number

    rested = []

    def rest(seconds):
        rested.append(seconds)
        said.append("rest")

    assert list(resting(steps(), rest=rest)) == [0, 1, 2]
    assert said == ["step 0", "rest", "step 1", "rest", "step 2", "rest"]
    assert min(rested) > 0
