"""What says that packets get lost: the kernel's tables, interfaces, measured loss, members that come and go."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

_LOSS = "packets get lost on the way ({what})"
_PERCENT = r"(?<![\w.:-])(?:0*[1-9]\d?|100)(?:\.\d+)? ?%"
_VIRTUAL = r"\b(?:veth|cali|lxc|docker|br-|cni|flannel|tunl|vxlan|virbr|dummy|wlan|wlp)\w*|\blo\b"

LOSS: tuple[Rule, ...] = (
    rule("network.loss", 0.85, 1, "conntrack", r"(?:nf|ip)_conntrack: table full|conntrack table (?:is )?(?:full|exhausted|overflow)|conntrack.{0,20}dropping packet", "the node's connection table is full and it drops packets"),
    rule("network.loss", 0.78, 1, "table overflow", r"neighbou?r table overflow|arp_cache.{0,40}overflow", "the node's neighbour table is full and it drops packets"),
    rule("network.loss", 0.75, 1, "carrier|link|watchdog|tx unit", r"\b(?:lost carrier|carrier lost|no carrier|NIC Link is Down|link is down|link (?:status )?(?:changed to |went )down)\b|\b(?:eth|en[opsx]|bond|ib)\w*: .{0,20}link (?:is )?down\b|NETDEV WATCHDOG:.{0,80}timed out|Detected Tx Unit Hang", "a node's network interface loses its link", unless=_VIRTUAL),
    rule("network.loss", 0.68, 2, "loss", rf"{_PERCENT} (?:packet )?loss\b|\b(?:link|net\w*|peer|node|path|icmp|udp|tcp|tunnel)\b.{{0,40}}\bloss[=:] ?{_PERCENT}|\bpacket[ _-]?loss(?:[ _-](?:rate|ratio|percent\w*|pct))?\b[^%,;]{{0,40}}?{_PERCENT}|\bpacket[ _-]?loss[ _-](?:percent|pct)\w*\W{{1,3}}(?:[1-9]\d?|100)(?:\.\d+)?\b", _LOSS, unless=r"threshold|alert(?:s|ing)? (?:at|above|when|if)|tolerat\w+|acceptable|up to", blames=True),
    rule("network.loss", 0.65, 2, "packet", r"\b(?:high|severe|significant|heavy|massive|intermittent) packet loss\b|\bpacket loss (?:was |is )?(?:detected|observed|seen)\b|\bpackets? (?:are |were |is )?(?:being )?(?:lost|dropped) (?:between|on the way|in transit|on (?:the )?(?:overlay|tunnel|vxlan))", _LOSS, unless=r"\bno\b|without|if |in case of", blames=True),
    rule("network.loss", 0.62, 2, "retrans", rf"\bretrans(?:mi\w+|\b)[^%,;]{{0,60}}?{_PERCENT}|(?:high|excessive|too many|abnormal|elevated)(?: rate of| number of)? (?:tcp )?retransmi\w+|{_PERCENT} (?:of )?(?:(?:all |the |tcp )*(?:segments|packets) (?:are |were )?)?(?:retransmi\w+|lost\b|dropped on)", "packets have to be sent again and again ({what})", unless=r"threshold|alert(?:s|ing)? (?:at|above|when|if)", blames=True),
    rule("network.loss", 0.6, 2, "partition", r"running_partitioned_network|partial partition detected|network partition (?:detected|suspected)|split[- ]brain (?:detected|suspected)", "the members of a cluster lost sight of each other"),
    rule("network.loss", 0.3, 4, "suspect|failed|down|refuting|unreachable", r"memberlist: Suspect \S+ has failed|memberlist: Marking \S+ as failed|Refuting a (?:suspect|dead) message|serf: EventMemberFailed|failed to receive ack.{0,40}from|\bInetAddress /\S+ is now DOWN|net_tick_timeout|is suspected to be (?:dead|down|failed)|Suspecting (?:node|member)|marking (?:node|member)\b.{0,60}\b(?:as )?(?:unreachable|suspect)", "the members of a cluster lose sight of each other and find each other again", weak=True),
)  # fmt: skip
