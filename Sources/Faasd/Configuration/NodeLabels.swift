import Foundation
import OpenFaaSAPI

/// The labels of this machine, which constraints of functions are held against.
enum NodeLabels {
    /// What every machine has, in the words of Kubernetes ("well-known labels"), as stack files for OpenFaaS use them.
    static var ofMachine: [String: String] {
        [
            "kubernetes.io/os": "linux", "kubernetes.io/arch": GatewayInfo.hostArchitecture,
            "kubernetes.io/hostname": ProcessInfo.processInfo.hostName,
        ]
    }

    /// Reads `KEY=VALUE` items.
    ///
    /// - Throws: ``SettingError``.
    static func parse(_ items: [String]) throws -> [String: String] {
        var labels: [String: String] = [:]
        for item in items {
            guard let sign = item.firstIndex(of: "="), sign != item.startIndex else {
                throw SettingError(.nodeLabels, "\"\(item)\" is not of the form KEY=VALUE")
            }
            labels[String(item[..<sign])] = String(item[item.index(after: sign)...])
        }
        return labels
    }
}
