"""Ways to make a database fail for real, each a context in which it does.

All take the address of a database with a project in it, and give one of a database that fails, or
is about to.
"""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

NOBODY = 65534


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """The folder of a file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a file system; the limit on files is tried by all")
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("this machine lets nobody mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def disk_on(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """The folder of a disk that is a file in `folder`, of which only what is used takes room.

    When `folder` is full, the disk has room but fails to write: the kernel reports that when the
    file is synced. It has no journal, whose failure would make it read-only for good.
    """
    make = shutil.which("mke2fs", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if make is None:
        pytest.skip("mke2fs (e2fsprogs) makes the file system of the failing disk")
    image, disk = folder / "image", folder / "disk"
    disk.mkdir()
    image.touch()
    os.truncate(image, megabytes * 1024 * 1024)
    subprocess.run([make, "-q", "-t", "ext2", "-F", str(image)], check=True)
    mount = ["mount", "-o", "loop", str(image), str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine has no loop devices")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


@contextmanager
def files_limited_to(size: int, *, process: int = 0) -> Iterator[None]:
    """No file of a process, or of this one, grows past that.

    Python ignores the signal that comes with it, so that the write fails with EFBIG.
    """
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


@contextmanager
def nobodys(database: Path) -> Iterator[Path]:
    """A copy in a folder that all may enter, looked at by a user who is not root."""
    folder = Path(tempfile.mkdtemp(prefix="nobodys-"))
    folder.chmod(0o755)
    copy = Path(shutil.copy(database, folder / "pionne.db"))
    copy.chmod(0o644)
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, NOBODY, NOBODY)
        os.chown(copy, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield copy
    finally:
        if was_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


@contextmanager
def role(url: str, name: str, options: str = "") -> Iterator[str]:
    """The address for somebody who may read everything, and nothing else."""
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN {options}".encode())
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}".encode())
        try:
            yield url.replace("//postgres@", f"//{name}@")
        finally:
            connection.execute(f"DROP OWNED BY {name}".encode())
            connection.execute(f"DROP ROLE {name}".encode())
