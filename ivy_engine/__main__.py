"""``python -m ivy_engine`` is the ``ivy`` command."""

from ivy_engine.cli import main

if __name__ == "__main__":
    main()
