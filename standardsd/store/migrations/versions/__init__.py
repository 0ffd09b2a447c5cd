"""One module a version of the schema.  Once released a module is frozen: it never imports ``tables``."""
