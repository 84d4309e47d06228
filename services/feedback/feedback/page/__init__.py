"""The survey page: what a customer sees, in his language, without signing in and without a script."""
