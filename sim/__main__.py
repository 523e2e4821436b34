"""``python -m sim`` does what the command ``postroad`` does."""

from sim.cli.main import main

if __name__ == "__main__":
    main()
