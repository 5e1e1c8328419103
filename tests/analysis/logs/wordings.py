"""Failure messages as programs print them, and a log of good work to dress each one in."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: (family of the cause code, message): one failure each, without level or time stamp. The first 82 use wordings
#: that many programs share; the others use words of their own, 12 of them Korean, 6 Chinese and 6 Japanese.
WORDINGS: tuple[tuple[str, str], ...] = (
    ("db", "FATAL: remaining connection slots are reserved for roles with the SUPERUSER attribute"),
    ("db", 'pq: password authentication failed for user "harbor_rw"'),
    ("db", "ERROR 1040 (HY000): Too many connections"),
    ("db", "Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction"),
    ("db", "sqlite3.OperationalError: database is locked"),
    ("db", 'ERROR: relation "tariff_v3" does not exist at character 15'),
    (
        "db",
        "SQLTransientConnectionException: ferry-pool - Connection is not available, request timed out after 30001ms",
    ),
    ("db", "ORA-00257: Archiver error. Connect AS SYSDBA only until resolved."),
    ("db", "ERROR: canceling statement due to statement timeout"),
    ("db", "The MySQL server is running with the --read-only option so it cannot execute this statement"),
    ("db", "MongoServerSelectionError: connect ECONNREFUSED 10.61.4.20:27017"),
    ("db", "TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00"),
    (
        "db",
        "django.db.migrations.exceptions.InconsistentMigrationHistory: Migration crm.0019 is applied before crm.0018",
    ),
    ("db", "index [parcels] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]"),
    ("db", "requested WAL segment 0000000400000A1700000033 has already been removed"),
    ("db", "ORA-01653: unable to extend table LEDGER.POSTINGS by 8192 in tablespace LEDGER_DATA"),
    ("db", "Login failed for user 'svc_tolls'. Reason: Password did not match that for the login provided."),
    ("db", "Transaction (Process ID 71) was deadlocked on lock resources and has been chosen as the deadlock victim."),
    ("db", "alembic.util.exc.CommandError: Can't locate revision identified by '9be4c1d20a77'"),
    ("db", "Unknown column 'berth.draught_cm' in 'field list'"),
    ("network", "dial tcp 10.61.8.3:8443: connect: connection refused"),
    ("network", "getaddrinfo ENOTFOUND rates.internal.dock.example"),
    ("network", "dial tcp: lookup ledger-svc on 10.96.0.10:53: no such host"),
    ("network", "x509: certificate signed by unknown authority"),
    ("network", "SSLHandshakeException: PKIX path building failed: unable to find valid certification path"),
    ("network", "java.net.SocketTimeoutException: Connect timed out"),
    ("network", "ConnectTimeout: HTTPSConnectionPool(host='geo.dock.example', port=443): Max retries exceeded"),
    ("network", "curl: (60) SSL certificate problem: certificate has expired"),
    ("network", "java.net.NoRouteToHostException: No route to host"),
    ("network", "Name or service not known (mqtt-bridge.plant:1883)"),
    ("network", "read tcp 10.61.2.9:52114->10.61.7.7:9200: i/o timeout"),
    (
        "network",
        "Hostname/IP does not match certificate's altnames: Host: api.dock.example. is not in the cert's altnames",
    ),
    ("access", "open /etc/courier/keys.pem: permission denied"),
    ("access", "AccessDenied: User: svc-backup is not authorized to perform: s3:PutObject on resource: dock-archive"),
    ("access", "401 Unauthorized: token expired at 2026-11-12T04:00:00Z"),
    (
        "access",
        'pods is forbidden: User "system:serviceaccount:ops:janitor" cannot list resource "pods" in API group ""',
    ),
    ("access", "Your license has expired. Ingestion is disabled until a valid license is installed."),
    ("access", "javax.security.auth.login.LoginException: Cannot locate KDC"),
    ("access", "invalid_client: Invalid client or Invalid client credentials"),
    ("volume", "write /data/segments/00017.log: no space left on device"),
    ("volume", "OSError: [Errno 28] No space left on device: '/spool/out'"),
    ("volume", "OSError: [Errno 30] Read-only file system: '/data/state.json'"),
    ("volume", "mount.nfs: Connection timed out"),
    ("volume", "java.nio.file.FileSystemException: /var/lib/sorter/tmp: Disk quota exceeded"),
    ("pod", "panic: runtime error: invalid memory address or nil pointer dereference"),
    ("pod", 'java.lang.NullPointerException: Cannot invoke "Berth.id()" because "berth" is null'),
    ("pod", "ModuleNotFoundError: No module named 'shapely'"),
    ("pod", "Error: Cannot find module '/srv/app/dist/main.js'"),
    ("pod", "exec /usr/local/bin/entry.sh: exec format error"),
    ("pod", "listen tcp :9000: bind: address already in use"),
    ("pod", "thread 'main' panicked at src/tide.rs:88:14: called `Option::unwrap()` on a `None` value"),
    ("pod", "Segmentation fault (core dumped)"),
    ("pod", "error while loading shared libraries: libproj.so.25: cannot open shared object file"),
    ("pod", "Error: listen EADDRINUSE: address already in use 0.0.0.0:3000"),
    ("config", "KeyError: 'TIDE_API_KEY'"),
    ("config", "yaml: line 14: did not find expected key"),
    ("config", "panic: required environment variable QUAY_DSN is not set"),
    ("config", 'Error: Invalid value "fast" for option "mode": must be one of safe, quick'),
    ("config", "Could not resolve placeholder 'ferry.rates.url' in value \"${ferry.rates.url}\""),
    ("config", 'failed to parse configuration: toml: line 9 (last key "sync.every"): expected value but found "every"'),
    ("load", "java.lang.OutOfMemoryError: Java heap space"),
    ("load", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"),
    ("load", "accept4: too many open files"),
    ("load", "java.lang.OutOfMemoryError: unable to create native thread"),
    ("load", "fork: retry: Resource temporarily unavailable"),
    ("load", "RejectedExecutionException: Task rejected from ThreadPoolExecutor[Running, pool size = 64]"),
    ("load", "MemoryError: Unable to allocate 6.1 GiB for an array with shape (820000000,) and data type float64"),
    ("load", "RuntimeError: can't start new thread"),
    ("dependency", "redis.exceptions.ConnectionError: Error 111 connecting to cache-1:6379. Connection refused."),
    ("dependency", "LOADING Redis is loading the dataset in memory"),
    ("dependency", "Error: Vault is sealed"),
    ("dependency", "etcdserver: no leader"),
    ("dependency", "503 Service Unavailable from upstream customs-gateway"),
    ("dependency", "429 Too Many Requests: retry after 60 seconds"),
    ("dependency", "rpc error: code = Unavailable desc = no healthy upstream"),
    ("dependency", "CLUSTERDOWN The cluster is down"),
    ("queue", "org.apache.kafka.common.errors.RecordTooLargeException: The message is 2097311 bytes when serialized"),
    ("queue", "SerializationException: Unknown magic byte!"),
    ("queue", "consumer poll timeout has expired: time between calls to poll() was longer than max.poll.interval.ms"),
    ("service", "upstream sent too big header while reading response header from upstream"),
    ("image", 'failed to pull image "cr.dock.example/tide:4.0": manifest unknown'),
    ("image", "pull access denied for dock/private-tide, repository does not exist or may require authorization"),
    ("db", "데이터베이스 접속 불가: 동시 접속 한도를 초과했습니다"),
    ("db", "주문 테이블이 잠겨 있어 저장하지 못했습니다"),
    ("db", "읽기 전용 모드라서 예약을 기록할 수 없습니다"),
    ("network", "결제 서버가 응답하지 않아 연결을 끊었습니다 (30초 경과)"),
    ("network", "인증서 유효 기간이 지나 연결을 거절했습니다"),
    ("access", "로그인 실패: 서비스 계정 비밀번호가 맞지 않습니다"),
    ("access", "파일을 열 권한이 없습니다: /data/keys/partner.jks"),
    ("volume", "디스크 공간이 부족하여 영수증을 저장하지 못했습니다"),
    ("config", "필수 환경 변수가 없습니다: SMS_SENDER_ID"),
    ("load", "메모리가 부족하여 작업을 중단합니다"),
    ("dependency", "재고 서비스에 연결할 수 없어 주문을 처리하지 못했습니다"),
    ("queue", "메시지를 해석할 수 없어 처리를 멈춥니다: offset=551203"),
    ("db", "数据库连接池已耗尽，等待 30 秒后放弃"),
    ("network", "无法解析主机名 settle-core，结算任务已中断"),
    ("volume", "磁盘已满，无法写入账单文件"),
    ("access", "授权许可已到期，服务停止受理请求"),
    ("load", "线程池已满，任务被拒绝"),
    ("config", "配置文件缺少必填项：gateway.secret"),
    ("db", "データベースに接続できませんでした。処理を中断します"),
    ("network", "取引先サーバーとの通信がタイムアウトしました"),
    ("access", "ファイルへのアクセスが拒否されました: /var/opt/teller/ledger.dat"),
    ("volume", "空き容量が足りないため帳票を保存できません"),
    ("dependency", "在庫サービスが応答しないため受注を確定できません"),
    ("queue", "電文を解釈できないため後続の処理を止めました: seq=88213"),
    ("db", "gave up on the ledger store: it hung up on us before the greeting was complete"),
    ("db", "the books are open for reading only; 41 postings turned away"),
    ("db", "nobody handed back a session within 20s, 40 of 40 lent out"),
    ("db", "store is at generation 58, this program knows generations up to 56"),
    ("db", "replica has drifted from its source at position 881204 and will not go on"),
    ("db", "two sales each wait for the other's seat; the younger one was rolled back"),
    ("db", "tablet cap hit: 20000 of 20000, no more splits until some are dropped"),
    ("db", "script 0044_add_vessel.sql stopped halfway, table left marked dirty"),
    ("db", "row for berth 12 has been held by session 4410 for 900s, giving up"),
    ("db", "sender address barred after 100 unfinished handshakes"),
    ("db", "store takes 14s for a lookup that took 8ms yesterday, dropping the request"),
    ("db", "that user name and secret do not go together, store hung up"),
    ("network", "nothing is listening at 10.61.4.4:7000"),
    ("network", "peer hung up during the hello, 0 bytes read"),
    ("network", "no answer from 10.61.9.9:5060 after 5 tries, 12s each"),
    ("network", "whatever answers on 8443 does not prove to be tide.dock.example"),
    ("network", "cannot turn the name quay-rates into an address"),
    ("network", "half of the packets to zone b never arrive, link judged unusable"),
    ("network", "proof of identity of the far side ran out on 14 November"),
    ("access", "the vault door stays shut: our badge was not honoured"),
    ("access", "not our file: cannot read /run/keys/signing"),
    ("access", "seat count exceeded and subscription lapsed on 1 Nov, exports are off"),
    ("access", 'partner answered "who are you?" and closed the session'),
    ("access", "this account may check manifests but not change them (needs manifests:write)"),
    ("volume", "could not put page 8812 on disk: 0 of 8192 bytes accepted, 0 free"),
    ("volume", "journal partition has 0 blocks left, refusing further bookings"),
    ("volume", "flush of 64 pages took 38s, storage is not keeping up"),
    ("volume", "the directory /srv/maps is not there, though the share should be attached"),
    ("pod", "got a null where a berth was promised, stopping"),
    ("pod", "worker 7 left with status 139"),
    ("pod", "main loop has not ticked for 240s"),
    ("pod", "this build was made for another processor"),
    ("pod", "someone else already owns port 7070"),
    ("pod", "plug-in tariff.so cannot be brought in: symbol tf_open is not in it"),
    ("pod", "invariant broken: outgoing count 12, incoming count 11; refusing to continue"),
    ("config", 'don\'t know what "retentoin" is in section [archive], line 31'),
    ("config", "no value for quay.region and no default; nothing to start with"),
    ("config", "pointing at tide-old.dock.example, which was switched off in June"),
    ("config", "payload of 9.2 MB turned back: receiver takes 4 MB"),
    ("config", 'both "primary" and "witness" name the same machine, cannot proceed'),
    ("load", "heap 4090 of 4096 MB after a full sweep, 31 MB needed"),
    ("load", "no descriptor left for the next client (limit 1024)"),
    ("load", "kernel would not give us another task: limit 512, running 512"),
    ("load", "all 32 lanes taken for 60s, request turned away"),
    ("load", "run queue 140 on 2 cores, ticks arrive 9s late"),
    ("load", "resident set grew from 400 MB to 7.8 GB since Monday, about to be cut off"),
    ("dependency", "only 1 of 3 voters can be reached, refusing to decide"),
    ("dependency", "customs desk is shut: 5 of 5 attempts bounced"),
    ("dependency", "keystore is locked, three key holders have to open it first"),
    ("dependency", "asked too often: 600 calls this minute, plan allows 300"),
    ("dependency", "warm store unreachable, every lookup is going the long way round"),
    ("queue", "entry 5512 cannot be understood and everything behind it waits"),
    ("queue", "9 million entries behind and the gap widens by 4000 a second"),
    ("queue", "reader took 31 minutes over one entry and lost its turn"),
    ("rollout", "peer talks dialect 9, this build talks 7 and 8"),
    ("node", "wall clock here and at the issuer differ by 412s, ticket thrown out"),
    ("service", "gateway allows 8 kB of headers, this request carries 19 kB"),
    ("job", "the nightly close ran past its 90 minute allowance and was cut short"),
)

STYLES: tuple[str, ...] = ("error", "warn", "nolevel", "zap", "logfmt", "nested", "klog", "pino")
GOOD_LINES = 40

_GOOD: tuple[str, ...] = (
    "GET /v1/{noun}/{number} 200 in {small} ms",
    "POST /v1/{noun} 201 in {small} ms",
    "stored {noun} {number}",
    "{noun} {number} confirmed by {name}",
    "sent batch of {small} {noun} records to {name}",
    "cache for {noun} refreshed, {number} entries",
    "scheduled run of {name} finished in {small} ms",
    "{name} joined, {small} members",
    "checkpoint {number} written",
    "rotated log file, kept {small}",
)
_NOUNS: tuple[str, ...] = ("order", "parcel", "invoice", "berth", "ticket", "reading", "route", "tariff")
_NAMES: tuple[str, ...] = ("alder", "brook", "cedar", "dune", "fjord", "glade", "heath", "inlet")
_PINO_LEVELS = {"INFO": 30, "WARN": 40, "ERROR": 50}
_Format = Callable[[datetime, str, str], str]


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _plain(at: datetime, level: str, message: str) -> str:
    return f"{_iso(at)} {level:<5} {message}"


def _nolevel(at: datetime, _level: str, message: str) -> str:
    return f"{at:%Y/%m/%d %H:%M:%S} {message}"


def _zap(at: datetime, level: str, message: str) -> str:
    record = {"level": level.lower(), "ts": round(at.timestamp(), 3), "caller": "app/run.go:71", "msg": message}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _logfmt(at: datetime, level: str, message: str) -> str:
    return f"time={_iso(at)} level={level.lower()} msg={json.dumps(message, ensure_ascii=False)}"


def _nested(at: datetime, level: str, message: str) -> str:
    record = {"event": {"time": _iso(at), "data": {"text": message}}, "log": {"level": level, "logger": "app.run"}}
    return json.dumps(record, ensure_ascii=False)


def _klog(at: datetime, level: str, message: str) -> str:
    return f"{level[0]}{at:%m%d %H:%M:%S.%f}       1 run.go:71] {message}"


def _pino(at: datetime, level: str, message: str) -> str:
    record = {"level": _PINO_LEVELS[level], "time": int(at.timestamp() * 1000), "pid": 1, "msg": message}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


_FORMATS: dict[str, tuple[str, _Format]] = {
    "error": ("ERROR", _plain),
    "warn": ("WARN", _plain),
    "nolevel": ("INFO", _nolevel),
    "zap": ("ERROR", _zap),
    "logfmt": ("ERROR", _logfmt),
    "nested": ("ERROR", _nested),
    "klog": ("ERROR", _klog),
    "pino": ("ERROR", _pino),
}


def _good(chance: random.Random) -> str:
    return chance.choice(_GOOD).format(
        noun=chance.choice(_NOUNS),
        name=chance.choice(_NAMES),
        number=chance.randint(1000, 99999),
        small=chance.randint(2, 90),
    )


def dressed(message: str, style: str, seed: int) -> str:
    """Return a log of 40 lines of good work that ends in the failure, which is printed once or three times.

    ``style`` is one of STYLES. ``seed`` decides the good work, the times and how often the failure is printed.
    Raises KeyError for an unknown style.
    """
    level, form = _FORMATS[style]
    chance = random.Random(seed)
    at = datetime(2026, 10, 5, 6, 0, tzinfo=UTC) + timedelta(seconds=chance.randint(0, 4_000_000))
    records = [("INFO", _good(chance)) for _ in range(GOOD_LINES)]
    records += [(level, message)] * chance.choice((1, 3))
    lines: list[str] = []
    for severity, text in records:
        at += timedelta(milliseconds=chance.randint(200, 4000))
        lines.append(form(at, severity, text))
    return "\n".join(lines) + "\n"
