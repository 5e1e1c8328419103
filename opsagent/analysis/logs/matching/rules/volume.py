"""Disks and volumes: full, not mounted, held by another, broken."""
# ruff: noqa: E501 — a pattern broken over lines is harder to check against a log line than a long one

from opsagent.analysis.logs.matching.rules.rule import Rule, rule

VOLUME: tuple[Rule, ...] = (
    rule(
        "volume.disk-full",
        0.9,
        0,
        "space|disk|enospc|28|filegroup|sql0964c|full|edquot|extend|ora-|misconf|quota|free drive|storage",
        r"No space left on device|\bENOSPC\b(?!.*watchers)|Errno 28\b|os error 28\b|(?:database or )?disk (?:is |was )?full|Disk quota exceeded|\bEDQUOT\b|flood[- ]stage.{0,20}watermark|(?:high|low) disk watermark.{0,40}exceed|(?:not enough|insufficient|out of|low|no) (?:free )?(?:disk|storage) ?space|not enough space on the disk|ORA-0165[0-9]|ORA-01688|ORA-00257|could not extend (?:file|segment)|unable to extend \S+ \S+ by|The table '[^']+' is full|SQLITE_FULL|OutOfDiskSpace|file ?system (?:is )?full|transaction log for database .{0,60}is full|index read-only / allow delete|free disk space (?:alarm|is insufficient)|disk resource limit alarm|disk_free_limit|unable to persist to disk|disk usage .{0,40}(?:exceed|100 ?%)|(?:volume|partition|device|mount) (?:\S+ )?(?:is )?(?:full|100% full)|WAL .{0,40}no space|(?:database|storage|backend) space exceeded|minimum free (?:drive|disk|space) threshold|StorageFull\b|\bNOT_ENOUGH_SPACE\b|Cannot reserve [\d.]+ ?\w*,? not enough space|(?:ran |run |is |are )out of (?:disk|space on|storage)|no (?:free |more )?space (?:left|available|remains)|(?:errno|os error|errcode|error code|got error)[:= ]{1,2}\"?28\b|insufficient (?:disk|free|storage) space|not enough (?:free )?space (?:on|in|for) (?:the )?(?:disk|device|volume|partition|file ?system|compaction|merge|segment|data ?dir\w*)|disk (?:is )?exhausted|Disk is full writing|(?:filegroup|tablespace|log file|transaction log) .{0,40}is full|ORA-198(?:09|15)|SQL0964C|available disk space .{0,40}below|InsufficientStorage|\b507 Insufficient",
        "a disk is full",
        unless=r"watchers|(?:memory|heap|swap) full",
    ),
    rule(
        "volume.occupied",
        0.85,
        0,
        "multi-attach|attached|in use|used by",
        r"Multi-Attach error|already (?:exclusively )?attached to (?:one|another|a different|node)|volume (?:is )?already (?:used by|in use|mounted by)|(?:volume|disk|device|claim|pvc|pd|\bPV)\b.{0,80}is already in use by (?:another )?(?:pod|node|instance)|VolumeInUse|disk .{0,80}is already being used by",
        "the volume is held by another pod or node",
    ),
    rule(
        "volume.mount-failed",
        0.82,
        0,
        "mount|attach|fsck|nfs|stale|inconsistency|persistentvolumeclaim",
        r"MountVolume\.\w+ failed|Unable to attach or mount volumes|FailedMount|FailedAttachVolume|AttachVolume\.\w+ failed|mount\.\w+: |Mount failed|mount failed: |wrong fs type|Stale (?:NFS )?file handle|\bESTALE\b|UNEXPECTED INCONSISTENCY|fsck.{0,60}(?:errors|failed)|could not mount|failed to mount|unable to mount|mounting command:|persistentvolumeclaim \"[^\"]+\" not found|transport endpoint is not connected|structure needs cleaning",
        "a volume cannot be mounted",
        unless=r"mounted successfully|\b(?:component|element|widget|router|middleware|micro-?frontend|view)\b",
    ),
    rule(
        "volume.mount-failed",
        0.6,
        1,
        "input/output|eio",
        r"Input/output error|\bEIO\b|Errno 5\b",
        "a disk does not read or write",
    ),
)
