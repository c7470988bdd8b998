"""What the service costs, measured (`make bench`); nothing here can fail a build.

`bench.ladder` measures requests beside bare answers of the same gunicorn, `bench.scale` the same
questions over ten times the rows. Machines are noisy and other machines are others: compare ratios
of one run, and CPU time rather than seconds.
"""
