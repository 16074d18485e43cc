"""What people use today, each as a script of its own: `python -m tests.benchmarks.peers.NAME FORM WORK FILE`.

FORM is `bare` (log loss and accuracy) or `same` (also the standard error, predictive entropy, Brier score and what
there is of each class), WORK is `two_class` or `ten_logits`. Each prints a JSON object, named as xent names its
numbers, and uses two threads.
"""

THREADS = 2
CLASSES = range(10)  # of ten_logits: columns logit_0 to logit_9, labels 0 to 9
LOGITS = [f"logit_{k}" for k in CLASSES]
