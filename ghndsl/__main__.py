"""`python -m ghndsl` is `ghndsl`, for launchers that start modules, as `torchrun -m ghndsl` does."""

from ghndsl.cli import main

if __name__ == "__main__":
    main()
