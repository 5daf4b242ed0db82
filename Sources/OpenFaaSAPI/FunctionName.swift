/// The checked name of a function together with its namespace.
///
/// A value of this type has passed the rules for both parts, so whoever holds one need not check again.
public struct FunctionName: Hashable, Sendable, CustomStringConvertible {
    /// The namespace that is meant when a client names none (faas-cli, faas-provider).
    public static let defaultNamespace = "openfaas-fn"

    /// The function's name inside its namespace: 1 to 63 bytes, without `.` and `/`.
    public let name: String
    /// The namespace's name: 1 to 63 bytes, without `.` and `/`.
    public let namespace: String

    /// `NAME.NAMESPACE`, the form that metrics and logs use (docs: "function_name" label).
    public var description: String { "\(name).\(namespace)" }

    /// Checks both parts.
    ///
    /// - Parameters:
    ///   - name: the function's name.
    ///   - namespace: the namespace; `nil` and `""` stand for ``defaultNamespace``.
    /// - Throws: ``InvalidName`` that says which part broke which rule.
    public init(_ name: some StringProtocol, namespace: String? = nil) throws(InvalidName) {
        guard NameRule.isFunctionName(name) else {
            throw InvalidName(field: "function name", value: name, rule: NameRule.functionText)
        }
        self.name = String(name)
        self.namespace = try Self.checkedNamespace(namespace)
    }

    /// Takes apart `NAME` or `NAME.NAMESPACE`, split at the last dot, as clients write it in a path.
    ///
    /// `faas-cli invoke NAME.NAMESPACE` puts the default namespace behind what it is given, so that
    /// `NAME.NAMESPACE.openfaas-fn` is the same as `NAME.NAMESPACE`.
    ///
    /// - Throws: ``InvalidName`` when a part breaks its rule.
    public init(qualified text: some StringProtocol) throws(InvalidName) {
        guard let dot = text.lastIndex(of: ".") else {
            try self.init(text)
            return
        }
        let (name, namespace) = (text[..<dot], text[text.index(after: dot)...])
        if namespace == Self.defaultNamespace, name.contains(".") {
            try self.init(qualified: name)
        } else {
            try self.init(name, namespace: String(namespace))
        }
    }

    /// The namespace itself, or ``defaultNamespace`` for `nil` and `""`.
    ///
    /// - Throws: ``InvalidName`` when the namespace breaks its rule.
    public static func checkedNamespace(_ namespace: String?) throws(InvalidName) -> String {
        guard let namespace, !namespace.isEmpty else { return defaultNamespace }
        guard NameRule.isNamespace(namespace) else {
            throw InvalidName(field: "namespace", value: namespace, rule: NameRule.namespaceText)
        }
        return namespace
    }
}
