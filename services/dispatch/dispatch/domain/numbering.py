"""Short numbers that people can read out on the phone."""


def work_order_number(case_number: str) -> str:
    """`W1000017` for case `R1000017`: the same digits, because each case has one order; its check digit stays good."""
    return "W" + case_number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
