import Containers
import Yams

/// Reads the part of the Compose specification that is understood, and refuses the rest with its line: what is passed over
/// in silence is what somebody relied on.
struct ComposeReader {
    let path: String
    let folder: String
    private var problems: [String] = []

    private static let maximumServices = 64
    private static let serviceKeys = [
        "image", "command", "entrypoint", "environment", "volumes", "ports", "depends_on", "cap_add", "user", "restart",
        "read_only",
    ]

    init(path: String, folder: String) {
        self.path = path
        self.folder = folder
    }

    func read(_ text: String) throws -> [ServiceSpec] {
        var reader = self
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ServicesError("\(path): \(Self.sentence(error))")
        } catch {
            throw ServicesError("\(path) is not valid YAML")
        }
        let services = root.map { reader.services($0) } ?? []
        guard reader.problems.isEmpty else { throw ServicesError(reader.problems.joined(separator: "\n")) }
        return services
    }

    private static func sentence(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            "line \(context.mark.line): \(keys.map { "\"\($0)\"" }.joined(separator: ", ")) is there twice"
        default: "not valid YAML"
        }
    }

    mutating func complain(_ node: Node?, _ sentence: String) {
        guard problems.count < 20 else { return }
        problems.append("\(path)\(node?.mark.map { ":\($0.line)" } ?? ""): \(sentence)")
    }

    private mutating func services(_ root: Node) -> [ServiceSpec] {
        guard let mapping = root.mapping else {
            complain(root, "a map with the key services is expected")
            return []
        }
        var services: [ServiceSpec] = []
        for (key, value) in mapping {
            switch key.string ?? "" {
            case "version": continue
            case "services":
                for (name, body) in value.mapping ?? [:] {
                    if let service = service(name, body) { services.append(service) }
                }
                if value.mapping == nil, !Self.isNull(value) { complain(value, "services must be a map of names") }
            case let other: complain(key, "unknown key \"\(other)\"; the keys are version and services")
            }
        }
        if services.count > Self.maximumServices {
            complain(root, "there are more than \(Self.maximumServices) services")
        }
        return checked(services, root)
    }

    private mutating func checked(_ services: [ServiceSpec], _ root: Node) -> [ServiceSpec] {
        let names = Set(services.map(\.name))
        for service in services {
            for other in service.dependsOn where !names.contains(other) {
                complain(root, "\(service.name) depends on \(other), which is no service")
            }
        }
        var taken: [String: String] = [:]
        for service in services {
            for port in service.ports {
                let place = "\(port.address):\(port.published)"
                if let other = taken.updateValue(service.name, forKey: place) {
                    complain(root, "\(other) and \(service.name) both want \(place)")
                }
            }
        }
        guard problems.isEmpty else { return services }
        guard let ordered = ServiceSpec.ordered(services) else {
            complain(root, "some services depend on each other in a circle")
            return services
        }
        return ordered
    }

    private mutating func service(_ key: Node, _ body: Node) -> ServiceSpec? {
        let name = key.string ?? ""
        guard Self.isName(name) else {
            complain(
                key, "\"\(name.prefix(64))\" is no name: 1 to 40 lower-case letters and digits, with single '-' between"
            )
            return nil
        }
        guard name != "gateway", name != "localhost" else {
            complain(key, "\(name) is a name that faasd itself has; remove the service, as faasd has its own gateway")
            return nil
        }
        guard let mapping = body.mapping else {
            complain(body, "\(name) must be a map with the key image")
            return nil
        }
        for (key, _) in mapping where !Self.serviceKeys.contains(key.string ?? "") {
            complain(
                key,
                "\(name): unknown key \"\(key.string ?? "")\"; the keys are \(Self.serviceKeys.joined(separator: ", "))"
            )
        }
        guard let image = mapping["image"]?.string else {
            complain(key, "\(name) needs the key image")
            return nil
        }
        do {
            var service = ServiceSpec(name: name, image: try ImageReference(image))
            fill(&service, mapping)
            return service
        } catch {
            complain(mapping["image"], "\(name): \(error)")
            return nil
        }
    }

    private mutating func fill(_ service: inout ServiceSpec, _ mapping: Node.Mapping) {
        let name = service.name
        if let node = mapping["command"] { service.command = words(node, "\(name): command") }
        if let node = mapping["entrypoint"] { service.entrypoint = words(node, "\(name): entrypoint") }
        if let node = mapping["environment"] { service.environment = environment(node, name) }
        if let node = mapping["volumes"] {
            service.volumes = items(node, "\(name): volumes").compactMap { volume($0, name) }
        }
        if let node = mapping["ports"] { service.ports = items(node, "\(name): ports").compactMap { port($0, name) } }
        if let node = mapping["depends_on"] { service.dependsOn = dependencies(node, name) }
        if let node = mapping["cap_add"] {
            service.addedCapabilities = texts(node, "\(name): cap_add").compactMap { capability($0, node, name) }
        }
        if let node = mapping["user"] { service.user = user(node, name) }
        if let node = mapping["restart"] {
            if let restart = node.string.flatMap(ServiceSpec.Restart.init(rawValue:)) {
                service.restart = restart
            } else {
                let known = ServiceSpec.Restart.allCases.map(\.rawValue).joined(separator: ", ")
                complain(node, "\(name): restart must be one of \(known)")
            }
        }
        if let node = mapping["read_only"] {
            if let flag = node.bool {
                service.readOnly = flag
            } else {
                complain(node, "\(name): read_only must be true or false")
            }
        }
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 40 && name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil
    }

    static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
