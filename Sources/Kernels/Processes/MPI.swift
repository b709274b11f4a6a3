import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The Message Passing Interface as the user has it, Open MPI or MPICH, found when the program runs.
///
/// Both have the same functions with the same arguments, but other handles: in Open MPI these are addresses, of variables for what
/// is predefined, in MPICH numbers of 32 bits. Either fits the register that a handle is passed in, so one set of types
/// serves both; only in memory does a request take 8 bytes in the one and 4 in the other. Messages are bytes and errors end
/// all processes, which is the default of both.
struct MPI: @unchecked Sendable {
    typealias Handle = Int
    typealias Memory = UnsafeMutableRawPointer

    typealias Number = UnsafeMutablePointer<Int32>
    /// Of bytes, their count, what they are, the other process, the tag, the group, and where the request goes.
    typealias Transfer = @convention(c) (UnsafeRawPointer?, Int32, Handle, Int32, Int32, Handle, Memory?) -> Int32
    typealias Test = @convention(c) (_ count: Int32, Memory?, _ areComplete: Number, _ statuses: Memory?) -> Int32
    typealias Wait = @convention(c) (_ count: Int32, Memory?, _ statuses: Memory?) -> Int32
    typealias Begin = @convention(c) (Memory?, Memory?, _ level: Int32, _ provided: Number) -> Int32
    typealias Ask = @convention(c) (Handle, Number) -> Int32
    typealias End = @convention(c) () -> Int32

    let send: Transfer, receive: Transfer
    let testAll: Test, waitAll: Wait
    let finalize: End
    /// `MPI_COMM_WORLD`, `MPI_BYTE` and `MPI_STATUSES_IGNORE`.
    let world: Handle, byte: Handle, noStatuses: Memory?
    /// Bytes of a request in memory.
    let requestSize: Int
    /// The number of this process and the number of all.
    let number: Int, count: Int

    /// A library that was looked for in vain, or one that does not do what it should; `description` is for the user.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Loads the library of the launcher that started this process, and begins.
    ///
    /// - Parameter launcher: Who that was.
    /// - Throws: ``Failure``.
    init(of launcher: MPILauncher) throws(Failure) {
        // Open MPI's own plugins look for its symbols among those of the whole process.
        guard let library = launcher.libraries.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_GLOBAL) }).first else {
            let reason = dlerror().map { String(cString: $0) } ?? ""
            throw Failure(
                description: """
                    the mpirun of \(launcher.name) has started this process as one of several, but its library cannot be \
                    loaded: tried \(launcher.libraries.joined(separator: ", ")); the last failed with \
                    '\(reason)'
                    """)
        }
        func function<Function>(_ name: String, as type: Function.Type) throws(Failure) -> Function {
            guard let symbol = dlsym(library, name) else {
                throw Failure(description: "the MPI library of \(launcher.name) has no function \(name)")
            }
            return unsafeBitCast(symbol, to: type)
        }
        send = try function("MPI_Isend", as: Transfer.self)
        receive = try function("MPI_Irecv", as: Transfer.self)
        testAll = try function("MPI_Testall", as: Test.self)
        waitAll = try function("MPI_Waitall", as: Wait.self)
        finalize = try function("MPI_Finalize", as: End.self)
        if let world = dlsym(library, "ompi_mpi_comm_world"), let byte = dlsym(library, "ompi_mpi_byte") {
            (self.world, self.byte, noStatuses) = (Handle(bitPattern: world), Handle(bitPattern: byte), nil)
            requestSize = MemoryLayout<Handle>.size
        } else {
            (world, byte, noStatuses) = (0x4400_0000, 0x4c00_010d, Memory(bitPattern: 1))
            requestSize = MemoryLayout<Int32>.size
        }
        let begin = try function("MPI_Init_thread", as: Begin.self)
        let size = try function("MPI_Comm_size", as: Ask.self)
        let rank = try function("MPI_Comm_rank", as: Ask.self)
        var (provided, count, number): (Int32, Int32, Int32) = (0, 0, 0)
        // Level 1, "funneled": there are other threads, but only this one calls.
        guard begin(nil, nil, 1, &provided) == 0, size(world, &count) == 0, rank(world, &number) == 0 else {
            throw Failure(description: "the MPI library of \(launcher.name) does not begin")
        }
        (self.number, self.count) = (Int(number), Int(count))
        if let expected = launcher.count, expected != Int(count) {
            throw Failure(
                description: """
                    the mpirun of \(launcher.name) has started \(expected) processes, but the MPI library that was found makes \
                    \(count) of them a group: it belongs to another MPI
                    """)
        }
    }
}

/// The program that has started this process as one of several, known by what it leaves in the environment.
package struct MPILauncher: Sendable {
    /// Its name.
    let name: String
    /// The libraries that go with it, the likeliest first.
    let libraries: [String]
    /// The number of processes; nil where that is known only to the library.
    package let count: Int?
    /// The number of this process; nil as above.
    package let number: Int?
    /// The processes on this computer; 1 where that is not known.
    package let localCount: Int

    /// Who launched this process; nil if it was started by itself.
    ///
    /// - Parameter environment: The environment variables.
    package init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        func integer(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        #if canImport(Darwin)
            let (openMPI, mpich) = (["libmpi.40.dylib", "libmpi.dylib"], ["libmpi.12.dylib", "libpmpi.12.dylib"])
        #else
            let (openMPI, mpich) = (["libmpi.so.40", "libmpi.so"], ["libmpich.so.12", "libmpi.so.12", "libmpich.so"])
        #endif
        if let count = integer("OMPI_COMM_WORLD_SIZE") {
            (name, libraries, self.count, number) = ("Open MPI", openMPI, count, integer("OMPI_COMM_WORLD_RANK"))
        } else if let count = integer("PMI_SIZE") {
            (name, libraries, self.count, number) = ("MPICH", mpich, count, integer("PMI_RANK"))
        } else if let number = integer("PMIX_RANK") {
            (name, libraries, count, self.number) = ("PMIx", openMPI + mpich, nil, number)
        } else {
            return nil
        }
        localCount = max(1, integer("OMPI_COMM_WORLD_LOCAL_SIZE") ?? integer("MPI_LOCALNRANKS") ?? 1)
    }

    /// Has the other processes end when this one does, which could not join them.
    ///
    /// Open MPI's mpirun does that by itself. MPICH's waits for the others, and they for this one, unless it gets this message of
    /// its protocol (PMI 1). At the exit, since it ends this process, too, which must have said why before; and a while after
    /// that: MPICH's throws away what it has not read by then, which at once was the reason in one of ten trials.
    static func endAllAtExit() {
        atexit {
            guard let value = getenv("PMI_FD"), let descriptor = Int32(String(cString: value)) else { return }
            usleep(200_000)
            let message = Array("cmd=abort exitcode=1\n".utf8)
            _ = write(descriptor, message, message.count)
        }
    }
}
