"""HTTP in: read the request, call the use case, show what it did."""
