"""Training, evaluation and export: the only code that imports TensorFlow."""
