"""Delivery: what a service commits is said exactly once per subject and sequence, and heard with one effect."""
