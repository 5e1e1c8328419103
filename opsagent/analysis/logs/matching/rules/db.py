"""Databases and their connection pools, in the words of servers, drivers and frameworks."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

_DB = r"(?:database|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|sql ?server|oracle|cassandra|cockroach(?:db)?|clickhouse|\bdb\b|datasource|data source)"

DATABASE: tuple[Rule, ...] = (
    rule(
        "db.deadlock",
        0.88,
        0,
        "deadlock|ora-00060|40p01",
        r"deadlock detected|DeadlockDetected|Deadlock found when trying to get lock|was deadlocked on|deadlock victim|ORA-00060|ER_LOCK_DEADLOCK|DeadlockLoser|\b40P01\b|SQL0911N|SQLCODE=-911|(?:transaction|query|statement).{0,60}\bdeadlock",
        "two transactions wait for each other's locks",
        unless=r"no deadlock|goroutines are asleep|java-level|0 deadlocks",
    ),
    rule(
        "db.locked",
        0.88,
        0,
        "lock|busy|in use",
        r"database (?:table |schema )?is locked|\bSQLITE_(?:BUSY|LOCKED)|Lock wait timeout exceeded|due to lock timeout|LockNotAvailable|could not obtain lock on|could not acquire (?:\w+ ){0,3}lock|ORA-00054|ORA-30006|ORA-04021|resource busy and acquire|Lock request time ?out|LockTimeout(?:Exception)?\b|PessimisticLock\w*Exception|CannotAcquireLockException|LockAcquisitionException|Timeout trying to lock table|Database may be already in use|Another instance of Derby|Unable to lock \S*ibdata|still waiting for \w+Lock on|waiting for (?:table metadata|changelog|change ?log) lock|failed to obtain node locks?|DBPathInUse|/LOCK: Resource temporarily unavailable|ER_LOCK_WAIT_TIMEOUT|\b55P03\b|lock(?:ed)? by another (?:process|connection|session|transaction)|Unable to acquire .{0,40}lock within|database (?:file )?is (?:busy|in use)|lock held by",
        "the database is locked by another process or transaction",
    ),
    rule(
        "db.too-many-connections",
        0.88,
        1,
        "connection|clients|ora-|max",
        r"too many (?:connections|clients|users)\b|remaining connection slots are reserved|ORA-00018|ORA-00020|ORA-12519|ORA-12516|ORA-12520|max_user_connections|no more connections allowed|max(?:imum)? number of (?:clients|connections|sessions) (?:reached|exceeded|has been)|connection limit (?:exceeded|reached)|ER_CON_COUNT_ERROR|\b53300\b|The request limit for the database|connections? .{0,20}exceeds? .{0,20}(?:max|limit)|reached (?:the )?max(?:imum)?[ _]connections",
        "the database accepts no further connection",
        unless=r"websocket|http server|listen|per ip|: \d+$|max_connections\W+\d+|connections from (?:the |one |this |same )*(?:client|ip|address|host|peer|\d)|limit_conn",
    ),
    rule(
        "config.invalid",
        0.75,
        1,
        "does not exist|unknown database",
        r"database \\?\"[^\"]+\" does not exist|Unknown database '",
        "the database that the program is configured for does not exist",
    ),
    rule(
        "db.credentials",
        0.88,
        1,
        "authenticat|access denied|login failed|password|pg_hba|role|ora-|scram|privilege|permission denied for",
        r"password authentication failed|(?:peer|ident|md5|scram|gssapi|certificate|ldap|pam) authentication failed|Access denied for user:? \\?['\"`]|no pg_hba\.conf entry|Login failed for user '[^']*'\.|(?:mssql|sql ?server|18456|odbc|tedious|SqlException).{0,120}Login failed for user|ORA-01017|ORA-28000|ORA-28001|Mongo\w*(?:Server)?(?:Error|Exception|SecurityException)?\W.{0,40}Authentication failed|SCRAM(?:-\S+)? authentication failed|command \S+ requires authentication|username .{0,40}and/or password are incorrect|ER_ACCESS_DENIED|\b28P01\b|\[1045\]|P1000: |role \\?\"[^\"]+\" (?:does not exist|is not permitted to log in)|fe_sendauth: no password|no password supplied|client password must be a string|Exception authenticating Mongo|permission denied for (?:table|relation|schema|database|sequence)|(?:INSERT|SELECT|UPDATE|DELETE) command denied to user|invalid authorization specification|server login failed",
        "the database refuses the program's user or password",
    ),
    rule(
        "db.read-only",
        0.85,
        1,
        "read-only|readonly|read only|not master|notmaster|not primary|notwritable|ora-16000",
        r"attempt to write a readonly database|SQLITE_READONLY|in a read-only transaction|--(?:super-)?read-only|READONLY You can't write|NotWritablePrimary|\bnot master\b|NotMaster|not primary and|ORA-16000|database .{0,60}is (?:in )?read[- ]?only|read[- ]only (?:mode|replica|database|transaction)|cannot execute \w+ (?:in|during)",
        "the database takes no writes",
        unless=r"opened read-only|cache|using read-only replica|as read-only",
    ),
    rule(
        "db.wrong-port",
        0.75,
        1,
        "startup packet|ssl negotiation|protocol|native driver|malformed|out of order",
        r"received invalid response to (?:SSL|GSSAPI) negotiation|invalid length of startup packet|unsupported frontend protocol|Protocol error, got \"[A-Z]\"|Got packets out of order|Malformed communication packet|Protocol mismatch; server version|access MongoDB over HTTP on the native driver port|unexpected server greeting|bad handshake.*mysql|Not a (?:postgres|mysql) server",
        "something else than the database answers on that port",
    ),
)

POOLS: tuple[Rule, ...] = (
    rule(
        "db.pool-exhausted",
        0.85,
        3,
        "pool|slot|acquir|connection|trying to connect|p2024|checkout|checking out|wait queue|waitqueue",
        r"Connection is not available, request timed out|QueuePool limit of size|timeout exceeded when trying to connect|Timeout acquiring a connection|(?:Sequelize)?ConnectionAcquireTimeoutError|ResourceRequest timed out|prior to obtaining a connection from the pool|(?:connection|conn|db|jdbc|database|client) ?pool\b.{0,30}(?:exhausted|is empty|is full|has been exhausted|timed? ?out|limit reached|depleted|no (?:free|idle|available))|Pool(?:Exhausted|AcquireTimeout|Timeout)(?:Exception|Error)?\b|couldn't get a connection after|Pool empty\. Unable to fetch|Timeout waiting for idle object|attempt by a client to checkout a Connection has timed out|GetConnectionTimeoutException|could not obtain a (?:database )?connection (?:from the pool )?within|all pooled connections were in use|Timed out fetching a new connection|\bP2024\b|MongoWaitQueueFull|WaitQueueTimeout|checking out a connection from (?:the )?connection pool|Could not get a resource from the pool|query_wait_timeout|(?:failed|unable|timed out|timeout|waiting|cannot|could not)(?: to| while)? (?:acquir|obtain|borrow|get)(?:e|ing)? (?:a |new )?(?:\w+ )?connection|pool .{0,30}\(total=\d+, active=\d+, idle=0, waiting=[1-9]|no (?:free|idle|available) connections?\b(?! and the queue)|all connections (?:are )?(?:in use|busy)|(?:waiting|queued) .{0,30}(?:free|available) connection.{0,30}(?:timed|timeout)|max ?pool ?size.{0,30}reached|pool (?:is )?exhausted|pool timed out|waiting for a slot to become available|connection not available and request was dropped|acquisition timeout|exhausted .{0,20}(?:connection )?pool",
        "every connection of the pool is taken",
        unless=r"opening (?:another|a new)|creating (?:another|a new)|growing|urllib3|discarding connection|httpconnectionpool|thread pool",
    ),
    rule(
        "db.unreachable",
        0.82,
        2,
        "",
        rf"could not connect to server|PSQLException: (?:Connection to \S+ refused|The connection attempt failed)|connection to server .{{0,80}}failed|Can't connect to (?:local |server on )?'?(?:MySQL|MariaDB|\S+' \()|Communications link failure|CommunicationsException|MongoServerSelectionError|No suitable servers|ServerSelectionTimeoutError|MongoNetwork(?:Timeout)?Error|MongoTimeoutException|MongoSocketOpenException|(?:unable|failed|cannot|can't|could not|couldn't|error)(?: to)? (?:connect(?:ing)?|open(?:ing)?|reach(?:ing)?|ping(?:ing)?|initiali[sz]e|establish)(?: a)?(?: new)?(?: initial)?(?: connections?)?(?: to)?(?: the)? (?:\w+ )?[`'\"]?{_DB}|{_DB}(?: server| connection| host)?(?: at \S+)? (?:is |was )?(?:not reachable|unreachable|unavailable|not available|down|offline|refused|connection (?:refused|failed|error|timed out|timeout))|network-related or instance-specific error|ORA-12541|ORA-12170|ORA-12543|TNS:no listener|Network Adapter could not establish|Can't reach database server|NoHostAvailable|All host\(s\) tried for|SequelizeConnection(?:Refused)?Error|SequelizeHostNotReachable|Unable to obtain (?:isolated )?(?:JDBC )?Connection|Could not create connection to database|\[2002\]|\[2003\]|ConnectionNotEstablished|server closed the connection unexpectedly|(?:MySQL )?server has gone away|Lost connection to (?:MySQL )?server|terminating connection due to (?:administrator|unexpected)|the database system is (?:shutting down|not (?:yet )?accepting)|connection to (?:the )?(?:primary|master|database) lost|PROTOCOL_CONNECTION_LOST|AllNodesFailedException|\(SQLSTATE 57P03\)|Could not reach any contact point",
        "the database cannot be reached",
        blames=True,
        unless=r"password authentication|does not exist",
    ),
)
