"""The documents that are generated from the contracts and committed: JSON Schemas, AsyncAPI, golden messages.

`make generate` writes them; a test fails when they are stale, and when a change would break a reader or a writer that
is deployed already.
"""
