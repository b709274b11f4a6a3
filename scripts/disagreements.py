"""The numbers of two programs beside each other: their largest disagreements, and whether those are allowed."""
import math
import sys


def largest(differences):
    """The largest of at least one difference; `max` alone passes over NaN."""
    differences = list(differences)
    return math.inf if any(map(math.isnan, differences)) else max(differences)


def report(program, found, limits, others):
    """Prints the largest disagreement of each quantity as a table, and what else is the same. Fails if one is larger than allowed.

    `found` is a dictionary of quantities and differences for each case.
    """
    worst = {}
    for differences in found:
        for quantity, difference in differences.items():
            worst[quantity] = largest([worst.get(quantity, 0), difference])
    print(f"| largest disagreement with {program} | found | allowed |")
    print("|---|---|---|")
    for quantity, difference in worst.items():
        print(f"| {quantity} | {difference:.1e} | {limits[quantity]:.0e} |")
    print(f"{others}: the same")
    if any(difference > limits[quantity] for quantity, difference in worst.items()):
        sys.exit("FAILED: a disagreement is larger than allowed")
