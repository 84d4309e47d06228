"""The published language of the suite: what the services tell one another, and nothing else.

One file per publishing service, one frozen model per event, past tense. Pydantic and the standard library only.
"""
