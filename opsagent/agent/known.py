"""The catalog of one configuration: the built-in rows, and those of its packs."""

from collections.abc import Sequence
from pathlib import Path

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.config.settings import Settings
from opsagent.errors import ConfigError
from opsagent.models.observed import Skipped


def catalog_of(settings: Settings) -> Catalog:
    """Return the catalog that a configuration asks for; ConfigError names the first wrong line of a pack."""
    if not settings.catalog:
        return builtin()
    catalog, problems = catalog_with(settings.catalog)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ConfigError(f"{problems[0]}{more}", hint="opsagent catalog check FILE lists what is wrong in a pack")
    return catalog


def catalog_with(paths: Sequence[Path]) -> tuple[Catalog, tuple[str, ...]]:
    """Return the catalog with the packs at these paths, and what is wrong with them, with file and line."""
    # Late: without packs nothing of YAML and its checks is loaded.
    from opsagent.analysis.catalog.packs import PackFile, with_packs  # noqa: PLC0415
    from opsagent.config.packs import pack_files  # noqa: PLC0415

    files = [PackFile(name, text) for path in paths for name, text in pack_files(path)]
    catalog, problems = with_packs(files)
    return catalog, tuple(str(problem) for problem in problems)


def switched_off(catalog: Catalog) -> tuple[Skipped, ...]:
    """Return what a report states about built-in rows that a pack switched off: they were not checked."""
    entries = catalog.off.items()
    return tuple(Skipped("catalog", f"{row} is switched off in {place}: {why}") for row, (place, why) in entries)
