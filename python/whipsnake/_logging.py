"""`WHIPSNAKE_LOG`: a handler on logging.getLogger("whipsnake") that writes to standard error."""

import atexit
import logging


def attach(level):
    logger = logging.getLogger("whipsnake")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("whipsnake: %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    atexit.register(_summary, logger)


def _summary(logger):
    import whipsnake

    totals = whipsnake.stats()
    logger.info(
        "%d functions and %d loops compiled in %.1f ms, %d bytes of code; entered %d times, left early %d times",
        totals["functions_compiled"],
        totals["loops_compiled"],
        totals["compile_us_total"] / 1000,
        totals["code_bytes"],
        totals["entries"],
        totals["exits"],
    )
