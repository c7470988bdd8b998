"""Lines to paste that send a first feedback, with the instance's address and a project's token.

Each is complete as it stands and needs nothing installed; the test runs those it can.
"""

import re
from string import Template

_SDK = Template("""\
Pionne.init({
  token: "$token",
  endpoint: "$base/api/ingest",
});$warning""")

# SDKs send nothing over http but to these, in production without a word.
_LOCAL_HOST = re.compile(r"http://(localhost|[^/:]+\.local)(:\d+)?")
_WARNING = """

// The SDKs send to https only, but for localhost and *.local: over http, apps stay silent.
// Put a proxy with TLS in front, and its https address here."""

_JAVASCRIPT = Template("""\
await fetch("$base/feedback", {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    "X-Pionne-Token": "$token",
  },
  body: JSON.stringify({
    message: "The checkout page stays blank after payment",
    email: "alice@example.com", // optional, as name and app_version are
    url: location.href,
  }),
});""")

_REACT_NATIVE = Template("""\
export async function sendFeedback(message, screen) {
  const answer = await fetch("$base/feedback", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-Pionne-Token": "$token",
    },
    body: JSON.stringify({
      message,
      url: `myapp://$${screen}`,
      app_version: "1.4.2",
    }),
  });
  if (!answer.ok) throw new Error((await answer.json()).message);
}""")

_PYTHON = Template("""\
import json
import urllib.request

feedback = {"message": "The export never finishes", "app_version": "1.4.2"}
request = urllib.request.Request(
    "$base/feedback",
    data=json.dumps(feedback).encode(),
    headers={
        "Content-Type": "application/json",
        "X-Pionne-Token": "$token",
    },
)
print(urllib.request.urlopen(request).read().decode())""")

_PHP = Template("""\
<?php
$$feedback = ["message" => "The form loses my address", "app_version" => "1.4.2"];
$$request = stream_context_create(["http" => [
    "method" => "POST",
    "header" => [
        "Content-Type: application/json",
        "X-Pionne-Token: $token",
    ],
    "content" => json_encode($$feedback),
]]);
echo file_get_contents("$base/feedback", false, $$request);""")

_LANGUAGES = {
    "SDK of Pionne": _SDK,
    "JavaScript": _JAVASCRIPT,
    "React Native": _REACT_NATIVE,
    "Python": _PYTHON,
    "PHP": _PHP,
}


def snippets(base: str, token: str) -> dict[str, str]:
    """By what they are written in; `base` has no slash at its end."""
    needs_tls = not base.startswith("https:") and not _LOCAL_HOST.fullmatch(base)
    values = {"base": base, "token": token, "warning": _WARNING if needs_tls else ""}
    return {language: template.substitute(values) for language, template in _LANGUAGES.items()}
