"""A real nginx with the very configuration that deploy/ hands out, on ports of its own."""

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.live.conftest import ROOT
from tests.servers.ports import free_port

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
_MAIN = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/main-error.log;
worker_rlimit_nofile 1024;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/main-access.log;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """Started at once, on 127.0.0.1; `changes` to directives are made first.

    `limits_addresses` uncomments what the configuration has for that. `more_hosts` are the ports of
    further instances, where it shows how to add them.
    """

    def __init__(
        self,
        program: Path,
        openssl: Path,
        folder: Path,
        *,
        upstream: int,
        more_hosts: Sequence[int] = (),
        limits_addresses: bool = False,
        **changes: str,
    ) -> None:
        self._program, self._folder = program, folder
        self.http_port, self.https_port = free_port(), free_port()
        self.http_url = f"http://127.0.0.1:{self.http_port}"
        self.url = f"https://127.0.0.1:{self.https_port}"
        folder.mkdir()
        _make_certificate(openssl, folder)
        self.trust = ssl.create_default_context(cafile=folder / "fullchain.pem")
        text = CONFIGURATION.read_text()
        if limits_addresses:
            text, count = re.subn(r"^( *)#(limit_req)", r"\1\2", text, flags=re.MULTILINE)
            assert count == 2
        (folder / "site.conf").write_text(self._rendered(text, upstream, more_hosts, changes))
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user))
        with (folder / "stderr").open("w") as stderr:
            self.process = subprocess.Popen(self._command(), stderr=stderr)
        self._wait_until_ready()

    def check(self) -> subprocess.CompletedProcess[str]:
        """`nginx -t`."""
        return subprocess.run(self._command("-t"), capture_output=True, text=True)

    def post(self, path: str, *, token: str, source: str = "", **kwargs: object) -> httpx.Response:
        transport = httpx.HTTPTransport(verify=self.trust, local_address=source or None)
        with httpx.Client(transport=transport, timeout=60) as client:
            headers = {"X-Pionne-Token": token, **kwargs.pop("headers", {})}
            return client.post(f"{self.url}{path}", headers=headers, **kwargs)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def written(self) -> str:
        """All that it wrote to any log."""
        return "".join(
            path.read_text()
            for path in self._folder.iterdir()
            if path.suffix in (".log", "")
            if path.is_file()
        )

    def access_log(self) -> str:
        return (self._folder / "pionne-feedback.log").read_text()

    def _command(self, *arguments: str) -> list[str | Path]:
        stderr = str(self._folder / "stderr")
        configuration = self._folder / "nginx.conf"
        return [self._program, "-e", stderr, "-p", self._folder, "-c", configuration, *arguments]

    def _rendered(
        self, text: str, upstream: int, more_hosts: Sequence[int], changes: dict[str, str]
    ) -> str:
        text = re.sub(r"listen \[::\]:.*\n", "", text)
        text = text.replace("listen 80 ", f"listen 127.0.0.1:{self.http_port} ")
        text = text.replace("listen 443 ", f"listen 127.0.0.1:{self.https_port} ")
        text = text.replace("server 127.0.0.1:8000 ", f"server 127.0.0.1:{upstream} ")
        (more,) = re.findall(r"# (server 10\.0\.0\.2:8000 [^;]*;)", text)
        added = "".join(more.replace("10.0.0.2:8000", f"127.0.0.1:{port}") for port in more_hosts)
        text = text.replace(f"# {more}", f"{added} #")
        text = text.replace("/etc/letsencrypt/live/feedback.example.com", str(self._folder))
        text = text.replace("/var/log/nginx", str(self._folder))
        text = text.replace("/var/www/html", str(self._folder))
        for directive, value in changes.items():
            text, count = re.subn(rf"\b{directive} [^;]+;", f"{directive} {value};", text)
            assert count, f"{directive} is not in the configuration"
        return text

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.https_port), timeout=5).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"nginx did not start:\n{self.written()}")


def _make_certificate(openssl: Path, folder: Path) -> None:
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=feedback.example.com"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
