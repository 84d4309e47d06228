"""What notifier's routes read and show."""
