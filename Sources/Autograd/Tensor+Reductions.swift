import Kernels

extension Tensor {
    /// The sum of all elements, 0 of none. Groups of 8192 are summed in 32 bits, their sums in 64.
    ///
    /// Shape: (...) -> ()
    public func sum() -> Tensor {
        let count = shape.count
        return .recorded("sum", shape: [], buffer: Buffer([ReductionKernel.sum(buffer)]), inputs: [self]) { gradient in
            [Buffer(repeating: gradient[0], count: count)]
        }
    }

    /// The mean of all elements; NaN of none.
    ///
    /// Shape: (...) -> ()
    public func mean() -> Tensor { sum().scaled(by: 1 / Float(shape.count)) }
}
