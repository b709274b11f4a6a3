/// Stops the program with a message when a programmer has broken a rule.
///
/// `precondition` says the same, but the optimizer takes it out of this target, which is compiled without checks so that
/// the innermost loops have none.
@inline(__always)
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
