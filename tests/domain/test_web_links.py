"""Which addresses that strangers send become links."""

import pytest

from app.domain.web_links import is_web_link


@pytest.mark.parametrize(
    "text",
    [
        "https://app.example.com/checkout?step=2#pay",
        "http://localhost:8000/",
        "HTTPS://EXAMPLE.COM",
        "https://[2001:db8::1]:8443/x",
        "https://exämple.com/päth",
        "https://example.com/@alice",
    ],
)
def test_web_pages_are_links(text):
    assert is_web_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://bank.com@evil.example/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "myapp://Settings",
        "phaniste://order/42",
        "intent://x#Intent;scheme=http;end",
        "//example.com/x",
        "/checkout",
        "example.com",
        "https:",
        "https:///path",
        "https:example.com",
        "http:\\\\example.com",
        "https://exa mple.com",
        "https://example.com/\nx",
        'https://example.com/"onclick="x',
        "https://example.com:port/",
        "https://[::1",
        "https://example.com/\u202egpj.exe",
        "",
    ],
)
def test_everything_else_is_text(text):
    assert not is_web_link(text)
