"""HTTP in: a request becomes a use case, its result an answer. No decisions."""
