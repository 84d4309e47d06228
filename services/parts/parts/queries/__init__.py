"""All SQL of parts: rows in, rows out, locks named where they are taken. No decisions.

Locks are taken in one order, so that no two transactions wait for one another: the work order, which stands for its
requests with their claim orders and deposits, then stock in the order of part codes.
"""
