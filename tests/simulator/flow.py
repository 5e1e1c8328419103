"""Compute what really happens on a platform: traffic down the call graph, latency and errors back up."""

import math
import random
from dataclasses import dataclass, field

from tests.simulator.effects import Effects
from tests.simulator.latency import Latency, wait_factor
from tests.simulator.model import Call, Part, Platform, Pod

PACKETS_A_CALL = 4
RETRANSMIT_S = 0.22
RETRY_BUDGET = 0.2  # retries a request, at most
QUEUE_S = 3.0  # a pod refuses requests that would wait longer


@dataclass
class PodTrack:
    """What one pod did, a value a sample; NaN where it did not run."""

    cpu: list[float] = field(default_factory=list)
    throttled: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    backlog: float = 0.0
    leaked: float = 0.0


@dataclass
class Track:
    """What one part did, a value a sample."""

    requests: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    latency: list[Latency] = field(default_factory=list)
    connections: list[float] = field(default_factory=list)
    depth: list[float] = field(default_factory=list)
    disk: list[float] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    refused: float = 0.0
    own_error: float = 0.0
    pods: dict[str, PodTrack] = field(default_factory=dict)


def _retried(call: Call, error: float) -> float:
    """Return the retries a request makes: of what failed, within the budget."""
    return min(call.retries * error, RETRY_BUDGET)


def _shares(part: Part, now: float) -> dict[str, float]:
    """Return which share of a part's pods runs on each node."""
    alive = [pod.node for pod in part.pods if pod.alive(now)]
    return {node: alive.count(node) / len(alive) for node in dict.fromkeys(alive)}


class Flow:
    """One run over all samples of a platform; errors and latency of a sample act on the retries of the next."""

    def __init__(self, platform: Platform, effects: Effects, rng: random.Random) -> None:
        self.platform, self.effects, self.rng = platform, effects, rng
        self.tracks = {name: Track() for name in platform.order}
        self.retransmits: dict[str, list[float]] = {node: [] for node in platform.nodes}
        self.calls_from = {n: [c for c in platform.calls if c.caller == n and c.times > 0] for n in platform.order}
        self.producers = {q: [c for c in platform.calls if c.callee == q and c.times > 0] for q in platform.consumers}
        self._losses = effects.targets("loss")
        self._wander = dict.fromkeys([*platform.order, *(f"tcp {node}" for node in platform.nodes)], 0.0)
        self._saw = {name: rng.uniform(0, 1) for name in platform.order}
        self._shares: dict[str, dict[str, float]] = {}
        self._call_errors: dict[tuple[str, str], float] = {}

    def run(self) -> "Flow":
        """Compute every sample."""
        for now in self.platform.times:
            self._shares = {name: _shares(part, now) for name, part in self.platform.parts.items()}
            rates = self._rates(now)
            for name in reversed(self.platform.order):
                self._part(name, rates[name], now)
            self._retransmits(rates, now)
        return self

    def _noise(self, name: str, size: float) -> float:
        """Return a factor near 1 that wanders slowly."""
        self._wander[name] = 0.8 * self._wander[name] + self.rng.gauss(0, size)
        return math.exp(self._wander[name])

    def _rates(self, now: float) -> dict[str, float]:
        platform = self.platform
        hour = now / 3600 % 24
        day = 1 + platform.daily * math.cos((hour - platform.peak_hour) / 24 * 2 * math.pi)
        rates = dict.fromkeys(platform.order, 0.0)
        for name, base in platform.entries.items():
            rates[name] = base * day * (1 + self.effects.at("entry", name, now)) * self._noise(name, 0.02)
        for name in platform.order:
            if name in platform.consumers:
                rates[platform.consumers[name]] = self._consume(name, rates, now)
            passed = rates[name] * (1 - self.tracks[name].own_error)
            for call in self.calls_from[name]:
                again = 1 + _retried(call, self._call_errors.get((name, call.callee), 0.0))
                rates[call.callee] += passed * call.times * again
        return rates

    def _consume(self, queue: str, rates: dict[str, float], now: float) -> float:
        """Return what the consumer takes from a queue (1/s), and move the depth of the queue."""
        rates[queue] *= 1 + self.effects.at("publish", queue, now)
        consumer = self.platform.consumers[queue]
        track, part = self.tracks[queue], self.platform.parts[consumer]
        latencies = self.tracks[consumer].latency
        busy = max(latencies[-1].average(), 1e-4) if latencies else part.cost_s + part.wait_s
        pods = sum(pod.alive(now) for pod in part.pods)
        room = max(1, pods) * min(part.workers / busy, part.cpu_limit * 0.92 / part.cost_s)
        depth = track.depth[-1] if track.depth else 0.0
        taken = min(room, rates[queue] + depth / self.platform.step)
        floor = rates[queue] * busy * self.rng.uniform(0.5, 3)
        track.depth.append(max(floor, depth + (rates[queue] - taken) * self.platform.step))
        return taken

    def _part(self, name: str, rate: float, now: float) -> None:
        part, track = self.platform.parts[name], self.tracks[name]
        own, failed = self._own(part, track, rate, now)
        track.own_error = failed
        latency, error = self._with_calls(part, own, failed, now)
        track.requests.append(rate)
        track.errors.append(error)
        track.latency.append(latency)
        if part.role == "database":
            self._database(part, track, rate, latency, now)

    def _own(self, part: Part, track: Track, rate: float, now: float) -> tuple[Latency, float]:
        """Return the part's own time a request and the share of requests it fails itself."""
        alive = [pod for pod in part.pods if pod.alive(now)]
        seen, failed = [], 0.0
        for pod in part.pods:
            ran = track.pods.setdefault(pod.name, PodTrack())
            if pod in alive:
                mean, dropped = self._pod(part, pod, ran, rate / len(alive), now)
                seen.append(mean)
                failed += dropped / len(alive)
            else:
                for values in (ran.cpu, ran.throttled, ran.memory):
                    values.append(math.nan)
        failed = 1 - (1 - failed) * (1 - part.base_error) * (1 - min(0.98, self.effects.at("fail", part.name, now)))
        seen.sort()
        best = seen[0]
        slow = [mean for mean in seen if mean > 2 * best]
        body = [mean for mean in seen if mean <= 2 * best]
        mean = sum(body) / len(body)
        share = len(slow) / len(seen)
        extra = sum(slow) / len(slow) - mean if slow else 0.0
        return Latency(mean, (part.spread * mean) ** 2, share, extra), failed

    def _pod(self, part: Part, pod: Pod, ran: PodTrack, rate: float, now: float) -> tuple[float, float]:
        """Return mean time a request (s) and share dropped in one pod; record its CPU and memory."""
        step, effects = self.platform.step, self.effects
        cost = part.cost_s * (1 + effects.at("cost", part.name, now, pod.name)) * self._noise(part.name, 0.01)
        burn = effects.at("burn", part.name, now, pod.name) * part.cpu_limit
        room = max(part.cpu_limit * 0.3, part.cpu_limit - part.idle - burn)
        used = rate * cost / room
        servers = max(1, math.ceil(room))
        service_s = cost / (room / servers)
        ran.backlog = max(0.0, ran.backlog + (rate - room / cost) * step) if used > 0.97 or ran.backlog else 0.0
        dropped = 0.0
        if ran.backlog * cost / room > QUEUE_S:
            ran.backlog = QUEUE_S * room / cost
            dropped = min(0.95, max(0.0, 1 - 1 / used))
        wanted = part.idle + burn + rate * cost
        level = wanted / part.cpu_limit
        spent = min(part.cpu_limit * self.rng.uniform(0.985, 1.0), wanted)
        ran.cpu.append(spent)
        ran.throttled.append(max(0.0, min(level, 2.0) - 0.75) ** 1.3 * self.rng.uniform(0.8, 1.2))
        memory = self._memory(part, pod, ran, now)
        squeeze = 1 + 3 * max(0.0, memory - 0.85) / 0.15
        waits = part.wait_s + effects.at("slow", part.name, now, pod.name)
        restarting = any(0 <= now - at < step for at in pod.restarts)
        mean = waits + squeeze * (service_s * (1 + wait_factor(used, servers)) + ran.backlog * cost / room)
        return max(mean, 1e-5), max(dropped, 0.5 if restarting else 0.0)

    def _memory(self, part: Part, pod: Pod, ran: PodTrack, now: float) -> float:
        """Record and return the memory of a pod as a share of its limit; kill the container at the limit."""
        step, limit = self.platform.step, part.memory_limit
        if any(0 <= now - at < step for at in pod.restarts):
            ran.leaked = 0.0
        ran.leaked += self.effects.at("leak", part.name, now, pod.name) * step * self.rng.uniform(0.7, 1.3)
        phase = (now / part.saw_s + self._saw[part.name] + 0.37 * len(pod.name + pod.node)) % 1
        level = part.memory_base + part.memory_saw * phase + ran.leaked
        level += self.effects.at("cache", part.name, now, pod.name)
        level *= 1 + self.rng.gauss(0, 0.004)
        if level >= 0.99:
            if ran.leaked > 0.2 and pod.oom:
                pod.restarts.append(now + step)
            level = 0.99
        ran.memory.append(level * limit)
        return level

    def _with_calls(self, part: Part, own: Latency, failed: float, now: float) -> tuple[Latency, float]:
        """Add to the own time and errors of a part those of the calls it makes."""
        means, variance, kept, late, late_s = [], own.variance, 1.0 - own.tail, own.tail * own.tail_s, 0.0
        good = 1 - failed
        for call in self.calls_from[part.name]:
            answer, error = self._answer(call, now)
            self._call_errors[call.caller, call.callee] = error
            again = _retried(call, error)
            share = min(1.0, call.times)
            means.append(min(answer.mean, call.timeout_s) * call.times * (1 + again))
            variance += min(answer.variance, (call.timeout_s / 2) ** 2) * call.times
            kept *= (1 - answer.tail) ** call.times
            late += answer.tail * call.times * min(answer.tail_s, call.timeout_s)
            left = (error - again * (1 - error)) * (0.03 if call.soft else 1.0)
            good *= (1 - left) ** call.times if call.times >= 1 else 1 - left * share
        total = sum(means)
        if part.parallel and means:
            total = max(means) + 0.15 * (total - max(means))
        tail = min(1 - kept, 0.97)
        late_s = late / tail if tail > 1e-6 else 0.0
        return Latency(own.mean + total, variance, tail, late_s), min(1.0, max(0.0, 1 - good))

    def _answer(self, call: Call, now: float) -> tuple[Latency, float]:
        """Return what a caller sees of one call: the time it takes and the share that fails."""
        track = self.tracks[call.callee]
        seen = track.latency[-1]
        error = track.errors[-1] if self.platform.parts[call.callee].role != "queue" else 0.0
        delay = self.effects.at("delay", call.callee, now)
        mean = seen.mean + 0.0005 + delay + 0.6 * track.refused
        variance = seen.variance + (0.15 * delay) ** 2
        lost = self.loss(call, now)
        again = 1 - (1 - lost) ** PACKETS_A_CALL
        tail = 1 - (1 - seen.tail) * (1 - again)
        tail_s = (seen.tail * seen.tail_s + again * RETRANSMIT_S * (1 + 2 * lost)) / tail if tail > 0 else 0.0
        answer = Latency(mean, variance, tail, tail_s)
        error = 1 - (1 - error) * (1 - answer.above(call.timeout_s)) * (1 - lost**2 * 1.5) * (1 - track.refused)
        return answer, min(1.0, error)

    def loss(self, call: Call, now: float) -> float:
        """Return the share of packets lost on the way of one call."""
        lost = 0.0
        for target in self._losses:
            amount = self.effects.at("loss", target, now)
            if target in (call.caller, call.callee):
                lost = max(lost, amount)
            elif target in self.platform.nodes:
                here = [self._shares[name].get(target, 0.0) for name in (call.caller, call.callee)]
                lost = max(lost, amount * (1 - (1 - here[0]) * (1 - here[1]) - here[0] * here[1]))
        return lost

    def _database(self, part: Part, track: Track, rate: float, latency: Latency, now: float) -> None:
        """Record connections and disk of a database; both refuse work when they are full."""
        pools = sum(2 * len(self.platform.parts[c].pods) for c in self.platform.callers(part.name))
        wanted = pools + rate * latency.mean * 1.5 + self.rng.uniform(0, 2)
        wanted += self.effects.at("connections", part.name, now) * part.connections_limit
        limit = part.connections_limit
        track.connections.append(min(limit, wanted))
        track.refused = min(0.9, 3 * (wanted - limit) / limit) if wanted > limit else 0.0
        used = part.disk_base + self.effects.at("disk", part.name, now) + 1e-7 * (now - self.platform.start)
        track.disk.append(min(1.0, used))
        if used >= 0.995:
            track.errors[-1] = max(track.errors[-1], 0.4)

    def _retransmits(self, rates: dict[str, float], now: float) -> None:
        """Record the TCP segments each node had to send again, 1/s: the sender of a lost packet sends it again."""
        sent = dict.fromkeys(self.platform.nodes, 0.0)
        extra = dict.fromkeys(self.platform.nodes, 0.0)
        for call in self.platform.calls:
            lost = self.loss(call, now) if self._losses else 0.0
            rate = rates[call.caller] * call.times * PACKETS_A_CALL
            for name in (call.caller, call.callee):
                for node, share in self._shares[name].items():
                    there = rate * share
                    sent[node] += there
                    near = node in self._losses or name in self._losses
                    extra[node] += there * lost * (1.0 if near else 0.08)
        for node, count in sent.items():
            base = (0.02 + count * 0.0004) * self._noise(f"tcp {node}", 0.1)
            self.retransmits[node].append(base + extra[node])
