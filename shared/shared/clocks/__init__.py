"""Promises with a time: ledgers of start, pause, resume and stop, and what follows from them."""
