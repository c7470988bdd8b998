"""`python -m bench.ladder`."""

from bench.ladder.run import main

if __name__ == "__main__":
    main()
