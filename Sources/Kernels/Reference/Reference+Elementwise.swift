import Foundation

extension Reference {
    /// An operation on one number.
    package static func value(_ operation: ElementwiseKernel.Unary, _ x: Double) -> Double {
        switch operation {
        case .negate: -x
        case .exp: exp(x)
        case .log: log(x)
        case .tanh: tanh(x)
        case .sigmoid: 1 / (1 + exp(-x))
        case .relu: max(x, 0)
        case .power(let exponent): pow(x, Double(exponent))
        case .scale(let factor): x * Double(factor)
        }
    }

    /// The derivative of ``value(_:_:)``; that of ReLU at 0 is 0.
    package static func derivative(_ operation: ElementwiseKernel.Unary, _ x: Double) -> Double {
        switch operation {
        case .negate: -1
        case .exp: exp(x)
        case .log: 1 / x
        case .tanh: 1 / (cosh(x) * cosh(x))
        case .sigmoid: 1 / (2 + exp(x) + exp(-x))
        case .relu: x > 0 ? 1 : 0
        case .power(let exponent): Double(exponent) * pow(x, Double(exponent) - 1)
        case .scale(let factor): Double(factor)
        }
    }

    /// An operation on two arrays, of which the shorter one is repeated until it is as long as the other.
    package static func combine(_ operation: ElementwiseKernel.Binary, _ left: [Float], _ right: [Float]) -> [Float] {
        (0..<max(left.count, right.count)).map { index in
            let (a, b) = (Double(left[index % left.count]), Double(right[index % right.count]))
            return switch operation {
            case .add: Float(a + b)
            case .subtract: Float(a - b)
            case .multiply: Float(a * b)
            case .divide: Float(a / b)
            }
        }
    }

    /// An array with `value` where the mask, repeated until it is as long, is not 0.
    package static func masked(_ input: [Float], mask: [Float], value: Float) -> [Float] {
        input.enumerated().map { mask[$0.offset % mask.count] == 0 ? $0.element : value }
    }

    /// The sum of all elements.
    package static func sum(_ input: [Float]) -> Double { input.reduce(0) { $0 + Double($1) } }

    /// The sum of the squares of all elements of all arrays.
    package static func sumOfSquares(_ inputs: [[Float]]) -> Double {
        inputs.joined().reduce(0) { $0 + Double($1) * Double($1) }
    }

    /// The sum of the rows of a matrix.
    ///
    /// Shape: (rows, columns) -> (columns)
    package static func sumRows(_ input: [Float], columns: Int) -> [Float] {
        (0..<columns).map { column in
            Float(stride(from: column, to: input.count, by: columns).reduce(0) { $0 + Double(input[$1]) })
        }
    }
}
