/// A namespace as `/system/namespace/NAME` takes and shows it (faas-provider `types/function_namespace.go`).
public struct FunctionNamespace: Codable, Equatable, Sendable {
    /// Label of containerd's namespaces that hold functions; its value is `1`. `faas-cli` sends it as a label and
    /// as an annotation.
    public static let marker = "openfaas"

    /// The name.
    public var name: String
    /// Labels.
    public var labels: [String: String]?
    /// Annotations.
    public var annotations: [String: String]?

    /// Makes a value.
    public init(name: String, labels: [String: String]? = nil, annotations: [String: String]? = nil) {
        self.name = name
        self.labels = labels
        self.annotations = annotations
    }

    /// Decodes the JSON object; a missing name reads as `""`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decodeIfPresent(String.self, forKey: .name) ?? ""
        labels = try values.decodeIfPresent([String: String].self, forKey: .labels)
        annotations = try values.decodeIfPresent([String: String].self, forKey: .annotations)
    }
}
