/// The rules of containerd for names, checked before a name becomes an argument.
enum RuntimeNames {
    /// Checks a container id or a namespace: letters and digits in groups, one `.`, `_` or `-` between two groups.
    ///
    /// The rule and the length are containerd's (`identifiers.Validate`). It leaves no room for a leading `-`, for
    /// `/` or for `..`.
    static func checkIdentifier(_ text: String, field: String) throws(ContainersError) {
        var previousIsAlphanumeric = false
        var good = (1...76).contains(text.utf8.count)
        for byte in text.utf8 {
            let alphanumeric = isAlphanumeric(byte)
            let separator = byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            good = good && (alphanumeric || (separator && previousIsAlphanumeric))
            previousIsAlphanumeric = alphanumeric
        }
        guard good, previousIsAlphanumeric else {
            throw ContainersError(
                .invalidArgument,
                "the \(field) \"\(BoundedText.shown(text))\" must be 1 to 76 letters and digits,"
                    + " with single '.', '_' or '-' between them")
        }
    }

    /// Checks labels: containerd keeps at most 4096 bytes for key and value together.
    static func checkLabels(_ labels: [String: String]) throws(ContainersError) {
        for (key, value) in labels {
            let good = !key.isEmpty && !key.contains("=") && key.utf8.count + value.utf8.count <= 4096
            guard good, !hasControl(key), !hasControl(value) else {
                throw ContainersError(
                    .invalidArgument,
                    "the label \"\(BoundedText.shown(key))\" must have a key without '=', no control characters,"
                        + " and at most 4096 bytes with its value")
            }
        }
    }

    /// Checks a host name: labels of letters, digits and inner `-` (RFC 1123), at most 63 bytes in all; the kernel
    /// takes 64 (`__NEW_UTS_LEN`).
    static func checkHostname(_ text: String) throws(ContainersError) {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hyphen = UInt8(ascii: "-")
        guard text.utf8.count <= 63,
            labels.allSatisfy({ label in
                !label.isEmpty && label.first != hyphen && label.last != hyphen
                    && label.allSatisfy { isAlphanumeric($0) || $0 == hyphen }
            })
        else {
            throw ContainersError(
                .invalidArgument,
                "the host name \"\(BoundedText.shown(text))\" must be letters, digits and '-' between them, in parts"
                    + " joined by '.', at most 63")
        }
    }

    static func checkAbsolutePath(_ path: String, field: String) throws(ContainersError) {
        let isClean = path.hasPrefix("/") && !path.split(separator: "/").contains("..")
        guard isClean, path.utf8.count <= 4096, !hasControl(path) else {
            throw ContainersError(
                .invalidArgument,
                "the \(field) \"\(BoundedText.shown(path))\" must be an absolute path without '..' and control characters"
            )
        }
    }

    static func hasControl(_ text: String) -> Bool {
        text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
