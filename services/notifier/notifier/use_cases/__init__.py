"""What can be done with notifier, one verb a file. None of them commits: whoever opened the work does, once."""
