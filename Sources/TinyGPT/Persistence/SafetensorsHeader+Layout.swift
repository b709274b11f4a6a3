/// Where the values are, once what the header says about them has been checked.
extension SafetensorsHeader {
    /// One tensor's place among the values.
    struct Place {
        let name: String
        let shape: [Int]
        /// How many values there are.
        let count: Int
    }

    /// Checks what the header says about the values against how many bytes of them there are.
    ///
    /// - Returns: The tensors in the order in which they are stored.
    /// - Throws: `.badData` when the values are not 32-bit floats, one tensor after the other without a gap, from the end
    ///   of the header to the end of the file.
    func layout(valueBytes: Int, file: String) throws -> [Place] {
        var position = 0
        var places: [Place] = []
        for (name, entry) in entriesByOffset {
            let count = try checkedCount(of: entry, name: name, file: file)
            let (begin, end) = (entry.offsets[0], entry.offsets[1])
            if begin != position {
                let problem = begin < position ? "overlaps what comes before it" : "leaves a gap before it"
                throw Safetensors.badFile(file, "'\(name)' \(problem): expected it at \(position), got \(begin)")
            }
            let size = count * MemoryLayout<Float>.size
            let (expectedEnd, overflows) = begin.addingReportingOverflow(size)
            if overflows || end != expectedEnd {
                throw Safetensors.badFile(
                    file, "'\(name)' of shape \(entry.shape): expected \(size) bytes, got offsets \(begin) to \(end)")
            }
            position = end
            places.append(Place(name: name, shape: entry.shape, count: count))
        }
        if position != valueBytes {
            let problem = position > valueBytes ? "it is cut off" : "something follows the last tensor"
            throw Safetensors.badFile(file, "\(problem): expected \(position) bytes of values, got \(valueBytes)")
        }
        return places
    }

    /// The entries as they are stored. Empty tensors begin where others do; for them the end and the name decide.
    private var entriesByOffset: [(key: String, value: Entry)] {
        entries.sorted { first, second in
            let (a, b) = (first.value.offsets, second.value.offsets)
            return (a[0], a[1], first.key) < (b[0], b[1], second.key)
        }
    }

    /// How many values a tensor has, none of which need be there.
    private func checkedCount(of entry: Entry, name: String, file: String) throws -> Int {
        if entry.dtype != "F32" {
            throw Safetensors.badFile(file, "expected '\(name)' to be F32 (32-bit floats), got \(entry.dtype)")
        }
        var count = 1
        for length in entry.shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: length)
            if length < 0 || overflows || product > Int.max / MemoryLayout<Float>.size {
                throw Safetensors.badFile(file, "'\(name)' has the impossible shape \(entry.shape)")
            }
            count = product
        }
        return count
    }
}
