"""How often the release gate says a wrong word, how soon a right one (`python -m bench.gate`)."""
