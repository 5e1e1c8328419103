"""One mechanism in the words of many programs, and words like them that mean something else."""
# ruff: noqa: E501 — log lines are as long as they are

import pytest

from tests.analysis.logs.said import said

SHOWN: dict[str, tuple[str, ...]] = {
    "config.missing-env": (
        'Error: Config validation error: "MAILER_TOKEN" is required',
        "jakarta.enterprise.inject.spi.DeploymentException: SRCFG00014: The config property till.bank-url is required but it could not be found in any config source",
        "java.util.NoSuchElementException: SRCFG00011: Could not expand value TILL_HOST in property till.url",
        "thread 'main' panicked at src/main.rs:9:44: called `Result::unwrap()` on an `Err` value: NotPresent",
        "System.InvalidOperationException: No connection string named 'Till' could be found in the application configuration.",
        "com.typesafe.config.ConfigException$UnresolvedSubstitution: reference.conf: 8: Could not resolve substitution to a value: ${TILL_DSN}",
    ),
    "config.missing-env (languages)": (
        "Fehler: Umgebungsvariable KASSE_HOST ist nicht gesetzt",
        "Erreur : la variable d'environnement CAISSE_HOTE n'est pas définie",
        "Error: la variable de entorno CAJA_HOST no está definida",
        "[错误] 环境变量 TILL_HOST 未设置",
        "[エラー] 環境変数 TILL_HOST が設定されていません",
    ),
    "access.credentials": (
        "ERROR stock: PUT https://ledger.bank.example/v2/rows answered 403: expired access token",
        "Status: 403, problems:\n  - permission denied\n  - expired service token",
    ),
    "dependency.rate-limited": (
        "WARN ledger: you exceeded 40 requests per minute, retry later",
        "ERROR sheet sync: Limit of 300 queries per minute for this account exceeded",
        "WARN please reduce your query rate",
        "INFO POST https://mail.example/v3/send 429",
        'ERROR Failed to pull image "quay.example/till:7": received unexpected status code: 429',
        'ERROR pulling image "till:7": toomanyrequests: retry-after: 1h, allowed: 100/6h',
    ),
    "config.invalid": (
        "FATAL invalid value 'many' for TILL_WORKERS",
        "Error: /etc/till/till.toml:12:1: expected an equals sign",
        'panic: env: parse error on field "Port" of type "int": strconv.ParseInt: parsing "80a": invalid syntax',
        "envconfig.Process: assigning TILL_WORKERS to Workers: converting 'many' to type int. details: strconv.ParseInt",
        "ERROR Failed to start: java.lang.IllegalArgumentException: SRCFG00039: The config property till.workers with the config value \"many\" threw an Exception whilst being converted",
        "FATAL setting till.workers must be an integer, got 'many'",
    ),
    "pod.oom-killed": (
        "[ERROR] Worker (pid:41) was sent SIGKILL!",
        "[pool www] child 41 exited on signal 9 (SIGKILL) after 31.2 seconds from start",
        "ERROR worker 3 died (code: null, signal: SIGKILL)",
        "ERROR concurrent.futures.process.BrokenProcessPool: child 41 was terminated by signal: killed",
    ),
    "volume.access-mode": (
        "Warning  ProvisioningFailed  1s (x4 over 1m)  pd.csi  failed to provision volume: rpc error: code = InvalidArgument desc = VolumeCapabilities is invalid: specified multi writer with mount access type: unsupported access mode",
        "E0203 10:00:00.000001 1 controller.go:9] error syncing claim: rpc error: code = InvalidArgument desc = MULTI_NODE_READER_ONLY access mode is not supported",
    ),
    "volume.disk-full": (
        "ERROR Code: 243. DB::Exception: Cannot reserve 12.00 MiB, not enough space. (NOT_ENOUGH_SPACE)",
        "mysqld: Disk is full writing './binlog.000031' (OS errno 28 - No space left on device). Waiting for someone to free space...",
        "ERROR CompactionManager: Not enough space for compaction of till/baskets, estimated sstables = 1",
        "Msg 1105: Could not allocate space for object 'dbo.Basket' in database 'till' because the 'PRIMARY' filegroup is full.",
        "ORA-19809: limit exceeded for recovery files",
    ),
    "node.kubelet-down": (
        "Feb 03 10:00:00 w2 systemd[1]: kubelet.service: Scheduled restart job, restart counter is at 31.",
        "Feb 03 10:00:00 w2 systemd[1]: kubelet.service: Start request repeated too quickly.",
        'Feb 03 10:00:00 w2 kubelet[88]: E0203 10:00:00.000001   88 run.go:72] "command failed" err="failed to run Kubelet: running with swap on is not supported"',
    ),
    "node.runtime-down": (
        "Feb 03 10:00:00 w2 systemd[1]: containerd.service: Scheduled restart job, restart counter is at 12.",
        "Feb 03 10:00:00 w2 systemd[1]: docker.service: Start request repeated too quickly.",
    ),
    "node.kube-proxy-down": (
        "kube-proxy-x2k9p   0/1   CrashLoopBackOff   31 (2m ago)   3h",
        "Feb 03 10:00:00 w2 systemd[1]: kube-proxy.service: Scheduled restart job, restart counter is at 8.",
    ),
    "node.scheduler-down": (
        "kube-scheduler-m1   0/1   Error   4 (11s ago)   80d",
        "kube-scheduler-m1   0/1   CrashLoopBackOff   7 (9s ago)   80d",
    ),
    "rollout.bad-revision": (
        'ERROR flagger canary/controller.go Rolling back till.shop failed checks threshold reached 5',
        "ERROR Canary failed! Scaling down till.shop",
        "Error: UPGRADE FAILED: release till failed, and has been rolled back due to atomic being set: timed out waiting",
        "ERROR deployment till-19 failed: 4 of 4 tasks unhealthy, rolling back to till-18",
    ),
    "rollout.stuck": (
        "error: timed out waiting for the condition on deployments/till",
        "Error: UPGRADE FAILED: timed out waiting for the condition",
        "Error: UPGRADE FAILED: context deadline exceeded",
    ),
    "service.port-mismatch": (
        "error: Service till does not have a service port 9999",
        "ERROR ingress: port 9999 not found in service shop/till",
        "W0203 10:00:00.000001 7 controller.go:1] cannot find service port web of service shop/till",
        'level=error msg="Spec.Routes unresolved service reference: port 9999 is unknown"',
    ),
    "network.tls-certificate": (
        '[2031-02-03T10:00:00.000Z] "GET /v1/till HTTP/1.1" 503 UF upstream_reset_before_response_started{TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end} - "-" 0 95 12 - "-" "curl" "1" "till" "10.0.0.1:443" outbound|443||till.shop.svc.cluster.local - 10.0.0.2:443 10.0.0.3:5 - default',
        "2031/02/03 10:00:00 [error] 7#7: *1 upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream",
        "ERROR proxy: error trying to connect: invalid certificate: InvalidCertificate(Expired)",
    ),
    "service.protocol-mismatch": (
        '[2031-02-03T10:00:00.000Z] "GET /v1/till HTTP/1.1" 503 UF upstream_reset_before_response_started{TLS_error:|268435703:SSL_routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end} - "-" 0 95 12 - "-" "curl" "1" "till" "10.0.0.1:80" outbound|80||till.shop.svc.cluster.local - 10.0.0.2:80 10.0.0.3:5 - default',
    ),
    "load.thread-pool": (
        "WARN org.eclipse.jetty.util.thread.QueuedThreadPool: rejected QueuedThreadPool[qtp7]@1{STARTED,8<=90<=90,i=0,r=-1,q=512}",
        "SEVERE org.apache.tomcat.util.threads.ThreadPoolExecutor: All threads (150) are currently busy, waiting. Increase maxThreads (150) or check the servlet status",
        'haproxy[7]: 10.0.0.9:5100 [03/Feb/2031:10:00:00.100] web till/<NOSRV> 0/5000/-1/-1/5000 503 212 - - sQ-- 900/900/400/0/0 12/400 "GET /a HTTP/1.1"',
    ),
    "load.cpu-saturated": (
        "WARN cgroup: throttled in 88 % of periods over the last minute",
        "ALERT CPUThrottlingHigh: 93% throttling of CPU in namespace shop for container till",
    ),
}  # fmt: skip

NOT_SHOWN: tuple[tuple[str, str], ...] = (
    ("config.missing-env", "ERROR import of price list failed: 12 rows rejected, missing unit_price"),
    ("config.missing-env", "ERROR row 4: ship_to_city is required"),
    ("config.missing-env", "WARN form rejected: vat_number must not be empty"),
    ("config.invalid", "WARN query parameter page: Failed to convert value of type 'java.lang.String' to required type 'int'"),
    ("config.missing-env", "INFO Umgebungsvariable KASSE_HOST gesetzt"),
    ("config.invalid", "ERROR order 7: invalid value '-1' for quantity"),
    ("pod.port-in-use", "org.springframework.boot.context.properties.bind.BindException: Failed to bind properties under 'till' to int"),
    ("rollout.stuck", "Waiting for deployment spec update to be observed..."),
    ("pod.oom-killed", "WARN worker 3 did not stop in 30 s and was sent SIGKILL"),
    ("pod.oom-killed", "INFO graceful shutdown: child 41 exited on signal 9 (SIGKILL)"),
    ("volume.access-mode", "ERROR file opened with unsupported access mode 'rw+'"),
    ("volume.disk-full", "ERROR exporter: error code 428 from the label printer"),
    ("volume.disk-full", "ERROR not enough space for 12 boxes in truck 4"),
    ("node.kubelet-down", "Feb 03 10:00:00 w2 systemd[1]: kubelet.service: Scheduled restart job, restart counter is at 1."),
    ("node.scheduler-down", "kube-scheduler-m1   1/1   Running   4 (3h ago)   80d"),
    ("node.kube-proxy-down", "kube-proxy-x2k9p   1/1   Running   1 (9d ago)   80d"),
    ("rollout.bad-revision", "ERROR transaction failed and was automatically rolled back"),
    ("rollout.bad-revision", "INFO canary analysis succeeded, promoting revision 8"),
    ("rollout.stuck", "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress"),
    ("service.port-mismatch", "ERROR serial port /dev/ttyS0 not found"),
    ("network.tls-certificate", '[2031-02-03T10:00:00.000Z] "GET /v1/till HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_refused} - "-" 0 95 12 - "-" "curl" "1" "till" "10.0.0.1:443" outbound|443||till.shop.svc.cluster.local - 10.0.0.2:443 10.0.0.3:5 - default'),
    ("access.credentials", "WARN signup form: invalid token in the address field"),
    ("dependency.rate-limited", "INFO poller configured: at most 40 requests per minute"),
    ("dependency.rate-limited", "INFO served more than 300 queries per minute, all fine"),
    ("dependency.rate-limited", "INFO GET https://mail.example/v3/list 200 429 bytes"),
    ("network.timeout", "WARN answered method=GET path=/quote status=504 took=10s"),
    ("load.thread-pool", 'haproxy[7]: 10.0.0.9:5100 [03/Feb/2031:10:00:00.100] web till/till1 0/0/1/4/5 200 212 - - ---- 9/9/4/0/0 0/0 "GET /a HTTP/1.1"'),
    ("load.cpu-saturated", "INFO cgroup: throttled in 3 % of periods over the last minute"),
)  # fmt: skip


@pytest.mark.parametrize(("code", "line"), [(code.split()[0], line) for code, lines in SHOWN.items() for line in lines])
def test_a_mechanism_is_known_in_many_wordings(code: str, line: str) -> None:
    """Whoever states it, the first cause is the same."""
    assert said(f"starting\n{line}\n{line}\n")[:1] == [code]


@pytest.mark.parametrize(("code", "line"), NOT_SHOWN)
def test_words_like_them_are_not_taken_for_it(code: str, line: str) -> None:
    """Fields of users' data, other resources, and ends that were meant."""
    assert code not in said(f"starting\n{line}\n{line}\n")
