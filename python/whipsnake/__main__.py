"""`python -m whipsnake`. The work is in `_cli`: this module's own names make room for the program's."""

from whipsnake._cli import main

main()
