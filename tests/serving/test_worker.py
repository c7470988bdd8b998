"""What is ours in gunicorn, as far as it can be seen without one; tests/live has the rest."""

import importlib
import json
import platform
import subprocess
import sys
from textwrap import dedent
from unittest import mock

import pytest
from limits.storage import SCHEMES

from app import config
from app.serving import worker as serving
from app.serving.worker import load_anew, unreadable_answer
from app.web import security_headers


@pytest.fixture(autouse=True)
def _keep_modules():
    """So that nothing loaded anew stays for other tests, not even the stores that it registers."""
    with mock.patch.dict(sys.modules), mock.patch.dict(SCHEMES):
        yield


def test_what_is_no_http_is_answered_like_every_other_error():
    head, _, body = unreadable_answer(400, "Bad Request").partition(b"\r\n\r\n")

    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert status == "HTTP/1.1 400 Bad Request"
    assert json.loads(body)["message"].startswith("Bad Request: ")
    assert headers["Content-Type"] == "application/json"
    assert int(headers["Content-Length"]) == len(body)
    assert headers.items() >= security_headers.STATIC_HEADERS.items()


def test_pages_read_why_something_was_no_http():
    assert b"\r\nAccess-Control-Allow-Origin: *\r\n" in unreadable_answer(400, "Bad Request")


def test_loading_anew_imports_this_package_again():
    anew = load_anew(lambda: importlib.import_module("app.config"))

    assert anew is not config
    assert sys.modules["app.config"] is anew


def test_loading_anew_leaves_other_packages_alone():
    import_json = mock.Mock(side_effect=lambda: importlib.import_module("json"))

    assert load_anew(import_json) is json


@pytest.mark.parametrize("error", [RuntimeError, SyntaxError, SystemExit])
def test_loading_anew_that_fails_changes_nothing(error):
    before = dict(sys.modules)

    def fail():
        importlib.import_module("app.config")
        raise error("no")

    with pytest.raises(error):
        load_anew(fail)
    assert {name: module for name, module in sys.modules.items() if name in before} == before


def test_module_that_is_gone_in_the_new_code_is_forgotten(monkeypatch):
    monkeypatch.setitem(sys.modules, "app.of_yesterday", mock.sentinel.module)
    load_anew(lambda: None)

    assert "app.of_yesterday" not in sys.modules


def test_module_that_holds_what_must_last_is_kept(monkeypatch):
    monkeypatch.setattr(config, "SURVIVES_RELOAD", True, raising=False)

    assert load_anew(lambda: importlib.import_module("app.config")) is config
    assert importlib.import_module("app.serving.worker") is not serving


def test_a_worker_told_to_stop_before_it_has_handlers_of_its_own_stops():
    """Else the master, whose handlers it has until then, waits for it as long as it may."""
    assert printed("""
        worker = CompletingWorker(1, os.getppid(), [], None, 30, Config(), None)
        worker.PIPE = os.pipe()
        os.set_blocking(worker.PIPE[1], False)
        worker.method_queue.init()
        signal.signal(signal.SIGTERM, lambda *_: None)
        serving.hold_stops()
        os.kill(os.getpid(), signal.SIGTERM)
        worker.init_signals()
        print(worker.alive)
    """) == "False"


def test_the_master_can_be_told_to_stop_after_it_forked():
    assert printed("""
        serving.hear_stops_after_forks()
        serving.hold_stops()
        if os.fork() == 0:
            os._exit(0)
        os.wait()
        print(signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, []))
    """) == "False"


def printed(script: str) -> str:
    """By a process of its own, because signals belong to all of one."""
    preamble = """
        import os, signal
        from gunicorn.config import Config
        from app.serving import worker as serving
        from app.serving.worker import CompletingWorker
    """
    ran = subprocess.run(
        [sys.executable, "-c", dedent(preamble) + dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


_COUNT_HEAPS = """
import ctypes, sys, threading
from app.serving.worker import share_one_heap
if sys.argv[1] == "shared":
    share_one_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
all_at_once = threading.Barrier(4)
def allocate():
    all_at_once.wait()
    libc.malloc(100_000)
    all_at_once.wait()
threads = [threading.Thread(target=allocate) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
written = ctypes.c_void_p(libc.fopen(sys.argv[2].encode(), b"w"))
libc.malloc_info(0, written)
libc.fclose(written)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have one heap")
def test_all_threads_share_one_heap(tmp_path):
    heaps = {}
    for how in ("shared", "apart"):
        report = tmp_path / how
        subprocess.run([sys.executable, "-c", _COUNT_HEAPS, how, str(report)], check=True)
        heaps[how] = report.read_text().count("<heap nr=")
    assert heaps["shared"] == 1 < heaps["apart"]


def test_another_c_library_has_nothing_to_share(monkeypatch):
    monkeypatch.setattr(serving.ctypes, "CDLL", lambda _: object())
    serving.share_one_heap()
