"""What train.py imports: it lies beside it, so it is in the copy in which the script runs."""

import numpy as np


def alphas() -> np.ndarray:
    """The strengths of regularisation to try: 0.00, 0.05 ... 0.95."""
    return np.arange(0.0, 1.0, 0.05)
