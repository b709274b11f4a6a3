import Kernels

extension Tensor {
    /// The sum of all elements.
    public func sum() -> Tensor {
        let count = shape.count
        return .recorded("sum", shape: [], buffer: Buffer([ReductionKernel.sum(buffer)]), inputs: [self]) { gradient in
            [Buffer(repeating: gradient[0], count: count)]
        }
    }

    /// The mean of all elements.
    public func mean() -> Tensor { sum().scaled(by: 1 / Float(shape.count)) }
}
