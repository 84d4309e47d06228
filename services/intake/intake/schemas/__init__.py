"""What travels over HTTP: requests that refuse what they do not know, answers that never show contact data."""
