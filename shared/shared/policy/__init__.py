"""What differs between companies is data: typed TOML, one file per service and profile, checked before anything starts.

A service derives its sections from `Policy` and the whole file from `PolicyFile`, reads its file with `load_policy` and
mounts `policy_command`.
"""

from shared.policy.command import policy_command
from shared.policy.durations import Duration, duration_text
from shared.policy.loading import LoadedPolicy, PolicyFolder, load_policy
from shared.policy.problems import PolicyError, PolicyProblem
from shared.policy.section import Policy, PolicyFile

__all__ = [
    "Duration",
    "LoadedPolicy",
    "Policy",
    "PolicyError",
    "PolicyFile",
    "PolicyFolder",
    "PolicyProblem",
    "duration_text",
    "load_policy",
    "policy_command",
]
