"""What parts prints: pages of plain HTML, without scripts and without anything from elsewhere."""
