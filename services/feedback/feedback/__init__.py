"""Calls customers again after the repair and asks how it was."""
