"""What is true: pure functions and words; standard library only, no clock, no I/O."""
