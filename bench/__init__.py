"""The benchmark: what calbridge costs on top of Cal.com, as ratios that are measured in one run.

``python -m bench run | soak | profile``; docs/performance.md tells how to read what they print.
"""
