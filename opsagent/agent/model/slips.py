"""A call of a model that cannot be answered as it was put."""


class SlipError(Exception):
    """A wrong name, a bad pattern, a call too many: the message has the right form, and goes back to the model."""
