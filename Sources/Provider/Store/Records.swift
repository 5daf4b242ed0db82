import Foundation
import GRDB
import OpenFaaSAPI

/// A function that was accepted: the row is the promise to keep it running.
struct FunctionRecord: Sendable, Equatable {
    let spec: FunctionSpec
    /// Counts the accepted deployments of this name; a replica belongs to exactly one.
    var generation: Int64
    /// How many replicas should run.
    var replicas: Int
    /// Milliseconds since 1970.
    let createdAt: Int64
    /// Milliseconds since 1970.
    var updatedAt: Int64

    var name: FunctionName { spec.name }
}

/// A replica that was begun. The row is written before anything is made on the machine and removed after
/// everything is gone, so that whatever a crash leaves behind is found by it.
struct ReplicaRecord: Sendable, Equatable {
    /// Also the container's id.
    let id: String
    let function: FunctionName
    let generation: Int64
    /// The name of the network namespace.
    let networkNamespace: String
    /// The IPv4 address, once the network is attached.
    var address: String?
    /// Milliseconds since 1970.
    let createdAt: Int64
    /// How it is told that it serves.
    let readiness: Readiness
}

extension FunctionRecord {
    /// Reads a row; a row that this version cannot read is an error, never a forgotten function.
    init(row: Row) throws {
        let text: String = row["deployment"]
        let deployment = try JSONDecoder().decode(FunctionDeployment.self, from: Data(text.utf8))
        spec = try FunctionSpec(validating: deployment)
        generation = row["generation"]
        replicas = row["replicas"]
        createdAt = row["created_at"]
        updatedAt = row["updated_at"]
    }

    func save(in database: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(spec.deployment), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO functions (namespace, name, generation, replicas, deployment, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (namespace, name) DO UPDATE SET generation = excluded.generation,
                    replicas = excluded.replicas, deployment = excluded.deployment, updated_at = excluded.updated_at
                """,
            arguments: [name.namespace, name.name, generation, replicas, text, createdAt, updatedAt])
    }
}

extension ReplicaRecord {
    init(row: Row) throws {
        id = row["id"]
        function = try FunctionName(row["name"] as String, namespace: row["namespace"])
        generation = row["generation"]
        networkNamespace = row["network_namespace"]
        address = row["address"]
        createdAt = row["created_at"]
        readiness = Readiness(path: row["ready_path"])
    }

    func insert(in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO replicas
                    (id, namespace, name, generation, network_namespace, address, created_at, ready_path)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, function.namespace, function.name, generation, networkNamespace, address, createdAt,
                readiness.path,
            ])
    }
}
