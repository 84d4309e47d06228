"""All SQL of intake: rows in, rows out, locks named where they are taken. No decisions."""
