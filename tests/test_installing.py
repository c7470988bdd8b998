"""`make install` and `make test` install what the locks pin, whatever an index has beside it.

The Makefile and the locks are the real ones, and so is pip: the oldest that a Python 3.11 brings.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.local_index import LocalIndex, pinned_here

ROOT = Path(__file__).parent.parent
# Of Python 3.11.0; it comes from the index that `make install` uses.
OLDEST_PIP = "pip==22.3"
SECONDS = 300
NEWER = "9999"
SMALL = "small==1 \\\n    --hash=sha256:0\n"
PINS = re.compile("^[a-z].*==", re.MULTILINE)


@pytest.fixture(scope="module")
def fresh_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As Python 3.11.0 makes it."""
    venv = tmp_path_factory.mktemp("fresh") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True, timeout=SECONDS)
    pip = [venv / "bin/python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, OLDEST_PIP], check=True, timeout=SECONDS)
    return venv


@pytest.fixture
def index(tmp_path: Path) -> LocalIndex:
    return LocalIndex(tmp_path / "index")


@pytest.fixture
def checkout(tmp_path: Path, fresh_venv: Path) -> Path:
    """The Makefile, and a venv in which nothing is installed yet."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(fresh_venv, folder / ".venv", symlinks=True)
    return folder


@pytest.mark.parametrize(
    ("lock_name", "target"),
    [("requirements.txt", "install"), ("requirements-dev.txt", ".venv/.installed-dev")],
)
def test_newer_releases_of_everything_do_not_matter(lock_name, target, checkout, index):
    lock = (ROOT / lock_name).read_text()
    (checkout / lock_name).write_text(index.serve(lock))
    pinned = pinned_here(lock)
    for name, version in pinned.items():
        index.add(name, NEWER)
        index.add(name, version, build="1")  # not the file that was tested
    for name in ("pip", "setuptools", "wheel"):
        index.add(name, NEWER)
    before = installed_in(checkout)

    made = make(checkout, target, index)

    assert made.returncode == 0, made.stdout + made.stderr
    assert installed_in(checkout) == before | pinned
    assert f"Installing the {len(PINS.findall(lock))} pinned packages of {lock_name}" in made.stdout


def test_what_is_installed_is_left_alone_without_a_word(checkout, index):
    (checkout / "requirements.txt").write_text(index.serve(SMALL))
    make(checkout, "install", index)

    assert "small" not in make(checkout, "install", index).stdout


def test_a_lock_that_misses_a_package_is_noticed(checkout, index):
    lock = "needy==1 \\\n    --hash=sha256:0\n"
    served = index.serve(lock)
    digest = index.add("needy", "1", says="Requires-Dist: missing>=2\n")
    (checkout / "requirements.txt").write_text(re.sub("sha256:.*", f"sha256:{digest}", served))
    index.add("missing", "2")

    made = make(checkout, "install", index)

    assert made.returncode != 0
    assert "needy 1 requires missing, which is not installed" in made.stdout
    assert not (checkout / ".venv/.installed").exists()


def test_a_file_with_another_hash_is_refused(checkout, index):
    lock = index.serve(SMALL)
    (checkout / "requirements.txt").write_text(lock)
    index.add("small", "1", says="Summary: something else\n")

    made = make(checkout, "install", index)

    assert made.returncode != 0
    assert "HASH" in made.stderr.upper()
    assert "small" not in installed_in(checkout)


def test_variables_of_pip_that_would_install_something_else_are_not_heard(
    checkout, index, tmp_path
):
    (checkout / "requirements.txt").write_text(index.serve(SMALL))
    index.add("small", NEWER)
    (tmp_path / "others.txt").write_text(f"small=={NEWER}\n")

    made = make(
        checkout,
        "install",
        index,
        PIP_CONSTRAINT=str(tmp_path / "others.txt"),
        PIP_TARGET=str(tmp_path / "elsewhere"),
        PIP_NO_BINARY=":all:",
        PIP_PRE="1",
        PIP_UPGRADE="1",
    )

    assert made.returncode == 0, made.stderr
    assert installed_in(checkout)["small"] == "1"


def test_a_checkout_has_the_command_and_keeps_its_data(checkout, index, tmp_path):
    site_packages = Path(sysconfig.get_path("purelib"))
    (own,) = checkout.glob(".venv/lib/python*/site-packages")
    (own / "dependencies.pth").write_text(f"{site_packages}\n")
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, checkout / name)
    checkout = checkout.rename(tmp_path / "a checkout")
    made = make(checkout, ".venv/bin/pionne-feedback", index)
    assert made.returncode == 0, made.stderr

    ended = subprocess.run(
        [checkout / ".venv/bin/pionne-feedback", "db", "upgrade"],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path)},
        timeout=SECONDS,
    )

    assert ended.returncode == 0
    assert (checkout / "instance/pionne.db").exists()


def make(
    checkout: Path, target: str, index: LocalIndex, **environment: str
) -> subprocess.CompletedProcess[str]:
    """As somebody who has no index but this one."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.url, "PIP_NO_CACHE_DIR": "1"}
    return subprocess.run(
        ["make", target],
        cwd=checkout,
        env=kept | pip | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def installed_in(checkout: Path) -> dict[str, str]:
    """Versions by normalized name."""
    listed = subprocess.run(
        [checkout / ".venv/bin/python", "-m", "pip", "list", "--format=freeze"],
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    pairs = (line.split("==") for line in listed.stdout.splitlines())
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in pairs}
