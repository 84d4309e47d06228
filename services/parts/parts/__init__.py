"""Reserves and issues spare parts, orders what is missing, holds deposits."""
