import Foundation
import GRDB
import OpenFaaSAPI

/// A namespace that was made through the API. containerd's own record says only that it holds functions: its labels
/// cannot hold every text, and it has no annotations.
struct NamespaceRecord: Sendable, Equatable {
    let name: String
    let labels: [String: String]
    let annotations: [String: String]
}

extension NamespaceRecord {
    /// Checks what a client sent. The marker is there whether the client sent it or not.
    ///
    /// - Throws: ``ProviderError`` `invalid`, naming the field and the rule.
    init(validating namespace: FunctionNamespace) throws(ProviderError) {
        do {
            name = try FunctionName.checkedNamespace(namespace.name)
        } catch {
            throw ProviderError(.invalid, "\(error)")
        }
        var labels = namespace.labels ?? [:]
        labels[FunctionNamespace.marker] = "1"
        try MetadataRule.check(labels, field: "labels")
        try MetadataRule.check(namespace.annotations ?? [:], field: "annotations")
        self.labels = labels
        annotations = namespace.annotations ?? [:]
    }

    init(row: Row) throws {
        name = row["name"]
        labels = try Self.pairs(row["labels"])
        annotations = try Self.pairs(row["annotations"])
    }

    func save(in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO namespaces (name, labels, annotations) VALUES (?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET labels = excluded.labels, annotations = excluded.annotations
                """,
            arguments: [name, try Self.text(labels), try Self.text(annotations)])
    }

    /// As the API shows it.
    var shown: FunctionNamespace {
        FunctionNamespace(name: name, labels: labels, annotations: annotations.isEmpty ? nil : annotations)
    }

    private static func pairs(_ text: String) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    private static func text(_ pairs: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(pairs), as: UTF8.self)
    }
}
