import TinyGPT

/// Computes on one thread, which changes no result. Steps of a few hundred rows are not worth dividing: beside other programs,
/// two threads that wait for each other after every small operation took three times as long as one.
func onOneThread<Result>(_ compute: () throws -> Result) rethrows -> Result {
    let threads = Compute.threads
    Compute.threads = 1
    defer { Compute.threads = threads }
    return try compute()
}
