"""Sizes as people read them."""

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def in_words(size: int) -> str:
    """`1.2 GB`: in powers of a thousand, as disks are sold; never rounded up to the next unit."""
    value, unit = float(size), _UNITS[0]
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            break
        value /= 1000
    if unit == _UNITS[0]:
        return f"{size} byte" if size == 1 else f"{size} bytes"
    shown = f"{int(value * 10) / 10:.1f}".removesuffix(".0") if value < 100 else f"{int(value)}"
    return f"{shown} {unit}"
