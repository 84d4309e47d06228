"""One OpenAPI document per service, asked of the service itself."""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from shared.security.tokens import create_key_file
from testkit.published.schemas import Schema
from testkit.suite import policy_file, prefixed

ANY_KEY = base64.b64encode(bytes(32)).decode()


def openapi_of(service: str) -> Schema:
    """The document of all routes of the service. No server is needed: nothing is connected to."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:1/none",
            "BROKER_URL": "amqp://nobody:nothing@127.0.0.1:1/",
            "POLICY_FILE": str(policy_file(service, profile="standard")),
            "JWT_KEY_FILE": str(create_key_file(Path(folder) / "key.json")),
            "ENCRYPTION_KEYS": f"none:{ANY_KEY}",
            "BLIND_INDEX_KEY": ANY_KEY,
            "SMTP_HOST": "127.0.0.1",  # this one and the next three are notifier's
            "SMTP_SENDER": "nobody@aftersales.example",
            "INTAKE_URL": "http://127.0.0.1:1",
            "INTAKE_TOKEN": "none",
        }
        environment = {**os.environ, **prefixed(service, settings)}
        command = [sys.executable, "-m", service, "openapi"]
        printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    document: Schema = json.loads(printed.stdout)
    return document
