"""JSON that nearly is what an SDK sends: its own names, and anything below them."""

from hypothesis import strategies as st

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["event", "feedback", "transaction", "ok", "crashed", "{{ default }}"])
    | st.sampled_from(["9ec79c33ec9942ab8353589fcb2e04dc", "2026-11-30T02:18:42Z", "\ud800", "\0"])
)


def nearly(names, leaves=15):
    """Objects with some of these names, divided by blanks, at any depth."""
    keys = st.sampled_from(names.split()) | st.text(st.characters(), max_size=5)
    values = st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=leaves,
    )
    return st.dictionaries(keys, values, max_size=8)


frames = nearly("function filename module package abs_path lineno colno in_app platform")
exceptions = st.lists(
    st.none()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": scalars,
            "value": scalars,
            "mechanism": nearly("type handled synthetic", leaves=3) | scalars,
            "stacktrace": st.fixed_dictionaries({"frames": st.lists(frames | scalars, max_size=4)})
            | scalars,
        },
    ),
    max_size=3,
)
events = st.builds(
    lambda anything, exception: anything | ({"exception": exception} if exception else {}),
    nearly(
        "exception values threads stacktrace message formatted logentry level timestamp tags"
        " contexts feedback user id email request url breadcrumbs data fingerprint extra sdk name"
        " platform release contact_email associated_event_id type event_id os device app culture"
    ),
    st.none() | exceptions | exceptions.map(lambda values: {"values": values}),
)
sessions = nearly(
    "sid did started timestamp duration errors status attrs release environment init seq"
    " abnormal_mechanism",
    leaves=6,
)
aggregates = nearly(
    "aggregates started exited errored crashed abnormal unhandled did attrs release values"
)
client_reports = nearly(
    "discarded_events rate_limited_events reason category quantity timestamp values"
)
