"""The HTTP door: readings in, and the wallboard, figures and state out.  It decides nothing.

``desk`` says what it needs of the daemon; ``app.build_app`` makes the application; ``server.Server``
serves it inside a loop that is already running.
"""
