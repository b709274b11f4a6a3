import CPUSupport
import Foundation

/// The cross-entropy of logits with target classes. A target of -1 stands for none: its loss and its gradient are 0.
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
                loss[row] = targets[row] < 0 ? 0 : logSum[row] - x[Int(targets[row])]
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
                guard targets[row] >= 0 else {
                    y.update(repeating: 0, count: classes)
                    continue
                }
                let shift = Vector(repeating: logSum[row])
                forEachVector(classes) { index, lanes in
                    (exponential(Vector(at: x + index, lanes: lanes) - shift) * Vector(repeating: scale))
                        .store(to: y + index, lanes: lanes)
                }
                y[Int(targets[row])] -= scale
            }
        }
    }

    /// The classes that each target has logits of; checks that the targets are among them, or -1.
    private static func classes(of logits: Buffer, _ targets: [Int32]) -> Int {
        let classes = logits.count / targets.count
        require(targets.allSatisfy { $0 >= -1 && $0 < classes }, "a target is not in -1..<\(classes)")
        return classes
    }
}
