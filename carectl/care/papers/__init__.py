"""Papers for professionals: what each of them contains, plain data chosen for its reader before any template runs.

`parts` holds what they have in common: who reads, what is open to them, and the sections that come in several papers.
"""
