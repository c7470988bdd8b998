"""gunicorn's worker: it stops, reloads, waits for slow clients, answers what it cannot read.

All that uses what gunicorn does not document is in this room, and each file says what it uses.
"""
