import CPUSupport

/// Dropout, by itself and with the residual addition that follows it.
package enum DropoutKernel {
    /// Computes `output = input * mask`, and with `residual` `output = residual + input * mask`.
    ///
    /// Without a mask nothing is dropped. The backward pass is the same call on the gradient.
    package static func forward(_ input: Buffer, mask: DropoutMask?, residual: Buffer? = nil, output: Buffer) {
        require(
            input.count == output.count && residual.map { $0.count == input.count } ?? true,
            "\(input.count) elements and a residual of \(residual?.count ?? 0) into \(output.count)")
        let (source, target, base) = (input.pointer, output.pointer, residual?.pointer)
        Parallel.forEachRange(input.count, grain: 1 << 14) { range in
            let start = range.lowerBound
            forEachVector(range.count) { offset, lanes in
                let index = start + offset
                var value = Vector(at: source + index, lanes: lanes)
                if let mask { value *= mask.factors(from: index) }
                if let base { value += Vector(at: base + index, lanes: lanes) }
                value.store(to: target + index, lanes: lanes)
            }
        }
    }
}
