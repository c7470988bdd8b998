"""How long each field of the wire may be, in code points, counted after trimming.

Source: the protocol page "Feedback (User Reports)"; where it is silent, our own choice.
"""

MESSAGE_MAX_CHARS = 2000
NAME_MAX_CHARS = 120
EMAIL_MAX_CHARS = 191
URL_MAX_CHARS = 500
APP_VERSION_MAX_CHARS = 32

PROJECT_NAME_MAX_CHARS = 120
PLATFORM_MAX_CHARS = 40
TOKEN_LABEL_MAX_CHARS = 40  # of a project token, and the name of an API token
SENTRY_KEY_CHARS = 32

# Sessions and events: over-long strings are cut to these, not refused (contract 3.3 and 3.4).
LABEL_MAX_CHARS = 200  # release, environment, app_id, user_id_anon, …
# Of what each session tells beside its release and its environment, in UTF-8: stored with each one,
# and twice each in the indexes of slices, so 2,000 reports a minute must not fill a disk with it.
FACT_MAX_BYTES = 64  # app_version, os_name
APP_ID_MAX_BYTES = 200
EXCEPTION_TYPE_MAX_CHARS = 255
EVENT_MESSAGE_MAX_CHARS = 4000
STACK_MAX_LINES = 200
STACK_LINE_MAX_CHARS = 500
FRAME_MAX_CHARS = 2000  # of a line, to read its function and its file; it ends with the place
BREADCRUMBS_MAX_COUNT = 50
NESTED_STRING_MAX_CHARS = 1000
NESTED_LINES_MAX_CHARS = 8000  # of a text of several lines, such as React's component stack
NESTED_MAX_DEPTH = 6
NESTED_MAX_ITEMS = 1000  # of all lists and objects of one event together
EVENT_TEXT_MAX_BYTES = 128 * 1024  # of all that is scrubbed and stored of one event, as UTF-8

MAX_ID = 2**63 - 1  # what a signed 64-bit column holds

PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 128
SECRET_MAX_CHARS = 200  # tokens and codes of ours are shorter; what is longer is none
