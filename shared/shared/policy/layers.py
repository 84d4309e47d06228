"""A policy file and those that it extends, laid over one another.

`extends = "../standard/parts.toml"` names another file: `standard.parts.toml` beside the file in force where there is
one, else the path, seen from the folder of the file that says so. Sections are merged key by key; anything else, lists
too, stands as the nearer file has it. `removes = ["departments.bodywork"]` takes keys away that the extended files say.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.policy.problems import Place, PolicyError, PolicyProblem

EXTENDS = "extends"
REMOVES = "removes"
MARKS = "operators_to_set"
"""The key under which a file lists the keys that its regulation leaves open."""

type Table = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file as it was read; `data` without what it `extends` and `removes`."""

    path: Path
    content: bytes
    data: Table
    removes: Sequence[str] = ()


def read_layers(path: Path) -> Sequence[Layer]:
    """The file and whatever it extends, the nearest first. Raises PolicyError."""
    return [*_layers(path, above=())]


def merged(layers: Sequence[Layer]) -> dict[str, object]:
    """What the layers say together. Raises PolicyError where a file removes what those that it extends do not say."""
    together: dict[str, object] = {}
    for layer in reversed(layers):
        together = _without_removed(together, layer=layer)
        marks = _marks_kept(together, nearer=layer.data)
        together = _over(together, nearer=layer.data)
        if marks:
            own = together[MARKS] if MARKS in layer.data else []
            together[MARKS] = [*own, *marks] if isinstance(own, list) else own
    return together


def file_of(place: Place, *, layers: Sequence[Layer]) -> Path:
    """The nearest file that says something at a place or removes it, or as near to it as any does."""
    for length in range(len(place), 0, -1):
        for layer in layers:
            if at_place(layer.data, place[:length]) is not None or _is_removed(place[:length], removes=layer.removes):
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
    yield Layer(path=path, content=content, removes=_keys_of(data.pop(REMOVES, []), path=path), data=data)
    if base is None:
        return
    if not isinstance(base, str):
        raise _refused(
            path, key=EXTENDS, given="is no text", expected="the path of a policy file, from this one's folder"
        )
    chain = (*above, path)
    further = _found(base, chain=chain)
    if further.resolve() in {one.resolve() for one in chain}:
        raise _refused(path, key=EXTENDS, given=f'"{base}" extends this file', expected="a file that does not")
    yield from _layers(further, above=chain)


def _found(base: str, *, chain: Sequence[Path]) -> Path:
    """`<folder>.<file>` beside the file in force, as a config map holds it; else where the path says.

    One that lies beside may extend the very file that it stands for.
    """
    named = Path(base)
    beside = chain[0].with_name(f"{named.parent.name}.{named.name}")
    return beside if named.parent.name and beside.exists() and beside not in chain else chain[-1].parent / named


def _keys_of(removes: object, *, path: Path) -> Sequence[str]:
    if isinstance(removes, list) and all(isinstance(key, str) for key in removes):
        return removes
    raise _refused(path, key=REMOVES, given="is no list of texts", expected="dotted keys of the file that it extends")


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


def _without_removed(base: dict[str, object], *, layer: Layer) -> dict[str, object]:
    """Without the keys that the layer removes, and without their marks. Raises PolicyError where there is none."""
    for position, key in enumerate(layer.removes):
        if not _is_key(base, place=_place_or_none(key)):
            expected = "a dotted key of the file that it extends; a list is not taken apart but said anew as a whole"
            given = f'"{key}" given, and nothing there to remove'
            raise _refused(layer.path, key=f"{REMOVES}.{position}", given=given, expected=expected)
        base = _without(base, place=place_of(key))
    marks = base.get(MARKS)
    if layer.removes and isinstance(marks, list):
        base[MARKS] = [mark for mark in marks if not _is_removed(_place_or_none(str(mark)), removes=layer.removes)]
    return base


def _is_key(base: Table, *, place: Place | None) -> bool:
    """Whether something stands there, and nothing but tables around it."""
    if place is None or at_place(base, place) is None:
        return False
    return all(isinstance(at_place(base, place[:depth]), dict) for depth in range(len(place)))


def _without(base: Table, *, place: Place) -> dict[str, object]:
    name, rest = str(place[0]), place[1:]
    inner = base[name]
    if rest and isinstance(inner, dict):
        return {**base, name: _without(inner, place=rest)}
    return {key: value for key, value in base.items() if key != name}


def _is_removed(place: Place | None, *, removes: Sequence[str]) -> bool:
    removed = [_place_or_none(key) for key in removes]
    return place is not None and any(one is not None and place[: len(one)] == one for one in removed)


def _place_or_none(key: str) -> Place | None:
    try:
        return place_of(key)
    except ValueError:
        return None


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
    place = _place_or_none(str(mark))
    if place is None:
        return False
    until = next((number for number, part in enumerate(place) if isinstance(part, int)), len(place))
    return at_place(nearer, place[:until]) is not None
