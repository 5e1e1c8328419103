"""What kind of program a name, an image, a port or a text speaks of: one answer for every check."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from itertools import islice

from opsagent.analysis.catalog.records import Peer

TOOL = "tool"
_SPLIT = re.compile(r"[-._/]+")
_WILD = re.compile(r"[*?\[]")
_DIGITS = re.compile(r"(?<=[a-z])v?\d+$")


class PeerIndex:
    """The peers of a catalog, found by name, image, port or text."""

    def __init__(self, peers: Sequence[Peer]) -> None:
        """Index the rows; the first one that fits decides."""
        self._rows = tuple(peers)
        self._names = _Names([[name for name in row.names if "-" not in name] for row in peers])
        # "istio-proxy" is not a proxy of something called istio: such names are compared as they are.
        self._whole = _Names([[name for name in row.names if "-" in name] for row in peers])
        self._tool = next((row for row in peers if row.kind == TOOL), None)
        self._images = {image: row for row in reversed(peers) for image in row.images}
        self._ports = {port: row for row in reversed(peers) for port in row.ports}
        self._words = [(_words_of(row.words), row) for row in peers if row.words]

    def find(
        self, *, name: str | None = None, image: str | None = None, port: int | str | None = None, text: str = ""
    ) -> Peer | None:
        """Return the row of a peer, None where nothing states what it is or it is only a tool around one.

        A name states more than an image, an image more than a port, a port more than words of a protocol.
        `name` may be a host with a port ("redis:6379") or a domain inside the cluster.
        """
        host, _, own_port = (name or "").partition(":")
        for row in (self._by_name(host), self._by_image(image or "")):
            if row is not None:
                return None if row.kind == TOOL else row
        for number in (port, own_port):
            if number and str(number).isdigit() and int(number) in self._ports:
                return self._ports[int(number)]
        return next((row for pattern, row in self._words if text and pattern.search(text)), None)

    def kind(
        self, *, name: str | None = None, image: str | None = None, port: int | str | None = None, text: str = ""
    ) -> str | None:
        """Return the kind of a peer ("database", "cache", "broker" …), None where nothing states what it is."""
        row = self.find(name=name, image=image, port=port, text=text)
        return row.kind if row else None

    def ports(self, kind: str) -> frozenset[int]:
        """Return the ports on which peers of a kind listen by default."""
        return frozenset(port for port, row in self._ports.items() if row.kind == kind)

    def _by_name(self, host: str) -> Peer | None:
        lowered = host.lower().strip("[]")
        if not lowered or lowered.replace(".", "").isdigit():
            return None
        own = lowered.split(".", 1)[0] if ".svc" in lowered or lowered.count(".") == 1 else lowered
        whole = self._whole.place(own)
        if whole is not None:
            return self._rows[whole]
        servers: list[int] = []  # places of the rows that know a part; a tool forgets what is before it
        tool = False
        for part in _SPLIT.split(own):
            place = self._names.place(part, _DIGITS.sub("", part))
            if place is not None:
                tool = self._rows[place].kind == TOOL
                servers = [] if tool else [*servers, place]
        if servers:
            return self._rows[min(servers)]
        return self._tool if tool else None

    def _by_image(self, image: str) -> Peer | None:
        last = image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0].lower()
        if not last:
            return None
        return self._images.get(last) or self._by_name(last.replace(".", "-"))


class _Names:
    """Names and patterns of a shell, each with the place of its row; only the patterns have to be compiled."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        self._plain: dict[str, int] = {}
        self._patterns: list[tuple[re.Pattern[str], int]] = []
        for place, names in enumerate(rows):
            wild = [name for name in names if _WILD.search(name)]
            self._plain = dict.fromkeys(names, place) | self._plain
            if wild:
                self._patterns.append((re.compile("|".join(map(translate, wild))), place))

    def place(self, *spellings: str) -> int | None:
        """Return the place of the first row that knows one of the spellings; None where none does."""
        known = [self._plain[spelled] for spelled in spellings if spelled in self._plain]
        wild = (
            place
            for pattern, place in self._patterns
            if any(spelled and pattern.fullmatch(spelled) for spelled in spellings)
        )
        return min([*known, *islice(wild, 1)], default=None)


def _words_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}" for word in words))
