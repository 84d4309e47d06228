"""A decision said no. Pure domains raise these; the edge turns them into HTTP problems or dead letters.

Refusal                  the request breaks a rule of the business
├── IllegalTransition    not from this state
└── NotAllowed           not by this person, or not without something that is missing
"""


class Refusal(Exception):
    """`code` is stable and for programs; `detail` says what was wrong, `expected` what would be right."""

    def __init__(self, code: str, *, detail: str, expected: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.expected = expected


class IllegalTransition(Refusal):
    """The thing is not in a state from which this step leads on."""


class NotAllowed(Refusal):
    """The person has not the authority, or a condition of the rule is not met."""
