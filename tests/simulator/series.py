"""Write metrics.json of a run: the figures of every part, pod and node that the platform records."""

import math
import random
from collections.abc import Sequence

from tests.simulator.effects import Effects
from tests.simulator.flow import PACKETS_A_CALL, Flow, Track
from tests.simulator.model import Part, Platform
from tests.simulator.record import Recorder, SeriesJson, Value, gaps, poisson, windows

QUANTILES = {"latency_p50": 0.5, "latency_p90": 0.9, "latency_p95": 0.95, "latency_p99": 0.99}
ODD_NAMES = ("jvm_gc_pause", "feature_flag_state", "thread_pool_active", "cache_entries", "http_keepalive_idle")
MIN_NODE_MEMORY = 16 * 1024**3
LONGEST_S = 30.0  # a server gives up after so long


def record(flow: Flow, effects: Effects, rng: random.Random, keep: set[str], until: float) -> list[SeriesJson]:
    """Return the series of a run; of the parts in `keep` none is left out, and gaps end before `until`."""
    platform = flow.platform
    recorder = Recorder(platform, rng, gaps(rng, platform, 0.2, 12, until))
    for name in platform.order:
        part, track = platform.parts[name], flow.tracks[name]
        lost = gaps(rng, platform, 0.1, 8, until)
        if part.role == "queue":
            _queue(recorder, part, track, lost)
        else:
            _traffic(recorder, part, track, lost, name in keep)
        if part.role == "database":
            _database(recorder, part, track, lost)
        if platform.profile.packets and part.role == "service":
            _packets(recorder, part, flow, effects, lost)
        _pods(recorder, part, track, lost, name in keep)
        if part.role == "service":
            _replicas(recorder, part, lost)
    _nodes(recorder, flow, effects)
    _odd(recorder)
    rng.shuffle(recorder.series)
    return recorder.series


def _dropped(recorder: Recorder, keep: bool, chance: float = 0.05) -> bool:
    return not keep and recorder.rng.random() < chance


def _reset(part: Part, platform: Platform) -> set[int]:
    """Return the samples at which a counter of the part began again at zero."""
    moments = [at for pod in part.pods for at in (*pod.restarts, pod.born) if platform.start < at < platform.end]
    return {int((at - platform.start) / platform.step) for at in moments}


def _traffic(recorder: Recorder, part: Part, track: Track, lost: frozenset[int], keep: bool) -> None:
    """Record requests, errors and response times as the part's own server counts them."""
    rng, platform, profile = recorder.rng, recorder.platform, recorder.platform.profile
    reset, pods = _reset(part, platform), len(part.pods)
    asked, failed = [], []
    for at, rate in enumerate(track.requests):
        seen = rate * platform.step * ((1 - 1 / pods) if at in reset and pods > 1 else 1.0)
        asked.append(poisson(rng, seen))
        failed.append(min(asked[-1], poisson(rng, seen * track.errors[at])))
    asked_w, failed_w = windows(asked, profile.window), windows(failed, profile.window)
    length = [min(at + 1, profile.window) * platform.step for at in range(platform.count)]
    kind, name = part.series_kind, part.name
    if not _dropped(recorder, keep, 0.03):
        recorder.add("requests", kind, name, [count / s for count, s in zip(asked_w, length, strict=True)], lost)
    if part.role == "service" and not _dropped(recorder, keep):
        if "errors" in profile.error_metrics and (keep or any(failed)):
            values = [bad / s if n else None for bad, n, s in zip(failed_w, asked_w, length, strict=True)]
            recorder.add("errors", kind, name, values, lost)
        if "success" in profile.error_metrics:
            ratio = [1 - bad / n if n else None for bad, n in zip(failed_w, asked_w, strict=True)]
            recorder.add("success", kind, name, ratio, lost)
    if (part.role == "cache" and rng.random() < 0.5) or _dropped(recorder, keep):
        return
    for metric in profile.latencies:
        recorder.add(metric, kind, name, _latency(recorder, track, metric, asked_w), lost)
    if profile.up and part.role == "service":
        recorder.add("up", kind, name, [1.0] * platform.count, lost)


def _latency(recorder: Recorder, track: Track, metric: str, asked: Sequence[int]) -> list[Value]:
    """Return a response time in ms at each sample; the fewer requests, the noisier."""
    share = QUANTILES.get(metric, 0.5)
    true = [seen.quantile(share) if metric in QUANTILES else seen.average() for seen in track.latency]
    true = [min(value, LONGEST_S) for value in true]
    values: list[Value] = []
    size = recorder.platform.profile.window
    for at, count in enumerate(asked):
        if not count:
            values.append(None)
            continue
        near = true[max(0, at + 1 - size) : at + 1]
        noise = min(0.4, 0.015 + 0.5 / math.sqrt(count * (1 - share) + 1))
        values.append(1000 * sum(near) / len(near) * math.exp(recorder.rng.gauss(0, noise)))
    return values


def _database(recorder: Recorder, part: Part, track: Track, lost: frozenset[int]) -> None:
    count, rng = recorder.platform.count, recorder.rng
    recorder.add("connections", "Database", part.name, track.connections, lost)
    recorder.add("connections_limit", "Database", part.name, [float(part.connections_limit)] * count, lost)
    free = [part.disk_size * (1 - used) for used in track.disk]
    if recorder.platform.profile.pvc_metric:
        recorder.add("disk_free", "PersistentVolumeClaim", f"data-{part.name}-0", free, lost)
    else:
        recorder.add("disk_free", "Database", part.name, free, lost)
    if rng.random() < 0.3:
        recorder.add("replication_lag", "Database", part.name, [abs(rng.gauss(0.05, 0.05)) for _ in range(count)], lost)


def _queue(recorder: Recorder, part: Part, track: Track, lost: frozenset[int]) -> None:
    """Record the messages published, 1/s, and the messages that wait."""
    platform, rng = recorder.platform, recorder.rng
    counts = windows([poisson(rng, rate * platform.step) for rate in track.requests], platform.profile.window)
    length = [min(at + 1, platform.profile.window) * platform.step for at in range(platform.count)]
    recorder.add("requests", "Queue", part.name, [n / s for n, s in zip(counts, length, strict=True)], lost)
    depth = [float(poisson(rng, value)) if value < 40 else value for value in track.depth]
    lag = rng.random()
    if lag < 0.7:
        recorder.add("queue_depth", "Queue", part.name, depth, lost)
    if lag > 0.4:
        recorder.add("consumer_lag", "Queue", part.name, depth, lost)


def _packets(recorder: Recorder, part: Part, flow: Flow, effects: Effects, lost: frozenset[int]) -> None:
    """Record packets and bytes of a service; what is lost on the way in is not counted."""
    track, platform = flow.tracks[part.name], flow.platform
    calls = sum(call.times for call in flow.calls_from[part.name])
    packets_in, packets_out = [], []
    for now, rate in zip(platform.times, track.requests, strict=True):
        count = rate * PACKETS_A_CALL * (1 + calls)
        gone = effects.at("loss", part.name, now)
        packets_in.append(count * (1 - gone))
        packets_out.append(count * (1 + 0.5 * gone))
    for way, values in (("in", packets_in), ("out", packets_out)):
        recorder.add(f"packets_{way}", "Service", part.name, recorder.noisy(values, 0.03), lost)
        recorder.add(f"bytes_{way}", "Service", part.name, recorder.noisy([v * 420 for v in values], 0.05), lost)


def _pods(recorder: Recorder, part: Part, track: Track, lost: frozenset[int], keep: bool) -> None:
    """Record CPU, memory and restarts of every container."""
    platform = recorder.platform
    bare, unlimited = _dropped(recorder, keep), _dropped(recorder, keep, 0.1)
    for pod in part.pods:
        if bare or pod.gone <= platform.start or pod.born >= platform.end:
            continue
        kind = platform.profile.pod_kind
        name = f"{pod.name}/{part.container}" if kind == "Container" else pod.name
        ran, alive = track.pods[pod.name], [pod.alive(now) for now in platform.times]
        recorder.add("cpu", kind, name, recorder.noisy(ran.cpu, 0.03), lost)
        recorder.add("memory", kind, name, ran.memory, lost)
        if not unlimited:
            recorder.add("cpu_throttled", kind, name, recorder.noisy(ran.throttled, 0.1), lost)
            recorder.add("cpu_limit", kind, name, [part.cpu_limit if up else math.nan for up in alive], lost)
            recorder.add("memory_limit", kind, name, [part.memory_limit if up else math.nan for up in alive], lost)
        if part.role == "service":
            again = [float(sum(at <= now for at in pod.restarts)) for now in platform.times]
            counts = [number if up else math.nan for number, up in zip(again, alive, strict=True)]
            recorder.add("restarts", kind, name, counts, lost)


def _replicas(recorder: Recorder, part: Part, lost: frozenset[int]) -> None:
    platform = recorder.platform
    if not platform.profile.ready:
        return
    alive = [float(sum(pod.alive(now) for pod in part.pods)) for now in platform.times]
    ready = [
        count - any(0 <= now - at < platform.step for pod in part.pods for at in pod.restarts)
        for now, count in zip(platform.times, alive, strict=True)
    ]
    recorder.add("wanted", "Deployment", part.workload, alive, lost)
    recorder.add("ready", "Deployment", part.workload, ready, lost)


def _nodes(recorder: Recorder, flow: Flow, effects: Effects) -> None:
    """Record CPU, memory, disk (percent) and retransmitted segments of every node."""
    platform, rng = recorder.platform, recorder.rng
    for node, cores in platform.nodes.items():
        cpu, memory = [cores * 0.04] * platform.count, [1.5 * 1024**3] * platform.count
        room = 0.0
        for name, part in platform.parts.items():
            for pod in part.pods:
                if pod.node == node:
                    room += part.memory_limit
                    ran = flow.tracks[name].pods[pod.name]
                    cpu = [a + (b if math.isfinite(b) else 0) for a, b in zip(cpu, ran.cpu, strict=True)]
                    memory = [a + (b if math.isfinite(b) else 0) for a, b in zip(memory, ran.memory, strict=True)]
        size = max(MIN_NODE_MEMORY, 2 * room)
        base, last = rng.uniform(0.25, 0.65), platform.times[-1]
        full = effects.at("disk", node, last)
        part_of = [effects.at("disk", node, now) / full if full else 0.0 for now in platform.times]
        disk = [100 * (base + (full - base) * grown) for grown in part_of] if full else [100 * base] * platform.count
        busy = [100 * v / cores * math.exp(rng.gauss(0, 0.04)) for v in cpu]
        recorder.add("cpu_used", "Node", node, [min(100.0, v) for v in busy])
        recorder.add("memory_used", "Node", node, [100 * v / size for v in memory])
        recorder.add("disk_used", "Node", node, [min(100.0, v + rng.gauss(0, 0.02)) for v in disk])
        recorder.add("tcp_retransmits", "Node", node, recorder.noisy(flow.retransmits[node], 0.25))


def _odd(recorder: Recorder) -> None:
    """Record some series under names that nobody knows; they show nothing."""
    rng, platform = recorder.rng, recorder.platform
    for metric in rng.sample(ODD_NAMES, rng.randint(0, 3)):
        name, level = rng.choice(platform.services()), 10 ** rng.uniform(-1, 3)
        if rng.random() < 0.4:
            recorder.add(metric, "Service", name, [level] * platform.count)
        else:
            recorder.add(metric, "Service", name, recorder.noisy([level] * platform.count, 0.1))
