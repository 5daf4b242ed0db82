import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OpenFaaSAPI

/// `faas-cli invoke`
struct InvokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoke", abstract: "Invoke an OpenFaaS function.",
        discussion: "Sends standard input as the body, and prints the function's answer.")

    /// The longest body that is read from standard input.
    static let maximumBody = 1 << 30

    private static let methods = ["POST", "GET", "PUT", "PATCH", "DELETE"]

    @OptionGroup var stack: StackOptions
    @OptionGroup var options: GatewayOptions
    @OptionGroup var namespace: NamespaceOption

    @Option(name: .customLong("name"), help: "Name of the function.")
    var nameOption: String?

    @Option(help: "The header Content-Type, such as application/json (default: text/plain).")
    var contentType: String?

    @Option(help: "KEY=VALUE of the query; may be given several times.")
    var query: [String] = []

    @Option(name: [.customShort("H"), .long], help: "Header of the request: 'Key: Value'; may be given several times.")
    var header: [String] = []

    @Option(name: .shortAndLong, help: "Method of the request: POST, GET, PUT, PATCH or DELETE.")
    var method = "POST"

    @Flag(name: [.customShort("a"), .customLong("async")], help: "Put the call into the queue and do not wait.")
    var isAsync = false

    @Flag(help: "Send the gateway's token to the function.")
    var auth = false

    @Option(help: "Name of the header for a signature of the body.")
    var sign: String?

    @Option(help: "Key of the signature.")
    var key: String?

    @Argument(help: "Name of the function.")
    var name: String?

    func run() async throws {
        guard let name = name ?? nameOption, !name.isEmpty else {
            throw CLIError(.usage, "please provide a name for the function")
        }
        guard (sign == nil) == (key == nil) else {
            throw CLIError(.usage, "signing requires both --sign <header-value> and --key <key-value>")
        }
        guard Self.methods.contains(method.uppercased()) else {
            throw CLIError(
                .usage,
                "the --method or -m flag must take one of these values (\(Self.methods.joined(separator: ", ")))")
        }
        let fields = try header.map(Self.field)
        let query = try query.map(Self.pair)
        let gateway = try await Stack.load(stack)?.gateway
        let surroundings = Surroundings.current
        let address = try GatewayAddress.choose(flag: options.gateway, stack: gateway, environment: surroundings)
        let body = try Console.readAll(limit: Self.maximumBody)
        let request = try request(name, address, body: body, fields: fields, query: query, surroundings)
        let timeout = GatewayClient.timeout
        let reply = try await Transport.with(
            tlsNoVerify: options.tlsNoVerify, followsRedirects: true, proxy: HTTPProxy.of(address, surroundings)
        ) { transport in
            do {
                return try await transport.send(request, timeout: timeout, limit: 1 << 30)
            } catch {
                throw CLIError(.unreachable, "failed to invoke function: \(ConnectionProblem.text(error))")
            }
        }
        try show(reply)
    }

    private func show(_ reply: Reply) throws {
        guard (200..<300).contains(reply.status) else {
            throw CLIError(
                .refused,
                "server returned unexpected status code: \(reply.status) - "
                    + String(decoding: reply.body, as: UTF8.self))
        }
        guard isAsync, reply.status == 202 else { return Console.raw(reply.body) }
        Console.note("Function submitted asynchronously.")
        // What is needed to ask for the call later.
        if let id = reply.headers.first(name: CallHeaders.callID) { Console.note("\(CallHeaders.callID): \(id)") }
    }

    /// The whole request: the function's name always with its namespace, a query sorted by its keys, and no
    /// credentials of the gateway unless `--auth` asks for them.
    private func request(
        _ name: String, _ address: GatewayAddress, body: [UInt8], fields: [Pair], query: [Pair],
        _ surroundings: Surroundings
    ) throws -> HTTPClientRequest {
        let space = namespace.value.isEmpty ? FunctionName.defaultNamespace : namespace.value
        let path = isAsync ? "/async-function/" : "/function/"
        let target = GatewayClient.escaped("\(name).\(space)")
        let pairs = query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var request = HTTPClientRequest(url: address.root + path + target + GatewayClient.query(pairs))
        request.method = HTTPMethod(rawValue: method.uppercased())
        request.headers.add(name: "User-Agent", value: "\(GatewayClient.userAgent) (openfaas; linux)")
        for field in fields { request.headers.add(name: field.key, value: field.value) }
        if contentType != nil || !request.headers.contains(name: "Content-Type") {
            request.headers.replaceOrAdd(name: "Content-Type", value: contentType ?? "text/plain")
        }
        if let sign, let key {
            let code = SHA256.authenticationCode(of: body, key: Array(key.utf8))
            request.headers.add(name: sign, value: "sha256=" + Hexadecimal.text(code))
        }
        if auth, let value = try Gateway.authorization(for: address, token: options.token, surroundings) {
            request.headers.replaceOrAdd(name: "Authorization", value: value)
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    /// `Key: Value`, or `key=value` as it was written in earlier times.
    static func field(_ text: String) throws -> Pair {
        let flag = "the --header or -H flag must take the form of 'Key: Value'"
        let mark: Character = text.contains(":") ? ":" : "="
        guard let index = text.firstIndex(of: mark) else { throw CLIError(.usage, "\(flag) or 'key=value'") }
        if mark == "=" {
            Console.note(
                "Warning: Using deprecated 'key=value' format for headers. Please use 'Key: Value' format instead.")
        }
        let key = text[..<index].trimmingCharacters(in: .whitespaces)
        let value = text[text.index(after: index)...].trimmingCharacters(in: .whitespaces)
        guard !key.isEmpty else { throw CLIError(.usage, "\(flag) (empty key given)") }
        guard !value.isEmpty else { throw CLIError(.usage, "\(flag) (empty value given)") }
        return Pair(key: key, value: value)
    }

    static func pair(_ text: String) throws -> Pair {
        let flag = "the --query flag must take the form of key=value"
        guard let index = text.firstIndex(of: "=") else { throw CLIError(.usage, flag) }
        let key = String(text[..<index]), value = String(text[text.index(after: index)...])
        guard !key.isEmpty else { throw CLIError(.usage, "\(flag) (empty key given)") }
        guard !value.isEmpty else { throw CLIError(.usage, "\(flag) (empty value given)") }
        return Pair(key: key, value: value)
    }
}
