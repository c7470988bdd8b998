"""The key of a fresh instance: whole, for its owner alone, and never in another one's place."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.config import MIN_APP_KEY_CHARS, read_settings
from app.services.instance.app_key import make_key


def test_a_key_can_be_used_and_only_its_owner_reads_it(tmp_path):
    assert make_key(tmp_path / "app.key")

    assert len(read_settings({"INSTANCE_DIR": str(tmp_path)}).app_key) >= MIN_APP_KEY_CHARS
    assert (tmp_path / "app.key").stat().st_mode & 0o777 == 0o600


def test_no_two_keys_are_the_same(tmp_path):
    keys = {tmp_path / str(number) for number in range(10)}

    assert all(make_key(path) for path in keys)
    assert len({path.read_text() for path in keys}) == len(keys)


@pytest.mark.parametrize("content", ["the key of a year ago, long enough to be one", "", "short"])
def test_what_is_there_is_kept_whatever_it_is(tmp_path, content):
    path = tmp_path / "app.key"
    path.write_text(content)

    assert not make_key(path)
    assert path.read_text() == content


def test_of_many_that_make_it_at_once_one_does_and_all_read_the_same(tmp_path):
    path = tmp_path / "app.key"

    def make(_number: int) -> tuple[bool, str]:
        return make_key(path), path.read_text()

    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(make, range(64)))

    assert [is_new for is_new, _ in made].count(True) == 1
    assert len({key for _, key in made}) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["app.key"]


def test_a_key_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OSError, match="file"):
        make_key(Path(tmp_path / "file" / "app.key"))
