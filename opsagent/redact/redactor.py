"""The redactor of one incident: the same secret gets the same number everywhere in it."""

import secrets
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from threading import Lock
from typing import Any

from opsagent.redact.commands import hide_in_commands, programs
from opsagent.redact.disguise import undisguised
from opsagent.redact.mark import AnyOf, is_placeholder
from opsagent.redact.named import hide_named, hints
from opsagent.redact.shapes import hide_shaped, hide_wordless, words

# Hiding one secret can bring the next one to light (its neighbour now ends where it did not before); text settles
# after two or three rounds, the bound keeps hostile text from asking for more.
MAX_ROUNDS = 6


class Redactor:
    """Replace secrets in text by `<redacted:KIND:N>`, in time linear in the text's length.

    N is the same for the same value within the incident. Only a keyed hash of a value is kept, never the value.
    Redacted text stays as it is when it comes by again.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        """Start again, or go on with the numbers of `state()` from an earlier process."""
        self._key = bytes.fromhex(state["key"]) if state else secrets.token_bytes(16)
        self._numbers: dict[str, int] = dict(state["numbers"]) if state else {}
        self._lock = Lock()

    def __call__(self, text: str) -> str:
        """Return `text` without its secrets; text that hides one behind invisible signs loses those signs too."""
        plain = undisguised(text)
        if plain is not text:
            hidden = self._hidden(plain)
            if hidden != plain:
                return hidden
        return self._hidden(text)

    def _hidden(self, text: str) -> str:
        for _ in range(MAX_ROUNDS):
            hidden = self._hidden_once(text)
            if hidden == text:
                break
            text = hidden
        return text

    def _hidden_once(self, text: str) -> str:
        if not telling_words().in_text(text):  # nine lines of ten, for the price of one search
            return hide_wordless(text, self.mark)
        return hide_in_commands(hide_named(hide_shaped(text, self.mark), self.mark), self.mark)

    def mark(self, kind: str, value: str) -> str:
        """Return what is in place of `value`."""
        digest = blake2b(value.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).hexdigest()
        with self._lock:
            number = self._numbers.setdefault(digest, len(self._numbers) + 1)
        return f"<redacted:{kind}:{number}>"

    def value_of(self, kind: str, value: str) -> str:
        """Return the placeholder of a value that is known to be a secret; a placeholder stays."""
        return value if is_placeholder(value) else self.mark(kind, value)

    def state(self) -> dict[str, Any]:
        """Return what a later process needs to go on with the same numbers: hashes and their key, no value."""
        with self._lock:
            return {"key": self._key.hex(), "numbers": dict(self._numbers)}


@cache
def telling_words() -> AnyOf:
    """Return what a text holds at least one of where a name, a program or a rare shape gives a secret away."""
    return AnyOf((*words(), *hints().words, *programs().words))
