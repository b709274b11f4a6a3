/// A bump allocator: consecutive places in a workspace, as offsets in floats from its start.
///
/// Every workspace is laid out by one: the size of its memory is the ``count`` after the same calls, so size and layout cannot
/// disagree.
struct WorkspaceLayout {
    /// Floats taken so far.
    private(set) var count = 0

    /// Reserves `count` floats and returns the offset of the first.
    mutating func take(_ count: Int) -> Int {
        defer { self.count += count }
        return self.count
    }

    /// Makes the floats from offset `count` on available again.
    mutating func release(to count: Int) { self.count = count }

    /// Pads what was taken so far to whole cache lines and a page, where what follows belongs to another thread.
    ///
    /// The padding prevents false sharing, also by the hardware prefetcher, which runs ahead of sequential reads up to the
    /// end of a page and would take cache lines away from the core that writes them: a sixth of the decode step's time on
    /// cores that share no cache.
    mutating func pad() {
        let (line, page) = (16, 1024)
        count = (count + line - 1) / line * line + page
    }
}

extension UnsafeMutablePointer<Float> {
    /// An address that is never accessed, at which a workspace of pointers is laid out in order to count its floats.
    static var placeholder: UnsafeMutablePointer<Float> { UnsafeMutablePointer(bitPattern: 64)! }
}
