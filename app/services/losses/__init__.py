"""What was refused or lost: counted at once in memory, stored a second later.

The face of this folder. `count` is for whoever refuses, or keeps less than was sent.
"""

from app.services.losses.ledger import count, init_losses

__all__ = ["count", "init_losses"]
