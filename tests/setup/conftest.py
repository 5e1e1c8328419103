"""The same sandboxes as the servers' tests."""

from tests.serving.conftest import boxed

__all__ = ["boxed"]
