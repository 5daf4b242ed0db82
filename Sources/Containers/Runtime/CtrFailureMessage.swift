/// The sentences that go with the codes.
extension CtrFailure {
    func message(_ code: ContainersError.Code, subject: String) -> String {
        switch code {
        case .unavailable: "containerd does not answer; see that it is running"
        case .imageNotFound: "there is no \(subject)"
        case .unauthorized: "the registry refused access to \(subject); see that it exists and log in to the registry"
        case .registryUnreachable: "the registry of \(subject) could not be reached: \(shortReason)"
        case .invalidImage: "\(subject) cannot be used on this machine: \(shortReason)"
        case .alreadyExists: "\(subject) already exists"
        case .notFound: "\(subject) does not exist or does not run"
        case .startFailed: "\(subject) could not be started\(startReason.map { ": \($0)" } ?? "")"
        case .invalidArgument: "\(subject) is not in a state that allows this: \(shortReason)"
        case .timedOut, .networkFailed, .addressesUsed, .internalError:
            "containerd failed with \(subject): \(shortReason)"
        }
    }

    /// The last part of a chain of reasons, which is the first cause.
    private var shortReason: String {
        let line = reason.split(separator: "\n").first.map(String.init) ?? "\(result.status)"
        return BoundedText.shown(line, maximumCharacters: 300)
    }

    /// Why the program itself could not be started. Other reasons name paths of the host and stay in the details.
    private var startReason: String? {
        guard let start = reason.firstRange(of: "unable to start container process: exec: ") else { return nil }
        var cause = reason[start.upperBound...]
        if cause.hasSuffix(": unknown") { cause = cause.dropLast(": unknown".count) }
        return BoundedText.shown(String(cause), maximumCharacters: 200)
    }

    func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        return String(text)
    }
}
