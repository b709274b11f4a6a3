# For scripts that need Open MPI and MPICH side by side, as Debian has them, to be sourced: installs them, or skips what needs them.
if ! { command -v mpirun.openmpi && command -v mpirun.mpich && command -v python3; } > /dev/null; then
    if ! { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq openmpi-bin mpich python3 > /dev/null; }; then
        echo "skipped: there is no mpirun.openmpi or mpirun.mpich, and they cannot be installed here"
        exit 0
    fi
fi
