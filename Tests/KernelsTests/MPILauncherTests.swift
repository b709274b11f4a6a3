import Testing

@testable import Kernels

@Suite("The launcher of several processes")
struct MPILauncherTests {
    @Test("A process that was started by itself has none, whatever else is in the environment")
    func none() {
        #expect(MPILauncher([:]) == nil)
        #expect(MPILauncher(["OMPI_COMM_WORLD_SIZE": "", "PMI_RANK": "x", "MPI_LOCALNRANKS": "2"]) == nil)
    }

    @Test("Open MPI, MPICH and PMIx are known by their variables, and Open MPI's own library is tried for it first")
    func variables() throws {
        let openMPI = try #require(
            MPILauncher([
                "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
                "PMIX_RANK": "3",
            ]))
        #expect(openMPI.count == 4 && openMPI.number == 3 && openMPI.localCount == 2)
        #expect(openMPI.libraries[0].contains("40"))
        let mpich = try #require(MPILauncher(["PMI_SIZE": "2", "PMI_RANK": "0", "MPI_LOCALNRANKS": "2"]))
        #expect(mpich.count == 2 && mpich.number == 0 && mpich.localCount == 2)
        #expect(mpich.libraries[0].contains("12"))
        let other = try #require(MPILauncher(["PMIX_RANK": "1"]))
        #expect(other.count == nil && other.number == 1 && other.libraries.count > openMPI.libraries.count)
    }

    @Test("The bits of a buffer decide its hash, also those of zeros")
    func hash() {
        func hash(_ values: [Float]) -> UInt64 {
            var hash: UInt64 = 1
            Buffer(values).hash(into: &hash)
            return hash
        }
        #expect(hash([1, 2]) == hash([1, 2]))
        #expect(hash([1, 2]) != hash([2, 1]))
        #expect(hash([0]) != hash([-0.0]))
    }
}
