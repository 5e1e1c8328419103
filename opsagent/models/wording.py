"""Sentences as templates with named fields, so that each can be translated in one piece."""


def counted(number: int, one: str, many: str, **fields: object) -> str:
    """Return the template for this number, filled in: counted(2, "1 replica", "{n} replicas") is "2 replicas"."""
    return (one if number == 1 else many).format(n=f"{number:,}", **fields)
