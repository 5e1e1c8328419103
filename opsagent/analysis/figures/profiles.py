"""The profiles of the catalog: the PromQL of each figure, in the order in which profiles are preferred."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from opsagent.analysis.figures.known import known
from opsagent.models.profiles import Row

_ORDER = ("services", "istio", "containers", "nodes", "stores")  # the first profile that can give a figure does


@cache
def profile_rows() -> tuple[Row, ...]:
    """Return the rows of every profile, the preferred profile first."""
    # Late: only who has a source of figures pays for reading YAML.
    import yaml  # noqa: PLC0415

    folder = resources.files("opsagent.analysis.catalog").joinpath("profiles")
    documents = ((name, yaml.safe_load(folder.joinpath(f"{name}.yaml").read_text("utf-8"))) for name in _ORDER)
    return tuple(_row(name, entry) for name, document in documents for entry in document["rows"])


def _row(profile: str, entry: Mapping[str, object]) -> Row:
    def words(key: str) -> tuple[str, ...]:
        value = entry.get(key, ())
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    example = entry.get("example")
    return Row(
        profile,
        str(entry["figure"]),
        known(str(entry["figure"])).unit,
        str(entry["kind"]),
        words("by"),
        words("needs"),
        str(entry["query"]).strip(),
        float(str(entry.get("scale", 1))),
        tuple((str(k), str(v)) for k, v in example.items()) if isinstance(example, dict) else (),
    )
