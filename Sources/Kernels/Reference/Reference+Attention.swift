import Foundation

extension Reference {
    /// Causal multi-head attention, weight by weight: softmax(Q K^T / sqrt(D)) V for each head
    /// (Vaswani et al. 2017, equation 1).
    ///
    /// Shape: `queryKeyValue` (B, T, 3C) -> output (B, T, C),
    /// weights (B, H, T, T), logSums (B, H, T)
    ///
    /// - Parameters:
    ///   - queryKeyValue: Queries, keys and values of every position.
    ///   - shape: B, H, T and D.
    ///   - factors: Dropout's factor of each weight. Shape: (B, H, T, T)
    /// - Returns: The output, the weights before dropout, and the logarithm of the sum of the exponentials of each query's
    ///   scores.
    package static func attention(
        _ queryKeyValue: [Float], _ shape: AttentionShape, factors: [Float]? = nil
    ) -> (output: [Float], weights: [Float], logSums: [Float]) {
        let (width, time) = (shape.width, shape.time)
        var output = [Double](repeating: 0, count: shape.batch * time * width)
        var weights = [Float](repeating: 0, count: shape.batch * shape.heads * time * time)
        var logSums: [Float] = []
        for text in 0..<shape.batch {
            for head in 0..<shape.heads {
                /// Third 0 is the query, 1 the key, 2 the value.
                func element(_ third: Int, _ position: Int, _ channel: Int) -> Double {
                    let column = third * width + head * shape.headWidth + channel
                    return Double(queryKeyValue[(text * time + position) * 3 * width + column])
                }
                for query in 0..<time {
                    let scores = (0...query).map { key in
                        (0..<shape.headWidth).reduce(0) { $0 + element(0, query, $1) * element(1, key, $1) }
                            / Double(shape.headWidth).squareRoot()
                    }
                    let largest = scores.max()!
                    let sum = scores.reduce(0) { $0 + exp($1 - largest) }
                    logSums.append(Float(largest + log(sum)))
                    for key in 0...query {
                        let index = ((text * shape.heads + head) * time + query) * time + key
                        let weight = exp(scores[key] - largest) / sum
                        weights[index] = Float(weight)
                        for channel in 0..<shape.headWidth {
                            let target = (text * time + query) * width + head * shape.headWidth + channel
                            output[target] += weight * Double(factors?[index] ?? 1) * element(2, key, channel)
                        }
                    }
                }
            }
        }
        return (output.map { Float($0) }, weights, logSums)
    }

    /// The gradients of attention by the chain rule through the weights that ``attention(_:_:factors:)`` returns.
    ///
    /// Shape: `outputGradient` (B, T, C) -> (B, T, 3C)
    package static func attentionGradient(
        _ queryKeyValue: [Float], _ shape: AttentionShape, factors: [Float]? = nil, outputGradient: [Float]
    ) -> [Float] {
        let (width, time, headWidth) = (shape.width, shape.time, shape.headWidth)
        let weights = attention(queryKeyValue, shape).weights
        var gradient = [Double](repeating: 0, count: queryKeyValue.count)
        let scale = 1 / Double(headWidth).squareRoot()
        for text in 0..<shape.batch {
            for head in 0..<shape.heads {
                func index(_ third: Int, _ position: Int, _ channel: Int) -> Int {
                    (text * time + position) * 3 * width + third * width + head * headWidth + channel
                }
                for query in 0..<time {
                    let row = ((text * shape.heads + head) * time + query) * time
                    func incoming(_ channel: Int) -> Double {
                        Double(outputGradient[(text * time + query) * width + head * headWidth + channel])
                    }
                    let weightGradients = (0...query).map { key in
                        Double(factors?[row + key] ?? 1)
                            * (0..<headWidth).reduce(0) { $0 + incoming($1) * Double(queryKeyValue[index(2, key, $1)]) }
                    }
                    let mean = (0...query).reduce(0) { $0 + Double(weights[row + $1]) * weightGradients[$1] }
                    for key in 0...query {
                        let weight = Double(weights[row + key])
                        let scoreGradient = weight * (weightGradients[key] - mean) * scale
                        for channel in 0..<headWidth {
                            let (q, k) = (index(0, query, channel), index(1, key, channel))
                            gradient[q] += scoreGradient * Double(queryKeyValue[k])
                            gradient[k] += scoreGradient * Double(queryKeyValue[q])
                            gradient[index(2, key, channel)] +=
                                weight * Double(factors?[row + key] ?? 1) * incoming(channel)
                        }
                    }
                }
            }
        }
        return gradient.map { Float($0) }
    }
}
