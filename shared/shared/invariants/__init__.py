"""Invariants of the promise as far as one service's database can tell: views, a gauge, and `check` for operators.

Each view `invariant_i<n>` holds what violates the invariant, one row each; all of them are empty. `views` writes them
for migrations, `reading` reads whatever views there are, `watch` shows Prometheus how many rows they hold.
"""
