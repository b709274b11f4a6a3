extension TrainingSettings {
    /// Checks every setting against its range.
    ///
    /// - Throws: ``TinyGPTError/invalidSettings(problem:)`` for the first that is out of range.
    public func validate() throws {
        if let problem = invalidSetting { throw TinyGPTError.invalidSettings(problem: problem) }
    }
}
