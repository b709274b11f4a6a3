/// The shape of a causal multi-head self-attention: B texts, H heads, T positions, D channels per head.
package struct AttentionShape: Equatable, Sendable {
    /// B, H, T and D.
    package let batch: Int, heads: Int, time: Int, headWidth: Int

    /// - Precondition: All sizes but the time are positive.
    package init(batch: Int, heads: Int, time: Int, headWidth: Int) {
        require(
            batch > 0 && heads > 0 && time >= 0 && headWidth > 0,
            "attention of \(batch) texts, \(heads) heads, \(time) positions and head width \(headWidth)")
        (self.batch, self.heads, self.time, self.headWidth) = (batch, heads, time, headWidth)
    }

    /// The width C = H D.
    package var width: Int { heads * headWidth }
    /// Elements of the heads' outputs, (B, T, C).
    package var outputCount: Int { batch * time * width }
    /// Elements of the scores' logarithmic sums, (B, H, T).
    package var rowCount: Int { batch * heads * time }
}
