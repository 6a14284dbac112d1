"""Numbers in words, for people who listen: "7042" -> "seven thousand and forty-two"."""

from __future__ import annotations

from functools import lru_cache

LONGEST_QUANTITY = 6
"""Numbers of more digits are telephone or account numbers, not quantities: nobody says them in millions."""


@lru_cache(maxsize=1024)
def in_words(text: str) -> str:
    """A number as it is said in English.

    A number with a leading zero ("007") or of more than six digits (a telephone number) is said digit by digit:
    "zero zero seven". All others are said as quantities: "15" -> "fifteen".

    Args:
        text: digits only, at least one.
    """
    from num2words import num2words

    if len(text) > LONGEST_QUANTITY or (len(text) > 1 and text[0] == "0"):
        return " ".join(str(num2words(int(digit))) for digit in text)
    return str(num2words(int(text)))
