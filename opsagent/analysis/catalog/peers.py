"""What kind of program a name, an image, a port or a text speaks of: one answer for every check."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate

from opsagent.analysis.catalog.records import Peer

TOOL = "tool"
_SPLIT = re.compile(r"[-._/]+")
_DIGITS = re.compile(r"(?<=[a-z])v?\d+$")


class PeerIndex:
    """The peers of a catalog, found by name, image, port or text."""

    def __init__(self, peers: Sequence[Peer]) -> None:
        """Index the rows; the first one that fits decides."""
        self._names = [(_any_of(name for name in row.names if "-" not in name), row) for row in peers]
        # "istio-proxy" is not a proxy of something called istio: such names are compared as they are.
        self._whole = [(_any_of(name for name in row.names if "-" in name), row) for row in peers]
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
        whole = next((row for pattern, row in self._whole if pattern.fullmatch(own)), None)
        if whole is not None:
            return whole
        servers: list[int] = []  # places of the rows that know a part; a tool forgets what is before it
        tool = False
        for part in _SPLIT.split(own):
            place = self._place(part)
            if place is not None:
                tool = self._names[place][1].kind == TOOL
                servers = [] if tool else [*servers, place]
        if servers:
            return self._names[min(servers)][1]
        return self._tool if tool else None

    def _place(self, part: str) -> int | None:
        spelled = {part, _DIGITS.sub("", part)} - {""}
        rows = enumerate(self._names)
        return next((place for place, (pattern, _) in rows if any(map(pattern.fullmatch, spelled))), None)

    def _by_image(self, image: str) -> Peer | None:
        last = image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0].lower()
        if not last:
            return None
        return self._images.get(last) or self._by_name(last.replace(".", "-"))


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, names)) or r"(?!)")


def _words_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}" for word in words))
