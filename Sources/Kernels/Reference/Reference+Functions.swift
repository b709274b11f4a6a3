import Foundation

extension Reference {
    /// The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel 2016, section 2).
    package static func gelu(_ x: Double) -> Double {
        x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
    }

    /// The derivative of ``gelu(_:)``.
    package static func geluDerivative(_ x: Double) -> Double {
        let root = (2 / Double.pi).squareRoot()
        let bend = tanh(root * (x + 0.044715 * x * x * x))
        return (1 + bend) / 2 + x * (1 - bend * bend) * root * (1 + 3 * 0.044715 * x * x) / 2
    }

    /// The softmax of each row.
    ///
    /// Shape: (rows, classes) -> (rows, classes)
    package static func softmax(_ input: [Float], classes: Int) -> [Float] {
        stride(from: 0, to: input.count, by: classes).flatMap { start in
            let row = input[start..<start + classes].map { Double($0) }
            let largest = row.max()!
            let sum = row.reduce(0) { $0 + exp($1 - largest) }
            return row.map { Float(exp($0 - largest) / sum) }
        }
    }

    /// The gradient of ``softmax(_:classes:)``, given its output y: `y (dy - sum(y dy))`.
    package static func softmaxGradient(output: [Float], classes: Int, outputGradient: [Float]) -> [Float] {
        output.indices.map { index in
            let row = index / classes * classes..<(index / classes + 1) * classes
            let mean = row.reduce(0.0) { $0 + Double(output[$1]) * Double(outputGradient[$1]) }
            return Float(Double(output[index]) * (Double(outputGradient[index]) - mean))
        }
    }

    /// The cross-entropy of each row of logits with its target, in nats.
    ///
    /// Shape: (rows, classes), (rows) -> (rows)
    package static func crossEntropy(_ logits: [Float], targets: [Int32]) -> [Float] {
        let classes = logits.count / targets.count
        return zip(logSums(logits, classes: classes), targets).enumerated().map { row, pair in
            pair.1 < 0 ? 0 : Float(pair.0 - Double(logits[row * classes + Int(pair.1)]))
        }
    }

    /// The logarithm of the sum of the exponentials of each row.
    ///
    /// Shape: (rows, classes) -> (rows)
    package static func logSums(_ input: [Float], classes: Int) -> [Double] {
        stride(from: 0, to: input.count, by: classes).map { start in
            let row = input[start..<start + classes].map { Double($0) }
            let largest = row.max()!
            return largest + log(row.reduce(0) { $0 + exp($1 - largest) })
        }
    }

    /// The gradient of the sum of ``crossEntropy(_:targets:)``, times `scale`.
    package static func crossEntropyGradient(_ logits: [Float], targets: [Int32], scale: Float) -> [Float] {
        let classes = logits.count / targets.count
        var gradient = softmax(logits, classes: classes)
        for (row, target) in targets.enumerated() {
            if target < 0 {
                gradient.replaceSubrange(
                    row * classes..<(row + 1) * classes, with: repeatElement(0, count: classes))
            } else {
                gradient[row * classes + Int(target)] -= 1
            }
        }
        return gradient.map { $0 * scale }
    }
}
