"""Imported by the start-up hook when `WHIPSNAKE=1`: switches the compiler on.

Runs inside `site`, in every interpreter of the process. Sub-interpreters are not
served; that the main interpreter is does not need saying in each of them.
"""

import whipsnake

if whipsnake._is_main_interpreter():
    whipsnake.enable()
