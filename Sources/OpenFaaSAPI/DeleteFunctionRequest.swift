/// The body of `DELETE /system/functions` (faas-provider `types/requests.go`).
public struct DeleteFunctionRequest: Codable, Equatable, Sendable {
    /// The function's name.
    public var functionName: String
    /// The namespace; `nil` and `""` stand for ``FunctionName/defaultNamespace``.
    public var namespace: String?

    /// Names the function to delete.
    public init(functionName: String, namespace: String? = nil) {
        self.functionName = functionName
        self.namespace = namespace
    }

    /// Decodes the JSON object; a missing name reads as `""`, which the check of names refuses.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        functionName = try values.decodeIfPresent(String.self, forKey: .functionName) ?? ""
        namespace = try values.decodeIfPresent(String.self, forKey: .namespace)
    }
}
