"""Storage as a person reads it."""

GIB = 1024**3


def storage_words(storage: int) -> str:
    """`10 GB` or `1 TB` for a number of bytes."""
    gib = storage // GIB
    return f"{gib // 1024} TB" if gib >= 1024 else f"{gib} GB"
