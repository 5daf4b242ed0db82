import Glibc

/// An errno as a value.
struct SystemError: Error, Equatable {
    let number: Int32

    /// The errno of the call that failed just now.
    static var last: SystemError { SystemError(number: errno) }

    /// The kernel's words in the field's spelling: lower case first letter, no full stop.
    var text: String {
        guard let words = strerror(number) else { return "error \(number)" }
        let text = String(cString: words)
        guard let first = text.first else { return "error \(number)" }
        return first.lowercased() + text.dropFirst()
    }
}
