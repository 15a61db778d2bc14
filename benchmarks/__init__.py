"""What the workbench's speed is measured with: `python -m benchmarks --help`."""
