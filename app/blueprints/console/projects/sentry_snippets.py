"""The line with which each SDK of Sentry is told where to send, with the project's DSN in it.

A stock SDK needs nothing else: its app stays as it is.
"""

from string import Template

_PLATFORMS = {
    "JavaScript in a browser": 'import * as Sentry from "@sentry/browser";\n\n'
    'Sentry.init({ dsn: "$dsn" });',
    "Node": 'import * as Sentry from "@sentry/node";\n\nSentry.init({ dsn: "$dsn" });',
    "React Native": 'import * as Sentry from "@sentry/react-native";\n\n'
    'Sentry.init({ dsn: "$dsn" });',
    "Flutter": "import 'package:sentry_flutter/sentry_flutter.dart';\n\n"
    "await SentryFlutter.init(\n"
    "  (options) => options.dsn = '$dsn',\n"
    "  appRunner: () => runApp(const MyApp()),\n"
    ");",
    "Swift": 'import Sentry\n\nSentrySDK.start { options in\n    options.dsn = "$dsn"\n}',
    "Android": "<!-- AndroidManifest.xml, within <application> -->\n"
    '<meta-data android:name="io.sentry.dsn" android:value="$dsn" />',
    "Python": 'import sentry_sdk\n\nsentry_sdk.init(dsn="$dsn")',
    "PHP": '\\Sentry\\init(["dsn" => "$dsn"]);',
    "Ruby": 'require "sentry-ruby"\n\nSentry.init do |config|\n  config.dsn = "$dsn"\nend',
    "Java": 'import io.sentry.Sentry;\n\nSentry.init(options -> options.setDsn("$dsn"));',
    ".NET": 'using Sentry;\n\nSentrySdk.Init(options => options.Dsn = "$dsn");',
    "Go": "err := sentry.Init(sentry.ClientOptions{\n" '\tDsn: "$dsn",\n' "})",
}


def sentry_snippets(dsn: str) -> dict[str, str]:
    """By platform."""
    return {name: Template(text).substitute(dsn=dsn) for name, text in _PLATFORMS.items()}
