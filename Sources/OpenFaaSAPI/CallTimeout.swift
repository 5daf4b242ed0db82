/// How long a call of a function may take, where the function says so itself.
public enum CallTimeout {
    /// A label or annotation that says it, such as `30s`; the annotation wins.
    public static let annotation = "com.openfaas.timeout"

    /// The watchdog's own limit (docs "watchdog", `exec_timeout`).
    private static let variable = "exec_timeout"

    /// A watchdog that ends a call at its limit needs a moment to say so; whoever waits for it waits longer.
    private static let grace = Duration.seconds(1)

    /// What a function says: its annotation or label, or its watchdog's limit and a second more.
    ///
    /// - Returns: `nil` where it says nothing, or nothing that is a time of a millisecond or more.
    public static func of(
        annotations: [String: String], labels: [String: String], environment: [String: String]
    ) -> Duration? {
        if let text = annotations[annotation] ?? labels[annotation] { return parse(text) }
        return environment[variable].flatMap(parse).map { $0 + grace }
    }

    /// Reads one value of the annotation.
    public static func parse(_ text: String) -> Duration? {
        guard let duration = GoDuration.parse(text), duration >= .milliseconds(1) else { return nil }
        return duration
    }
}
