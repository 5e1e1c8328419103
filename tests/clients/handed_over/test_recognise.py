"""Pasted text becomes the objects that it stands for, or is left as the log that it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.clients.handed_over.owners import Owner
from opsagent.clients.handed_over.recognise import HandedOver, may_be_structured, recognise
from opsagent.clients.handed_over.relations import completed
from opsagent.models.observed import KubeObject

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DESCRIBED = """\
Name:             basket-6c4d8f7b9c-x2k4v
Namespace:        shop
Service Account:  basket
Node:             worker-3/10.9.0.3
Labels:           app=basket
                  pod-template-hash=6c4d8f7b9c
Status:           Running
IP:               10.8.1.7
Controlled By:    ReplicaSet/basket-6c4d8f7b9c
Containers:
  basket:
    Image:          registry.example/basket:7
    Port:           8080/TCP
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       Error
      Exit Code:    1
      Started:      Wed, 04 Mar 2026 05:00:00 +0000
    Ready:          False
    Restart Count:  6
    Limits:
      memory:  256Mi
    Environment:
      DSN:      <set to the key 'dsn' in secret 'basket'>  Optional: false
      MODE:     strict
    Liveness:   http-get http://:8080/live delay=3s timeout=1s period=10s #success=1 #failure=3
    Mounts:
      /data from data (rw)
Conditions:
  Type           Status
  Ready          False
Volumes:
  data:
    Type:       PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)
    ClaimName:  basket-data
Node-Selectors:  disk=fast
Tolerations:     node.kubernetes.io/not-ready:NoExecute op=Exists for 300s
Events:
  Type     Reason   Age                 From     Message
  ----     ------   ----                ----     -------
  Warning  BackOff  60s (x9 over 12m)   kubelet  Back-off restarting failed container
"""
EVENTS = """\
LAST SEEN   TYPE      REASON         OBJECT                        MESSAGE
2m          Warning   FailedCreate   replicaset/ledger-7d9c5f8b6   Error creating: refused:

rule limits-required:
  every container states its limits
30s         Normal    Pulled         pod/ledger-7d9c5f8b6-b7x2k    Container image already present
"""


def _found(text: str) -> HandedOver:
    return recognise(text, NOW)


def _one(text: str, kind: str) -> KubeObject:
    return next(item for item in _found(text).objects if item["kind"] == kind)


def _printed(columns: str, row: str) -> str:
    """Align a head and a row as kubectl does: three spaces behind the wider of the two."""
    cells = list(zip(columns.split("|"), row.split("|"), strict=True))
    widths = [max(map(len, pair)) + 3 for pair in cells]
    return "\n".join("".join(pair[place].ljust(w) for pair, w in zip(cells, widths, strict=True)) for place in (0, 1))


def test_a_described_pod_is_the_pod_and_its_events() -> None:
    """States, probe, references, owner and events come back as the API writes them."""
    pod = _one(DESCRIBED, "Pod")
    assert pod["metadata"]["ownerReferences"][0]["name"] == "basket-6c4d8f7b9c"
    assert pod["metadata"]["labels"]["app"] == "basket"
    container = pod["spec"]["containers"][0]
    assert container["livenessProbe"]["httpGet"] == {"scheme": "HTTP", "port": 8080, "path": "/live"}
    assert container["env"][0]["valueFrom"]["secretKeyRef"] == {"name": "basket", "key": "dsn"}
    assert pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] == "basket-data"
    status = pod["status"]["containerStatuses"][0]
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 1
    event = _one(DESCRIBED, "Event")
    assert (event["reason"], event["count"]) == ("BackOff", 9)
    assert event["firstTimestamp"] == (NOW - timedelta(minutes=12)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_message_of_several_lines_stays_with_its_event() -> None:
    """Lines that begin with no age belong to the event above them."""
    denied, pulled = _found(EVENTS).objects
    assert denied["message"].endswith("every container states its limits")
    assert denied["involvedObject"]["kind"] == "ReplicaSet"
    assert pulled["reason"] == "Pulled"


@pytest.mark.parametrize(
    ("kind", "columns", "row", "path", "value"),
    [
        ("Pod", "NAME|READY|STATUS|RESTARTS|AGE", "web-1|0/1|ImagePullBackOff|0|4m",
         ("status", "containerStatuses", 0, "state", "waiting", "reason"), "ImagePullBackOff"),
        ("Pod", "NAMESPACE|NAME|READY|STATUS|RESTARTS|AGE", "shop|web-1|2/2|Running|3 (5m ago)|4d",
         ("metadata", "namespace"), "shop"),
        ("Deployment", "NAME|READY|UP-TO-DATE|AVAILABLE|AGE", "web|1/3|3|1|4m", ("status", "unavailableReplicas"), 2),
        ("Node", "NAME|STATUS|ROLES|AGE|VERSION", "w1|NotReady,SchedulingDisabled|<none>|9d|v1.31.0",
         ("spec", "unschedulable"), True),
        ("PersistentVolumeClaim", "NAME|STATUS|VOLUME|CAPACITY|ACCESS MODES|STORAGECLASS|AGE",
         "data|Pending||||fast|4m", ("status", "phase"), "Pending"),
        ("HorizontalPodAutoscaler", "NAME|REFERENCE|TARGETS|MINPODS|MAXPODS|REPLICAS|AGE",
         "web|Deployment/web|<unknown>/80%|2|9|2|4m", ("status", "conditions", 0, "type"), "ScalingActive"),
        ("Certificate", "NAME|READY|SECRET|AGE", "site|False|site-tls|4m", ("status", "conditions", 0, "status"),
         "False"),
        ("Endpoints", "NAME|ENDPOINTS|AGE", "web|<none>|4m", ("subsets",), []),
    ],
)  # fmt: skip
def test_a_table_is_its_objects(kind: str, columns: str, row: str, path: tuple[str | int, ...], value: object) -> None:
    """Each row is the object that it lists, with what the row prints of it."""
    found: object = _one(_printed(columns, row), kind)
    for step in path:
        found = found[step]  # type: ignore[index]
    assert found == value


def test_a_mixture_is_split() -> None:
    """Commands, a table, a manifest and log lines in one paste come apart, and places in the log stay."""
    text = (
        "$ kubectl get pods -n shop\n"
        "NAME    READY   STATUS    RESTARTS   AGE\n"
        "web-1   0/1     Running   0          4m\n"
        "\n"
        "$ kubectl logs web-1 -n shop\n"
        "2026-03-04T05:00:00Z ERROR cannot open the ledger\n"
        "$ kubectl get svc web -o yaml\n"
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n"
    )
    found = _found(text)
    assert [(item["kind"], item["metadata"]["name"]) for item in found.objects] == [
        ("Pod", "web-1"),
        ("Service", "web"),
    ]
    assert found.objects[0]["metadata"]["namespace"] == "shop"
    assert [(line, words) for line, words in found.log if words] == [
        (6, "2026-03-04T05:00:00Z ERROR cannot open the ledger")
    ]


def test_a_list_is_read_whatever_keys_come_before_kind_and_api_version() -> None:
    """kubectl sorts the keys: a slice begins with addressType, and a ConfigMap's kind follows its data."""
    data = "".join(f"    line-{number}: x\n" for number in range(100))
    text = (
        "apiVersion: v1\nitems:\n"
        f"- apiVersion: v1\n  data:\n{data}  kind: ConfigMap\n  metadata:\n    name: rules\n"
        "- addressType: IPv4\n  apiVersion: discovery.k8s.io/v1\n  endpoints: []\n  kind: EndpointSlice\n"
        "  metadata:\n    name: web-1\n"
        "kind: List\n"
    )
    found = _found(text)
    assert [(item["kind"], item["metadata"]["name"]) for item in found.objects] == [
        ("ConfigMap", "rules"),
        ("EndpointSlice", "web-1"),
    ]
    assert found.odd == []


def test_a_body_of_stats_is_a_sample() -> None:
    """What the load balancer answers is known by its entries."""
    assert _found('{"blog_service": {"service_status": "offline"}}').stats == [
        {"blog_service": {"service_status": "offline"}}
    ]


@pytest.mark.parametrize(
    "log",
    [
        "2026-03-04 05:00:00 INFO served GET /names in 3 ms\nName: the field is required\n",
        '{"level":"info","msg":"started"}\n{"level":"error","kind":"timeout","msg":"no answer"}\n',
        "ERROR   WARN   INFO\n3       1      9\n",
    ],
)
def test_a_log_stays_a_log(log: str) -> None:
    """Lines that only resemble kubectl's output are left as they are."""
    assert not _found(log).structured


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from('Name:  \nREADYkindapiVersion{}[]"-1/'), max_size=400))
def test_wild_text_is_never_an_error(text: str) -> None:
    """Whatever is pasted is taken apart without an exception, and no line is lost."""
    found = recognise(text, NOW)
    assert may_be_structured(text) or not found.structured


TABLE = """\
NAME                        READY   STATUS             RESTARTS   AGE
till-6c4d8f7b9c-x2k4v       0/1     ImagePullBackOff   0          15m
web-7f9c6d5b8-q9wvn         1/1     Running            2 (5m ago) 3d
"""
EVENT = "0/3 nodes are available: 3 Insufficient cpu."
FORMS_OF_EVENTS = {
    "get": ("LAST SEEN|TYPE|REASON|OBJECT|MESSAGE", "2m|Warning|FailedScheduling|pod/till-0"),
    "events": ("LAST SEEN|TYPE|REASON|OBJECT|MESSAGE", "2m (x12 over 10m)|Warning|FailedScheduling|Pod/till-0"),
    "before 1.14": (
        "LASTSEEN|FIRSTSEEN|COUNT|NAME|KIND|SUBOBJECT|TYPE|REASON|SOURCE|MESSAGE",
        "2m|10m|12|till-0.17|Pod||Warning|FailedScheduling|default-scheduler",
    ),
    "columns of one's own": (
        "LAST|TYPE|REASON|OBJECT|KIND|MESSAGE",
        "2026-03-04T05:00:00Z|Warning|FailedScheduling|till-0|Pod",
    ),
    "without a time": ("REASON|OBJECT|KIND|MESSAGE", "FailedScheduling|till-0|Pod"),
}


@pytest.mark.parametrize("form", FORMS_OF_EVENTS)
def test_events_are_read_in_every_column_form(form: str) -> None:
    """Whatever columns kubectl or the operator chose, the event is about the same pod."""
    columns, row = FORMS_OF_EVENTS[form]
    (event,) = _found(_printed(columns, f"{row}|{EVENT}")).objects
    assert (event["involvedObject"]["kind"], event["involvedObject"]["name"]) == ("Pod", "till-0")
    assert (event["reason"], event["message"]) == ("FailedScheduling", EVENT)


def test_a_row_of_events_without_its_header_is_one() -> None:
    """Whoever copies the lines that matter leaves the header behind."""
    (event,) = _found(f"2m12s       Warning   FailedScheduling   pod/till-0   {EVENT}\n").objects
    assert (event["involvedObject"]["name"], event["message"]) == ("till-0", EVENT)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"    {line}" for line in TABLE.splitlines()),
        "\n".join(f"> {line}" for line in TABLE.splitlines()),
        f"check this:\n```\n{TABLE}```\nplease\n",
        "\n".join(" ".join(line.split()) for line in TABLE.splitlines()),
        "\n".join(line[:60] for line in TABLE.splitlines()),
        f"user@mac ~ % kubectl get pods\n{TABLE}user@mac ~ % \n",
        f"[root@bastion ~]# kubectl get pods\n{TABLE}",
        f"PS C:\\Users\\me> kubectl get pods\n{TABLE}",
    ],
    ids=["indented", "quoted", "fenced", "one space", "cut off", "zsh", "bash", "PowerShell"],
)
def test_a_table_is_read_however_it_was_pasted(text: str) -> None:
    """Indentation, quote marks, fences, lost spaces, a cut right edge and any prompt."""
    pods = {item["metadata"]["name"]: item for item in _found(text).objects}
    assert set(pods) == {"till-6c4d8f7b9c-x2k4v", "web-7f9c6d5b8-q9wvn"}
    state = pods["till-6c4d8f7b9c-x2k4v"]["status"]["containerStatuses"][0]["state"]
    assert state == {"waiting": {"reason": "ImagePullBackOff"}}


@pytest.mark.parametrize("mark", ["> ", "    "])
def test_a_description_is_read_from_a_mail(mark: str) -> None:
    """Quoted or indented as a block, a description is the same pod with its events."""
    text = "it looks like this:\n" + "".join(f"{mark}{line}\n" for line in DESCRIBED.splitlines())
    assert [item["kind"] for item in _found(text).objects] == ["Pod", "Event"]


def test_logs_go_to_the_pod_that_the_command_names() -> None:
    """`kubectl logs POD -c CONTAINER --previous` above the lines shows whose they are."""
    text = "$ kubectl logs web-1 -c main -n shop --previous\nERROR x\n$ kubectl logs deploy/api\nready\n"
    owners = list(_found(text).logs)
    assert owners == [Owner("shop", "web-1", "main", previous=True), Owner(service="api")]


def test_usage_is_what_the_metrics_api_states() -> None:
    """`kubectl top` of pods and nodes."""
    text = (
        "NAME     CPU(cores)   MEMORY(bytes)\nweb-1    501m         511Mi\n\n"
        "NAME     CPU(cores)   CPU%   MEMORY(bytes)   MEMORY%\nnode-1   3900m        98%    30000Mi         97%\n"
    )
    pod, node = _found(text).objects
    assert (pod["kind"], pod["containers"][0]["usage"]) == ("PodMetrics", {"cpu": "501m", "memory": "511Mi"})
    assert (node["kind"], node["usage"]["memory"]) == ("NodeMetrics", "30000Mi")


def test_an_unknown_table_is_named_by_its_columns() -> None:
    """What is not understood is listed with what it was taken for."""
    assert "WHATEVER" in _found("NAME    WHATEVER   ELSE\nx       1          2\n").odd[0]


CUT = """\
$ kubectl -n depot describe pod rates-0 | tail -5
Events:
  Type     Reason            Age                From               Message
  ----     ------            ----               ----               -------
  Warning  FailedScheduling  90s (x3 over 12m)  default-scheduler  0/3 nodes are available: 3 Insufficient memory.
"""


def test_the_end_of_a_description_is_its_events() -> None:
    """What `tail` left of a description belongs to the object that the command names; without one it is a log."""
    (event,) = recognise(CUT, NOW).objects
    about = event["involvedObject"]
    assert (about["kind"], about["name"], about["namespace"]) == ("Pod", "rates-0", "depot")
    assert (event["reason"], event["count"]) == ("FailedScheduling", 3)
    nobody = recognise(CUT.partition("\n")[2], NOW)
    assert not nobody.objects
    assert any("Insufficient memory" in text for _, text in nobody.log)


def test_a_row_of_events_with_one_blank_between_its_cells() -> None:
    """A cell as wide as its column leaves one blank: the columns of the head show where it ends."""
    text = CUT.replace("(x3 over 12m)  default", "(x17 over 12m) default").replace(
        "Age                From", "Age                From"
    )
    (event,) = recognise(text, NOW).objects
    assert (event["source"]["component"], event["count"]) == ("default-scheduler", 17)
    assert event["message"].startswith("0/3 nodes")


def test_what_a_program_in_a_pod_prints_is_no_description() -> None:
    """The answer of nslookup begins with a name, too; the command above it runs in a Deployment and describes none."""
    text = "$ kubectl exec deploy/tariffs -- nslookup rates\nName:\trates.depot.svc\nAddress: 10.96.4.4\n"
    assert recognise(text, NOW).objects == []


PODS = """\
NAMESPACE  NAME                      READY  STATUS   RESTARTS  AGE   IP        NODE     NOMINATED NODE  READINESS GATES
depot      rates-6c4d8f7b9c-x2k4v    1/1    Running  0         3d    10.8.1.7  steel-1  <none>          0/1
depot      rates-6c4d8f7b9c-q9r8t    0/1    Error    0         4d    <none>    steel-2  <none>          <none>
depot      rates-6c4d8f7b9c-m5n6p    0/1    Error    7         4d    10.8.1.9  steel-2  <none>          <none>
"""


def test_a_row_of_a_pod_shows_its_gates_and_whether_it_is_over() -> None:
    """A closed gate keeps a pod unready; a container that ended days ago and was never started again is of no use."""
    gated, over, ending = recognise(PODS, NOW).objects
    conditions = {one["type"]: one["status"] for one in gated["status"]["conditions"]}
    assert conditions == {"Ready": "False", "ContainersReady": "True"}
    assert (over["status"]["phase"], ending["status"]["phase"]) == ("Failed", "Running")


SETS = """\
NAME              DESIRED  CURRENT  READY  AGE  CONTAINERS  IMAGES              SELECTOR
rates-6c4d8f7b9c  0        0        0      9d   rates       depot/rates:1.2     app=rates
rates-7d5e9a8c4b  2        2        2      20d  rates       depot/rates:1.1     app=rates
"""
DEPLOYMENTS = """\
NAME   READY  UP-TO-DATE  AVAILABLE  AGE  CONTAINERS  IMAGES           SELECTOR
rates  2/2    2           2          30d  rates       depot/rates:1.1  app=rates
"""


def test_the_revision_that_runs_is_the_newest_however_old_it_is() -> None:
    """After a rollback an older ReplicaSet has the Deployment's images, and all of the pods."""
    items = completed(recognise(f"$ kubectl get deploy\n{DEPLOYMENTS}\n$ kubectl get rs\n{SETS}", NOW).objects)
    revisions = {
        item["metadata"]["name"]: item["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for item in items
    }
    assert revisions == {"rates": "2", "rates-6c4d8f7b9c": "1", "rates-7d5e9a8c4b": "2"}


def test_a_node_and_a_job_are_read_with_what_their_rows_show() -> None:
    """Roles are labels of a node; a Job that runs has done so for its duration."""
    nodes = "NAME     STATUS  ROLES          AGE  VERSION\nsteel-1  Ready   control-plane  9d   v1.32.1\n"
    jobs = "NAME   STATUS   COMPLETIONS  DURATION  AGE\nindex  Running  0/1          20h       20h\n"
    node, job = recognise(f"{nodes}\n{jobs}", NOW).objects
    assert node["metadata"]["labels"] == {"node-role.kubernetes.io/control-plane": ""}
    assert (job["status"]["active"], job["status"]["startTime"]) == (1, "2026-03-03T09:06:07Z")


def test_a_quota_is_read_with_what_is_used_of_it() -> None:
    """The pairs of its columns are status.used and status.hard."""
    head, row = (
        "NAME   AGE  REQUEST                                LIMIT",
        "small  9d   pods: 12/12, requests.cpu: 3400m/16",
    )
    text = f"{head}\n{row}  limits.cpu: 2/4\n"
    (quota,) = recognise(text, NOW).objects
    assert quota["status"]["used"] == {"pods": "12", "requests.cpu": "3400m", "limits.cpu": "2"}
    assert quota["status"]["hard"] == {"pods": "12", "requests.cpu": "16", "limits.cpu": "4"}
