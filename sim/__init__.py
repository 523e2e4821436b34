"""Postroad: a supply-chain distribution simulator for medical-supply campaigns.

One way through: scenario → network → plan → run → ledger → measures → verdicts and comparisons →
figures. Each arrow is one function; see ``docs/architecture.md``.
"""

__version__ = "0.1.0"
