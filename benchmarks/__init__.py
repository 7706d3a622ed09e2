"""How fast is it, beside the other readers on the same machine in the same run?

``python -m benchmarks`` generates its chains, measures, and prints one table of ratios. Machines drift; only ratios of
one run mean anything, so no time in here is a test.
"""
