"""Pure decisions: state in, state and events out."""
