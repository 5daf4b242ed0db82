public import OpenFaaSAPI

/// What a provider knows of a function that is in no status: for whoever asks why it is not there, or not ready.
public struct ProviderNotes: Sendable, Equatable {
    /// The last deployment, where it was refused.
    public var refusal: FunctionEvent?
    /// Why what runs the containers does not answer, while that is so.
    public var runtimeTrouble: String?

    /// Makes a value.
    public init(refusal: FunctionEvent? = nil, runtimeTrouble: String? = nil) {
        self.refusal = refusal
        self.runtimeTrouble = runtimeTrouble
    }
}

extension Provider {
    /// What more there is to say of a function.
    public func notes(on name: FunctionName) -> ProviderNotes {
        ProviderNotes(
            refusal: refusals.last { $0.function == name }?.event, runtimeTrouble: runtimeTrouble)
    }

    /// Keeps that a deployment was refused.
    func note(_ text: String, on name: FunctionName) {
        if refusals.count >= Self.keptRefusals { refusals.removeFirst() }
        refusals.append((name, FunctionEvent(time: Timestamp.rfc3339(Timestamp.now), text: text)))
        // Not for one that is not there: whoever guesses names would fill the memory.
        if functions[name]?.accepted != nil { functions[name]?.note(text) }
    }

    private static let keptRefusals = 64
}
