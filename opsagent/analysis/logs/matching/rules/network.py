"""Between services: names, certificates, connections, brokers and caches, limits of others."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

DNS: tuple[Rule, ...] = (
    rule(
        "network.dns",
        0.85,
        1,
        "",
        r"no such host|Name or service not known|name resolution|EAI_AGAIN|\bENOTFOUND\b|EAI_NONAME|nodename nor servname|UnknownHost(?:Exception)?\b|UnresolvedAddressException|(?:could(?:n't| not)|cannot) resolve(?! (?:placeholder|substitution|symbol|depend|type|module|reference|class|import|variable|path|plugin|view|method|config|template|all))|unable to resolve host|Failed to resolve ['\"]|server misbehaving|\bSERVFAIL\b|\bNXDOMAIN\b|gaierror|No address associated with hostname|host not found\b|could not be resolved|NameResolutionError|failed to lookup address|dns error|dns (?:lookup|resolution|query|request)\w* (?:failed|error|timed out|timeout)|getaddrinfo(?: failed| ENOTFOUND| EAI)|could not translate host name|Unknown MySQL server host|php_network_getaddresses|No such host is known|Resolving timed out|:nxdomain|lookup \S+(?: on \S+)?: .{0,40}(?:timeout|no such|refused|misbehaving)|No resolvable bootstrap urls|i/o timeout.{0,10}lookup|Name does not resolve|HostNotFound|DNS operation timed out|Domain name not found|plugin/loop: Loop|plugin/errors: \d+ \S+ \w+: |(?:udp|tcp) \S+->\S+:53: |[\d.\]]:53: (?:i/o timeout|read|connect|operation)",
        "a host name cannot be resolved ({what})",
        blames=True,
        unless=r"failed to pull|pulling image|\bbounced?\b|\bMX\b|mail (?:for|to) \S+@|(?:NXDOMAIN|SERVFAIL) (?:qr|aa|rd|ra)\b",
    ),
)

TLS: tuple[Rule, ...] = (
    rule(
        "service.protocol-mismatch",
        0.75,
        1,
        "tls|ssl|https|http2|preface|http/2|wrong version|plaintext",
        r"first record does not look like a TLS handshake|server gave HTTP response to HTTPS client|(?:ssl|tls|https)\w*\b.{0,120}wrong version number|wrong version number.{0,40}ssl|HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port|not an SSL/TLS record|NotSslRecordException|Unsupported or unrecognized SSL message|error reading server preface|http2: frame too large|bogus greeting|malformed HTTP response \"|EPROTO.{0,60}wrong version|PRI \* HTTP/2|Cannot determine the frame",
        "the two sides speak different protocols on that port",
        blames=True,
    ),
    rule(
        "network.tls-certificate",
        0.85,
        1,
        "",
        r"\bx509\b: |certificate (?:has |is )?(?:expired|revoked|not (?:yet )?valid|unknown|required|not trusted)|certificate has expired|CERTIFICATE_VERIFY_FAILED|certificate verif\w+ failed|certificate verify failed|unable to (?:get (?:local )?issuer|verify the first|verify leaf) ?(?:certificate)?|self[- ]signed certificate|SELF_SIGNED_CERT|PKIX path|CertPath(?:Validator|Builder)Exception|CertificateExpiredException|CertificateNotYetValid|SSLHandshakeException|tls: (?:bad certificate|unknown certificate|failed to verify|handshake failure|expired certificate|private key does not match)|remote error: tls: (?!unexpected)|CERT_HAS_EXPIRED|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|ERR_TLS_CERT|IP does not match certificate|doesn't match (?:the )?(?:certificate|either of|any of the subject)|certificate is (?:not valid for|valid for)|hostname mismatch|remote certificate (?:is invalid|was rejected)|cannot load certificate|key values mismatch|SSL certificate (?:problem|error)|SSL routines.{0,60}certificate|curl: \((?:51|58|60)\)|unknown ca\b|alert (?:certificate|unknown ca|bad cert|handshake)|(?:ssl|tls)(?:v\d)? (?:\w+ )?handshake (?:failure|failed|error)|no required SSL certificate|failed to verify certificate|UntrustedRoot|SEC_ERROR_\w*CERT|invalid peer certificate|No subject alternative (?:DNS )?name|expired(?: TLS| SSL)? cert|certificate verify error|InvalidCertificate\b|\bCertExpired\b|X509_V_ERR|OPENSSL_internal:CERTIFICATE|cert(?:ificate)? chain.{0,30}(?:incomplete|invalid|untrusted)",
        "a TLS certificate is not accepted ({what})",
        blames=True,
        unless=r"will expire|expires (?:in|on|at)\b|renew(?:ed|al)|verification (?:is )?disabled|expired cert\w*\W{1,3}0\b|InsecureRequestWarning|loaded|handshake error from \S+: EOF",
    ),
)

CACHE: tuple[Rule, ...] = (
    rule(
        "dependency.cache-down",
        0.82,
        2,
        "redis|memcache|jedis|lettuce|6379|11211|clusterdown|masterdown|maxretriesperrequest",
        r"(?:redis|memcached?|jedis|lettuce)\b.{0,120}(?:refused|timed? ?out|unreachable|not reachable|unavailable|closed|reset|cannot connect|unable to connect|failed to connect|could not connect|connection (?:error|lost|failed)|\bdown\b|offline|ECONN\w+|ping (?:error|failed)|no route|EOF\b|broken pipe)|(?:unable|failed|cannot|can't|could not|couldn't|error)(?: to)? (?:connect(?:ing)?|reach) (?:to )?(?:the )?\W?(?:redis|memcached|cache)|Redis\w*(?:Connection\w*|Timeout)(?:Exception|Error|Failure)|JedisConnectionException|Redis::CannotConnectError|MaxRetriesPerRequestError|not possible to connect to the redis|Error \d+ connecting to \S+:6379|redis\.exceptions\.(?:ConnectionError|TimeoutError|BusyLoadingError)|LOADING Redis is loading|CLUSTERDOWN|MASTERDOWN|SERVER HAS FAILED AND IS DISABLED|Memcache\w*Exception|No reachable node in cluster",
        "the cache does not answer ({what})",
        blames=True,
        unless=r"timeout (?:set|is|=)|closed gracefully|client closed|idle",
    ),
)

BROKERS: tuple[Rule, ...] = (
    rule(
        "dependency.down",
        0.75,
        2,
        "broker|kafka|node|amqp|rabbit|bootstrap|topic|metadata|elastic|opensearch|shards|nats|pulsar|zookeeper|etcd|leader|connections",
        r"Connection to node -?\d+ .{0,80}could not be established|Bootstrap broker \S+ .{0,40}disconnected|Broker may not be available|LEADER_NOT_AVAILABLE|NotLeader\w+Exception|NOT_ENOUGH_REPLICAS|NotEnoughReplicas|(?:Failed to update metadata|Topic \S+ not present in metadata) after|Expiring \d+ record|\d+/\d+ brokers are down|NoBrokersAvailable|KafkaConnectionError|KafkaJSConnectionError|KafkaJSNumberOfRetriesExceeded|run out of available brokers|Local: (?:Broker transport failure|All broker connections are down)|AMQPConnectionError|AmqpConnectException|AmqpIOException|(?:amqp|rabbitmq)\b.{0,100}(?:refused|closed|timed? ?out|unreachable|reset|heartbeat|handshake_timeout|connection (?:error|lost|failed))|NoNodeAvailableException|master_not_discovered|No living connections|NoLivingConnectionsError|all shards failed|Unable to revive connection|nats: (?:no servers|connection closed|timeout)|ConnectionLossException|etcdserver: (?:no leader|request timed out|leader changed)|KeeperErrorCode = ConnectionLoss|missed heartbeats from client",
        "the message broker or search cluster does not answer ({what})",
        blames=True,
    ),
)

LIMITS: tuple[Rule, ...] = (
    rule(
        "dependency.rate-limited",
        0.82,
        1,
        "",
        r"429 (?:Client Error|Too Many|Rate)|\b(?:HTTP(?:/\d\.\d)?|status(?: ?code)?|code|response|returned|answered|got|error|failed)\W{0,4}(?:status\W{0,3})?(?:code\W{0,3})?429\b|too many requests|rate[ -]?limit(?:ed|er)?\b.{0,30}(?:exceed|reach|hit|block|reject|throttl)|(?:exceed|reach|hit|over)\w*.{0,30}rate[ -]?limit|rate[ -]?limited\b|RateLimit(?:Error|Exception|Exceeded)|limiting requests, excess|limiting connections by zone|Throttling(?:Exception|Error)?\b|ThrottledException|request (?:was |is being )?throttled|RESOURCE_EXHAUSTED|code = ResourceExhausted|ProvisionedThroughputExceeded|SlowDown[:)]|RequestLimitExceeded|TooManyRequestsException|RequestNotPermitted|quota exceeded for (?:quota metric|user|project)|API quota|(?:daily|monthly|hourly) (?:quota|limit) exceeded|insufficient_quota|\b(?:exceed(?:s|ed|ing)|more than|over(?: the)?|limit(?:ed)? (?:of|to)) (?:the |your )?(?:limit of |maximum of )?\d[\d,.]* (?:\w+ )?(?:calls|requests|queries|operations|messages) (?:per|/|a) ?(?:second|sec|minute|min|hour|day|s|m|h)\b.{0,80}\b(?:client|key|account|token|reduce|retry|slow|try|exceed|reject|refus|denied|block)|reduce (?:your |the )?(?:request|call|query)(?:ing)? (?:rate|frequency)|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) https?://\S+ (?:HTTP/[\d.]+ )?(?:[-=]> |→ )?\(?429\b",
        "requests are refused because there were too many ({what})",
        blames=True,
        unless=r"client-side throttling|rate limiter (?:enabled|initiali|configured)|rate limit(?:ing|er)? ?(?:is )?(?:set|enabled|=|:)",
    ),
)

CONNECTIONS: tuple[Rule, ...] = (
    rule(
        "network.refused",
        0.75,
        3,
        "",
        r"connection (?:was )?(?:actively )?refused|\bECONNREFUSED\b|ConnectionRefused|actively refused|Connect call failed|Connection refused|os error 111\b|Errno 111\b|\(111: |curl: \(7\)|Failed to connect to \S+ port \d+|NewConnectionError|connect: connection refused|tcp connect error",
        "nothing listens at the address that is called ({what})",
        blames=True,
    ),
    rule(
        "network.refused",
        0.65,
        3,
        "route|unreachable",
        r"no route to host|\bEHOSTUNREACH\b|network is unreachable|\bENETUNREACH\b|NoRouteToHost|host is unreachable|os error 113\b|\(113: ",
        "there is no way to the address that is called ({what})",
        blames=True,
    ),
    rule(
        "network.policy",
        0.7,
        2,
        "polic|egress|ingress|dropp|denied",
        r"(?:network ?policy|policy (?:verdict|denied|drop))\b.{0,60}(?:den(?:y|ied)|block(?:s|ed)|drop(?:s|ped)? (?:the |a |\d+ )?(?:packets?|flows?|traffic|connections?)|action\W{1,3}drop)|(?:egress|ingress) (?:traffic )?(?:is )?(?:den(?:y|ied)|blocked|not allowed)|Policy denied|policy-verdict\S*.{0,60}denied|(?:denied|dropped|blocked) by (?:a |the )?(?:\w+ )?network ?policy",
        "a network policy stops the traffic",
    ),
    rule(
        "network.timeout",
        0.72,
        4,
        "",
        r"i/o timeout|context deadline exceeded|Client\.Timeout|timeout awaiting response headers|TLS handshake timeout|\bE(?:SOCKET)?TIMEDOUT\b|(?:read|connect(?:ion|ing)?|request|operation|socket|call|rpc|upstream|response|fetch|http|gateway|invocation)\b.{0,40}\b(?:timed[- ]?out|time-?out (?:exceeded|expired|reached|after))|(?:Connect|Read|Write|Pool|Socket|Http|Request|Gateway|Response|Open)-?Time-?d?out(?:Error|Exception)?\b|TimeoutException|TimeoutError|aborted due to timeout|Deadline ?Exceeded|DEADLINE_EXCEEDED|curl: \(28\)|cURL error 28|os error 110\b|Errno 110\b|\(110: |UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|timeout of \d+ ?ms exceeded|did not (?:respond|answer|reply) (?:with)?in|HttpClient\.Timeout|no response (?:from|within|after|received)|timed out after \d+|gave up (?:after|waiting)|timed out (?:waiting for|while|during|connecting|reading)|\btimed out\b",
        "a call got no answer in time ({what})",
        blames=True,
        unless=r"(?:idle|keep-?alive|session|inactivity|lingering|graceful)[ _-]?time|timeout (?:set|is set|configured|=|:) ?\d|session timed out|client timed out|closing because|lease|leader election|idle|(?:cache|lock) timed|client request body",
    ),
)

UPSTREAM: tuple[Rule, ...] = (
    rule(
        "dependency.down",
        0.65,
        5,
        "upstream|unavailable|502|503|bad gateway|addresses",
        r"no live upstreams|upstream connect error|upstream prematurely closed|code = Unavailable|\bUNAVAILABLE\b: |failed to connect to all addresses|50[23] Server Error|\b(?:HTTP(?:/\d\.\d)?|status(?: ?code)?|code|response|returned|answered|got|error)\W{0,4}(?:status\W{0,3})?(?:code\W{0,3})?50[23]\b|(?:Bad Gateway|Service Unavailable) for url|HttpServerErrorException\$?\.?(?:BadGateway|ServiceUnavailable)|(?:service|upstream|backend|server) (?:\S+ )?(?:is )?(?:not reachable|unreachable|unavailable|not responding|offline|down)\b|502 Bad Gateway",
        "a service that is called does not serve ({what})",
        blames=True,
        unless=r"shutting down|gracefully|marked as down: 0",
    ),
    rule(
        "network.timeout",
        0.55,
        5,
        "504|gateway time",
        r"504 (?:Server Error|Gateway)|\b(?:HTTP(?:/\d\.\d)?|status(?: ?code)?|code|returned|got)\W{0,4}504\b|Gateway Time-?out",
        "a service that is called got no answer in time itself ({what})",
        blames=True,
    ),
    rule(
        "dependency.down",
        0.5,
        5,
        "",
        r"connection reset|\bECONNRESET\b|socket hang up|broken pipe|\bEPIPE\b|RemoteDisconnected|ServerDisconnected|Connection aborted|Premature close|premature EOF|other side closed|closed the connection|Empty reply from server|Connection closed by (?:server|peer|remote)|unexpected EOF|NoHttpResponseException|failed to respond|RemoteProtocolError|(?<!no )circuit ?breaker\b.{0,60}\bopen(?:ed)?\b|CallNotPermittedException|CircuitBreakerOpen",
        "connections to a service that is called break off ({what})",
        blames=True,
        unless=r"client(?: \S+)? (?:has )?(?:prematurely )?(?:closed|disconnected|aborted|reset)|by client|reading client|while keepalive|\bhalf[_ -]?open\b\W*(?:->|=>|→|to\b)\W*closed",
    ),
)
