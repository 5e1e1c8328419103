"""Descriptions pasted from kubectl: a Service and a claim, beside what they should find and what they do find."""

import pytest

from tests.analysis.logs.said import said

_SERVICE = """\
Name:        till
Selector:    run=till,track={track}
TargetPort:  {target}/TCP
Endpoints:   {endpoints}
NAME     READY   STATUS    RESTARTS   AGE   LABELS
till-7   1/1     Running   0          4m    pod-template-hash=7,run=till,track=stable
curl: (7) Failed to connect to till port 80 after 2 ms: Couldn't connect to server
"""
_CLAIM = """\
NAME     CAPACITY   ACCESS MODES   RECLAIM POLICY   STATUS      CLAIM   STORAGECLASS   AGE   LABELS
disk-a   20Gi       RWO            Retain           Available                          9d    zone=a
{{"matchLabels":{{"zone":"{zone}"}}}}
Normal  FailedBinding  9s  persistentvolume-controller  no persistent volumes available for this claim and no storage class is set
"""  # noqa: E501
_YAML = "  - port: 80\n    targetPort: {target}\n    - containerPort: 3000\nERROR ECONNREFUSED 10.0.0.4:{target}\n"
_PUMA = "* Listening on http://0.0.0.0:3000\n"


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (_SERVICE.format(track="canary", target=3000, endpoints="<none>"), "service.selector-mismatch"),
        (_SERVICE.format(track="", target=3000, endpoints="<none>"), "service.selector-mismatch"),
        (_SERVICE.format(track="stable", target=9292, endpoints="10.0.0.4:9292") + _PUMA, "service.port-mismatch"),
        (_YAML.format(target=3001), "service.port-mismatch"),
        (_CLAIM.format(zone="b"), "volume.selector"),
    ],
)
def test_what_nothing_in_the_text_has_is_the_fault(log: str, code: str) -> None:
    """Labels and ports are compared, whatever was refused."""
    assert said(log)[:1] == [code]


@pytest.mark.parametrize(
    "log",
    [
        _SERVICE.format(track="stable", target=3000, endpoints="10.0.0.4:3000") + _PUMA,
        _SERVICE.format(track="stable", target=3000, endpoints="<none>"),
        _YAML.format(target=3000),
        _CLAIM.format(zone="a"),
    ],
)
def test_what_fits_is_not(log: str) -> None:
    """Then something else is wrong."""
    assert not {"service.selector-mismatch", "service.port-mismatch", "volume.selector"} & set(said(log))
