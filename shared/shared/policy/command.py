"""`policy check [FILE…]` and `policy diff A B`: the subcommand that every service has."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from shared.exit_codes import CONFIGURATION_FAULT
from shared.policy.loading import LoadedPolicy, load_policy
from shared.policy.problems import PolicyError, PolicyProblem
from shared.policy.section import Policy

SAME = 0
DIFFERENT = 1

type Style = Literal["text", "json"]
type Flat = Mapping[str, object]


def policy_command(args: Sequence[str], model: type[Policy], *, in_force: Path, named_by: str) -> int:
    """Carry out `check` or `diff` and answer the exit code: 0, 1 where two policies differ, 78 where one is bad.

    `in_force` is the service's own file, what `check` reads where no file is named; the environment variable `named_by`
    says which that is. Wrong usage exits with 2.
    """
    wanted = _parser(in_force).parse_args(args)
    try:
        if wanted.action == "diff":
            return diff_policies(wanted.before, wanted.after, model=model, style=wanted.style)
        return check_policies(wanted.files or [_existing(in_force, named_by=named_by)], model=model, style=wanted.style)
    except PolicyError as error:
        _say_problems(error, style=wanted.style)
        return CONFIGURATION_FAULT


def check_policies(files: Sequence[Path], *, model: type[Policy], style: Style) -> int:
    """Read every file, say its version and what its operator has to set himself.

    The problems of all bad files together are one `PolicyError`.
    """
    loaded: list[LoadedPolicy[Policy]] = []
    problems: list[PolicyProblem] = []
    for file in files:
        try:
            loaded.append(load_policy(model, file))
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise PolicyError(*problems)
    if style == "json":
        versions = {str(one.path): one.version for one in loaded}
        _say_json(
            {"ok": True, "versions": versions, "set_by_you": {str(one.path): one.set_by_operator for one in loaded}}
        )
    else:
        sys.stdout.writelines(line for one in loaded for line in _good(one))
    return SAME


def _good(loaded: LoadedPolicy[Policy]) -> Iterator[str]:
    yield f"{loaded.path}: good, version {loaded.version}\n"
    for key, value in loaded.set_by_operator.items():
        yield f"  set by you: {key} = {json.dumps(value, ensure_ascii=False, default=str)}\n"


def diff_policies(before: Path, after: Path, *, model: type[Policy], style: Style) -> int:
    """What a service would do differently: values after defaults were filled in, key by key. A bad file raises."""
    old, new = (
        dict(_flat(load_policy(model, file).policy.model_dump(mode="json", by_alias=True))) for file in (before, after)
    )
    changes = [
        {"key": key, "before": old.get(key), "after": new.get(key)}
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    if style == "json":
        _say_json({"ok": True, "changes": changes})
    else:
        sys.stdout.writelines(f"{_change(key=key, old=old, new=new)}\n" for key in (str(c["key"]) for c in changes))
    return DIFFERENT if changes else SAME


def _flat(value: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    match value:
        case dict() if value:
            for key, inner in value.items():
                yield from _flat(inner, f"{prefix}.{key}" if prefix else str(key))
        case list() if any(isinstance(inner, dict | list) for inner in value):
            for position, inner in enumerate(value):
                yield from _flat(inner, f"{prefix}.{position}")
        case _:
            yield prefix, value


def _change(*, key: str, old: Flat, new: Flat) -> str:
    if key not in old:
        return f"+ {key} = {json.dumps(new[key], ensure_ascii=False)}"
    if key not in new:
        return f"- {key} = {json.dumps(old[key], ensure_ascii=False)}"
    return f"~ {key}: {json.dumps(old[key], ensure_ascii=False)} -> {json.dumps(new[key], ensure_ascii=False)}"


def _existing(in_force: Path, *, named_by: str) -> Path:
    if not in_force.is_file():
        expected = f"a FILE named on the command line, or {named_by} with the path of the policy"
        file = str(in_force.absolute())
        raise PolicyError(PolicyProblem(file=file, key="", given="there is no such file", expected=expected))
    return in_force


def _say_problems(error: PolicyError, *, style: Style) -> None:
    if style == "json":
        _say_json({"ok": False, "problems": [asdict(problem) for problem in error.problems]})
    else:
        sys.stderr.write(f"{error}\n")


def _say_json(document: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def _parser(in_force: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policy", description="Look at policy files without starting anything.")
    style = argparse.ArgumentParser(add_help=False)
    style.add_argument(
        "--json", dest="style", action="store_const", const="json", default="text", help="answer as JSON"
    )
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", parents=[style], help="say whether files can be obeyed")
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help=f"default: {in_force}")
    diff = actions.add_parser("diff", parents=[style], help="say what differs between two files")
    diff.add_argument("before", type=Path, metavar="A")
    diff.add_argument("after", type=Path, metavar="B")
    return parser
