"""Reading a policy file."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from shared.policy.layers import MARKS, Layer, at_place, file_of, merged, place_of, read_layers
from shared.policy.problems import PolicyError, PolicyProblem, near, problems_of
from shared.policy.section import Policy, PolicyFile

VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPolicy[P: Policy]:
    """A policy in force.

    `version` is the start of the SHA-256 of the file, of those that it extends and of those that they name, each behind
    its length, so that other files never run together into the same bytes.
    `set_by_operator` are the keys that the regulation leaves open, each with the value that holds now.
    """

    policy: P
    version: str
    path: Path
    set_by_operator: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PolicyFolder:
    """Where policy files lie, the nearest first, for sections that name further files; remembers what was read."""

    paths: Sequence[Path]
    files_read: dict[str, bytes] = field(default_factory=dict)

    def read(self, name: str) -> bytes:
        """The bytes of a file beside the policy file, or beside one that it extends. Raises ValueError."""
        if name not in self.files_read:
            path = next((folder / name for folder in self.paths if (folder / name).exists()), self.paths[0] / name)
            try:
                self.files_read[name] = path.read_bytes()
            except OSError as error:
                reason = error.strerror
                raise ValueError(f"a readable file beside the policy file ({path}: {reason})") from error
        return self.files_read[name]


def load_policy[P: Policy](model: type[P], path: Path) -> LoadedPolicy[P]:
    """Read, check and version a file and whatever it extends; a `PolicyError` lists everything that is wrong."""
    layers = read_layers(path)
    data = merged(layers)
    folder = PolicyFolder([layer.path.parent for layer in layers])
    try:
        policy = model.model_validate(data, context=folder)
    except ValidationError as error:
        raise PolicyError(*problems_of(error, model=model, file_of=partial(file_of, layers=layers))) from error
    return LoadedPolicy(
        policy=policy,
        version=_version(layers, folder=folder),
        path=path,
        set_by_operator=_set_by_operator(policy, data=data, layers=layers),
    )


def _version(layers: Sequence[Layer], *, folder: PolicyFolder) -> str:
    digest = hashlib.sha256()
    for content in (
        *(layer.content for layer in layers),
        *(folder.files_read[name] for name in sorted(folder.files_read)),
    ):
        digest.update(f"{len(content)}:".encode() + content)
    return digest.hexdigest()[:VERSION_LENGTH]


def _set_by_operator(policy: Policy, *, data: Mapping[str, object], layers: Sequence[Layer]) -> Mapping[str, object]:
    if not isinstance(policy, PolicyFile):
        return {}
    problems = [*_unknown_marks(policy, data=data, layers=layers)]
    if problems:
        raise PolicyError(*problems)
    return {key: at_place(data, place_of(key)) for key in policy.operators_to_set}


def _unknown_marks(
    policy: PolicyFile, *, data: Mapping[str, object], layers: Sequence[Layer]
) -> Iterator[PolicyProblem]:
    for position, key in enumerate(policy.operators_to_set):
        try:
            known = at_place(data, place_of(key)) is not None
        except ValueError:
            known = False
        if not known:
            likely = near(key, sorted(_keys(data)))
            yield PolicyProblem(
                file=str(file_of((MARKS,), layers=layers)),
                key=f"{MARKS}.{position}",
                given=f'"{key}" given',
                expected=f"a key of the file, such as: {likely}" if likely else "a key of the file",
            )


def _keys(value: object, prefix: str = "") -> Iterator[str]:
    """Every key that leads to a value, dotted."""
    match value:
        case dict():
            for name, inner in value.items():
                written = f'"{name}"' if "." in name else name
                yield from _keys(inner, f"{prefix}.{written}" if prefix else written)
        case list() if any(isinstance(inner, dict) for inner in value):
            for position, inner in enumerate(value):
                yield from _keys(inner, f"{prefix}.{position}")
        case _:
            yield prefix
