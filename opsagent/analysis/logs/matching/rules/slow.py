"""What answers, and too slowly: statements, the disk under a store, the way between two nodes."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.measured import TIME
from opsagent.analysis.logs.matching.rules.rule import Rule, rule

_SETTING = r"threshold|long_query_time|slow[ _]query[ _]log(?:ging)?\b|log file|enabled|configured|disabled|set to"
_SLOW = "the database answers slowly"
_DISK = "the disk under a store is slow"
_DELAY = "the way between two nodes or services is slow ({what})"

# A healthy store prints a few slow statements and syncs every day: those marked weak count in company only.
STATEMENTS: tuple[Rule, ...] = (
    rule(
        "db.slow", 0.72, 2, "statement|query|exec|ora-|57014|elapsed|time limit|maxtimems|timeout_exceeded|read query|sqltimeout",
        r"due to statement[ _]timeout|statement timeout|\b57014\b.{0,60}timeout|maximum statement execution time exceeded|max_(?:statement|execution)_time exceeded|ER_QUERY_TIMEOUT|Query read timeout|MaxTimeMSExpired|(?:operation|query) exceeded time limit|Query\w*Timeout\w*Exception|SQLTimeoutException|SqlTimeout|QueryCanceled\w*.{0,40}timeout|ORA-01013|Execution Timeout Expired|prior to completion of the operation or the server is not responding|(?:quer(?:y|ies)|statement|SQL) (?:was |were )?(?:cancel+ed|killed|aborted|terminated|timed out)(?: \w+){0,6} (?:after|because|due to|exceed\w*|limit|too long)|TIMEOUT_EXCEEDED|(?:Estimated query execution time .{0,30}is too long)",
        "the database took longer for a statement than it may, and the statement was cancelled",
        unless=rf"{_SETTING}|= ?\d+ ?(?:ms|s)?$|lock timeout|timeout(?: is)?[:=] ?\d|\bpool\b|\bconnections?\b",
    ),
    rule("db.slow", 0.3, 3, "duration:", r"\bduration: (\d+(?:\.\d+)?) (ms) +(?:statement|execute|parse|bind|plan)\b", _SLOW, least_s=1.0, weak=True),
    rule("db.locked", 0.62, 1, "lock_time", r"\bLock_time: (\d+(?:\.\d+)?)", "statements wait long for locks of others", least_s=5.0),
    rule("db.slow", 0.3, 3, "query_time", r"\bQuery_time: (\d+(?:\.\d+)?)", _SLOW, least_s=1.0, weak=True),
    rule("db.slow", 0.3, 3, "slow query", r"slow query.*\b(?:duration|took|elapsed)(Millis|_?Ms)\W{1,4}(\d+)\b", _SLOW, unless=_SETTING, least_s=1.0, weak=True),
    rule("db.slow", 0.3, 3, "slow", rf"\bslow[ _-]?(?:db |database )?(?:quer(?:y|ies)|sql|statement|command|operation|transaction|log entry)\b.*?(?<![\w.]){TIME}", _SLOW, unless=_SETTING, least_s=1.0, weak=True),
    rule("db.slow", 0.3, 3, "rows:", r"\[(\d+(?:\.\d+)?)(ms|s)\]\s+\[rows:", _SLOW, least_s=1.0, weak=True),
    rule("db.slow", 0.3, 3, "activerecord", r"\bActiveRecord: (\d+(?:\.\d+)?)(ms)", _SLOW, least_s=1.0, weak=True),
    rule("db.slow", 0.3, 3, "query|statement|sql|select|transaction", rf"\b(?:query|statement|sql|SELECT\b.{{0,200}}|transaction)\b.{{0,60}}\b(?:took|taking|taken|executed in|completed in|ran for|running for|elapsed|duration|time)\W{{0,3}}(?:time\W{{0,3}})?{TIME}", _SLOW, unless=rf"{_SETTING}|timed? ?out|timeout", least_s=1.0, weak=True),
    rule("db.slow", 0.3, 3, "took too long", rf"(?:apply request|request|applying)\S* .{{0,80}}took too long\b.*?{TIME}", _SLOW, least_s=0.5, weak=True),
    rule("db.slow", 0.3, 4, "slow query|operations were slow", r'"msg":"Slow query"|\d+ operations were slow', _SLOW, weak=True),
)  # fmt: skip

DISK: tuple[Rule, ...] = (
    rule("volume.disk-slow", 0.8, 1, "stall|slowness", r"(?:disk|write) (?:stall|slowness) detected|disk slowness detected", "a disk does not take writes in time"),
    rule("volume.disk-slow", 0.72, 1, "blocked for more", r"task (?:jbd2|xfs|kworker/\S*flush|md\d+_|dm-)\S* blocked for more than", "the kernel waits for a disk"),
    rule("volume.disk-slow", 0.3, 2, "slow disk|disk is busy", r"(?:likely|probably) from slow disk|\(disk is busy\?\)", _DISK, weak=True),
    rule("volume.disk-slow", 0.3, 2, "fdatasync|fsync|sync duration", rf"(?:slow fdatasync|fsync-ing the write ahead log|\bfsync\b|sync duration of)\W.*?(?<![\w.-]){TIME}", _DISK, least_s=1.0, weak=True),
    rule("volume.disk-slow", 0.3, 2, "above the warn threshold", rf"(?:health check of|writing cluster state).{{0,120}}took \[{TIME}.{{0,40}}above the warn threshold", _DISK, least_s=1.0, weak=True),
    rule("volume.disk-slow", 0.3, 2, "checkpoint", r"checkpoint complete:.*\bsync=(\d+(?:\.\d+)?) (s)\b", _DISK, least_s=5.0, weak=True),
    rule("volume.disk-slow", 0.6, 1, "disk|i/o|iops|iowait|io ", rf"(?:disk|storage|volume|I/O|IO) (?:write |read |I/O |IO )?latency\b.{{0,40}}?(?<![\w.:-]){TIME}", _DISK, unless=r"threshold|limit", least_s=0.5),
    rule("volume.disk-slow", 0.6, 1, "iowait|iops|burst balance", r"iowait\W{1,4}(?:at |is )?(?:[6-9]\d|100)(?:\.\d+)? ?%|IOPS (?:limit|throttl)\w* (?:reached|exceeded|ed)|burst balance (?:is )?(?:exhausted|depleted)", _DISK),
)  # fmt: skip

_USUAL = (
    r"(?:baseline|normal(?:ly)?|usual(?:ly)?|typical(?:ly)?|expected|was|average|avg|median|up from|compared to|vs\.?)"
)
_ELSEWHERE = r"\b(?:quer(?:y|ies)|sql|database|db|disk|fsync|gc|garbage|flush|compaction|cpu|render\w*)\b|timed? ?out"

DELAY: tuple[Rule, ...] = (
    rule("network.delay", 0.6, 3, "connect=|connect_time|connect_ms|time_connect|tcp_connect", rf"\b(?:tcp_|time_|upstream_)?connect(?:_time|_ms)?[\"']?[=:] ?\"?{TIME}", _DELAY, unless=r"timed? ?out|refused|fail", least_s=0.3, blames=True),
    rule("network.delay", 0.6, 3, "icmp_seq", rf"\bicmp_seq=\d+ .{{0,20}}\btime={TIME}", _DELAY, least_s=0.5),
    rule("network.delay", 0.6, 3, "rtt", r"\b(?:rtt|round_?trip(?:_time)?)(?:_(?:avg|mean|med(?:ian)?|max|p\d\d))?_?(ms|millis)\W{1,4}(\d+(?:\.\d+)?)", _DELAY, least_s=0.3, blames=True),
    rule("network.delay", 0.6, 3, "network", rf"\b(?:network|cross-(?:node|zone|region)|inter-(?:node|zone|region)) (?:latency|delay) (?:of|is|at|was) {TIME}", _DELAY, unless=r"threshold|limit|below|under", least_s=0.3, blames=True),
    rule("network.delay", 0.65, 3, "min/avg/max", r"(?:rtt|round-trip) min/avg/max(?:/\w+)? = [\d.]+/(\d+(?:\.\d+)?)/[\d./]+ (ms)", _DELAY, least_s=0.3),
    rule("network.delay", 0.6, 3, "rtt|round", rf"\b(?:round[- ]?trip(?:[- ]time)?s?|rtt)\b.{{0,40}}?(?<![\w.:-]){TIME}", _DELAY, unless=r"threshold is|min/avg/max|estimated|timed? ?out", least_s=0.5, blames=True),
    rule("network.delay", 0.55, 3, "ping", rf"\bping\b(?! pong).{{0,60}}?(?:took|time|replied in|answered in|after|latency|rtt|[:=])\W{{0,3}}(?:of )?{TIME}", _DELAY, unless=r"interval|every|timed? ?out|timeout|db\b|database|redis", least_s=0.5, blames=True),
    rule("network.delay", 0.6, 3, "latency|response time|round|p9|delay", rf"\b(?:latenc(?:y|ies)|response times?|p9[059]|delay)\b.{{0,80}}?(?<![\w.]){TIME}.{{0,30}}?\b{_USUAL}\W{{0,3}}(?:(?:is|of|at|about|around)\W{{0,2}})?{TIME}", _DELAY, unless=_ELSEWHERE, least_s=0.2, blames=True),
    rule("network.delay", 0.55, 3, "heartbeat|heart-beat", rf"\bheart-?beats?\b.{{0,80}}?\b(?:took|delayed|late|exceeded|after)\b(?:.{{0,40}}\bfor)?\W{{0,3}}(?:by )?{TIME}", _DELAY, unless=r"interval|missed|no heartbeat|gc pause|slow disk|timeout of|session", least_s=0.2, blames=True),
    rule("network.delay", 0.5, 3, "heartbeat on time", r"failed to send out heartbeat on time", "heartbeats between the members of a cluster come too late", unless=r"slow disk"),
    rule("network.delay", 0.6, 3, "network|cross-|inter-|latenc|-to-", r"\b(?:high|increased|elevated|excessive|degraded|rising|abnormal) (?:network|cross-(?:node|zone|region)|inter-(?:node|zone|region)|pod-to-pod|node-to-node) (?:latency|delays?|round[- ]trip\w*)|(?:high|increased|elevated|excessive) latency (?:to|between|with|towards) (?:the )?(?:peers?|nodes?|replicas?|regions?|zones?|members?|followers?)\b|\b(?:network|cross-(?:node|zone|region)|inter-(?:node|zone|region)) (?:latency|delay) (?:is |was |has )?(?:very )?(?:high|above|exceed\w*|degraded|elevated|spik\w+|increas\w+|too (?:high|long))|network is (?:very |too )?slow", _DELAY, unless=r"if (?:the |network)|when (?:the |network)|in case of|may |could ", blames=True),
    rule("network.delay", 0.6, 3, "cross-node dropped", r"Mean cross-node dropped latency: (\d+) (ms)", "messages between the nodes of a store come too late", least_s=0.3),
)  # fmt: skip
