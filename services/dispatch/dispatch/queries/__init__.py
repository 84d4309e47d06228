"""All SQL of dispatch: rows in, rows out, locks named where they are taken. No decisions.

Locks are taken in one order, so that no two transactions wait for one another:
case, rota, work order, technician, parts request, visit or item, clock.
"""
