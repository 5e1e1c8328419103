"""Who may not do what: RBAC, tokens and passwords between services, files."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

RBAC: tuple[Rule, ...] = (
    rule(
        "access.rbac",
        0.9,
        0,
        "cannot|rbac|forbidden",
        r"is forbidden: User .{0,200}cannot|\bcannot (?:list|get|create|watch|patch|update|delete|deletecollection|impersonate|bind|escalate) resource|RBAC: access denied|User \\?\"system:(?:serviceaccount|node|anonymous)[^\"]*\\?\" cannot|clusterrole.{0,60}not found|attempting to grant RBAC permissions not currently held",
        "the service account may not do what the program asks of the Kubernetes API",
    ),
    rule(
        "access.rbac",
        0.75,
        0,
        "not authorized|accessdenied|permission",
        r"is not authorized to perform:? \S+|AccessDenied(?:Exception)?: User: arn:|does not have \S+ (?:access|permission) to|lacks? (?:the )?(?:required )?(?:IAM )?permission|Permission '\S+' denied on resource|AuthorizationFailed.{0,60}does not have authorization",
        "the program's identity lacks a permission",
    ),
)

CREDENTIALS: tuple[Rule, ...] = (
    rule(
        "access.credentials",
        0.85,
        0,
        "noauth|wrongpass|auth|invalid password|username",
        r"NOAUTH|WRONGPASS|invalid username-password pair|redis\S*\.AuthenticationError|ERR invalid password|ERR AUTH|without any password configured|NOPERM ",
        "Redis refuses the password",
    ),
    rule(
        "access.credentials",
        0.85,
        0,
        "access_refused|login refused|sasl|authoriz|amqp",
        r"ACCESS_REFUSED|PLAIN login refused|Sasl\w*(?:Authentication)?(?:Exception|Error)|SASL authentication (?:failed|error)|(?:Topic|Group|Cluster)AuthorizationException|TOPIC_AUTHORIZATION_FAILED|ProbableAuthenticationFailureException|user .{0,40}login refused",
        "the message broker refuses the credentials",
    ),
    rule(
        "access.credentials",
        0.8,
        0,
        "",
        r"401 Client Error|401 Unauthorized for url|\b(?:HTTP(?:/\d\.\d)?|status(?: ?code)?|code|response|returned|answered|got|error)\W{0,4}(?:status\W{0,3})?(?:code\W{0,3})?401\b|HttpClientErrorException\$?\.?Unauthorized|invalid_client\b|invalid_grant\b|AADSTS\d+|ExpiredToken(?:Exception)?\b|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClientException|InvalidAccessKeyId|(?:invalid|incorrect|expired|missing|bad|revoked) (?:api|access|secret|subscription)[ _-]?key|api[ _-]?key (?:is )?(?:invalid|not valid|expired|missing|required|revoked|incorrect)|code = Unauthenticated|\bUNAUTHENTICATED\b|bad credentials|could not read Username|Permission denied \((?:publickey|password)|(?:client|service|access|refresh|bearer|oauth) token (?:has |is )?(?:expired|invalid|revoked)|(?:credentials|secret|password) (?:has |have |is |are )?expired|invalid (?:client )?credentials (?:for|from) (?:service|upstream)|Request had invalid authentication credentials|unable to authenticate user \[|missing authentication credentials|authentication (?:with|to|against) \S+ failed|Server returned HTTP response code: 401|error occurred \(AccessDenied\)|(?:Code|code): ?AccessDenied\b",
        "another service refuses the program's credentials",
        blames=True,
    ),
    rule(
        "access.credentials",
        0.72,
        1,
        "authentication|credentials|not accepted",
        r"\b\w*Authentication(?:Error|Exception|Failed)\b|\bauthentication (?:error|failure)\b|fatal: authentication failed|invalid credentials\b|username and password not accepted|LDAP: error code 49\b|no basic auth credentials",
        "a server refuses the program's credentials ({what})",
        blames=True,
        unless=r"log[ -]?in\b|sign[ -]?in\b|\buser(?:name)? ?[=:]? ?\S+@|\bsession\b|BadCredentials",
    ),
    rule(
        "access.credentials",
        0.65,
        1,
        "403|forbidden",
        r"403 Client Error|403 Forbidden for url|\b(?:HTTP(?:/\d\.\d)?|status(?: ?code)?|code|response|returned|answered|got)\W{0,4}(?:status\W{0,3})?(?:code\W{0,3})?403\b|HttpClientErrorException\$?\.?Forbidden|code = PermissionDenied|\bPERMISSION_DENIED\b",
        "another service refuses the program's request as forbidden",
        blames=True,
    ),
    rule(
        "access.credentials",
        0.75,
        1,
        "idx10|signing key|kid|keys",
        r"IDX10\d{3}: (?:Signature validation failed|Unable to match key|IDX10503)|SecurityTokenSignatureKeyNotFound|SecurityTokenInvalid(?:Signature|Issuer|Audience)|(?:unable to find|no matching|could not find|unknown) (?:a |the )?(?:signing key|key with (?:id|kid)|kid)\b",
        "tokens are signed with a key that the program does not know",
    ),
    rule(
        "access.credentials",
        0.5,
        2,
        "token|jwt|signature",
        r"token validation failed|Token expired|jwt expired|TokenExpiredError|ExpiredSignature(?:Error)?|JsonWebTokenError|signature verification failed|InvalidSignature",
        "tokens are refused: expired, or signed with another key",
    ),
    rule(
        "access.credentials",
        0.88,
        0,
        "token",
        r"^\s*[*-]\s+(?:the )?(?:invalid|expired|bad|revoked|unknown) (?:\w+ )?token\b|\b403\b.{0,160}\b(?:invalid|expired|bad|revoked) (?:\w+ )?token\b|\b(?:invalid|expired|bad|revoked) (?:\w+ )?token\b.{0,80}\b403\b",
        "another service refuses the program's token",
    ),
)

FILES: tuple[Rule, ...] = (
    rule(
        "access.permission-denied",
        0.85,
        0,
        "permission|eacces|eperm|denied|not permitted|read-only|erofs|runasnonroot|non-root|accessdenied|unauthorizedaccess",
        r"permission denied|\bEACCES\b|PermissionError|Operation not permitted|\bEPERM\b|AccessDeniedException: /|UnauthorizedAccessException|Access to the path .{0,200}is denied|avc: +denied|apparmor=\"DENIED\"|runAsNonRoot|read-only file system|\bEROFS\b|\(13: |must (?:not )?be run as (?:non-?)?root|Errno 13\b|not writable|is not writeable|cannot write to (?:directory|file)|seccomp.{0,40}(?:denied|blocked)",
        "the program may not use a file, a port or a system call ({what})",
        unless=r"permission denied for (?:user|role|account|tenant|member|guest|group|caller|table|relation|schema|database|sequence|function|view)|publickey|permissive=1|keeping|ignor(?:ed|ing)|^\s*[*-]\s+permission denied\s*$",
    ),
)
