"""Which project a request of the Sentry dialect writes to: its key must be that of its address.

The key may stand in the body alone, so the blueprint calls this once it has read all places. What
was wrong is told to nobody, and wrong ones are counted by address as wrong tokens are.
"""

from typing import NoReturn

from app.current import this_g
from app.domain.sentry.credentials import Credentials, WrongCredentials
from app.limits.allowances import unknown_token_allowance
from app.services.projects import senders
from app.services.projects.senders import Sender
from app.web.incoming import client_address_hash, client_subscriber_hash


def identify_sender(credentials: Credentials) -> Sender:
    """Sets g.sender, g.project_id and g.address_hash; `senders.hold` belongs to what is stored.

    Raises NoCredentials, WrongCredentials, or 429 for much guessing.
    """
    of_request = this_g()
    of_request.address_hash = client_address_hash()
    sender = senders.find_by_key(credentials.project_id, credentials.required_key())
    if sender is None:
        refuse_guess()
    of_request.sender = sender
    of_request.project_id = sender.project_id
    return sender


def refuse_guess() -> NoReturn:
    """Also for a key that `senders.hold` finds gone. Raises WrongCredentials, or 429."""
    of_request = this_g()
    of_request.sender = None  # nobody's, after all
    of_request.subscriber_hash = client_subscriber_hash()
    _refuse_wrong_key()


@unknown_token_allowance
def _refuse_wrong_key() -> NoReturn:
    raise WrongCredentials
