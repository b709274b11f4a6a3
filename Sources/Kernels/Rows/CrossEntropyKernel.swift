import CPUSupport
import Foundation

/// The cross-entropy of logits with target classes.
package enum CrossEntropyKernel {
    /// Computes the loss of every row in nats: the logarithm of the sum of the exponentials, less the target's logit.
    ///
    /// Shape: `logits` (rows, classes), `targets` (rows) -> `losses` (rows), `logSums` (rows)
    package static func forward(logits: Buffer, targets: [Int32], losses: Buffer, logSums: Buffer) {
        require(
            !targets.isEmpty && logits.count % targets.count == 0 && losses.count == targets.count
                && logSums.count == targets.count,
            "\(logits.count) logits for \(targets.count) targets, \(losses.count) losses, \(logSums.count) sums")
        let classes = classes(of: logits, targets)
        let (source, loss, logSum) = (logits.pointer, losses.pointer, logSums.pointer)
        Parallel.forEachRange(targets.count, grain: 64) { rows in
            for row in rows {
                let x = source + row * classes
                logSum[row] = SoftmaxKernel.logSumOfExponentials(x, classes)
                loss[row] = logSum[row] - x[Int(targets[row])]
            }
        }
    }

    /// Computes the gradient of the logits: `(softmax(logits) - oneHot(targets)) * scale`.
    ///
    /// Shape: `logits` (rows, classes), `targets` and `logSums` (rows) -> `gradient` (rows, classes)
    package static func backward(logits: Buffer, targets: [Int32], logSums: Buffer, scale: Float, gradient: Buffer) {
        require(
            !targets.isEmpty && logits.count % targets.count == 0 && logSums.count == targets.count
                && gradient.count == logits.count,
            "\(gradient.count) gradients of \(logits.count) logits for \(targets.count) targets")
        let classes = classes(of: logits, targets)
        let (source, target, logSum) = (logits.pointer, gradient.pointer, logSums.pointer)
        Parallel.forEachRange(targets.count, grain: 64) { rows in
            for row in rows {
                let (x, y) = (source + row * classes, target + row * classes)
                let shift = Vector(repeating: logSum[row])
                forEachVector(classes) { index, lanes in
                    (exponential(Vector(at: x + index, lanes: lanes) - shift) * Vector(repeating: scale))
                        .store(to: y + index, lanes: lanes)
                }
                y[Int(targets[row])] -= scale
            }
        }
    }

    /// The classes that each target has logits of; checks that the targets are among them.
    private static func classes(of logits: Buffer, _ targets: [Int32]) -> Int {
        let classes = logits.count / targets.count
        require(targets.allSatisfy { $0 >= 0 && $0 < classes }, "a target is not in 0..<\(classes)")
        return classes
    }
}
