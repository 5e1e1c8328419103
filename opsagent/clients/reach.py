"""The way to ports that are internal to the cluster: a direct URL where one answers, else the API server's proxy."""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from opsagent.clients.answer import HttpAnswer, brief, is_page, json_object, kube_status
from opsagent.clients.cluster_type import ClusterChecks
from opsagent.clients.health_url import HealthUrl, parse_health_url
from opsagent.clients.load_balancer import LoadBalancer, of_the_service, take_sample
from opsagent.config.settings import Settings
from opsagent.errors import (
    CheckError,
    ForbiddenError,
    HungError,
    NotAnAnswerError,
    NotCheckedError,
    NoWayError,
    TransientCheckError,
    UnauthorizedError,
)
from opsagent.models.observed import HealthAnswer, StatsSample
from opsagent.models.service import Service

_BODY_SHOWN = 500
_PAGES = frozenset({"", "/", "/index.html"})  # a user interface, whose page is what it has to show
Way = Literal["direct", "proxy"]


class Reach:
    """Checks /stats and health paths; the way that worked is remembered."""

    def __init__(self, settings: Settings, cluster: Callable[[], ClusterChecks]) -> None:
        self._settings = settings
        self._namespace = settings.kubernetes.namespace
        self._cluster = cluster
        self._balancer = LoadBalancer(settings.stats.url, settings.stats.timeout_s)
        self._worked: Way | None = None

    def stats(self) -> StatsSample:
        """GET /stats once; where every way failed, the sample's error states what was tried."""
        failures: list[StatsSample] = []
        for way in self._ways():
            sample = self._balancer.stats() if way == "direct" else self._proxied_stats()
            if sample.stats is not None:
                self._worked = way
                return sample
            failures.append(sample)
            if way == self._worked and _reached(sample, self._settings.stats.timeout_s):
                break  # the way is known to be good, so it is the load balancer that does not answer well
        return self._explained(failures)

    def health(self, service: Service) -> HealthAnswer:
        """Check a service's health path once.

        An unanswered one is a check with `error`. Raises NotCheckedError where it has none or cannot be reached from
        here, and CheckError (forbidden, no cluster) where this reports nothing of the service.
        """
        if service.health_url is None:
            raise NotCheckedError(f"{service.name} has no health_url", source="health")
        url = parse_health_url(service.health_url, self._namespace)
        if self._settings.stats.enabled and url.proxied == self._settings.stats.service:
            return self._front_health(service, url)
        way = self._way_to(url)
        if url.scheme == "tcp":
            if way == "proxy":
                raise NotCheckedError(
                    f"{service.name}: a TCP port inside the cluster cannot be asked through the API server's proxy",
                    source="health",
                )
            return _tcp_health(service, url, self._settings.health.timeout_s)
        if way == "proxy":
            return self._proxied_health(service, url)
        return _direct_health(service, service.health_url, self._settings.health.timeout_s)

    def _ways(self) -> tuple[Way, ...]:
        if not self._settings.kubernetes.enabled:
            return ("direct",)
        if self._settings.reach != "auto":
            return (self._settings.reach,)
        return ("proxy", "direct") if self._worked == "proxy" else ("direct", "proxy")

    def _way_to(self, url: HealthUrl) -> Way:
        if url.service is None or self._settings.reach == "direct" or not self._settings.kubernetes.enabled:
            return "direct"
        inside = "KUBERNETES_SERVICE_HOST" in os.environ
        return "direct" if inside and self._settings.reach == "auto" else "proxy"

    def _proxied_stats(self) -> StatsSample:
        stats = self._settings.stats
        url = f"services/{stats.service}/proxy/stats"
        return take_sample(lambda: self._proxy(stats.service, "stats", "stats", stats.timeout_s), url, "proxy")

    def _proxy(
        self, service: str, path: str, source: str, timeout_s: float, namespace: str | None = None
    ) -> HttpAnswer:
        """GET a path of a Service; HungError where it was silent although the API server answers.

        Every other CheckError is of the way: the API server that fails, or that does not prove to be one.
        """
        started = time.monotonic()
        try:
            return self._cluster().proxy(
                namespace or self._namespace, service, path, source=source, timeout_s=timeout_s
            )
        except CheckError as error:
            if not _late(error):
                raise
            self._cluster().prove(since=started)
            text = f"{service} did not answer within {timeout_s:g} s through the API server's proxy"
            raise HungError(text, source=source) from error

    def _explained(self, failures: list[StatsSample]) -> StatsSample:
        """Return the most informative failure, with all that was tried and how to fix it."""
        name, _, port = self._settings.stats.service.partition(":")
        hint = f"kubectl port-forward svc/{name} {port or 7100} -n {self._namespace}, or set stats.url"
        if not self._settings.kubernetes.enabled:
            return replace(failures[0], hint=failures[0].hint or "is it running, and is stats.url its address?")
        known_down = f"the way is known, so check its pods: kubectl get pods -n {self._namespace}"
        chosen = failures[0]
        for sample in failures:  # an answer shows more than silence; a refusal of the proxy's use shows nothing
            if sample.http is not None and chosen.http is None and sample.http not in {401, 403}:
                chosen = sample
        if chosen.http is not None and chosen.http not in {401, 403}:
            hint = known_down
        if len(failures) == 1:
            return replace(chosen, hint=chosen.hint or hint)
        # The direct URL is a guess where nothing ever answered: that nobody listens there shows nothing.
        way = all(sample.way_failed or (sample.reach == "direct" and _refused(sample)) for sample in failures)
        tried = ", then ".join(_attempt(sample, chosen=sample is chosen) for sample in failures)
        return replace(chosen, error=f"{chosen.error}; tried: {tried}", hint=hint, way_failed=way)

    def _front_health(self, service: Service, url: HealthUrl) -> HealthAnswer:
        failures: list[str] = []
        for way in self._ways():
            try:
                if way == "proxy":
                    return self._proxied_health(service, url)
                look = _direct_health(service, self._balancer.url + url.path, self._settings.health.timeout_s)
            except CheckError as error:
                failures.append(f"the API server's service proxy ({error.message})")
                continue
            if look.error is None or self._settings.reach == "direct" or self._worked == "direct":
                return look
            failures.append(f"direct ({look.error})")
        raise NotCheckedError(
            f"the health path of {service.name} could not be reached; tried: {', then '.join(failures)}",
            source="health",
        )

    def _proxied_health(self, service: Service, url: HealthUrl) -> HealthAnswer:
        started = time.monotonic()
        try:
            answer = self._proxy(url.proxied, url.path, "health", self._settings.health.timeout_s, url.namespace)
        except HungError as error:
            return HealthAnswer(service.name, time.monotonic() - started, error=error.message, reach="proxy")
        took = time.monotonic() - started
        status = kube_status(answer)
        if status is None:
            return _answered(service, answer, took, "proxy", url.path)
        text = f"the API server's proxy answered HTTP {answer.status}: {brief(status.get('message'), 300)}"
        if answer.status == 401:
            raise UnauthorizedError(text, source="health", hint="log in again, as for kubectl")
        if answer.status == 403:
            raise ForbiddenError(text, source="health", hint="the role needs: get services/proxy")
        if not of_the_service(answer, status):
            raise TransientCheckError(text, source="health")
        return HealthAnswer(service.name, took, error=text, reach="proxy")


def _refused(sample: StatsSample) -> bool:
    return sample.http is None and "timed out" not in (sample.error or "")


def _reached(sample: StatsSample, timeout_s: float) -> bool:
    return sample.http is not None or sample.took_s > 0.9 * timeout_s


def _attempt(sample: StatsSample, *, chosen: bool) -> str:
    way = "direct" if sample.reach == "direct" else "the API server's service proxy"
    if chosen:
        return way
    if sample.http in {401, 403}:
        return f"{way} ({sample.http}: services/proxy)"
    return f"{way} ({sample.error})"


def _late(error: CheckError) -> bool:
    # Late: the proxy was asked, so the kubernetes package is loaded already; a direct check never needs it.
    from opsagent.clients.kube_errors import LateError  # noqa: PLC0415

    return isinstance(error, LateError)


def _direct_health(service: Service, url: str, timeout_s: float) -> HealthAnswer:
    # Late: httpx costs 0.2 s at start, and a search through the API server does without it.
    from opsagent.clients.http import get  # noqa: PLC0415

    started = time.monotonic()
    try:
        answer = get(url, who=service.name, timeout_s=timeout_s, source="health")
    except CheckError as error:
        if isinstance(error, NoWayError) or not isinstance(error, TransientCheckError):
            raise
        return HealthAnswer(service.name, time.monotonic() - started, error=error.message, reach="direct")
    return _answered(service, answer, time.monotonic() - started, "direct", urlsplit(url).path)


def _tcp_health(service: Service, url: HealthUrl, timeout_s: float) -> HealthAnswer:
    started = time.monotonic()
    try:
        with socket.create_connection((url.host, url.port), timeout=timeout_s):
            return HealthAnswer(service.name, time.monotonic() - started, tcp="open", reach="direct")
    except socket.gaierror as error:
        text = f"{service.name} did not answer at {url.host}:{url.port} ({brief(error.strerror or error)})"
        raise NoWayError(text, source="health") from error
    except OSError as error:
        why = brief((error.strerror or str(error) or "timed out").lower())
        return HealthAnswer(service.name, time.monotonic() - started, tcp=why, error=why, reach="direct")


def _answered(service: Service, answer: HttpAnswer, took_s: float, way: Way, path: str) -> HealthAnswer:
    """Return the check of an answer; NotAnAnswerError where no health path gives such a one."""
    wrong = _no_health(answer, path)
    if wrong is not None:
        raise NotAnAnswerError(
            f"what answers at the health path of {service.name} {wrong}",
            source="health",
            hint="is it a login page or another server? health_url names the path that is asked",
        )
    body = brief(answer.text, _BODY_SHOWN)
    return HealthAnswer(service.name, took_s, http=answer.status, body=body, reach=way)


def _no_health(answer: HttpAnswer, path: str) -> str | None:
    """Return what an answer is in place of a health answer: text, JSON that states something, or nothing at all.

    A service that answers an error answers nevertheless; a page is an answer only where pages are served.
    """
    if answer.status >= 400:
        return None
    if not 200 <= answer.status < 300:
        where = brief(answer.headers.get("location") or "nowhere")
        return f"is no final answer (HTTP {answer.status}, redirected to {where})"
    if is_page(answer):
        return None if path in _PAGES else f"is a page, not a health answer: {brief(answer.text)}"
    body, _ = json_object(answer)
    empty = body is not None and (not body or ("kind" in body and "apiVersion" in body))
    return f"reports nothing of a service: {brief(answer.text)}" if empty else None
