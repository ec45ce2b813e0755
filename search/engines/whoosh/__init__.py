"""The engine in pure Python: for small nodes, and where no compiled library can be had.

Whoosh keeps the words, the transactions and the files. What a Python library is too slow for
(facets, filters, sorting) is done beside it on sets of record numbers kept as long integers.
"""
