import TinyGPT

/// Lesson 1: a value, the graph of its computation, and its gradients.
struct ExpressionLesson: Lesson {
    let name = "expression"
    let summary = "An expression is a graph, and gradients flow back through it"
    let drawing: String? = "the graph of micrograd's expression"

    func teach(on page: Page) throws {
        page.text(
            """
            Everything that learns in these lessons learns in the same way. It computes a number that says how wrong it is. It asks, \
            for each number that it may change: if this one were a little larger, by how much would the result change? Then it \
            changes each of them a little in the better direction. This lesson is about the question in the middle.
            """)

        page.heading("A bill")
        page.text(
            """
            We buy 3 apples at 2 coins each and a bag for 1 coin. A tax multiplies the sum by 1.5. The total is \
            (3 x 2 + 1) x 1.5 = 10.5. The program writes down every step as it computes it. Together the steps are a graph. Each \
            line below is a node of it: its number, its name and operation, then <- and the numbers of the nodes that it was \
            computed from. The first four are not computed from anything: these are the parameters, the numbers that may change. \
            The empty () is the shape of the result: a single number, not a list of them.
            """)
        let (apples, price) = (Tensor.parameter(3), Tensor.parameter(2))
        let (bag, tax) = (Tensor.parameter(1), Tensor.parameter(1.5))
        let fruit = apples * price
        let sum = fruit + bag
        let total = sum * tax
        let names = [
            "apples": apples, "price": price, "bag": bag, "tax": tax, "fruit": fruit, "sum": sum, "total": total,
        ]
        let bill = total.graph(names: names)!
        let billGradients = total.gradients(keepingAll: true)
        page.lines(bill.with(billGradients).description.trimmed)
        page.text(
            """
            The gradient in each line answers the question. It is the derivative of the total: how many coins the total grows for \
            each 1 that is added to this number, as long as the change is small. Read it from the bottom up. The total changes as \
            fast as itself: 1. It is sum x tax, so 1 more in the sum is 1.5 more in the total, and 1 more in the tax is 7 more, \
            because the sum is 7. The sum is fruit + bag, so both pass the 1.5 on unchanged. And fruit is apples x price: an \
            apple more is 2 more in fruit, and each of those is 1.5 more in the total, together 2 x 1.5 = 3.
            """)
        page.text(
            """
            That is the whole method. Each operation knows its own small rule. Going backwards, gradients are multiplied along an \
            arrow (this is the chain rule), and added where a number was used more than once. The walk is called backpropagation, \
            or reverse-mode automatic differentiation. It costs about as much as computing the total, however many parameters \
            there are.
            """)
        page.check("gradient of the apples", billGradients[apples].scalar, is: 2 * 1.5, within: 1e-6)
        page.check("gradient of the tax", billGradients[tax].scalar, is: 7, within: 1e-6)

        page.heading("The same graph for Graphviz")
        page.text(
            """
            Graphviz is a program that draws graphs. In its language a node has a label, and an arrow is written n0 -> n4:
            """)
        page.lines(bill.with(billGradients).dot.trimmed)

        page.heading("The expression of micrograd")
        page.text(
            """
            micrograd is a famous small program for such graphs. Its page shows a longer expression of two numbers, a = -4 and \
            b = 2, with powers, a division, and relu, which is its input if that is positive and otherwise 0. The page also \
            publishes the result and the two gradients. Here is the same expression, with some of its lines named. Fixed numbers \
            are not nodes and do not appear: line 24 is f / 2, and line 25 is 10 / f.
            """)
        let (a, b) = (Tensor.parameter(-4), Tensor.parameter(2))
        let (g, parts) = expression(a, b)
        let graph = g.graph(names: parts.merging(["a": a, "b": b, "g": g]) { first, _ in first })!
        let value = g.scalar
        let gradients = g.gradients(keepingAll: true)
        page.lines(graph.with(gradients).description.trimmed)
        try page.drawing(graph.with(gradients).svg)

        page.heading("Is it right?")
        page.check("value", value, is: 24.7041, within: 0.00005, source: "published")
        page.check("gradient of a", gradients[a].scalar, is: 138.8338, within: 0.00005, source: "published")
        page.check("gradient of b", gradients[b].scalar, is: 645.5773, within: 0.0001, source: "published")
        page.text(
            """
            There is a second way to see it, without any graph: change a by very little, 0.001 up and 0.001 down, compute the \
            result both times, and divide the difference by 0.002. It needs two computations for each parameter, and it is never \
            quite exact. But it knows nothing of rules, so it is how one tests them:
            """)
        func slope(_ step: (Float) -> (a: Float, b: Float)) -> Float {
            let (up, down) = (step(0.001), step(-0.001))
            func value(_ at: (a: Float, b: Float)) -> Float { expression(.parameter(at.a), .parameter(at.b)).g.scalar }
            return (value(up) - value(down)) / 0.002
        }
        page.check("slope along a", slope { (-4 + $0, 2) }, is: 138.8338, within: 0.05, digits: 1)
        page.check("slope along b", slope { (-4, 2 + $0) }, is: 645.5773, within: 0.05, digits: 1)
    }

    /// The expression of micrograd's README, and some of its parts by name.
    private func expression(_ a: Tensor, _ b: Tensor) -> (g: Tensor, parts: [String: Tensor]) {
        var c = a + b
        var d = a * b + b.power(3)
        c = c + c + 1
        c = c + 1 + c + (-a)
        d = d + d * 2 + (b + a).relu()
        d = d + 3 * d + (b - a).relu()
        let e = c - d
        let f = e.power(2)
        return (f / 2 + 10 / f, ["c": c, "d": d, "e": e, "f": f])
    }
}
