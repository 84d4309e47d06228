"""Reading a policy file."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from shared.policy.problems import PolicyError, PolicyProblem, problems_of
from shared.policy.section import Policy

VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy[P: Policy]:
    """A policy in force. `version` is the start of the SHA-256 of the file's bytes and of the files it names."""

    policy: P
    version: str
    path: Path


@dataclass(frozen=True, slots=True)
class PolicyFolder:
    """Where a policy file lies, for sections that name further files beside it; remembers what was read."""

    path: Path
    files_read: dict[str, bytes] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        """The bytes of a file, its path relative to the policy file. A file that cannot be read is a ValueError."""
        if name not in self.files_read:
            try:
                self.files_read[name] = (self.path / name).read_bytes()
            except OSError as error:
                reason = error.strerror
                raise ValueError(f"a readable file beside the policy file ({self.path / name}: {reason})") from error
        return self.files_read[name]


def load_policy[P: Policy](model: type[P], path: Path) -> LoadedPolicy[P]:
    """Read, check and version a file; a `PolicyError` lists everything that is wrong with it."""
    content, data = _read(path)
    folder = PolicyFolder(path.parent)
    try:
        policy = model.model_validate(data, context=folder)
    except ValidationError as error:
        raise PolicyError(*problems_of(error, model=model, file=path)) from error
    digest = hashlib.sha256(content)
    for name in sorted(folder.files_read):
        digest.update(folder.files_read[name])
    return LoadedPolicy(policy=policy, version=digest.hexdigest()[:VERSION_LENGTH], path=path)


def _read(path: Path) -> tuple[bytes, dict[str, object]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = PolicyProblem(
            file=str(path), key="", given=f"cannot be read ({error.strerror})", expected="a policy file"
        )
        raise PolicyError(problem) from error
    try:
        return content, tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = PolicyProblem(file=str(path), key="", given=f"is not TOML: {error}", expected="TOML in UTF-8")
        raise PolicyError(problem) from error
