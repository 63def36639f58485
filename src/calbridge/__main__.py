"""``python -m calbridge`` is the ``calbridge`` command."""

from calbridge.cli.main import main

if __name__ == "__main__":
    main()
