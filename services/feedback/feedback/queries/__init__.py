"""All SQL of feedback.

Rows are locked in this order: the customer (as `shared.erasure` does), his order, then its revisit or survey, which
nobody changes without the lock on the order.
"""
