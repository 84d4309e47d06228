"""A decision said no. Pure domains raise these; the edge turns them into HTTP problems or dead letters.

Refusal                  the request breaks a rule of the business
├── IllegalTransition    not from this state
├── NotAllowed           not by this person, or not without something that is missing
├── Unknown              there is nothing with this id
├── Destroyed            there was, and it was erased
└── Stale                somebody changed it since the caller last looked
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


class Unknown(Refusal):
    """The id is well formed, and nothing has it."""


class Destroyed(Refusal):
    """What had this id was erased for good."""


class Stale(Refusal):
    """The caller decided on a version that is not the current one."""


def require_version(current: int, *, expected: int | None) -> None:
    """Refuse a change that was decided on another version than `current`; `expected` None means any will do."""
    if expected is not None and expected != current:
        raise Stale(
            "stale-version",
            detail=f"the change was made to version {expected}, and the current version is {current}",
            expected=f'read it again and send If-Match: "{current}" if the change still makes sense',
        )
