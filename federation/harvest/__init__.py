"""Harvest: one peer, one run, one reconciled ledger."""

from federation.harvest.discover import Discovered, discover
from federation.harvest.run import Progress, harvest

__all__ = ["Discovered", "Progress", "discover", "harvest"]
