"""Makes every fault that can be made, and checks that nothing is lost. Started by check-faults.sh."""
import argparse
import sys
import time

from faults import calls, concurrency, disks, inputs, kills, outputs, power, signals
from faults.harness import Lab

CHECKS = {module.__name__.rpartition(".")[2]: module.check
          for module in (kills, calls, power, disks, outputs, concurrency, signals, inputs)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--preload", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", choices=CHECKS, action="append")
    options = parser.parse_args()
    lab = Lab(options.program, options.preload, options.seed, options.long)
    try:
        for name in options.only or CHECKS:
            start = time.monotonic()
            print(f"{name}", flush=True)
            with lab.preparing(name):
                CHECKS[name](lab)
            print(f"      {time.monotonic() - start:.0f} s", flush=True)
    finally:
        lab.close()
    print(f"\n{lab.table}\nseed {options.seed}")
    sys.exit(1 if lab.table.has_losses else 0)


main()
