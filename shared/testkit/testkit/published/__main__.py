"""`python -m testkit.published FOLDER`: write schemas, AsyncAPI, OpenAPI and golden messages below the folder."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from testkit.published.asyncapi import asyncapi_of
from testkit.published.golden import golden_message
from testkit.published.openapi import openapi_of
from testkit.published.schemas import Schema, breaking_changes, schema_of


def documents() -> Iterator[tuple[Path, Schema]]:
    """Every generated document with its place below the repository's root."""
    for event in EVENTS.values():
        yield Path("docs/schemas") / f"{event.TYPE}.json", schema_of(event)
        yield Path("tests/contract/golden") / f"{event.TYPE}.json", golden_message(event)
    for service in SUBSCRIPTIONS:
        yield Path("docs/asyncapi") / f"{service}.json", asyncapi_of(service)
        yield Path("docs/openapi") / f"{service}.json", openapi_of(service)


def rendered(document: Schema) -> str:
    """The document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def main(root: Path) -> int:
    """Write all documents; refuse to overwrite a published schema with one that breaks it (exit code 1)."""
    broken = 0
    for place, document in documents():
        target = root / place
        if place.parts[1] == "schemas" and target.exists():
            for change in breaking_changes(json.loads(target.read_text()), document):
                broken += 1
                sys.stderr.write(f"{place}: {change}\n")
        if not broken:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(rendered(document))
    if broken:
        sys.stderr.write("A published event may only gain optional fields. Publish a v2 beside it.\n")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
