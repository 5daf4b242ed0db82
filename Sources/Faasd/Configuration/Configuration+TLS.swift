import Containers
import Proxy

/// The settings of encrypted connections.
struct TLSSettings: Sendable, Equatable {
    let listen: [Configuration.Endpoint]
    /// The files of certificate and key; `nil` where nothing is encrypted.
    let files: TLSFiles?
    /// Whether clients of other machines are sent from HTTP to HTTPS.
    let redirects: Bool
    /// Whether they may send passwords in the clear.
    let allowsPlain: Bool

    init(_ values: SettingValues) throws {
        listen = try values.list(.tlsListen).map { try Configuration.endpoint($0, .tlsListen) }
        redirects = try values.flag(.tlsRedirect)
        allowsPlain = try values.flag(.allowPlainHTTP)
        guard !listen.isEmpty else {
            guard !redirects else { throw SettingError(.tlsRedirect, "it needs tls-listen") }
            guard values[.tlsCertificate] == nil, values[.tlsKey] == nil else {
                throw SettingError(.tlsListen, "it must say where HTTPS is served, such as 0.0.0.0:8443")
            }
            files = nil
            return
        }
        guard values[.tlsCertificate] != nil else { throw SettingError(.tlsCertificate, "tls-listen needs it") }
        guard values[.tlsKey] != nil else { throw SettingError(.tlsKey, "tls-listen needs it") }
        files = TLSFiles(certificate: try values.path(.tlsCertificate), key: try values.path(.tlsKey))
    }
}

/// Where certificate and key are.
struct TLSFiles: Sendable, Equatable {
    let certificate: String
    let key: String
}

extension Configuration.Endpoint {
    /// Whether only this machine can reach it.
    var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
}

extension Configuration {
    /// Refuses to send passwords over the network in the clear, unless that was asked for.
    ///
    /// - Throws: ``SettingError``.
    func checkExposure() throws {
        guard !tls.redirects, !tls.allowsPlain,
            let open = listen.first(where: { !$0.isLoopback && $0.host != network.subnet.gateway })
        else { return }
        throw SettingError(
            .listen,
            "\(open.host):\(open.port) can be reached from other machines, and passwords would go there without "
                + "encryption. Set tls-listen, tls-certificate, tls-key and tls-redirect: true for HTTPS (docs/tls.md), "
                + "listen on 127.0.0.1 behind a proxy that has HTTPS, or set allow-plain-http: true in a network that "
                + "you trust")
    }

    /// Reads certificate and key, where there are to be some.
    func openCertificates() throws -> TLSCertificates? {
        try tls.files.map { try TLSCertificates(files: $0) }
    }

    /// Adds the encrypted addresses.
    func secure(
        _ proxy: inout ProxyConfiguration, listen: [ListenAddress], _ certificates: TLSCertificates?
    ) {
        guard let certificates, let first = tls.listen.first else { return }
        proxy.secure = SecureListening(listen: listen, security: certificates)
        if tls.redirects { proxy.redirect = PlainRedirect(port: first.port, servedAt: [network.subnet.gateway]) }
    }
}
