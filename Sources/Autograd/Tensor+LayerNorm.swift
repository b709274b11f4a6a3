import Kernels

extension Tensor {
    /// Each row less its mean, over its standard deviation, times a weight, plus a bias if there is one
    /// (Ba, Kiros and Hinton 2016). Epsilon is 1e-5.
    ///
    /// Shape: (..., C), weight and bias (C) -> (..., C)
    public func layerNorm(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        precondition(
            weight.shape.rank == 1 && shape.rank > 0 && shape[-1] == weight.shape[0],
            "\(shape) cannot be normalised with a weight of shape \(weight.shape)")
        precondition(bias == nil || bias?.shape == weight.shape, "a bias of another shape than \(weight.shape)")
        let (input, scale, shift) = (kept, weight.buffer, bias?.buffer)
        let forward = {
            let x = input()
            let output = Buffer(uninitialized: x.count)
            LayerNormKernel.forward(x, weight: scale, bias: shift, output: output)
            return output
        }
        return .recorded(
            "layer norm", shape: shape, buffer: forward(), inputs: [self, weight] + (bias.map { [$0] } ?? []),
            recipe: forward
        ) { gradient in
            let inputGradient = Buffer(uninitialized: gradient.count)
            let weightGradient = Buffer(uninitialized: scale.count)
            let biasGradient = shift.map { Buffer(uninitialized: $0.count) }
            LayerNormKernel.backward(
                input(), weight: scale, outputGradient: gradient, inputGradient: inputGradient,
                weightGradient: weightGradient, biasGradient: biasGradient)
            return [inputGradient, weightGradient, biasGradient]
        }
    }
}
