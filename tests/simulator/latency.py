"""Describe response times: a lognormal body, and a tail of requests that take longer by a fixed time."""

import math
from dataclasses import dataclass
from statistics import NormalDist

NORMAL = NormalDist()


@dataclass(frozen=True)
class Latency:
    """Response times in seconds; a share `tail` of the requests takes `tail_s` longer than the body."""

    mean: float
    variance: float
    tail: float = 0.0
    tail_s: float = 0.0

    def _shape(self) -> tuple[float, float]:
        sigma2 = math.log1p(self.variance / (self.mean * self.mean))
        return math.log(self.mean) - sigma2 / 2, math.sqrt(max(sigma2, 1e-6))

    def average(self) -> float:
        """Return the mean of all requests, seconds."""
        return self.mean + self.tail * self.tail_s

    def quantile(self, share: float) -> float:
        """Return the time within which this share of the requests is answered, seconds."""
        mu, sigma = self._shape()
        extra = 0.0
        if self.tail > 1e-6:
            if share > 1 - self.tail:
                share, extra = (share - 1 + self.tail) / self.tail, self.tail_s
            else:
                share = share / (1 - self.tail)
        return extra + math.exp(mu + sigma * NORMAL.inv_cdf(min(0.998, max(0.002, share))))

    def above(self, limit_s: float) -> float:
        """Return the share of requests that take longer than a time."""
        mu, sigma = self._shape()
        late = 1 - NORMAL.cdf((math.log(limit_s) - mu) / sigma)
        if self.tail <= 1e-6:
            return late
        rest = limit_s - self.tail_s
        late_tail = 1.0 if rest <= 0 else 1 - NORMAL.cdf((math.log(rest) - mu) / sigma)
        return late * (1 - self.tail) + late_tail * self.tail


def wait_factor(used: float, servers: int) -> float:
    """Return the mean wait in an M/M/c queue, in service times (Sakasegawa 1977); `used` is 0 to 1."""
    used = min(max(used, 0.0), 0.985)
    return float(used ** (math.sqrt(2 * (servers + 1)) - 1) / (servers * (1 - used)))
