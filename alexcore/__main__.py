"""``python -m alexcore``."""

from alexcore.cli import main

main()
