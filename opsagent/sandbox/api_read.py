"""Get, list and watch."""

import base64
import json
from collections.abc import Iterator

from . import tables
from .api_errors import ApiError, not_found
from .facts import Json
from .faults import ServedRequest
from .kinds import ApiResource
from .selectors import matches
from .simulation import Simulation


def get(simulation: Simulation, kind: ApiResource, request: ServedRequest) -> Json:
    """Return one object; 404 where there is none."""
    item = simulation.cluster.store.get(kind.plural, request.namespace, request.name)
    if item is None:
        raise not_found(kind, request.name)
    return as_kind(kind, item)


def listing(simulation: Simulation, kind: ApiResource, request: ServedRequest) -> Json:
    """Return a List, in pages where the client sets a limit."""
    store = simulation.cluster.store
    namespace = request.namespace or None
    found = [as_kind(kind, item) for item in store.all(kind.plural, namespace) if _meets(item, request)]
    start, version = _place(request.query.get("continue", ""))
    limit = int(request.query.get("limit") or 0)
    page = found[start : start + limit] if limit else found[start:]
    head: Json = {"resourceVersion": str(version or store.version)}
    left = len(found) - start - len(page)
    if left > 0:
        head["continue"] = _token(start + len(page), version or store.version)
        head["remainingItemCount"] = left
    items = [{key: value for key, value in item.items() if key not in ("apiVersion", "kind")} for item in page]
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": head, "items": items}


def _meets(item: Json, request: ServedRequest) -> bool:
    return matches(item, request.query.get("labelSelector", ""), request.query.get("fieldSelector", ""))


def as_kind(kind: ApiResource, item: Json) -> Json:
    """Return the object under the group version that was asked for."""
    return {**item, "apiVersion": kind.api_version, "kind": kind.kind}


def _token(start: int, version: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"start": start, "rv": version}).encode()).decode()


def _place(token: str) -> tuple[int, int]:
    if not token:
        return 0, 0
    try:
        place = json.loads(base64.urlsafe_b64decode(token))
        return int(place["start"]), int(place["rv"])
    except (ValueError, KeyError, TypeError) as error:
        raise ApiError(400, "BadRequest", f"continue key is not valid: {error}") from error


def backlog(simulation: Simulation, kind: ApiResource, request: ServedRequest, after: int) -> tuple[list[Json], int]:
    """Return what a watch has to show since a version, and the version to go on from.

    Version 0 reports everything that exists first. Ends with an ERROR event where the version is too old.
    """
    store = simulation.cluster.store
    if after == 0:
        found = [item for item in store.all(kind.plural, request.namespace or None) if _meets(item, request)]
        return [{"type": "ADDED", "object": as_kind(kind, item)} for item in found], store.version
    oldest = store.record[0].version if store.record else store.version
    if after < oldest - 1:
        gone = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Expired"}
        return [{"type": "ERROR", "object": {**gone, "message": "too old resource version", "code": 410}}], after
    return list(_since(simulation, kind, request, after)), store.version


def _since(simulation: Simulation, kind: ApiResource, request: ServedRequest, after: int) -> Iterator[Json]:
    for change in simulation.cluster.store.record:
        wanted = change.version > after and change.plural == kind.plural
        if wanted and request.namespace in ("", change.namespace) and _meets(change.item, request):
            yield {"type": change.type, "object": as_kind(kind, change.item)}


def shaped(body: Json, kind: ApiResource, accept: str, now: float) -> Json:
    """Return the answer as the client accepts it: as it is, or as a Table where one is asked for and known."""
    if "as=Table" not in accept or kind.plural not in tables.COLUMNS:
        return body
    return tables.table(body, kind, now)
