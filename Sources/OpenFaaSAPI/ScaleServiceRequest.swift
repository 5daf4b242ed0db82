/// The body of `POST /system/scale-function/NAME` (faas-provider `types/scaling.go`).
public struct ScaleServiceRequest: Codable, Equatable, Sendable {
    /// The function's name; when it is empty the path's holds.
    public var serviceName: String
    /// How many replicas there should be.
    public var replicas: UInt64
    /// The namespace; `nil` and `""` stand for the query's or the default.
    public var namespace: String?

    /// Asks for a number of replicas.
    public init(serviceName: String, replicas: UInt64, namespace: String? = nil) {
        self.serviceName = serviceName
        self.replicas = replicas
        self.namespace = namespace
    }

    /// Decodes the JSON object; a missing name reads as `""`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        serviceName = try values.decodeIfPresent(String.self, forKey: .serviceName) ?? ""
        replicas = try values.decode(UInt64.self, forKey: .replicas)
        namespace = try values.decodeIfPresent(String.self, forKey: .namespace)
    }
}
