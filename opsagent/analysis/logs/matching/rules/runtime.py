"""What run-times say when a program cannot start or go on: imports, commands, configuration, memory, threads, sockets."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

# The name of a setting: capitals only, whatever the pattern around it ignores.
_VARIABLE = r"(?-i:\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b)"

IMPORTS: tuple[Rule, ...] = (
    rule(
        "pod.import-error",
        0.9,
        0,
        "",
        r"ModuleNotFoundError|ImportError|No module named|Cannot find (?:module|package) ['\"]|Module not found ['\"]|ERR_MODULE_NOT_FOUND|ERR_REQUIRE_ESM|ERR_DLOPEN_FAILED|ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|UnsatisfiedLinkError|UnsupportedClassVersionError|cannot load such file|error while loading shared libraries|cannot open shared object file|version `?GLIBC\S+ not found|Error relocating|Could not load file or assembly|Class \"[\w\\]+\" not found|Failed opening required|undefined symbol:|Bundler::GemNotFound|Could not find \S+ in (?:any of the sources|locally installed gems)|You must install or update \.NET|DLL load failed|Error loading shared library|symbol lookup error|Unable to load dynamic library|does not provide an export named",
        "the program needs a module or library that its image does not hold",
        unless=r"optional|falling back|fallback|skipping|disabled|not installed, (?:using|skipping)",
    ),
)

COMMAND: tuple[Rule, ...] = (
    rule(
        "pod.bad-command",
        0.85,
        0,
        "",
        r"(?:^|[\w/.-]+: )(?:line \d+: |\d+: )?(?:[\w./-]+): (?:command )?not found$|^(?:/bin/)?(?:ba|da|a)?sh: .{0,60}(?:syntax error|not found|No such file|Permission denied|can't open|bad substitution|cannot execute)|syntax error: unexpected|syntax error near unexpected token|unexpected EOF while looking for|can't open file '[^']+': \[Errno 2\]|Could not find or load main class|Unable to access jarfile|no main manifest attribute|Missing script:|Could not create the Java Virtual Machine|Unrecognized (?:VM )?option|flag provided but not defined|unknown (?:shorthand )?(?:flag|command)[: ]|unrecognized (?:arguments?|option)|invalid option --|illegal option --|No such (?:command|option)[: ]|Could not open input file:|is not recognized as an internal or external command|(?:gunicorn|uvicorn|celery).{0,60}(?:Could not import module|Attribute \"\w+\" not found in module|Failed to (?:find|parse) )|Error loading ASGI app|exit(?:ed)?(?: with)?(?: code| status):? 12[67]\b|: not an executable|tini.*exec .* failed",
        "the container's command or entry point is wrong",
    ),
)

CONFIG: tuple[Rule, ...] = (
    rule(
        "config.missing-env",
        0.9,
        0,
        "env|variable",
        r"invalid env(?:ironment)?(?: var(?:iable)?s?| config(?:uration)?)?\s*(?::|$)|(?:missing|required?|undefined|unset|empty|no|expected|unknown|invalid or missing|specify|provide|define|set)\b[^.;]{0,40}\benv(?:ironment)?[ _-]?(?:var(?:iable)?s?|keys?)\b(?! (?:loaded|set)\b)|\benv(?:ironment)?[ _-]?(?:var(?:iable)?s?|keys?)\b[^;]{0,80}?\b(?:is |are |was |were |be )?(?:not (?:set|found|defined|provided|specified|present|configured|available|exist)|missing|undefined|required|unset|empty|must be (?:set|provided|defined|specified)|has not been set|does not exist)",
        "an environment variable that the program needs is not set ({what})",
        unless=r"optional|using default|default(?:s|ing)? to|falling back|deprecated",
    ),
    rule(
        "config.missing-env",
        0.85,
        0,
        "",
        rf"(?:KeyError|NoSuchElementException|UndefinedValueError)\b.{{0,40}}['\"]?{_VARIABLE}|key not found: \"(?-i:[A-Z][A-Z0-9_]{{3,}})\"|required key \w+ missing value|Could not resolve placeholder|{_VARIABLE}\\?[\"'`]?:? (?:is |was |must be |environment |must |can(?:not| ?not)? )?(?:a )?(?:not be (?:empty|blank|null)|be (?:empty|blank)|not set|not defined|undefined|unset|required|must be set|missing|not provided|is empty)|(?:missing|undefined|unset|please set|must set|need to set|not set:|not found:|must be set:) ['\"`$]?{_VARIABLE}|Database is uninitialized and (?:superuser )?password|No application encryption key|Missing `?secret_key_base|\b(?-i:[A-Z][A-Z0-9_]{{3,}}): (?:parameter (?:null or )?not set|unbound variable)|Missing required (?:env|config(?:uration)? (?:key|value|variable))|process\.env\.\w+ (?:is )?(?:undefined|not)|SRCFG000(?:11|14)|config(?:uration)? property \S+ is required but|No Config Value exists for|Umgebungsvariable \S+ (?:ist )?(?:nicht (?:gesetzt|definiert|gefunden|vorhanden)|fehlt)|fehlende Umgebungsvariable|variable d['’]environnement.{{0,60}}(?:n['’]est pas (?:d[ée]finie|renseign[ée]e)|manquante|absente)|vari[aá](?:ble de entorno|vel de ambiente)\b.{{0,60}}(?:no (?:est[áa] )?(?:definida|configurada|establecida)|n[ãa]o (?:foi |est[áa] )?(?:definida|configurada)|falta)|환경 ?변수.{{0,60}}(?:설정되지|없습니다|누락|필요)|环境变量.{{0,60}}(?:未设置|未定义|缺失|不存在)|缺少环境变量|環境変数.{{0,60}}(?:設定されていません|未設定|見つかりません|必要です)|No connection string named|ConnectionString property has not been initialized|Value cannot be null\. \(Parameter '\w*connection\w*'\)|UnresolvedSubstitution|ConfigException\$Missing|DataAnnotation validation failed for .{{0,200}}field is required|Err` value: NotPresent\b|missing (?:config(?:uration)?|setting)s?(?: value| key)?:? ['\"`]?[\w.]+|Error resolving property value \[",
        "an environment variable that the program needs is not set ({what})",
        unless=r"using default|default(?:s|ing)? to|falling back|optional|deprecated|warn_if",
    ),
    rule(
        "config.wrong-address",
        0.75,
        0,
        "",
        r"missing protocol scheme|unsupported protocol scheme|first path segment in URL cannot contain colon|no host in request URL|Invalid URL '|Could not parse (?:rfc1738 )?(?:SQLAlchemy )?URL|ERR_INVALID_URL|Expected URL scheme|Invalid (?:connection string|bootstrap url|URI)|Malformed URL|no protocol: |Port could not be cast|listener does not currently know of (?:service|SID)",
        "an address in the configuration is not one",
    ),
    rule(
        "config.invalid",
        0.8,
        0,
        "",
        r"SRCFG000(?:29|39)|invalid value .{0,30}\b(?:for|of) (?:\w+ ){0,2}[\"'`]?(?-i:[A-Z][A-Z0-9_]{3,})\b|\b[\w./-]+\.(?:toml|ya?ml|ini|conf|cfg|properties|hcl):\d+(?::\d+)?:? .{0,40}(?:expected|unexpected|syntax|invalid|unknown|unable to parse)|threw an Exception whilst being converted|(?:error creating bean|ConfigurationProperties|BeanCreation|bind\b).{0,300}Failed to convert|assigning [A-Z]\w+ to \w+: converting|(?:env|config)\w*: parse error on field|parse error on field \"\w+\" of type|environment variable \"?\w+\"? (?:is )?invalid|(?:setting|option|property|environment variable|config(?:uration)? value|config(?:uration)? key)s? \S+ (?:must be|is not|should be|expected) an? (?:valid )?(?:integer|number|int|boolean|bool|port|url|duration|float)\b|\byaml: (?:line \d+|unmarshal|did not find|mapping|found|control)|error converting YAML|yaml\.(?:scanner|parser|constructor)\.|(?:invalid|bad|malformed|illegal|wrong) config(?:uration)?\b|config(?:uration)?(?: file)?(?: \S+)? (?:is )?(?:invalid|malformed|not valid|corrupt)|config(?:uration)? (?:error|validation failed|parse error|parsing failed)|(?:failed|unable|error|could not|cannot|can't)(?: to)? (?:parse|parsing|load|loading|read|reading|decode|unmarshal|validate|open|find|loads?) (?:the )?(?:\w+ )?(?:config|configuration|settings|properties file)\b|FATAL CONFIG FILE ERROR|\[emerg\].{0,60}(?:unknown directive|unexpected \"|invalid (?:number|parameter|value|port)|directive is not|duplicate|is not allowed here|no \"\S+\" is defined)|unrecognized configuration parameter|unknown (?:variable|setting|config(?:uration)? (?:key|option)|property)\b|Failed to bind properties under|unknown (?:database )?driver|No suitable driver|toml: |invalid log ?level|ImproperlyConfigured|validation errors? for \w*(?:Settings|Config)|error parsing \S+\.(?:ya?ml|json|toml|conf|ini|properties)|failed to unmarshal|\bINVALID_CONFIG|ConfigurationException|InvalidConfigurationException|ConfigException|bootstrap checks? fail|Options?ValidationException|(?:startup|pre-?flight|sanity|self)[ -]checks? failed|Error during parsing: |kernel parameter \S+ .{0,40}too low",
        "the configuration is not valid",
        unless=r"reload(?:ed)? (?:ok|succ)|valid config",
    ),
    rule(
        "config.invalid",
        0.75,
        1,
        "database|unknown",
        r"database \\?\"[^\"]+\" does not exist|Unknown database '|Cannot open database \"[^\"]+\" requested|ORA-12514|ORA-12505|keyspace '?\w+'? does not exist|database \S+ not found",
        "the database that the program is configured for does not exist",
    ),
)

PORTS: tuple[Rule, ...] = (
    rule(
        "pod.port-in-use",
        0.9,
        0,
        "address|addr|port|bind|socket",
        r"address (?:is )?already in use|EADDRINUSE|Only one usage of each socket address|port:? \S{0,12}\s?(?:is |was )?already (?:in use|allocated|bound|used)|\(98: |Errno 98|os error 98|(?<!bind\.)BindException(?!.*(?:denied|assign))|Address in use",
        "another process already listens on the port",
        unless=r"trying (?:another|next|port|\d)|using (?:another|available|the next|port \d|\d)",
    ),
)

LOAD: tuple[Rule, ...] = (
    rule(
        "load.open-files",
        0.88,
        0,
        "open files|emfile|enfile|errno 24|error 24|file watch|inotify|file descr|file handle",
        r"too many open files|EMFILE|ENFILE|Errno 24\b|os error 24\b|number of file watchers reached|inotify (?:instances|watches)|(?:out of|no more|ran out of|exhausted).{0,20}(?:file descriptors|file handles)|file descriptor limit (?:reached|exceeded)|file table overflow",
        "the process has as many files and sockets open as it may",
        unless=r"\b(?:may|might|could|can|will|would) (?:lead|result|cause|fail|see|be)\b|to avoid|to prevent|likely (?:to|below)",
    ),
    rule(
        "load.thread-pool",
        0.82,
        1,
        "thread|resource temp|fork|pthread",
        r"unable to create (?:new )?native thread|can't start new thread|pthread_create (?:failed|error)|Failed to (?:start|create) (?:a )?(?:new )?thread|fork: (?:retry|Resource|Cannot)|cannot (?:fork|create thread|spawn thread)|newosproc|ThreadError: can't create|thread(?:s)? (?:limit|max) (?:reached|exceeded)|pids? (?:cgroup )?limit (?:reached|exceeded)|cgroup: fork rejected",
        "no further thread or process can be started",
    ),
    rule(
        "load.memory-pressure",
        0.85,
        0,
        "memory|heap|enomem|alloc|metaspace|data too large|gc overhead",
        r"(?<!On)OutOfMemoryError|heap out of memory|Reached heap limit|\bMemoryError\b|std::bad_alloc|Cannot allocate memory|\bENOMEM\b|runtime: out of memory|fatal error: out of memory|OutOfMemoryException|Allowed memory size of \d+ bytes exhausted|NoMemoryError|failed to allocate memory|memory allocation of \d+ bytes failed|Insufficient memory for|insufficient memory for the Java|OOM command not allowed|memory resource limit alarm|Data too large, data for|GC overhead limit|out of memory\b|(?:memory )?(?:usage|high)\W{1,3}watermark.{0,30}(?:exceeded|set)|vm_memory_high_watermark set|CUDA out of memory|mmap failed.{0,30}memory",
        "the program needs more memory than it may have",
        unless=r"oom-kill|perhaps out of memory|will be|overcommit",
    ),
    rule(
        "load.thread-pool",
        0.82,
        3,
        "",
        r"RejectedExecutionException|rejected (?:\S+\.)?QueuedThreadPool|TaskRejectedException|(?:thread|worker|executor|process) ?pool\b.{0,40}(?:exhausted|is full|saturated|starv|no (?:free|idle|available))|worker_connections are not enough|reached (?:the )?(?:pm\.)?max_children|MaxRequestWorkers|MaxClients|all (?:\d+ )?(?:worker |request |http )?(?:threads|workers|processes)(?: \(\d+\))? (?:are |were )?(?:currently |all )?(?:busy|occupied|in use|blocked)|thread ?pool.{0,40}(?:starvation|starved)| sQ[-A-Z]{2} \d+/\d+/\d+/\d+/|(?:back-?end|server|front-?end|proxy) \S+ (?:has )?reached (?:its )?(?:full|max)\w*|maxconn (?:limit )?reached|limit of concurrent (?:requests|connections) reached|es_rejected_execution|(?:request|task|work(?:er)?|job|accept|listen|executor)(?:'s)? (?:queue|backlog)\b.{0,40}(?:is full|full|overflow|exceeded|capacity)|queue (?:capacity|limit) (?:exceeded|reached)|listen queue of socket.{0,80}full|Bulkhead .{0,60}full|BulkheadFullException|no (?:free|idle|available) (?:worker|thread)s?\b|rejected execution of|Task queue depth is|Server overload|ran out of (?:threads|workers)|Maximum number of threads .{0,40}reached|HystrixThreadPool.{0,60}reject|could not be queued for execution|server reached MaxClients|exceeded (?:the )?max(?:imum)? (?:number of )?(?:concurrent )?(?:requests|workers|threads)",
        "every worker is busy and the queue is full",
        unless=r"(?<!\d)\d?\d(?:\.\d+)? ?% full",
    ),
    rule(
        "pod.hung",
        0.8,
        2,
        "",
        r"\bWORKER TIMEOUT\b|worker .{0,30}(?:stuck|not responding|hung|failed to respond)|Found (?:one|\d+) Java-level deadlock|watchdog.{0,60}(?:timeout|timed out|hung|stuck|not responding|expired)|blocked for more than \d+ seconds|soft lockup|event loop (?:is |was )?(?:blocked|stalled|lagging)|thread .{0,60}has been (?:stuck|blocked|active for)|Thread .{0,80}has been blocked for|ThreadMXBean.*deadlock|\bstuck thread|timed out waiting for worker|harakiri",
        "the program is alive but its workers hang",
        unless=r"(?:for|after|by) (?:about )?\d{1,3}(?:\.\d+)? ?ms\b",
    ),
    rule(
        "load.cpu-saturated",
        0.7,
        2,
        "cpu|starv|throttl|keeping up",
        r"cpu (?:usage|load|utili[sz]ation)\b.{0,40}(?:9\d|100)(?:\.\d+)?\s?%|cpu (?:is )?(?:saturated|throttled|starv)|thread starvation or clock leap|Can't keep up!|load average.{0,30}too high|cpu throttling|CPUThrottlingHigh|(?:\bthrottled\b|throttling).{0,30}(?:[5-9]\d|100)(?:\.\d+)? ?% (?:of )?(?:periods|the time|cpu)",
        "the CPU is saturated",
        unless=r"\b(?:when|if|once|threshold|target|until|unless)\b",
    ),
    rule(
        "load.traffic-surge",
        0.7,
        2,
        "surge|spike|traffic|overload|shed",
        r"(?:traffic|request|load) (?:surge|spike)|load shedding|shedding (?:load|requests)|(?:server|service) (?:is )?overloaded|request rate .{0,40}(?:exceed|above|over)|overload manager",
        "more requests come in than the program serves",
        unless=r"enabled|configured|disabled|simulat|rehears|dry run|drill|forecast|predict",
    ),
)
