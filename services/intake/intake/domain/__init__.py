"""Pure decisions: state in, state and events out, or a raised refusal. No I/O, no clock, no randomness."""
