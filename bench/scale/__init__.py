"""What the same questions cost over a tenth of the rows and over all of them
(`python -m bench.scale --help`).

A growth of 1 means that the answer does not depend on how much there is. Both sizes are asked in
turn, so that what disturbs the machine disturbs them alike.
"""
