"""The routes that matter, under the load of many clients, beside the least that gunicorn and Flask
can do (`python -m bench.ladder --help`).

Each rung is measured for a few seconds at a time, all of them in turn, several rounds: what
disturbs the machine disturbs them all.
"""
