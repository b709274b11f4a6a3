# For scripts that need packages from the package index, to be sourced: a virtual environment in .build-python, made the first
# time, whose interpreter is $python.
python=.build-python/bin/python

# need_python PACKAGE...: installs what the environment does not have; fails without python3, its venv module or the index.
need_python() {
    { [ -x "$python" ] || python3 -m venv .build-python; } && "$python" -m pip install --quiet --retries 1 "$@"
}

# PyTorch, where the index has it in the build for CPUs alone, which is much smaller.
need_torch() {
    "$python" -c 'import torch' 2> /dev/null || need_python "torch==2.13.0+cpu" 2> /dev/null || need_python torch
}
