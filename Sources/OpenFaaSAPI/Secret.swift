/// A secret as `/system/secrets` takes and shows it (faas-provider `types/secret.go`).
///
/// Its text form shows no value.
public struct Secret: Codable, Equatable, Sendable, CustomStringConvertible {
    /// The secret's name, which is also its file's.
    public var name: String
    /// The namespace; `nil` and `""` stand for ``FunctionName/defaultNamespace``.
    public var namespace: String?
    /// The value as text. Never part of an answer.
    public var value: String?
    /// The value as base64, for bytes that are no text; it wins over ``value``. Never part of an answer.
    public var rawValue: String?

    /// Names a secret.
    public init(name: String, namespace: String? = nil, value: String? = nil, rawValue: String? = nil) {
        self.name = name
        self.namespace = namespace
        self.value = value
        self.rawValue = rawValue
    }

    /// Decodes the JSON object; a missing name reads as `""`, which the check of names refuses.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decodeIfPresent(String.self, forKey: .name) ?? ""
        namespace = try values.decodeIfPresent(String.self, forKey: .namespace)
        value = try values.decodeIfPresent(String.self, forKey: .value)
        rawValue = try values.decodeIfPresent(String.self, forKey: .rawValue)
    }

    /// The name without the value.
    public var description: String { "secret \(name) in \(namespace ?? FunctionName.defaultNamespace)" }
}
