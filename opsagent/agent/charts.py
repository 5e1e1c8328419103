"""The figures that are evidence, over time, for the report's charts."""

from itertools import pairwise
from statistics import median

from opsagent.agent.context import Context
from opsagent.agent.figures import board
from opsagent.agent.state import State
from opsagent.analysis.figures import words
from opsagent.analysis.figures.known import known
from opsagent.analysis.figures.limits import threshold_of
from opsagent.analysis.figures.shifts import Shift
from opsagent.models.figures import Series
from opsagent.models.incident import FigureChart, FigurePoint

_MOST = 6
_GAP = 2.5  # times the usual distance between two figures: no line is drawn over a longer one


def charts_of(state: State, ctx: Context) -> tuple[FigureChart, ...]:
    """Return a chart of each change that is evidence, in the order of the evidence; those already drawn, if any."""
    made = board(ctx)
    if made is None or not state.get("evidence"):
        return tuple(state.get("charts", ()))
    source = ctx.seen.measured.figures.source
    every = (*made.services.values(), *made.nodes.values())
    by_place = {words.place(s.series, source): (s, signals) for signals in every for s in signals.shifts.values()}
    cited = dict.fromkeys(piece.where for piece in state["evidence"] if piece.source == "metrics")
    found = [by_place[where] for where in cited if where in by_place]
    return tuple(_chart(shift, ctx, threshold_of(shift.series, signals)) for shift, signals in found[:_MOST])


def _chart(shift: Shift, ctx: Context, threshold: float | None) -> FigureChart:
    series = shift.series
    text = f"{words.changed(shift)} since {words.clock(shift.onset)}"
    return FigureChart(
        ctx.seen.redact(f"{series.metric} of {series.name}"),
        series.unit or known(series.metric).unit,
        text,
        _points(series),
        shift.before,
        words.moment(shift.onset),
        threshold,
        shift.changed_from(known(series.metric)) if threshold is None else None,
    )


def _points(series: Series) -> tuple[FigurePoint, ...]:
    """Return the figures, with an empty one in each gap."""
    known = list(series.known())
    usual = median([later - at for (at, _), (later, _) in pairwise(known)] or [0.0])
    points = []
    last = None
    for at, value in known:
        if last is not None and at - last > _GAP * usual:
            points.append(FigurePoint(words.moment((at + last) / 2), None))
        points.append(FigurePoint(words.moment(at), value))
        last = at
    return tuple(points)
