"""Short numbers that people can read out on the phone."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def work_order_number(case_number: str, *, round_: int = 1) -> str:
    """`W1000017` for case `R1000017`: the same digits, so that its check digit stays good.

    A reopened case has further orders, one for each round: `W1000017-2`.
    """
    number = "W" + case_number.lstrip(LETTERS)
    return number if round_ == 1 else f"{number}-{round_}"


def receipt_number(order_number: str, *, item: int) -> str:
    """`L1000017-1`: what the customer holds for the first thing that was taken in from him (领取收据, R303)."""
    return f"L{order_number.lstrip(LETTERS)}-{item}"


def repair_card_number(receipt: str) -> str:
    """`K1000017-1`: the card that hangs on the thing itself (修护卡, R304)."""
    return "K" + receipt.lstrip(LETTERS)
