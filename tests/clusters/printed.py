"""A generated case as an operator would hand it over: as YAML, as descriptions and as tables."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.clusters.cases import Case
from tests.clusters.model import parse_time
from tests.clusters.served import plural, served
from tests.clusters.tables import PRINTERS, listed
from tests.clusters.transform import shift

Obj = dict[str, Any]
FORMS = ("yaml", "describe", "tables")


def recent(case: Case, now: datetime) -> Case:
    """Return a case that happens now, without logs and without a service that was asked about.

    kubectl counts ages back from the clock of whoever runs it.
    """
    meta = json.loads(case.bundle["bundle.json"])
    moved = shift(case, timedelta(seconds=int((now - parse_time(meta["collected_at"])).total_seconds())))
    kept = {**json.loads(moved.bundle["bundle.json"]), "service": None}
    kept.pop("dependencies", None)
    bundle = {"bundle.json": json.dumps(kept), "objects.json": moved.bundle["objects.json"]}
    return replace(moved, bundle=bundle, service=None)


def printed(case: Case, form: str, folder: Path, now: datetime) -> Path:
    """Write a case in one form to a file in the folder, as printed at `now`."""
    items: list[Obj] = json.loads(case.bundle["objects.json"])["items"]
    if form == "yaml":
        import yaml

        # libyaml prints the same, and some forty times as fast.
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        whole = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
        text = yaml.dump(whole, Dumper=dumper)
    elif form == "describe":
        text = described(items, folder) + "\n\n" + listed(items, "Event", now)
    else:
        kinds = dict.fromkeys(item["kind"] for item in items if item["kind"] in PRINTERS)
        text = "\n".join(f"$ kubectl get {plural(kind)} -A -o wide\n{listed(items, kind, now)}" for kind in kinds)
    path = folder / f"{form}.txt"
    path.write_text(text)
    os.utime(path, (now.timestamp(), now.timestamp()))
    return path


def described(items: Sequence[Obj], folder: Path) -> str:
    """Return what the real kubectl prints for `kubectl describe` of every kind."""
    kinds = dict.fromkeys(plural(item["kind"]) for item in items if item["kind"] != "Event")
    with served(list(items), folder) as kubeconfig:
        done = subprocess.run(
            ["kubectl", "--kubeconfig", str(kubeconfig), "describe", ",".join(kinds), "-A"],
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/local/bin"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return done.stdout


def clock() -> datetime:
    """Return the time in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
