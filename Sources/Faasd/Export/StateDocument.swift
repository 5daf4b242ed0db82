import Foundation
import OpenFaaSAPI
import Yams

/// The desired state of an instance as a file: what there should be, and nothing of how it is.
struct StateDocument: Codable, Equatable {
    /// The form of the file; a later program may know more of them.
    static let form = 1
    /// The longest file that is read, in bytes.
    static let maximumBytes = 64 << 20

    enum Format: String, CaseIterable {
        case yaml
        case json
    }

    /// ``form``.
    var faasd: Int
    /// In the order of their names.
    var namespaces: [FunctionNamespace]
    /// In the order of namespaces and names.
    var functions: [FunctionDeployment]
    /// In the order of namespaces and names; `rawValue` is the value as base64, where it was asked for.
    var secrets: [Secret]

    private enum CodingKeys: String, CodingKey {
        case faasd, namespaces, functions, secrets
    }

    init(namespaces: [FunctionNamespace], functions: [FunctionDeployment], secrets: [Secret]) {
        faasd = Self.form
        self.namespaces = namespaces
        self.functions = functions
        self.secrets = secrets
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        faasd = try values.decode(Int.self, forKey: .faasd)
        namespaces = try values.decodeIfPresent([FunctionNamespace].self, forKey: .namespaces) ?? []
        functions = try values.decodeIfPresent([FunctionDeployment].self, forKey: .functions) ?? []
        secrets = try values.decodeIfPresent([Secret].self, forKey: .secrets) ?? []
    }

    /// The file's text.
    func text(_ format: Format) throws -> String {
        switch format {
        case .yaml:
            let encoder = YAMLEncoder()
            encoder.options.sortKeys = true
            return "# Desired state of faasd; `faasd import` takes it.\n" + (try encoder.encode(self))
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// Reads a file's text; JSON is YAML, too.
    ///
    /// - Throws: ``InstallError``.
    static func read(_ text: String, name: String) throws -> StateDocument {
        do {
            let document = try YAMLDecoder().decode(Self.self, from: text)
            guard document.faasd == form else {
                throw InstallError(
                    "\(name) is of form \(document.faasd), and this program knows \(form); use a newer one")
            }
            return document
        } catch let error as InstallError {
            throw error
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            let reason = context.underlyingError.map { "\($0)" } ?? context.debugDescription
            throw InstallError("\(name) is not YAML or JSON: \(reason)")
        } catch let error as DecodingError {
            throw InstallError("\(name) is not what `faasd export` writes: \(sentence(error))")
        } catch {
            throw InstallError("\(name) is not YAML or JSON: \(error)")
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
            return path.isEmpty ? "the document" : path
        }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context)) has a value of another kind"
        case .keyNotFound(let key, let context): return "\(place(context)) lacks the key \(key.stringValue)"
        case .dataCorrupted(let context): return "\(place(context)): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}

extension FunctionDeployment {
    /// What was deployed to get a function with this status. What is empty is absent.
    init(_ status: FunctionStatus) {
        self.init(
            service: status.name, image: status.image, namespace: status.namespace, envProcess: status.envProcess,
            envVars: status.envVars, constraints: status.constraints, secrets: status.secrets, labels: status.labels,
            annotations: status.annotations, limits: status.limits, requests: status.requests,
            readOnlyRootFilesystem: status.readOnlyRootFilesystem)
        self = normalized
    }

    /// The same deployment in the one form of several that mean the same.
    var normalized: FunctionDeployment {
        var same = self
        if (namespace ?? "").isEmpty { same.namespace = FunctionName.defaultNamespace }
        if (envProcess ?? "").isEmpty { same.envProcess = nil }
        if (envVars ?? [:]).isEmpty { same.envVars = nil }
        if (constraints ?? []).isEmpty { same.constraints = nil }
        if (secrets ?? []).isEmpty { same.secrets = nil }
        if (labels ?? [:]).isEmpty { same.labels = nil }
        if (annotations ?? [:]).isEmpty { same.annotations = nil }
        if limits?.isEmpty ?? true { same.limits = nil }
        if requests?.isEmpty ?? true { same.requests = nil }
        if readOnlyRootFilesystem != true { same.readOnlyRootFilesystem = nil }
        return same
    }
}
