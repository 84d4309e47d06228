"""Carries messages and escalations to the right person until somebody answers."""
