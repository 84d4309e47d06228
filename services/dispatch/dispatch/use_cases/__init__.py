"""What can be done with dispatch, one verb a file. None of them commits: whoever opened the work does, once."""
