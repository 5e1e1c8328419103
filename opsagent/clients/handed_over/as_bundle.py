"""What was recognised in a text, as the files of a bundle: one set of checks serves both."""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import IO

from opsagent.clients.bundle.files import Files, Limits
from opsagent.clients.handed_over.ages import stamp
from opsagent.clients.handed_over.recognise import HandedOver

_LEAST = 3  # characters: what is shorter is punctuation between two outputs


def files_of(found: HandedOver, name: str, modified: datetime, limits: Limits) -> Files:
    """Return objects.json, stats.jsonl and the log of a text; line numbers of the log are those of the text.

    `modified` (aware, UTC) is when the text was printed, as far as is known: ages count back from it.
    """
    texts: dict[str, str] = {}
    listing = {"apiVersion": "v1", "kind": "List", "items": found.objects}
    meta: dict[str, object] = {"version": 1, "service": None, "looked": sorted(found.looked)}
    if found.relative:
        meta["collected_at"] = stamp(modified)
    texts["bundle.json"] = json.dumps(meta)
    if found.objects or found.looked:
        texts["objects.json"] = json.dumps(listing)
    if found.stats:
        samples = ({"at": stamp(modified), "took_s": 0.0, "http": 200, "stats": body} for body in found.stats)
        texts["stats.jsonl"] = "\n".join(json.dumps(sample) for sample in samples) + "\n"
    if found.odd:
        texts["errors.json"] = json.dumps([{"source": "input", "error": why} for why in found.odd])
    log = _log(found)
    if log:
        texts[f"logs/{PurePath(name).stem or 'input'}.log"] = log
    return _in_memory({key: text.encode() for key, text in texts.items()}, name, modified, limits)


def _in_memory(contents: Mapping[str, bytes], path: str, modified: datetime, limits: Limits) -> Files:
    def opener(name: str) -> IO[bytes]:
        return io.BytesIO(contents[name])

    return Files(path, {name: len(data) for name, data in contents.items()}, opener, modified, limits=limits)


def _log(found: HandedOver) -> str:
    """Return what is left as a log, blank lines where something else was: a place in it is a place in the text."""
    if not any(len(text.strip()) >= _LEAST for _, text in found.log):
        return ""
    lines: dict[int, str] = dict(found.log)
    return "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines) + 1))
