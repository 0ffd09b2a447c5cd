"""Two versions of a standard against each other: which is the stricter one, key by key.

Pure comparisons of values; ``language.diff`` puts them into words.
"""
