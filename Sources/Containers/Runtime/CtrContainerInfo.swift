import FoundationEssentials

/// What `ctr containers info` prints: containerd's record of a container, with its OCI runtime specification.
struct CtrContainerInfo: Decodable {
    struct Spec: Decodable {
        struct Process: Decodable {
            var args: [String]?
        }
        struct Linux: Decodable {
            var cgroupsPath: String?
            var namespaces: [Namespace]?
        }
        struct Namespace: Decodable {
            var type: String
            var path: String?
        }

        var process: Process?
        var linux: Linux?
    }

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case labels = "Labels"
        case image = "Image"
        case createdAt = "CreatedAt"
        case spec = "Spec"
    }

    var id: String
    var labels: [String: String]?
    var image: String?
    var createdAt: String?
    var spec: Spec?

    init(_ output: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(output))
        } catch {
            throw ContainersError(
                .internalError, "the record of a container is not as expected", details: String(describing: error))
        }
    }

    func details(namespace: String, task: TaskState) -> ContainerDetails {
        let network = spec?.linux?.namespaces?.first { $0.type == "network" }
        return ContainerDetails(
            id: id, namespace: namespace, image: image ?? "", labels: labels ?? [:],
            arguments: spec?.process?.args ?? [],
            networkNamespacePath: network?.path.flatMap { $0.isEmpty ? nil : $0 },
            cgroupPath: spec?.linux?.cgroupsPath ?? "", createdAt: createdAt ?? "", task: task)
    }
}
