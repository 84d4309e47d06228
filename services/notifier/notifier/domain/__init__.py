"""What notifier decides, without doing it: state in, decision out or a raised refusal. `now` and ids are arguments."""
