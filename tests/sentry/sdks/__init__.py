"""Stock SDKs of Sentry send to the running service; nothing of theirs is changed but the DSN.

`programs` are small apps that use an SDK as its own documentation tells to. Whether what they sent
has arrived is asked of our API alone. Their packages are not part of this repository:
`installing.py` fetches them once, in the versions that `requirements` and `npm` pin.
"""
