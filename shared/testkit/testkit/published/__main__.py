"""`python -m testkit.published FOLDER`: write what is generated from the code below the folder.

That are schemas, AsyncAPI and OpenAPI documents, golden messages, the broker's definitions, and the pages of rules.
"""

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from shared.contracts.catalogue import EVENTS, SUBSCRIPTIONS
from shared.messaging.definitions import definitions
from shared.messaging.topology import CATALOGUE_TOPOLOGY
from testkit.published.asyncapi import asyncapi_of
from testkit.published.golden import golden_message
from testkit.published.openapi import openapi_of
from testkit.published.schemas import Schema, breaking_changes, schema_of
from testkit.rules.page import COMPLETE, page_of
from testkit.suite import SERVICES

type Document = Callable[[], Schema | str]


def documents() -> dict[Path, Document]:
    """How to make every generated document, by its place below the repository's root."""
    schemas, golden = Path("docs/schemas"), Path("tests/contract/golden")
    asyncapi, openapi = Path("docs/asyncapi"), Path("docs/openapi")
    broker, rules = Path("deploy/rabbitmq/definitions/topology.json"), Path("docs/rules")
    return {
        **{schemas / f"{type_}.json": partial(schema_of, event) for type_, event in EVENTS.items()},
        **{golden / f"{type_}.json": partial(golden_message, event) for type_, event in EVENTS.items()},
        **{asyncapi / f"{service}.json": partial(asyncapi_of, service) for service in SUBSCRIPTIONS},
        **{openapi / f"{service}.json": partial(openapi_of, service) for service in SERVICES},
        **{rules / f"{service}.md": partial(page_of, service) for service in COMPLETE},
        broker: partial(definitions, CATALOGUE_TOPOLOGY),
    }


def rendered(document: Schema | str) -> str:
    """The document as it is committed; a page is text already."""
    if isinstance(document, str):
        return document
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def write(documents: Mapping[Path, Document], *, root: Path) -> list[str]:
    """Write the documents below `root`, unless a published schema would be broken; what would break it."""
    made = {root / place: make() for place, make in documents.items()}
    broken = [
        f"{target.name}: {change}"
        for target, document in made.items()
        if isinstance(document, dict) and target.parent.name == "schemas" and target.exists()
        for change in breaking_changes(json.loads(target.read_text()), document)
    ]
    for target, document in made.items() if not broken else ():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rendered(document))
    return broken


def main(root: Path) -> int:
    """Write all documents; exit code 1 and nothing written when a published schema would be broken."""
    broken = write(documents(), root=root)
    for change in broken:
        sys.stderr.write(f"{change}\n")
    if broken:
        sys.stderr.write("A published event may only gain optional fields. Publish a v2 beside it.\n")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
