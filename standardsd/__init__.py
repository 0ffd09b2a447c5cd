"""standardsd judges service promises and tells people when they are broken."""

__version__ = "0.1.0"
