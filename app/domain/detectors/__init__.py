"""One module a kind of personal data; each finds spans `(start, end)` in linear time."""
