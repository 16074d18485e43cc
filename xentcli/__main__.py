"""`python -m xentcli` is `xent`."""

from xentcli.cli.run import main

main()
