/// Names of the headers that the platform itself reads or writes on a call
/// (docs "invocation headers", faas-provider `proxy`).
public enum CallHeaders {
    /// The identity of one call; kept when the client sent one.
    public static let callID = "X-Call-Id"
    /// When the gateway took the call, in nanoseconds since 1970.
    public static let startTime = "X-Start-Time"
    /// How long the call took, in seconds with six decimals.
    public static let durationSeconds = "X-Duration-Seconds"
    /// Marks an answer that was made by the platform, not by the function.
    public static let openFaaSInternal = "X-OpenFaaS-Internal"
    /// The client's address.
    public static let forwardedFor = "X-Forwarded-For"
    /// The host that the client asked for.
    public static let forwardedHost = "X-Forwarded-Host"
    /// The scheme that the client used.
    public static let forwardedProto = "X-Forwarded-Proto"
}
