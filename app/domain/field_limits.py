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

MAX_ID = 2**63 - 1  # what a signed 64-bit column holds

PASSWORD_MIN_CHARS = 8
PASSWORD_MAX_CHARS = 128
