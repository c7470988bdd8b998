"""Containerfile, compose.yaml and their parts of deploy/ agree with the service and each other.

Nothing here builds: that takes an engine and a base (docs/container.md).
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet
from sqlalchemy.engine import make_url

from app.config import Settings, read_settings
from tests.servers.ports import free_port
from tests.servers.system_programs import system_program
from tests.test_deploy import gunicorn_setting

ROOT = Path(__file__).parent.parent
SETTINGS = {field.metadata["name"] for field in fields(Settings)}
# What the image sets for the programs it brings.
_OF_PROGRAMS = {"PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "SQLITE_TMPDIR"}
_VARIABLE = re.compile(r"\$\{(\w+)(:[-?][^}]*)?\}")
_SERVICE = "pionne-feedback"


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile: (`RUN`, what it runs), in order, comments left out."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / "Containerfile").read_text(encoding="utf-8"), flags=re.M)
    lines = text.replace("\\\n", " ").splitlines()
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines) if name
    ]


def final_stage() -> list[tuple[str, str]]:
    everything = instructions()
    last = max(place for place, (name, _) in enumerate(everything) if name == "FROM")
    return everything[last:]


def values(name: str) -> list[str]:
    """What the instruction says in the stage that becomes the image."""
    return [rest for instruction, rest in final_stage() if instruction == name]


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(values("ENV"))))


def compose_text() -> str:
    return (ROOT / "compose.yaml").read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    """As it is with nothing set."""
    text = _VARIABLE.sub(lambda found: (found[2] or "")[2:], compose_text())
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def scaled_settings() -> dict[str, str]:
    """Of deploy/scaled.env, filled in, and read as compose does."""
    text = (ROOT / "deploy" / "scaled.env").read_text(encoding="utf-8")
    text = text.replace("POSTGRES_PASSWORD=\n", "POSTGRES_PASSWORD=abc123\n")
    read: dict[str, str] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.M):
        read[name] = _VARIABLE.sub(lambda found: read[found[1]], value)
    return read


def test_base_is_one_that_setup_cfg_allows_and_the_same_everywhere():
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    allowed = SpecifierSet(re.search(r"^python_requires = (.+)$", setup, re.M)[1])
    bases = {rest.removeprefix("BASE=") for name, rest in instructions() if name == "ARG"}
    bases.add(compose()["services"][_SERVICE]["build"]["args"]["BASE"])

    (base,) = bases
    assert re.search(r"python:([\d.]+)", base)[1] in allowed
    assert {rest.split()[0] for name, rest in instructions() if name == "FROM"} == {"${BASE}"}


def test_the_lock_is_the_one_thing_installed_and_nothing_looks_past_it():
    installs = [
        command
        for name, rest in instructions()
        if name == "RUN"
        for command in rest.split("&&")
        if " install " in command and "/pip " in command
    ]
    of_the_lock = [command for command in installs if " -r " in command]

    (command,) = of_the_lock
    assert re.findall(r" -r (\S+)", command) == ["requirements.txt"]
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(command.split())
    assert all("--no-deps" in command for command in installs)


def test_new_code_leaves_the_layer_of_dependencies_as_it_was():
    order = [rest for name, rest in instructions() if name in ("COPY", "RUN")]
    installed = next(place for place, rest in enumerate(order) if "requirements.txt" in rest)
    copied = next(place for place, rest in enumerate(order) if rest.startswith(". "))
    taken = [rest.split()[-1] for rest in values("COPY")]

    assert installed < copied
    assert taken == ["/opt/dependencies", "/opt/pionne-feedback"]


def test_nothing_is_downloaded_or_built_in_the_stage_that_becomes_the_image():
    assert not re.search(r"\b(pip|apt|apt-get|apk|curl|wget|venv)\b", " ".join(values("RUN")))


def test_only_what_the_image_is_made_from_is_let_through():
    """Not .git, not instance/ with its data and key, and not .env with its passwords."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    let_through = [pattern[1:] for pattern in patterns if pattern.startswith("!")]

    assert patterns[0] == "*"
    assert all((ROOT / name).exists() for name in let_through if "*" not in name)
    assert not {".git", ".env", "instance", "tests", ".venv", "deploy"} & set(let_through)


def test_user_is_a_number_that_is_not_root_and_owns_the_volume():
    (user,) = values("USER")
    user_id, group_id = user.split(":")
    (made,) = values("RUN")

    assert int(user_id) > 0 and int(group_id) > 0
    assert f"useradd --uid {user_id} --gid {group_id} " in made
    assert f"install -d -o {user_id} -g {group_id} -m 0700 /data" in made


def test_environment_of_the_image_is_settings_and_what_programs_read():
    assert set(image_environment()) - _OF_PROGRAMS <= SETTINGS


def test_image_serves_where_it_says_from_the_volume_it_declares():
    settings = read_settings(image_environment())

    assert settings.host == "0.0.0.0"
    assert values("EXPOSE") == [str(settings.port)]
    assert values("VOLUME") == values("WORKDIR") == [str(settings.instance_dir)]


def test_compose_relies_on_what_the_image_has():
    service = compose()["services"][_SERVICE]
    settings = read_settings({name: str(value) for name, value in service["environment"].items()})

    assert service["ports"] == [f"127.0.0.1:8000:{settings.port}"]
    assert service["volumes"] == [f"data:{settings.instance_dir}"]
    assert settings == read_settings(image_environment())


def test_engine_waits_longer_for_the_end_than_gunicorn_for_its_workers():
    service = compose()["services"][_SERVICE]

    assert values("STOPSIGNAL") == ["SIGTERM"]
    assert int(service["stop_grace_period"].removesuffix("s")) > gunicorn_setting(
        "graceful_timeout"
    )


def test_compose_starts_one_service_unless_asked_for_more():
    services = compose()["services"]
    assert [name for name, service in services.items() if "profiles" not in service] == [_SERVICE]
    assert {tuple(each["profiles"]) for each in services.values() if "profiles" in each} == {
        ("scaled",)
    }


def test_compose_needs_nothing_set():
    """One variable without a default and `docker compose up` fails, whatever its profile."""
    assert all(default.startswith(":-") for _, default in _VARIABLE.findall(compose_text()))


@pytest.mark.parametrize("name", compose()["services"])
def test_every_service_is_shut_in(name):
    service = compose()["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"


def test_only_nginx_is_reached_from_outside():
    published = {
        name: service["ports"]
        for name, service in compose()["services"].items()
        if "ports" in service
    }

    assert set(published) == {_SERVICE, "nginx"}
    assert all(port.startswith("127.0.0.1:") for port in published[_SERVICE])


def test_volumes_that_are_named_are_declared_and_the_other_way_round():
    loaded = compose()
    mounted = {
        volume.partition(":")[0]
        for service in loaded["services"].values()
        for volume in service.get("volumes", [])
    }
    assert {volume for volume in mounted if volume[0] not in "./"} == set(loaded["volumes"])


def test_settings_of_the_scaled_profile_are_settings_or_compose_s():
    used = {name for name, _ in _VARIABLE.findall(compose_text())}
    assert set(scaled_settings()) - SETTINGS <= used | {"COMPOSE_PROFILES"}


def test_scaled_profile_asks_the_services_that_it_starts():
    scaled, services = scaled_settings(), compose()["services"]
    database = make_url(scaled["DATABASE_URL"])
    kept = services["postgresql"]["environment"]
    settings = read_settings(scaled)

    assert scaled["COMPOSE_PROFILES"] == "scaled"
    assert (database.host, database.username, database.database, database.password) == (
        *("postgresql", kept["POSTGRES_USER"], kept["POSTGRES_DB"]),
        scaled["POSTGRES_PASSWORD"],
    )
    assert make_url(settings.ratelimit_storage_uri).host in services
    assert services["nginx"]["environment"]["SERVICE"] == f"{_SERVICE}:8000"
    assert (settings.workers, settings.trusted_proxies) == (2, 1)


def test_nginx_takes_the_file_of_deploy_with_the_places_of_compose(tmp_path):
    nginx = system_program("nginx", package="nginx-light")
    environment = {
        **os.environ,
        "SERVER_NAME": "shop.example.org",
        "SERVICE": "127.0.0.1:9",
        "CONFIGURATION": str(tmp_path / "site.conf"),
    }
    script = ROOT / "deploy" / "nginx-in-compose"
    said = subprocess.run(
        [script, "echo", "started"], env=environment, capture_output=True, text=True
    )
    made = (tmp_path / "site.conf").read_text()

    assert (said.stdout, said.stderr, said.returncode) == ("started\n", "", 0)
    assert (
        "/live/shop.example.org/fullchain.pem;" in made
        and "server 127.0.0.1:9 max_fails=0;" in made
    )
    assert not re.search(r"feedback\.example\.com|127\.0\.0\.1:8000|/var/log", made)
    assert_nginx_reads(nginx, made, tmp_path)


def assert_nginx_reads(nginx: Path, site: str, folder: Path) -> None:
    openssl = system_program("openssl", package="openssl")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost"),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    site = re.sub(r"/etc/letsencrypt/live/[^/]+", str(folder), site)
    # Sockets of the file system are for everybody to open; "[::]:80" becomes one of its own.
    site = site.replace("[::]:", "v6-").replace("listen ", f"listen unix:{folder}/")
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; error_log {folder}/log; events {{}} http {{ include site.conf; }}"
    )
    checked = subprocess.run(
        [nginx, "-t", "-p", folder, "-c", folder / "nginx.conf"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


@pytest.fixture
def answering() -> Iterator[Any]:
    """A server whose answers have `.status`, and that notes the `.path` it was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.path = self.path
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.status = 200
    Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()


def check_health(port: int, **environment: str) -> subprocess.CompletedProcess[str]:
    (command,) = re.findall(r'CMD \["(\w+)"\]', " ".join(values("HEALTHCHECK")))
    (script,) = re.findall(rf"install -m 0755 (\S+) \S+/bin/{command}\b", str(instructions()))
    return subprocess.run(
        [sys.executable, "-I", ROOT / script],
        env={"HOST": "0.0.0.0", "PORT": str(port), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("status, is_well", [(200, True), (404, False), (500, False), (503, False)])
def test_health_is_what_the_service_answers(answering, status, is_well):
    answering.status = status
    checked = check_health(answering.server_port)

    assert (checked.returncode == 0) is is_well
    assert checked.stderr == ("" if is_well else f"/healthz answers {status}\n")


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "127.0.0.1"])
def test_health_is_asked_where_the_service_listens(answering, host):
    assert check_health(answering.server_port, HOST=host).returncode == 0


def test_no_health_where_nobody_answers():
    checked = check_health(port := free_port())

    assert checked.returncode == 1
    assert checked.stderr.startswith(f"No answer on port {port}: ")


@pytest.mark.sqlite_only("asks no database")
def test_health_is_asked_at_an_address_that_exists(answering, client):
    check_health(answering.server_port)
    assert client.get(answering.path).status_code == 200


@pytest.mark.parametrize("process, status", [(1, 143), (2, -15)])
def test_stop_before_gunicorn_hears_of_it_ends_process_1_too(process, status):
    """The kernel would keep it from process 1; others end by themselves, and are left alone."""
    program = f"""
import os, runpy, signal
own, os.getpid = os.getpid(), lambda: {process}
runpy.run_path("{ROOT / "deploy" / "sitecustomize.py"}")
try:
    os.kill(own, signal.SIGTERM)
    signal.pause()
finally:
    print("rolled back")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (status, "")
    assert ended.stdout == ("rolled back\n" if process == 1 else "")
