// swift-tools-version: 6.2
import PackageDescription

/// The CPU that the kernels are compiled for: the one in front of you, unless `TINYGPT_CPU` names another
/// (`x86-64-v3`, say) or says `none` for code that runs on every CPU of this architecture.
let cpu = Context.environment["TINYGPT_CPU"] ?? "native"

/// The package manager refuses unsafe flags in a versioned dependency. A package that depends on this one passes
/// `-Xcc -march=native` on the command line instead.
let isRootPackage = !Context.packageDirectory.contains("/checkouts/")

/// `-Xcc -march` sets the Clang importer's target, which is also the one Swift generates code for.
/// On arm64 NEON is always there and needs no flag.
#if arch(x86_64)
    let instructionSet = cpu == "none" ? [] : ["-Xcc", "-march=\(cpu)"]
#else
    let instructionSet: [String] = []
#endif

/// Optimized in debug builds too, and as one module, since a kernel inlines functions of other files: a training step of a debug
/// build takes as long as in a release build, where file by file it takes ten times as long. With `TINYGPT_CHECKS` set, the
/// kernels keep the checks of integer overflow and of bounds, which release builds do without, and the C functions in them trap
/// on undefined behavior (the Swift compiler has no such sanitizer on Linux).
let checks = ["-O", "-assert-config", "Debug", "-Xcc", "-fsanitize=undefined", "-Xcc", "-fsanitize-trap=undefined"]
let optimization = Context.environment["TINYGPT_CHECKS"] == nil ? ["-Ounchecked"] : checks
/// With threads the compiler writes an object file for each source, as the package manager expects; batches, which that asks
/// for in debug builds, exclude whole modules.
let wholeModule = ["-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"]
let kernelSettings: [SwiftSetting] =
    isRootPackage
    ? [.unsafeFlags(optimization + instructionSet), .unsafeFlags(wholeModule, .when(configuration: .debug))] : []

let package = Package(
    name: "TinyGPT",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "tinygpt", targets: ["TinyGPTCommand"]),
        .executable(name: "lessons", targets: ["Lessons"]),
        .library(name: "TinyGPT", targets: ["TinyGPT", "Layers", "Autograd"]),
    ],
    targets: [
        .target(name: "CPUSupport"),
        .target(name: "EmbeddedTexts"),
        .target(name: "Kernels", dependencies: ["CPUSupport"], swiftSettings: kernelSettings),
        .target(name: "Autograd", dependencies: ["Kernels"]),
        .target(name: "Layers", dependencies: ["Autograd", "Kernels"]),
        .target(
            name: "TinyGPT", dependencies: ["Layers", "Autograd", "Kernels", "EmbeddedTexts"],
            exclude: ["Inspection/Page/Parts", "Runs/Page/Parts", "Interop/Python/Scripts"]),
        .target(name: "Console", dependencies: ["TinyGPT"]),
        .executableTarget(name: "TinyGPTCommand", dependencies: ["Console", "TinyGPT"]),
        .executableTarget(name: "Lessons", dependencies: ["Console", "TinyGPT"], exclude: ["README.md"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels"]),
        .testTarget(name: "AutogradTests", dependencies: ["Autograd", "KernelsTests"]),
        .testTarget(name: "LayersTests", dependencies: ["Layers", "Autograd"]),
        .testTarget(
            name: "TinyGPTTests",
            dependencies: ["TinyGPT", "Layers", "Autograd", "Kernels", "EmbeddedTexts", "KernelsTests"],
            exclude: ["Fixtures"]),
        .testTarget(name: "TinyGPTCommandTests", dependencies: ["TinyGPTCommand", "Console", "TinyGPT"]),
        .testTarget(name: "LessonsTests", dependencies: ["Lessons", "Console", "TinyGPT"]),
    ],
    swiftLanguageModes: [.v6]
)
