"""Names and addresses hidden from a model and put back in its answer: the same one has the same sign in one run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_IP = re.compile(
    r"(?<![\w.:])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?!\.?\w)"
    r"|(?:(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}|(?:[0-9a-fA-F]{1,4}:){2,6}:[0-9a-fA-F]{0,4})(?![\w:]))"
)
_HOST = re.compile(
    r"(?<![\w.@-])(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+"
    r"(?:local|internal|svc|cluster|lan|corp|com|net|org|io|dev|de|eu|kr|uk|fr|cloud|example|test|app)\b(?![\w.-]*\.log)"
)
_SIGN = re.compile(r"\b(?:ip|host|name)-masked-\d{1,4}\b")
_SHORTEST = 3  # characters of a name that is hidden: fewer occur in any word


@dataclass
class Mask:
    """What is hidden, and what each sign stands for."""

    kinds: frozenset[str]  # of "ip", "host", "name"
    names: tuple[str, ...] = ()  # objects and services of the incident, hidden with "name"
    _signs: dict[str, str] = field(default_factory=dict)  # hidden → sign
    _pattern: "re.Pattern[str] | None" = None

    def of(self, names: Iterable[str]) -> None:
        """Hide these names from now on, the longest first: a pod's name begins with its workload's."""
        known = {name for name in (*self.names, *names) if len(name) >= _SHORTEST}
        self.names = tuple(sorted(known, key=lambda name: (-len(name), name)))
        parts = "|".join(map(re.escape, self.names))
        self._pattern = re.compile(rf"(?<![\w.-])(?:{parts})(?![\w])", re.IGNORECASE) if parts else None

    def hide(self, text: str) -> str:
        """Return the text with a sign for each name and address."""
        if "ip" in self.kinds:
            text = _IP.sub(lambda match: self._sign("ip", match[0]), text)
        if "host" in self.kinds:
            text = _HOST.sub(lambda match: self._sign("host", match[0]), text)
        if "name" in self.kinds and self._pattern is not None:
            text = self._pattern.sub(lambda match: self._sign("name", match[0]), text)
        return text

    def show(self, text: str) -> str:
        """Return the text with what the signs stand for; a sign that was never given stays."""
        meant = {sign: hidden for hidden, sign in self._signs.items()}
        return _SIGN.sub(lambda match: meant.get(match[0], match[0]), text)

    def _sign(self, kind: str, hidden: str) -> str:
        known = self._signs.get(hidden)
        if known is None:
            known = self._signs[hidden] = f"{kind}-masked-{len(self._signs) + 1}"
        return known


def mask_of(setting: str | None) -> Mask | None:
    """Return what hides what the setting names; None where it names nothing."""
    kinds = frozenset(part.strip() for part in setting.split(",")) if setting else frozenset()
    return Mask(kinds) if kinds else None
