import Containers
import Foundation
import Glibc
import OpenFaaSAPI

/// Looks whether addresses can be had while the daemon does not have them.
struct PortCheck: Sendable {
    func run(_ endpoints: [Configuration.Endpoint]) -> [Diagnosis] {
        endpoints.filter { $0.port != 0 }.compactMap { endpoint in
            guard let error = Self.bindError(endpoint) else { return nil }
            let place = "\(endpoint.host):\(endpoint.port)"
            switch error {
            case EADDRINUSE:
                return .problem(
                    "\(place) is taken by another program",
                    fix:
                        "see which: ss -ltnp 'sport = :\(endpoint.port)'; stop it, or choose another with the setting listen"
                )
            case EADDRNOTAVAIL:
                return .problem(
                    "\(endpoint.host) is no address of this machine", fix: "see `ip addr`, and the setting listen")
            default:
                return .problem(
                    "\(place): \(String(cString: strerror(error)))", fix: "choose another with the setting listen")
            }
        }
    }

    /// Binds as the daemon would, and lets go.
    private static func bindError(_ endpoint: Configuration.Endpoint) -> Int32? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list) == 0, let info = list else {
            return EINVAL
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(info.pointee.ai_family, info.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 ? nil : errno
    }
}

/// Looks how full a file system is.
struct DiskCheck: Sendable {
    private static let little: UInt64 = 1 << 30
    private static let tooLittle: UInt64 = 200 << 20

    func run(_ path: String, what: String) -> [Diagnosis] {
        var found = statvfs()
        guard statvfs(path, &found) == 0 else { return [] }
        let files = found.f_files == 0 ? 100 : Int(found.f_favail * 100 / found.f_files)
        return [
            Self.diagnosis(path, what: what, free: UInt64(found.f_bavail) * UInt64(found.f_frsize), freeFiles: files)
        ]
    }

    /// - Parameters:
    ///   - free: in bytes.
    ///   - freeFiles: of a hundred that can be.
    static func diagnosis(_ path: String, what: String, free: UInt64, freeFiles: Int) -> Diagnosis {
        let fix =
            "see what is large: du -xh --max-depth 2 \(path) | sort -h; images nobody uses: ctr -n openfaas-fn images ls"
        let text = "\(path) (\(what)) has \(free >> 20) MiB free"
        if freeFiles < 1 { return .problem("\(path) (\(what)) has no room for more files", fix: fix) }
        if free < tooLittle { return .problem(text, fix: fix) }
        return free < little || freeFiles < 5 ? .warning(text, fix: fix) : .fine(text)
    }
}

/// Looks at the clock, by which certificates, schedules and the order of deployments go.
enum ClockCheck {
    /// Nothing of this program is older: 2025-01-01.
    private static let earliest = 1_735_689_600

    static func run(_ runner: any CommandRunner) async -> [Diagnosis] {
        var isSynchronized = true
        if Systemctl.isRunning {
            let arguments = ["show", "--property", "NTPSynchronized", "--value"]
            let result = try? await runner.run(Command("timedatectl", arguments))
            isSynchronized = result?.outputText.hasPrefix("no") != true
        }
        return [diagnosis(now: time(nil), isSynchronized: isSynchronized)]
    }

    static func diagnosis(now: Int, isSynchronized: Bool) -> Diagnosis {
        if now < earliest {
            return .problem(
                "the clock is wrong: it is \(Date(timeIntervalSince1970: Double(now)).formatted(.iso8601))",
                fix: "timedatectl set-ntp true")
        }
        return isSynchronized
            ? .fine("the clock is right, as far as this machine knows")
            : .warning("nothing keeps the clock right", fix: "apt install systemd-timesyncd; timedatectl set-ntp true")
    }
}

/// Looks who may read the secrets.
struct SecretsCheck: Sendable {
    func run(_ directory: String) -> [Diagnosis] {
        [directory, directory + "/basic-auth-password"].compactMap { path in
            let found = try? FileManager.default.attributesOfItem(atPath: path)
            guard let permissions = found?[.posixPermissions] as? Int, permissions & 0o077 != 0 else { return nil }
            return .problem(
                "others than root may read \(path)",
                fix: "chmod go= \(path); then choose a new password: see docs/tls.md")
        }
    }
}

/// Looks for what nobody knows of any more.
struct LeftoverCheck: Sendable {
    let configuration: Configuration
    let machine: MachineParts

    func run() async -> [Diagnosis] {
        let prefix = configuration.network.bridge + "-"
        let names = NetworkNamespaces(runner: machine.runner).list(prefix: prefix).map(\.name)
        guard !names.isEmpty, let ids = try? await containers() else { return [] }
        let stale = Self.stale(names, prefix: prefix, containers: ids)
        guard !stale.isEmpty else { return [] }
        return [
            .warning(
                "network namespaces without a container: \(stale.joined(separator: ", "))",
                fix: "the daemon removes its own at its start; else: ip netns delete NAME")
        ]
    }

    /// A replica's namespace and its container end with the same eight digits.
    static func stale(_ names: [String], prefix: String, containers: [String]) -> [String] {
        let known = Set(containers.compactMap { $0.split(separator: "-").last.map(String.init) })
        return names.filter { !known.contains(String($0.dropFirst(prefix.count))) }
    }

    private func containers() async throws -> [String] {
        let namespaces = try await machine.ctr.namespaces().map(\.name)
        var ids: [String] = []
        for namespace in namespaces where namespace.hasPrefix(configuration.namespacePrefix) {
            ids += try await machine.ctr.list(namespace: namespace).map(\.id)
        }
        return ids
    }
}
