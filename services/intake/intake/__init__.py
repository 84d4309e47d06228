"""Intake: takes calls in, keeps the customers' data to itself, registers repairs and clears them for dispatch."""
