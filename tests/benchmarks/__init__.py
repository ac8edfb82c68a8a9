"""The benchmarks run and say what they found in a form that programs read; what they find is no test's business."""
