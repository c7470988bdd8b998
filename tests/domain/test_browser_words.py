"""What browsers call themselves, in words."""

import pytest

from app.domain.browser_words import browser_in_words

MOZILLA, KHTML = "Mozilla/5.0", "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            f"{MOZILLA} (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Linux",
        ),
        (
            f"{MOZILLA} (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
            "Firefox on Android",
        ),
        (
            f"{MOZILLA} (Windows NT 10.0; Win64; x64) {KHTML} Chrome/142.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            f"{MOZILLA} (Windows NT 10.0) {KHTML} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            f"{MOZILLA} (Linux; Android 10; K) {KHTML} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile"
            " Safari/537.36",
            "Samsung Internet on Android",
        ),
        (f"{MOZILLA} (Linux; Android 10; K) {KHTML} Chrome/142.0 Mobile", "Chrome on Android"),
        (f"{MOZILLA} (X11; CrOS x86_64) {KHTML} Chrome/142.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"{MOZILLA} (X11; Linux) {KHTML} Chrome/142.0 Safari/537.36 OPR/124", "Opera on Linux"),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {KHTML} Version/26.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_6) {KHTML} Version/26.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (f"{MOZILLA} (iPad; CPU OS 18_6 like Mac OS X) {KHTML} CriOS/142.0", "Chrome on iPad"),
        (f"{MOZILLA} (something new) Firefox/145.0", "Firefox"),
        ("curl/8.14.1", None),
        ("<script>alert(1)</script>", None),
        ("", None),
    ],
)
def test_browser_and_system_are_told(user_agent, words):
    assert browser_in_words(user_agent) == words


def test_words_are_short_whatever_is_claimed():
    everything = "Edg/ OPR/ SamsungBrowser/ Firefox/ Chrome/ Safari/ Windows CrOS Macintosh Linux"
    assert len(browser_in_words(everything * 50)) <= 30
