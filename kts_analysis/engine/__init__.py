"""Notebooks executed quickly and safely, each in a process of its own.

This part knows nothing of areas or targets: it starts processes with everything heavy already
imported, gives each one job, and tells what became of it, also when the process was killed.

    jobs         what is asked for and what came of it
    surroundings what every such process has in common: threads, locale, environment
    limits       time and memory of a job
    shell        an IPython shell without sockets, talked to as nbclient talks to a kernel
    journal      what a notebook's cells have said so far, on disk
    papermill_engine  the papermill engine named "kts"
    child        a job inside its own process
    template     the warm process that forks one child a job
    worker       the process that takes one job and ends, where there is no fork
    pool         the parent's side: starts, watches, kills
"""
