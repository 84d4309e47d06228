"""What parts' routes read and show."""
