"""Which rules of the rule book are carried out: as what, by which code, and which test proves each.

`make rules` shows it, and a page for a service that carries out all of its rules is generated from it.
"""

from testkit.rules.book import Rule, rule_book
from testkit.rules.code_places import code_places
from testkit.rules.proofs import proofs

__all__ = ["Rule", "code_places", "proofs", "rule_book"]
