"""A policy file and those that it extends, laid over one another.

`extends = "../standard/parts.toml"` names another file, seen from the folder of this one. Sections are merged key by
key; anything else, lists too, stands as the nearer file has it.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.policy.problems import Place, PolicyError, PolicyProblem

EXTENDS = "extends"
MARKS = "operators_to_set"
"""The key under which a file lists the keys that its regulation leaves open."""

type Table = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file as it was read; `data` without what it extends."""

    path: Path
    content: bytes
    data: Table


def read_layers(path: Path) -> Sequence[Layer]:
    """The file and whatever it extends, the nearest first. Raises PolicyError."""
    return [*_layers(path, above=())]


def merged(layers: Sequence[Layer]) -> dict[str, object]:
    """What the layers say together."""
    *nearer, base = layers
    together = dict(base.data)
    for layer in reversed(nearer):
        marks = _marks_kept(together, nearer=layer.data)
        together = _over(together, nearer=layer.data)
        if marks:
            own = together[MARKS] if MARKS in layer.data else []
            together[MARKS] = [*own, *marks] if isinstance(own, list) else own
    return together


def file_of(place: Place, *, layers: Sequence[Layer]) -> Path:
    """The nearest file that says something at a place, or as near to it as any does."""
    for length in range(len(place), 0, -1):
        for layer in layers:
            if at_place(layer.data, place[:length]) is not None:
                return layer.path
    return layers[0].path


def place_of(key: str) -> Place:
    """The place of a dotted key, written as TOML writes it; a number is a position. Raises ValueError."""
    found: list[int | str] = []
    rest: object = tomllib.loads(f"{key} = 0")
    while isinstance(rest, dict):
        [(name, rest)] = rest.items()
        found.append(int(name) if name.isdecimal() else name)
    return tuple(found)


def at_place(data: object, place: Place) -> object | None:
    """What stands there, None where nothing does."""
    for part in place:
        match data:
            case dict() if str(part) in data:
                data = data[str(part)]
            case list() if isinstance(part, int) and part < len(data):
                data = data[part]
            case _:
                return None
    return data


def _layers(path: Path, *, above: tuple[Path, ...]) -> Iterator[Layer]:
    content = _read(path, named_by=above[-1] if above else None)
    try:
        data = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(path, given=f"is not TOML: {error}", expected="TOML in UTF-8") from error
    base = data.pop(EXTENDS, None)
    yield Layer(path=path, content=content, data=data)
    if base is None:
        return
    if not isinstance(base, str):
        raise _refused(
            path, key=EXTENDS, given="is no text", expected="the path of a policy file, from this one's folder"
        )
    further = path.parent / base
    if further.resolve() in {one.resolve() for one in (*above, path)}:
        raise _refused(path, key=EXTENDS, given=f'"{base}" extends this file', expected="a file that does not")
    yield from _layers(further, above=(*above, path))


def _read(path: Path, *, named_by: Path | None) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        given = f"cannot be read ({error.strerror})"
        if named_by is None:
            raise _refused(path, given=given, expected="a policy file") from error
        expected = "the path of a policy file, from this one's folder"
        raise _refused(named_by, key=EXTENDS, given=f"{path} {given}", expected=expected) from error


def _refused(path: Path, *, given: str, expected: str, key: str = "") -> PolicyError:
    return PolicyError(PolicyProblem(file=str(path), key=key, given=given, expected=expected))


def _over(base: Table, *, nearer: Table) -> dict[str, object]:
    together = dict(base)
    for key, value in nearer.items():
        below = together.get(key)
        together[key] = _over(below, nearer=value) if isinstance(below, dict) and isinstance(value, dict) else value
    return together


def _marks_kept(base: Table, *, nearer: Table) -> list[object]:
    """Keys that the base leaves open and the nearer file does not say anything about."""
    marks = base.get(MARKS, [])
    return [mark for mark in marks if not _is_said(mark, nearer)] if isinstance(marks, list) else []


def _is_said(mark: object, nearer: Table) -> bool:
    """Also where it replaces a list in which the key lies."""
    try:
        place = place_of(str(mark))
    except ValueError:
        return False
    until = next((number for number, part in enumerate(place) if isinstance(part, int)), len(place))
    return at_place(nearer, place[:until]) is not None
