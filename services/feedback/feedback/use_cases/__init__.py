"""What can be done with feedback, one verb a file. None of them commits: whoever opened the work does, once."""
