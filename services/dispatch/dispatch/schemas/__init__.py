"""What dispatch's routes read and show."""
