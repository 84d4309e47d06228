"""Short numbers that people can read out on the phone."""


def case_number(serial: int) -> str:
    """`R1000017`: the letter, the running number and a check digit, so that one misheard digit finds no other case."""
    return f"R{serial}{_check_digit(serial)}"


def _check_digit(serial: int) -> int:
    """Luhn: catches every single wrong digit and most swaps of neighbours."""
    doubled = [
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10)) for place, digit in enumerate(reversed(str(serial)))
    ]
    return -sum(doubled) % 10
