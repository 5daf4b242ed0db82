import Testing

/// Waits until a fact holds, for at most 20 seconds.
func eventually<Value: Sendable>(
    _ fact: () async throws -> Value?, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Value {
    let clock = ContinuousClock()
    let deadline = clock.now.advanced(by: .seconds(20))
    while clock.now < deadline {
        if let value = try await fact() { return value }
        try await clock.sleep(for: .milliseconds(5))
    }
    return try #require(nil as Value?, "the fact did not come true", sourceLocation: sourceLocation)
}
