import Foundation
import TinyGPT

/// Lesson 4: two half moons of points, and a network that finds the line between them.
struct MoonsLesson: Lesson {
    let name = "moons"
    let summary = "Two half moons, and a network that finds the line between them"
    let drawing: String? = "the points and the boundary between the two classes"

    func teach(on page: Page) throws {
        page.text(
            """
            Here are 100 points in a plane. They belong to two classes, 50 to each. Each class is a half moon, and the moons reach \
            into each other. Given the two coordinates of a point, which moon is it from? No straight line separates them, so one \
            neuron, which can only draw a straight line, is not enough.
            """)
        var random = RandomStream(seed: 1, purpose: .data)
        let moons = Moons(count: 100, &random)
        page.lines(ClassPlot(moons.points, moons.labels).text)

        page.heading("The network")
        page.text(
            """
            A point goes in as two numbers. A first layer of 16 neurons sees them, a second layer of 16 neurons sees the results of \
            the first, and one last neuron makes of those a single number, the score. A score above 0 means class 1 (x in the \
            picture), one below 0 means class -1 (o). Each neuron multiplies its inputs by its weights and adds the products and \
            its bias. The 32 inner neurons then replace a negative sum by 0 (this is called ReLU). Without that bend, layers on \
            layers could still only draw a straight line. Together there are 2 x 16 + 16 + 16 x 16 + 16 + 16 + 1 = 337 numbers to \
            learn, the parameters. The weights start at random between -1 and 1, the biases at 0.
            """)
        var start = RandomStream(seed: 1, purpose: .initialization)
        let weights = [[2, 16], [16, 16], [16, 1]].map { Tensor.parameter(uniform: Shape($0), in: -1...1, &start) }
        let biases = [16, 16, 1].map { Tensor.parameter([Float](repeating: 0, count: $0), shape: [$0]) }
        let parameters = weights + biases

        func scores(_ points: Tensor) -> Tensor {
            let first = points.matmul(weights[0], plus: biases[0]).relu()
            let second = first.matmul(weights[1], plus: biases[1]).relu()
            return second.matmul(weights[2], plus: biases[2])
        }
        page.check("parameters", Float(parameters.reduce(0) { $0 + $1.shape.count }), is: 337, within: 0, digits: 0)

        page.heading("The loss")
        page.text(
            """
            The loss is a number that says how bad the scores are. For one point it is max(0, 1 - class x score). That is 0 if the \
            score has the right sign and is at least 1 away from 0: right, and with a margin. Otherwise it is the larger, the \
            more is missing. The loss of the network is the mean over all points (this is called the max-margin loss), plus \
            0.0001 times the sum of the squares of all parameters. The second part pulls the parameters towards 0, so that none \
            grows without need (L2 regularization).
            """)
        func loss(_ scores: Tensor) -> Tensor {
            let squares = parameters.map { ($0 * $0).sum() }.reduce(0, +)
            return (1 - moons.labels * scores).relu().mean() + 0.0001 * squares
        }

        page.heading("Learning")
        page.text(
            """
            In each of 100 steps the library works out how the loss changes with each parameter (the gradient), and each parameter \
            moves a little against it: by the gradient times a rate. The rate falls from 1 to 0.1, because large steps are quick \
            in the beginning and jump over the goal at the end.
            """)
        let optimizer = SGD(parameters, learningRate: 1)
        var rows: [[String]] = []
        let duration = ContinuousClock().measure {
            for step in 0..<100 {
                optimizer.learningRate = 1 - 0.9 * Float(step) / 100
                let scores = scores(moons.points)
                let loss = loss(scores)
                if step % 10 == 0 || step == 99 {
                    let right = moons.accuracy(scores)
                    rows.append([
                        "\(step)", optimizer.learningRate.fixed(3), loss.scalar.fixed(3), "\((100 * right).fixed(0)) %",
                    ])
                }
                optimizer.update(loss.gradients())
            }
        }
        page.table(["step", "rate", "loss", "points that are right"], rows)
        page.lines("100 steps in \(duration.seconds.fixed(4)) seconds")

        page.heading("What it has learned")
        page.text(
            """
            The network gives every point of the plane a score, not only the 100 that it has seen. Where the score is above 0 the \
            picture is dotted. The edge of the dots is the decision boundary. It is made of straight pieces: where a neuron \
            changes from 0 to its sum, the boundary bends.
            """)
        let plot = ClassPlot(moons.points, moons.labels) { scores($0).constant }
        page.lines(plot.text)
        try page.drawing(plot.svg(title: "The two moons, and where the score is above 0"))

        let new = Moons(count: 1000, &random)
        page.text(
            """
            Points that it has seen could be learned by heart. So here is also how many of 1000 new points, drawn in the same way, \
            end up on the right side. The network and its training are those of the demo of micrograd, which reaches 100 % too.
            """)
        page.check(
            "percent of the 100 points that are right", 100 * moons.accuracy(scores(moons.points)),
            is: 100, within: 0, digits: 0, source: "micrograd")
        page.check(
            "percent of 1000 new points that are right", 100 * new.accuracy(scores(new.points)), atLeast: 98, digits: 1)
    }
}

/// Points in two half moons, half of them in each.
private struct Moons {
    /// Shape: (points, 2)
    let points: Tensor
    /// 1 or -1 for each point. Shape: (points, 1)
    let labels: Tensor

    /// Points at even distances along two half circles, each moved at random by about 0.1 in both directions.
    init(count: Int, _ random: inout RandomStream) {
        let half = count / 2
        let places = (0..<count).flatMap { index in
            let angle = Double(index % half) / Double(half - 1) * .pi
            let (x, y) = index < half ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
            return [Float(x + 0.1 * random.normal()), Float(y + 0.1 * random.normal())]
        }
        points = Tensor(places, shape: [count, 2])
        labels = Tensor((0..<count).map { $0 < half ? -1 : 1 }, shape: [count, 1])
    }

    /// The share of scores that have the sign of the label.
    func accuracy(_ scores: Tensor) -> Float {
        let right = (scores * labels).values.count { $0 > 0 }
        return Float(right) / Float(labels.shape.count)
    }
}
