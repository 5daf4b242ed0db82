import Queue

/// Which fields of a head belong to the message, and not to the connection it came over (RFC 9110 §7.6.1).
enum EndToEndFields {
    private static let ofConnection: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade", "expect", "content-length", "host",
    ]

    /// The fields that are kept, in their order.
    ///
    /// - Parameter others: more that are left out, in lower case.
    static func of(_ fields: [(name: String, value: String)], without others: Set<String> = []) -> [HeaderField] {
        var left = others
        for (name, value) in fields where name.lowercased() == "connection" {
            for token in value.split(separator: ",") {
                left.insert(token.lowercased().filter { $0 != " " && $0 != "\t" })
            }
        }
        return fields.compactMap { name, value in
            let key = name.lowercased()
            return ofConnection.contains(key) || left.contains(key) ? nil : HeaderField(name, value)
        }
    }
}
