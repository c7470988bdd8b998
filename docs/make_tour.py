"""Takes the screenshots of docs/tour.md, from the demo's data, with the system's Chromium.

It serves an instance of its own from a temporary folder, so nothing of yours is touched or shown.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "tour"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
START_SECONDS = 30
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder)) as (address, password),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        picture_first_run(browser, address)
        tour(browser, address, password, viewport=WIDE, scheme="light", suffix="")
        tour(browser, address, password, viewport=PHONE, scheme="dark", suffix="-phone")
        browser.close()
    print(f"{len(list(PICTURES.glob('*.png')))} pictures in {PICTURES.relative_to(ROOT)}")


def find_chromium() -> str:
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    sys.exit("Chromium is not installed (Debian: apt-get install chromium).")


@contextmanager
def serve(folder: Path) -> Iterator[tuple[str, str]]:
    """An instance with the demo: its address, and the password of the demo's account."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | {"INSTANCE_DIR": str(folder), "APP_KEY": "k" * 64, "PORT": port}

    def flask(*arguments: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout

    flask("db", "upgrade")
    shown = re.search(r"password\s+(\S+)", flask("demo"))
    assert shown, "the demo shows no password"
    with subprocess.Popen(
        [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_served(address)
            yield address, shown[1]
        finally:
            server.terminate()


def wait_until_served(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/healthz")
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    sys.exit("The instance did not start.")


def picture_first_run(browser: Browser, address: str) -> None:
    """What an instance shows that nobody has an account of."""
    page = browser.new_page(viewport=WIDE)
    page.goto(address)
    take(page, "first-account")
    page.close()


def tour(
    browser: Browser,
    address: str,
    password: str,
    *,
    viewport: dict[str, int],
    scheme: str,
    suffix: str,
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport=viewport,
        color_scheme=scheme,
        has_touch=viewport == PHONE,
        is_mobile=viewport == PHONE,
    )
    page = context.new_page()
    page.goto("/login")
    page.fill("input[name=email]", "demo@example.com")
    page.fill("input[name=password]", password)
    page.click("main button")
    page.wait_for_url(re.compile("/projects"))
    page.goto("/projects/1/inbox")
    take(page, f"inbox{suffix}")
    page.goto("/projects/1/inbox?event=1")  # one that came with a crash
    follow(page, "main a[href*='/feedback/']")
    take(page, f"feedback{suffix}")
    page.goto("/projects/1/releases")
    take(page, f"releases{suffix}")
    follow(page, "main a[href*='/release?']")
    take(page, f"release{suffix}")
    page.goto("/projects/1/issues")
    take(page, f"issues{suffix}")
    follow(page, "main a[href*='/issues/']")
    take(page, f"issue{suffix}")
    page.goto("/projects/1/settings")
    take(page, f"settings{suffix}")
    if viewport == WIDE:
        picture_what_is_shown_once(page, password)
    context.close()


def picture_what_is_shown_once(page: Page, password: str) -> None:
    """A project's token and an account's two-factor, of an instance that ends with this."""
    page.goto("/account")
    take(page, "account")
    page.goto("/account/two-factor")
    page.fill("input[name=password]", password)
    page.click("main form button")
    page.wait_for_selector(".qr")
    take(page, "two-factor")
    page.goto("/projects/new")
    page.fill("input[name=name]", "Garden shop")
    page.click("main form button")
    page.wait_for_selector("[data-waiting]")
    page.screenshot(path=PICTURES / "set-up.png")  # it goes on asking, so it is never idle


def follow(page: Page, link: str) -> None:
    page.goto(page.locator(link).first.get_attribute("href") or "")


def take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
