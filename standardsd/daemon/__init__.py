"""The shell: where parts meet (``app``), where time passes (``loop``), where sources run (``sources``).

Nothing in here decides about a promise.
"""
