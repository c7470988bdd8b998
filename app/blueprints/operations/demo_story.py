"""What happens in the demo: four releases of a shop's app, its bugs, and what people say of them.

Everything is invented. 1.4.0 brings a crash, 1.4.1 mends it, and 1.4.2 has just begun: so there is
a bad release, good ones, and one that is not decided. The numbers are made for these verdicts.
"""

from dataclasses import dataclass

from app.domain.issue_status import EventLevel

PROJECT_NAME = "Demo shop"
PLATFORM = "react-native"
# What the story's colleagues do is in the audit under their addresses; they have no accounts.
COLLEAGUES = ("ana@example.com", "sam@example.com")
USER_COUNT = 1600
FEEDBACK_COUNT = 120
# How long the story lasts, all of it in the 14 days that reports show; its last session before now.
DEMO_DAYS = 13.0
NEWEST_DAYS_AGO = 0.02


@dataclass(frozen=True)
class StoryRelease:
    """Its sessions lie between two moments, in days ago."""

    version: str
    first: float
    last: float
    users: int
    sessions: int


RELEASES = (
    StoryRelease("1.3.9", DEMO_DAYS, 5, users=900, sessions=1500),
    StoryRelease("1.4.0", 9, 5.5, users=300, sessions=480),
    StoryRelease("1.4.1", 6.8, NEWEST_DAYS_AGO, users=1100, sessions=2300),
    StoryRelease("1.4.2", 1.1, NEWEST_DAYS_AGO, users=80, sessions=120),
)


@dataclass(frozen=True, eq=False)  # each is itself alone
class Bug:
    """`counts` tells how often it strikes in each release, in as many sessions."""

    exception_type: str
    message: str
    level: EventLevel
    os_name: str
    device: str
    stack: tuple[str, ...]
    screens: tuple[str, ...]
    counts: dict[str, int]
    complaints: tuple[str, ...]


PAY_CRASH = Bug(
    "TypeError",
    "Cannot read property 'total' of undefined",
    EventLevel.FATAL,
    "Android",
    "Pixel 8",
    (
        "at formatTotal (address at index.android.bundle:1:481203)",
        "at PayButton (address at index.android.bundle:1:480977)",
        "at renderWithHooks (address at index.android.bundle:1:93127)",
        "at performUnitOfWork (address at index.android.bundle:1:101544)",
    ),
    ("Cart", "Checkout", "Pay"),
    {"1.4.0": 27},
    (
        "The app closes when I tap Pay. Three times now.",
        "Tapped Pay and it was gone. Was I charged?",
        "I cannot pay since the update, it always crashes",
        "Crashes in the checkout with a voucher in the cart",
        "Pay button -> home screen. Every time. 😤",
        "It shut down while paying, please write to me: mail jo.doe@example.com",
    ),
)
PICTURE_CRASH = Bug(
    "Invariant Violation",
    "Tried to read a detached list cell",
    EventLevel.FATAL,
    "iOS",
    "iPhone 15",
    (
        "invariant@main.jsbundle:1:20871",
        "cellForIndex@main.jsbundle:1:366120",
        "onViewableItemsChanged@main.jsbundle:1:365402",
        "flushQueue@main.jsbundle:1:41877",
    ),
    ("Home", "Search", "Search results"),
    {"1.3.9": 2, "1.4.0": 9, "1.4.1": 3, "1.4.2": 1},
    (
        "Scrolling fast through the results closed the app",
        "It crashed while I was looking at pictures of lamps",
        "Search results: crash when I scroll back up",
    ),
)
DATE_ERROR = Bug(
    "RangeError",
    "Invalid time value",
    EventLevel.ERROR,
    "Android",
    "Galaxy S23",
    (
        "at toISOString (native)",
        "at formatDelivery (address at index.android.bundle:1:512044)",
        "at OrderRow (address at index.android.bundle:1:511873)",
        "at renderWithHooks (address at index.android.bundle:1:93127)",
    ),
    ("Profile", "Order history"),
    {"1.3.9": 6, "1.4.0": 5, "1.4.1": 9, "1.4.2": 2},
    (
        "My orders say 'Delivery: unknown' for everything",
        "Order history shows no delivery dates any more",
    ),
)
TIMEOUT = Bug(
    "Error",
    "Network request timed out",
    EventLevel.ERROR,
    "iOS",
    "iPhone 13",
    (
        "onTimeout@main.jsbundle:1:27310",
        "loadRecommendations@main.jsbundle:1:401236",
        "callTimer@main.jsbundle:1:39950",
    ),
    ("Home",),
    {"1.3.9": 10, "1.4.0": 5, "1.4.1": 14, "1.4.2": 3},
    ("The home page spins for ever on the train",),
)
BUGS = (PAY_CRASH, PICTURE_CRASH, DATE_ERROR, TIMEOUT)

PLACES = ("Checkout", "Search", "Profile", "Order history", "Login", "Settings", "Cart")
REMARKS = (
    "Love the new {} screen, but the text is too small on my phone",
    "{} takes ten seconds to open on the train",
    "The button in {} stays grayed out until I turn the phone",
    "Dark mode in {} is unreadable",
    "{}: the keyboard covers the field I am typing in",
    "Please bring back the old {}, I cannot find anything",
    "Could {} remember what I chose last time?",
    "{} works so well with the screen reader now, thank you!",
    "I paid with 4111 1111 1111 1111 and {} shows no receipt",
    "How do I get back from {}? There is no arrow.",
)
NAMES = ("Alice", "Bob", "Chloé", "Dmitri", "Emeka", "Fatima", "Günther", "Hana", None, None, None)
