"""Dress: names, namespaces, image registries, label schemes and languages to draw from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

HASH_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # k8s.io/apimachinery/pkg/util/rand: no vowels, no look-alikes

THINGS = (
    "order",
    "payment",
    "ledger",
    "invoice",
    "shipping",
    "stock",
    "basket",
    "pricing",
    "coupon",
    "loyalty",
    "profile",
    "session",
    "consent",
    "audit",
    "report",
    "search",
    "media",
    "thumbnail",
    "upload",
    "mail",
    "sms",
    "webhook",
    "geo",
    "route",
    "fleet",
    "driver",
    "booking",
    "calendar",
    "ticket",
    "seat",
    "menu",
    "recipe",
    "course",
    "grade",
    "patient",
    "claim",
    "policy",
    "quote",
    "trade",
    "risk",
    "feed",
    "wallet",
    "kyc",
    "fraud",
    "tenant",
    "billing",
    "usage",
    "meter",
    "sensor",
    "device",
    "firmware",
    "catalog",
    "review",
    "rating",
    "chat",
    "presence",
    "notify",
    "translate",
    "export",
    "import",
    "archive",
)
ROLES = (
    "api",
    "service",
    "gateway",
    "worker",
    "backend",
    "frontend",
    "web",
    "server",
    "processor",
    "engine",
    "hub",
    "bff",
    "proxy",
    "core",
)
NAMESPACES = (
    "shop",
    "payments",
    "prod",
    "production",
    "staging",
    "team-blue",
    "logistics",
    "media-prod",
    "core-banking",
    "eu-west-prod",
    "clinic",
    "iot",
    "campus",
    "tenant-a7",
    "default",
    "backoffice",
    "qa-3",
    "apps",
    "titanium-dev",
)
REGISTRIES = (
    "registry.acme.example/platform",
    "harbor.corp.example/apps",
    "cr.northwind.example:5000/team",
    "images.fabrikam.example/prod",
    "123456789012.dkr.ecr.eu-west-1.aws.example",
    "registry.internal:5000",
    "git.contoso.example/group/images",
)
LANGS = ("go", "gojson", "python", "pyjson", "java", "node", "nodejson", "ruby", "rust", "dotnet")
LABEL_SCHEMES = ("app", "app.kubernetes.io/name", "k8s-app", "app", "app.kubernetes.io/name")
DEPLOYMENT_FORMS = ("{}", "{}", "{}", "{}-deployment", "prod-{}", "{}-deploy", "local-{}-deployment")
SERVICE_FORMS = ("{}", "{}", "{}-svc", "{}-service")
CONTAINER_FORMS = ("app", "{}", "{}-container", "main", "server", "{}")
NODE_FORMS = ("worker-{}", "node{:02d}", "ip-10-0-{}-17.ec2.internal", "gke-pool-1-{:04x}", "k8s-w{}", "aks-np-{:06d}")
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
PORTS = (8080, 8000, 3000, 5000, 9000, 8081, 4000, 8443, 7001, 3001, 8888)
PATHS = ("/healthz", "/health", "/ready", "/livez", "/actuator/health", "/api/health", "/status", "/ping")


def suffix(rng: Random, length: int = 5) -> str:
    """Return a random suffix as the API server makes for generateName."""
    return "".join(rng.choice(HASH_ALPHABET) for _ in range(length))


def template_hash(rng: Random) -> str:
    """Return a pod-template-hash."""
    return suffix(rng, rng.choice((8, 9, 9, 10, 10)))


def tag(rng: Random) -> str:
    """Return an image tag in one of the usual forms."""
    forms = (
        f"{rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 12)}",
        f"v{rng.randint(1, 4)}.{rng.randint(0, 20)}.{rng.randint(0, 9)}",
        f"2026.{rng.randint(1, 11)}.{rng.randint(1, 28)}",
        f"main-{rng.getrandbits(28):07x}",
        f"{rng.getrandbits(40):010x}",
    )
    return rng.choice(forms)


def words(rng: Random, count: int) -> list[str]:
    """Return `count` different application names of two words each."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{rng.choice(THINGS)}-{rng.choice(ROLES)}"] = None
    return list(found)
