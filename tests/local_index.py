"""A package index in a folder, with small wheels: what a lock pins, and what a test puts beside.

Each pinned wheel says of itself what the real one says (extras, requirements, markers), because
that is what pip resolves by; it carries one module and nothing to run.
"""

import hashlib
import re
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import Marker

_PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)( ; [^\\]+?)? \\$", re.MULTILINE)
_SAID_BY_THE_REAL_ONE = ("Requires-Dist", "Provides-Extra")


def pinned_here(lock: str) -> dict[str, str]:
    """Versions by name, of what the lock installs on this system and Python."""
    return {
        name: version
        for name, version, marker in _PINNED.findall(lock)
        if not marker or Marker(marker.strip(" ;")).evaluate()
    }


class LocalIndex:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def url(self) -> str:
        return self._folder.as_uri()

    def serve(self, lock: str) -> str:
        """Offer what the lock pins; the same lock, with the hashes of these wheels."""

        def with_hash(pin: "re.Match[str]") -> str:
            name, version, marker = pin.groups(default="")
            digest = self.add(name, version, says=_said_of(name, version))
            return f"{name}=={version}{marker} --hash=sha256:{digest}"

        without_hashes = re.sub(r"^    (--hash|#).*\n", "", lock, flags=re.MULTILINE)
        return _PINNED.sub(with_hash, without_hashes)

    def add(self, name: str, version: str, *, says: str = "", build: str = "") -> str:
        """Offer a wheel; its SHA-256. Of wheels of one version pip prefers the later build."""
        module = name.replace("-", "_")
        info = f"{module}-{version}.dist-info"
        project = self._folder / name
        project.mkdir(parents=True, exist_ok=True)
        wheel = project / "-".join(filter(None, [module, version, build, "py3-none-any.whl"]))
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{module}_of_the_index.py", f"version = {version!r}\n")
            archive.writestr(
                f"{info}/METADATA",
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{says}",
            )
            archive.writestr(
                f"{info}/WHEEL",
                "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            )
            archive.writestr(f"{info}/RECORD", "")
        links = "".join(
            f'<a href="{one.name}#sha256={_sha256(one)}">{one.name}</a>\n'
            for one in project.glob("*.whl")
        )
        (project / "index.html").write_text(f"<!DOCTYPE html><title>{name}</title>\n{links}")
        return _sha256(wheel)


def _sha256(wheel: Path) -> str:
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def _said_of(name: str, version: str) -> str:
    """What the installed package requires; nothing of one that is for another Python or system."""
    try:
        real = distribution(name)
    except PackageNotFoundError:
        return ""
    if real.version != version:
        return ""
    said = [
        (key, value) for key in _SAID_BY_THE_REAL_ONE for value in real.metadata.get_all(key, [])
    ]
    return "".join(f"{key}: {value}\n" for key, value in said)
