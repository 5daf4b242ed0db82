/// Which part of OpenFaaS a gateway's port is.
public enum Role: Sendable {
    /// Gateway and provider at once, on one machine.
    case whole
    /// The gateway alone, before a provider that is spoken to over HTTP.
    case gateway
    /// The provider alone, for a gateway that is elsewhere: no console, no counts, and `/system/info` speaks of the
    /// provider only (faas-provider `serve.go`).
    case provider
}
