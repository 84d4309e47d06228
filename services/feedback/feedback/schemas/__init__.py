"""What feedback's routes read and show."""
