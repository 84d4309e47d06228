"""The checker: what clients were promised (their history) held against what is there (the books of all services).

`history` is what clients write and the checker reads, `books` is what `reading` finds in the databases and the broker,
`checking` holds the invariants I1 to I14 against both, `report` says what came of it.
"""
