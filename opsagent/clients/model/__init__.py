"""The model: the only code that talks to it."""
