"""Keep the operator's judgement of an incident, and count how often the diagnoses were right."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from opsagent.cli.options import OutputFormat
from opsagent.cli.setup import Setup
from opsagent.cli.work.documents import document
from opsagent.cli.work.explain import found
from opsagent.errors import UsageError
from opsagent.models.judgement import Judgement
from opsagent.ui.console import err, note_text, show, write
from opsagent.ui.layout import listing, say
from opsagent.ui.terminal import operator

_BANDS = (0.9, 0.7, 0.5, 0.0)  # lower ends of the bands of confidence


def record(setup: Setup, incident_id: str | None, answer: str | None, *, cause: str | None, obj: str | None) -> None:
    """Keep one judgement with what rules and model had stated."""
    if incident_id is None or answer is None:
        raise UsageError("verdict needs an id and right or wrong", hint="opsagent verdict ID right, or --table")
    if answer == "right" and (cause or obj):
        raise UsageError("right and --cause or --object exclude each other", hint="the cause of the report was right")
    code = found(setup.catalog, cause).code if cause else None
    report = setup.store.reports.load(incident_id)
    first, opinion = next(iter(report.causes), None), report.analysis.opinion
    judgement = Judgement(
        report.incident_id, datetime.now(UTC), operator(), answer == "right",
        first.code if first else None, first.object if first else None, first.confidence if first else None,
        code, obj, opinion.code if opinion else None, opinion.object if opinion else None,
    )  # fmt: skip
    setup.store.judgements.save(judgement)
    show(note_text(f"{report.incident_id}: {answer}, kept", label="verdict"), err())


def table(setup: Setup, *, output: OutputFormat | None) -> None:
    """Show how often rules and model were right, by family and confidence, and how often each fault came."""
    rows = counted(setup.store.judgements.list())
    if output:
        write(document(rows, output))
        return
    shown = listing("FAMILY", "CONFIDENCE", "JUDGED", "RIGHT", "MODEL RIGHT", "REPEATS", right=("JUDGED", "RIGHT"))
    for row in rows:
        model = f"{row['model_right']}/{row['model_judged']}"
        cells = (row["family"], row["confidence"], row["judged"], row["right"], model, row["repeats"])
        shown.add_row(*map(say, cells))
    show(shown)


def counted(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """Return one row a family and band of confidence; `repeats`: judged incidents of a fault seen before."""
    groups: dict[tuple[str, float], list[Judgement]] = {}
    for judgement in judgements:
        band = next(low for low in _BANDS if (judgement.confidence or 0.0) >= low)
        groups.setdefault(((judgement.code or "none").partition(".")[0], band), []).append(judgement)
    rows = []
    for (family, band), group in sorted(groups.items(), key=lambda item: (item[0][0], -item[0][1])):
        model = [judged.model_right for judged in group if judged.model_right is not None]
        faults = Counter((judged.code, judged.object) for judged in group)
        rows.append({
            "family": family, "confidence": f">= {band:.1f}", "judged": len(group),
            "right": sum(judged.right for judged in group), "model_judged": len(model), "model_right": sum(model),
            "repeats": sum(count - 1 for count in faults.values()),
        })  # fmt: skip
    return rows
