"""What the suite costs, as ratios of two things measured in the same run: `make bench`."""
